"""Which of a few languages a text is in, by its small words. Enough to see an answer slip into another."""

from __future__ import annotations

import re
from collections import Counter

LEAST_WORDS = 3
"""Fewer small words than this, and the language stays unknown."""
LEAST_LEAD = 2.0
"""The first language must have this many times the small words of the second."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that two of the languages share (in, an, was, die, on, de, la) decide nothing and are left out.
SMALL_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "the of and to is are were that this these with for from you your it its be by as at or which can "
        "have has had not but they there their if when would should will been we our more than into"
    ),
    "de": _words(
        "der das und ist sind den dem des ein eine einen einem einer nicht mit auf für von zu sich auch es "
        "ich wir sie ihr ihre werden wird wurde kann können oder aber wenn wie bei nach aus durch über um "
        "als dass daß zum zur im am vom beim haben hat sehr man etwa mehr damit sollte"
    ),
    "fr": _words(
        "le les du et est sont une dans que qui pour pas avec sur ce cette ces nous vous ils elle aux par "
        "plus mais ou où être avoir été leur leurs c'est d'un d'une l'eau n'est"
    ),
    "es": _words(
        "el los las del y es son una que para con por no como más pero su sus este esta estos muy también "
        "cuando puede ser hay"
    ),
    "it": _words(
        "il gli dei della delle e è sono una che per con non come più ma su questo questa anche quando può "
        "essere nel nella alla"
    ),
}


def language_of(text: str) -> str | None:
    """`en`, `de`, `fr`, `es`, `it`, or None: too short, or a mixture."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower())
    counts = Counter(
        {code: sum(word in known for word in words) for code, known in SMALL_WORDS.items()}
    )
    (first, most), (_, second) = counts.most_common(2)
    return first if most >= LEAST_WORDS and most >= LEAST_LEAD * second else None
