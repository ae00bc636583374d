"""From a marked-up license text to a fingerprint. Used when a license is added, never while the program runs.

The markup is that of the SPDX license templates (license-list-XML, "License Template Access"), the part of
it that licenses of models need: `<<beginOptional>>…<<endOptional>>` for a passage a copy may lack, and
`<<var;name="…";original="…";match="…">>` for words a copy may replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from steelyard.licenses.errors import TemplateMalformed
from steelyard.licenses.fingerprints import LICENSE, Fingerprint, Slot
from steelyard.licenses.words import read_words, window_hashes, words_of

_MARK = re.compile(
    r"<<(?:(?P<begin>beginOptional(?:;[^>]*)?)|(?P<end>endOptional)|(?P<var>var;.*?))>>", re.DOTALL
)
_FIELD = re.compile(r'(name|original|match)="(.*?)"(?=;|$)', re.DOTALL)
_ANY_NAME = re.compile(r"\.[+*]|\.\{\d+,\d+\}")
_CHOICES = re.compile(r"[\w ,'’|-]+")


@dataclass
class _Plain:
    """The text with its markup taken out, and where the markup stood, in characters."""

    text: str = ""
    optional: list[tuple[int, int]] = field(default_factory=list)
    slots: list[tuple[int, int, tuple[tuple[str, ...], ...] | None]] = field(default_factory=list)


def fingerprint_of(
    template: str,
    *,
    name: str,
    license_id: str,
    kind: str = LICENSE,
    titles: Iterable[str] = (),
) -> Fingerprint:
    """The fingerprint of a text, marked up or plain.

    Args:
        template: the license text; without markup every word of it is required.
        name: unique name of this fingerprint.
        license_id: the license it is a text of.
        kind: `license` or `policy`.
        titles: headings that copies carry around the text, such as "MIT License".

    Raises:
        TemplateMalformed: unbalanced or unknown markup, or a `match` that is neither any name nor a list of
            plain words.
    """
    plain = _without_markup(template)
    document = read_words(plain.text)

    def word_range(start: int, end: int) -> tuple[int, int]:
        first = sum(at < start for at in document.starts)
        return first, first + sum(start <= at < end for at in document.starts)

    return Fingerprint(
        name=name,
        license_id=license_id,
        kind=kind,
        word_count=len(document.words),
        windows=window_hashes(document.words),
        labels=document.labels,
        optional=tuple(sorted(word_range(*span) for span in plain.optional)),
        slots=tuple(
            Slot(*word_range(start, end), choices) for start, end, choices in sorted(plain.slots)
        ),
        titles=tuple(words_of(title) for title in titles),
    )


def _without_markup(template: str) -> _Plain:
    plain = _Plain()
    begun: list[int] = []
    at = 0
    for mark in _MARK.finditer(template):
        plain.text += template[at : mark.start()]
        at = mark.end()
        if mark["begin"]:
            begun.append(len(plain.text))
        elif mark["end"]:
            if not begun:
                raise TemplateMalformed("An endOptional has no beginOptional before it.")
            plain.optional.append((begun.pop(), len(plain.text)))
        else:
            _fill_in(plain, mark["var"])
    if begun:
        raise TemplateMalformed("A beginOptional is never ended.")
    plain.text += template[at:]
    return plain


def _fill_in(plain: _Plain, variable: str) -> None:
    fields = dict(_FIELD.findall(variable))
    if fields.keys() != {"name", "original", "match"}:
        raise TemplateMalformed(
            "A var needs name, original and match.",
            next_step="Correct the template.",
            markup=variable,
        )
    start = len(plain.text)
    plain.text += fields["original"]
    if fields["name"] == "bullet":
        return  # a list label; labels may always be absent
    if _ANY_NAME.fullmatch(fields["match"]):
        choices = None
    elif _CHOICES.fullmatch(fields["match"]):
        choices = tuple(words_of(choice) for choice in fields["match"].split("|"))
    else:
        raise TemplateMalformed(
            "A match must be any name (.+) or plain words with | between them.",
            next_step="Write it so, or split the passage.",
            match=fields["match"],
        )
    plain.slots.append((start, len(plain.text), choices))
