"""Names of people, in English and German, without a language model: a given name from a list that is shipped,
followed by a word that looks like a family name; or any such word after a form of address or another word that
announces a name.

This finds less than a trained recogniser would, and it never downloads one; `tests/privacy` measures how much.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from steelyard.base.paths import resource
from steelyard.privacy.records import Finding, Kind

_WORD = r"[A-ZÄÖÜÀ-Þ][a-zäöüßà-ÿ'’]+(?:-[A-ZÄÖÜÀ-Þ][a-zäöüßà-ÿ'’]+)*"
_PARTICLE = r"(?:von(?: der| dem)?|vom|zu|zur|van(?: der| den)?|de|del|di|da|la|le|Mc|Mac|O['’])"
_FAMILY = rf"(?:{_PARTICLE} ?)?{_WORD}"
_ADDRESSED = re.compile(
    r"\b(?:Herrn?|Frau|Familie|Mr\.?|Mrs\.?|Ms\.?|Miss|Sir|Koll(?:ege|egin)|Kontoinhaber(?:in)?|Dr\.?(?: med\.?)?"
    r"|Prof\.?)"
    rf" (?:(?:Dr|Prof)\.? ?(?:med\.? )?)*(?P<name>(?:{_WORD} ){{0,2}}(?:[A-Z]\. )?{_FAMILY})"
)
_ANNOUNCED = re.compile(
    r"(?:[Mm]y name is|I am called|[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|(?:\b(?:Name|Patient|Patientin|Kunde|Kundin"
    r"|Customer|Client|Employee|Mitarbeiter|Mitarbeiterin|Contact|Ansprechpartner|Ansprechpartnerin|Versicherter)\b:))"
    rf" (?P<name>{_WORD}(?: [A-Z]\.)?(?: {_FAMILY}){{0,2}})"
)
_CLOSED = re.compile(
    r"(?:(?:Best|Kind|Warm)? ?[Rr]egards|Sincerely|Yours(?: sincerely| faithfully)?|Cheers|Thanks"
    r"|Mit freundlichen Gr(?:ü|ue)(?:ß|ss)en|Viele Gr(?:ü|ue)(?:ß|ss)e|Beste Gr(?:ü|ue)(?:ß|ss)e|MfG|LG),?\s*\n\s*"
    rf"(?P<name>{_WORD}(?: [A-Z]\.)?(?: {_FAMILY}){{0,2}})"
)
_PAIR = re.compile(rf"\b(?P<given>{_WORD})(?: (?P<middle>[A-Z]\.|{_WORD}))?? (?P<family>{_FAMILY})")


def find(text: str) -> Iterator[Finding]:
    """Stretches that look like a person's name."""
    for detector, form in (
        ("addressed", _ADDRESSED),
        ("announced", _ANNOUNCED),
        ("closing", _CLOSED),
    ):
        for match in form.finditer(text):
            yield Finding(Kind.NAME, match.start("name"), match.end("name"), detector)
    given = _given_names()
    position = 0
    while pair := _PAIR.search(text, position):
        if _known(pair["given"], given) and pair["family"].casefold() not in _no_names():
            yield Finding(Kind.NAME, pair.start(), pair.end(), "given-name")
            position = pair.end()
        else:
            position = pair.end("given")


def _known(word: str, given: frozenset[str]) -> bool:
    return all(part.casefold() in given for part in word.split("-"))


@cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = json.loads(resource("privacy", "names.json").read_text("utf-8"))
    return lists


@cache
def _given_names() -> frozenset[str]:
    lists = _lists()
    return frozenset(name.casefold() for key in ("english", "german") for name in lists[key])


@cache
def _no_names() -> frozenset[str]:
    """Words that follow a given name without being a family name."""
    return frozenset(word.casefold() for word in _lists()["not-a-family-name"])
