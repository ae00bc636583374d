"""Sets of entries as integers: bit `n` is set where entry `n` belongs to the set.

Python's integers intersect and count 100,000 bits in a few microseconds, so filters and facet counts cost next to
nothing once the sets are there. They come out of SQLite as one text per set, `group_concat(char(id), '')`: one
row is ten times cheaper than one row an entry. Entries are therefore never numbered in the range of surrogates, which
are no characters.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress

_BIT_OF_DIGIT = bytes.maketrans(b"01", b"\0\1")


def from_text(text: str | None, size: int) -> int:
    """The set that a `group_concat(char(id), '')` names; `size` is above every id."""
    if not text:
        return 0
    digits = bytearray(b"0") * size
    for number in map(ord, text):
        digits[number] = 49
    digits.reverse()
    return int(digits, 2)


def from_query(
    connection: sqlite3.Connection, sql: str, parameters: tuple[object, ...], size: int
) -> int:
    """The set a query names; `sql` selects one text."""
    row = connection.execute(sql, parameters).fetchone()
    return from_text(row[0], size)


def members(bits: int, size: int) -> bytes:
    """One byte an id, 1 where it belongs to the set."""
    return f"{bits:0{size}b}".encode()[::-1].translate(_BIT_OF_DIGIT)


def in_order(bits: int, order: array[int], size: int) -> Iterator[int]:
    """The ids of a set in a given order of all ids."""
    flags = members(bits, size)
    return compress(order, map(flags.__getitem__, order))


def commonest(bits: int, codes: Codes, most: int) -> list[tuple[int, int]]:
    """Codes and how many ids of a set have them, most frequent first."""
    left_out = codes.everything & ~bits
    if left_out.bit_count() < bits.bit_count():  # what is left out is less to count
        counted = Counter(codes.counts)
        for code, count in Counter(compress(codes.of, members(left_out, len(codes.of)))).items():
            counted[code] -= count
    else:
        counted = Counter(compress(codes.of, members(bits, len(codes.of))))
    counted.pop(0, None)
    return [(code, count) for code, count in counted.most_common(most) if count]


@dataclass(frozen=True)
class Codes:
    """One code an id, 0 where it has none; how many ids have each; and the set of all ids."""

    of: array[int]
    counts: Counter[int]
    everything: int


def codes_of(texts: Iterable[tuple[int, str]], size: int, everything: int) -> Codes:
    """From the ids of every code, as `group_concat(char(id), '')`."""
    codes = array("I", bytes(4 * size))
    counts: Counter[int] = Counter()
    for code, text in texts:
        counts[code] = len(text)
        for number in map(ord, text):
            codes[number] = code
    return Codes(codes, counts, everything)
