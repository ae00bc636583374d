"""Sets of entries for beginnings of words that very many entries have, kept ready beside the full-text index.

Reading 100,000 matches of `a` or `text` out of FTS5 takes longer than a keystroke may. Beginnings that at least
`most_read(entries)` entries have are therefore stored as bitmaps; all others are so few that FTS5 answers at once. The
bitmaps are exact at every moment: each entry that comes or goes is set or cleared in the same transaction. Which
beginnings are stored is decided anew when the number of entries has changed much.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from steelyard.catalog import bitmaps

LEAST_READ = 3000
"""Fewer matches than this are always read from FTS5."""

_LONGEST = 24
"""Characters of a longer beginning are not looked at when it is decided which to store."""

_DECIDED_AT = "beginnings_decided_at"


def most_read(entries: int) -> int:
    """How many matches FTS5 may be asked to read in an index of so many entries."""
    return max(LEAST_READ, entries // 20)


class Changes:
    """Entries that come and go in one transaction, by the beginnings of their words."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT beginning FROM beginnings")
        self._stored = frozenset(row["beginning"] for row in rows)
        self._come: dict[tuple[str, str], int] = defaultdict(int)
        self._gone: dict[tuple[str, str], int] = defaultdict(int)

    def comes(self, number: int, name: str, rest: str) -> None:
        """An entry with these words, separated by blanks."""
        self._note(self._come, number, name, rest)

    def goes(self, number: int, name: str, rest: str) -> None:
        """An entry with these words is taken out."""
        self._note(self._gone, number, name, rest)

    def _note(self, noted: dict[tuple[str, str], int], number: int, name: str, rest: str) -> None:
        if not self._stored:
            return
        bit = 1 << number
        named = _beginnings(name.split()) & self._stored
        for beginning in named:
            noted["name", beginning] |= bit
        for beginning in named | (_beginnings(rest.split()) & self._stored):
            noted["anywhere", beginning] |= bit

    def write(self) -> None:
        """Bring the stored sets up to date, and decide which to store where much has changed."""
        for where, beginning in self._gone.keys() | self._come.keys():
            bits = stored(self._connection, beginning, where)
            assert bits is not None
            bits &= ~self._gone[where, beginning]
            bits |= self._come[where, beginning]
            self._connection.execute(
                f"UPDATE beginnings SET {where} = ? WHERE beginning = ?",  # noqa: S608  # one of two names
                (_as_blob(bits), beginning),
            )
        entries = int(self._connection.execute("SELECT count(*) FROM entries").fetchone()[0])
        decided_at = _decided_at(self._connection)
        if max(entries, decided_at) > LEAST_READ and not (
            decided_at * 2 / 3 <= entries <= decided_at * 3 / 2
        ):
            _decide(self._connection, entries)


def stored(connection: sqlite3.Connection, beginning: str, where: str) -> int | None:
    """The set of a beginning (`where`: `name` or `anywhere`), or None: not stored, FTS5 knows."""
    row = connection.execute(
        f"SELECT {where} FROM beginnings WHERE beginning = ?",  # noqa: S608  # one of two names
        (beginning,),
    ).fetchone()
    return None if row is None else int.from_bytes(row[0], "little")


def read(connection: sqlite3.Connection, beginning: str, where: str, size: int) -> int:
    """The set of a beginning, from FTS5; `beginning` has letters and digits only (see `words`)."""
    column = "{name} : " if where == "name" else ""
    return bitmaps.from_query(
        connection,
        "SELECT group_concat(char(rowid), '') FROM fts WHERE fts MATCH ?",
        (f'{column}"{beginning}" *',),
        size,
    )


def _decide(connection: sqlite3.Connection, entries: int) -> None:
    connection.execute("DELETE FROM beginnings")
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_DECIDED_AT, str(entries)))
    at_most: dict[str, int] = defaultdict(int)
    for row in connection.execute("SELECT term, doc FROM vocabulary"):
        term = row["term"]
        for end in range(1, min(len(term), _LONGEST) + 1):
            at_most[term[:end]] += row["doc"]
    size = 1 + int(connection.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0])
    for beginning, count in at_most.items():
        if count > most_read(entries):
            sets = (_as_blob(read(connection, beginning, w, size)) for w in ("name", "anywhere"))
            connection.execute("INSERT INTO beginnings VALUES (?, ?, ?)", (beginning, *sets))


def _decided_at(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (_DECIDED_AT,)).fetchone()
    return 0 if row is None else int(row["value"])


def _beginnings(words: Iterable[str]) -> set[str]:
    return {word[:end] for word in words for end in range(1, min(len(word), _LONGEST) + 1)}


def _as_blob(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
