"""Whether a text has begun to repeat itself.

Three signs, each enough: the same words again and again in a row, the same characters again and again (for
scripts without spaces), and a long text most of whose four-word sequences are repeats. Thresholds were set so
that lists, tables, refrains and code pass; a test holds 540 ordinary recorded answers against them.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_REPEATS = 4
"""A unit of words said this often in a row is a loop..."""
LEAST_WORDS = 16
"""...when the repeats are at least this many words together."""
LONGEST_UNIT_WORDS = 60
LEAST_CHARACTER_REPEATS = 8
LEAST_CHARACTERS = 48
LONGEST_UNIT_CHARACTERS = 24
SEQUENCE_WORDS = 4
LEAST_SEQUENCES = 60
LEAST_DISTINCT_SHARE = 0.35


@dataclass(frozen=True)
class Loop:
    """What repeats, and how often (in a row, or in all)."""

    unit: str
    repeats: int


def find_loop(text: str) -> Loop | None:
    """The first sign of a loop in a text, or None."""
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    return _repeated_words(words) or _repeated_characters(text) or _worn_sequences(words)


def _repeated_words(words: Sequence[str]) -> Loop | None:
    for length in range(1, min(LONGEST_UNIT_WORDS, len(words) // LEAST_REPEATS) + 1):
        least = max((LEAST_REPEATS - 1) * length, LEAST_WORDS - length)
        found = _run_of_repeats(words, length, least)
        if found:
            start, repeats = found
            return Loop(" ".join(words[start : start + length]), repeats)
    return None


def _repeated_characters(text: str) -> Loop | None:
    letters = "".join(text.split())
    for length in range(1, min(LONGEST_UNIT_CHARACTERS, len(letters) // 2) + 1):
        least = max((LEAST_CHARACTER_REPEATS - 1) * length, LEAST_CHARACTERS - length)
        found = _run_of_repeats(letters, length, least)
        if found:
            start, repeats = found
            unit = letters[start : start + length]
            if any(map(str.isalnum, unit)):
                return Loop(unit, repeats)
    return None


def _run_of_repeats(items: Sequence[str], length: int, least: int) -> tuple[int, int] | None:
    """Where `least` items in a row equal the one `length` before: start of the first unit, and repeats."""
    same = bytes(map(operator.eq, items[length:], items))
    start = same.find(b"\x01" * least)
    if start < 0:
        return None
    end = same.find(b"\x00", start)
    run = (len(same) if end < 0 else end) - start
    return start, (run + length) // length


def _worn_sequences(words: Sequence[str]) -> Loop | None:
    folded = [word.lower() for word in words]
    sequences = Counter(
        tuple(folded[i : i + SEQUENCE_WORDS]) for i in range(len(folded) - SEQUENCE_WORDS + 1)
    )
    total = sequences.total()
    if total < LEAST_SEQUENCES or len(sequences) >= LEAST_DISTINCT_SHARE * total:
        return None
    ((most, repeats),) = sequences.most_common(1)
    return Loop(" ".join(most), repeats)
