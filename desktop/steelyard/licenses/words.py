"""License text as a sequence of words: what stays without layout, case, quotation marks and markup.

Two copies of one license give the same words, however they are wrapped, indented, quoted or marked
up. Nothing that carries meaning is dropped: numbers, percent and currency signs, comparison signs before
a number and strike-through are words of their own. Labels of lists, such as `1.`, `(a)` or `iv.`, are
kept beside the words, since copies lose and gain them.

The rules follow the SPDX License List Matching Guidelines (annex B of the SPDX specification 2.3):
white space, capitals, punctuation, bullets, hyphenation, equal spellings, `http` and `https`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

WINDOW_WORDS = 3
"""Words per window. Three tell licenses apart well (their sets of windows hardly overlap by chance) and let
an alignment find a single changed word exactly, even a few words away from another change."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff"
_LETTERS = rf"[^\W_{_IDEOGRAPH}]+"
_HYPHEN = r"[-‐‑] [ \t]* (?: \r?\n [ \t]* (?: //+ | \#+ | \*+ | ;+ | >+ )? [ \t]* )?"
"""A hyphen inside a word, which may stand at the end of a line; the next may begin with a comment mark."""

_TOKEN = re.compile(
    rf"""
      (?P<label>
        (?<![^\s\[{{"'“‘*_>|])                # not inside or right after a word
        \(? (?P<mark>\d{{1,2}}|[A-Za-z]|[ivxIVX]{{2,5}}) [\\*_]{{0,2}} [.)]
        (?=[\s*_,;:]|$)
      )
    | (?P<address> (?i: https?:// (?:www\.)? | \bwww\. ) )
    | (?P<word>
        [{_IDEOGRAPH}]
        | {_LETTERS} (?: (?: [{_INVISIBLE}]+ | ['’ʼ] | (?<=\d),(?=\d{{3}}\b) | {_HYPHEN} ) {_LETTERS} )*
      )
    | (?P<sign> [%$€£¥] | (?<!~)~~(?!~) | [<>≤≥]=?(?=\s*[\d$€£¥]) )
    """,
    re.VERBOSE,
)

_JOINTS = re.compile(rf"[{_INVISIBLE}\-‐‑'’ʼ,\s/#*;>]+")

_LINK = re.compile(r"\[([^\[\]]{1,200})\]\(([^()\s]{1,300})\)")

_MARKUP = re.compile(
    r"""</?(?:p|br|hr|b|i|u|em|strong|span|div|ul|ol|li|h[1-6]|pre|code|tt|blockquote|center|sup|sub)
        (?:\s+(?:class|style|id)\s*=\s*"[^"<>]*")*\s*/?>
      | &(?:quot|amp|nbsp|lt|gt|apos|[lr][sd]quo|[mn]dash|copy
           |\#(?:34|38|39|60|62|160|169|8211|8212|8216|8217|8220|8221));""",
    re.VERBOSE | re.IGNORECASE,
)

_EQUAL_SPELLINGS = {
    "acknowledgement": "acknowledgment",
    "authorised": "authorized",
    "authorisation": "authorization",
    "centre": "center",
    "favour": "favor",
    "fulfil": "fulfill",
    "judgement": "judgment",
    "labelling": "labeling",
    "labour": "labor",
    "licence": "license",
    "licenced": "licensed",
    "licences": "licenses",
    "merchantibility": "merchantability",
    "modelling": "modeling",
    "offence": "offense",
    "organisation": "organization",
    "organisations": "organizations",
    "practise": "practice",
    "programme": "program",
    "recognise": "recognize",
    "sublicence": "sublicense",
    "utilisation": "utilization",
    "whilst": "while",
    "wilful": "willful",
}
"""Equal words from the SPDX guidelines, those that occur in licenses of software and models."""


@dataclass(frozen=True)
class Document:
    """A text as words.

    Attributes:
        text: the text itself, unchanged.
        words: normalized words, in order.
        starts: per word, the index of its first character in `text`.
        ends: per word, the index after its last character.
        labels: list labels that stand before a word, by the word's index; lower case.
    """

    text: str
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    labels: Mapping[int, tuple[str, ...]]

    def between(self, first: int, last: int) -> str:
        """The characters between two words, by index; -1 and `len(words)` stand for the text's ends."""
        start = self.ends[first] if first >= 0 else 0
        end = self.starts[last] if last < len(self.words) else len(self.text)
        return self.text[start:end]


@lru_cache(maxsize=20_000)
def _normal(raw: str) -> str:
    if not raw[0].isalnum():
        return raw  # a sign
    word = _JOINTS.sub("", unicodedata.normalize("NFKC", raw).casefold())
    return _EQUAL_SPELLINGS.get(word, word)


def read_words(text: str) -> Document:
    """Split a text into a `Document`. Never fails; a text without words gives an empty one."""
    hidden = _markup_spans(text)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    labels: dict[int, tuple[str, ...]] = {}
    position = 0
    for match in _TOKEN.finditer(text):
        while position < len(hidden) and hidden[position][1] <= match.start():
            position += 1
        if position < len(hidden) and hidden[position][0] <= match.start():
            continue
        kind = match.lastgroup
        if kind == "label":
            here = len(words)
            labels[here] = (*labels.get(here, ()), match["mark"].casefold())
        elif kind in ("word", "sign"):
            words.append(_normal(match.group()))
            starts.append(match.start())
            ends.append(match.end())
    return Document(text, words, starts, ends, labels)


def words_of(text: str) -> tuple[str, ...]:
    """Only the normalized words of a short text."""
    return tuple(
        _normal(m.group()) for m in _TOKEN.finditer(text) if m.lastgroup in ("word", "sign")
    )


def _markup_spans(text: str) -> list[tuple[int, int]]:
    """Spans that say nothing: tags, entities, and the address of a link whose text is that same address."""
    spans = [match.span() for match in _MARKUP.finditer(text)] if "<" in text or "&" in text else []
    if "](" in text:
        spans += [
            match.span(2)
            for match in _LINK.finditer(text)
            if words_of(match[1]) == words_of(match[2])
        ]
    return sorted(spans)


def window_hashes(words: Sequence[str]) -> list[int]:
    """One 64-bit hash per window of `WINDOW_WORDS` consecutive words, in order.

    Returns:
        `len(words) - WINDOW_WORDS + 1` unsigned integers (BLAKE2b, 8 bytes, little endian, of the words
        joined by spaces), or an empty list for fewer words than a window has.
    """
    from_bytes = int.from_bytes
    return [
        from_bytes(
            blake2b(" ".join(words[i : i + WINDOW_WORDS]).encode(), digest_size=8).digest(),
            "little",
        )
        for i in range(len(words) - WINDOW_WORDS + 1)
    ]
