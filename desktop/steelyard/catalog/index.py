"""The index on disk: what every source said, and the entries derived from it, in one SQLite file.

One connection writes and one reads, so that a search never waits for a refresh. Every change raises the generation,
by which readers of any process notice that what they hold in memory is old.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.database import open_database, transaction
from steelyard.catalog.beginnings import Changes
from steelyard.catalog.entries import Said, entry_of
from steelyard.catalog.errors import CatalogFull
from steelyard.catalog.records import Record
from steelyard.catalog.schema import (
    FIRST_SURROGATE,
    LAST_SURROGATE,
    MIGRATIONS,
    MOST_ENTRIES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class SourceState:
    """What the index holds of one source.

    Attributes:
        location: where it was when it was asked; what was learned elsewhere is not its word.
        records: how many models it told of.
        refreshed_at: RFC 3339, or None: never.
        state: what lets it skip what has not changed (a digest), or empty.
        serial, signed_by: of a mirror's index, as last accepted.
    """

    name: str
    kind: str
    location: str
    records: int = 0
    refreshed_at: str | None = None
    state: str = ""
    serial: int | None = None
    signed_by: str | None = None


@dataclass(frozen=True)
class Learned:
    """Records by what became of them."""

    added: int = 0
    updated: int = 0
    removed: int = 0


class CatalogIndex:
    """Usable from any thread; writers take turns, and so do readers."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            MalformedInput: it is damaged, or a newer Steelyard wrote it.
            FolderNotUsable: the disk does not let it be written.
        """
        self._writer = open_database(path, MIGRATIONS)
        self._reader = open_database(path, MIGRATIONS)
        # What is lost with the last moments before a power cut can be learned again.
        self._writer.execute("PRAGMA synchronous = NORMAL")
        self._writing = threading.RLock()
        self._reading = threading.RLock()
        self._codes: dict[tuple[str, str], int] = {}

    def close(self) -> None:
        """Close both connections."""
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()

    # ---------------------------------------------------------------- reading

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The reading connection, for one thread at a time."""
        with self._reading:
            yield self._reader

    def generation(self) -> int:
        """Rises with every change, whichever process made it."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
            return int(row[0])

    def size(self) -> int:
        """One more than the highest number of an entry."""
        with self.reading() as connection:
            return 1 + int(
                connection.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0]
            )

    def published_serial(self, folder: str) -> int:
        """The highest number this installation gave a mirror in a folder; 0: none."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT value FROM meta WHERE name = ?", (f"published {folder}",)
            ).fetchone()
        return 0 if row is None else int(row["value"])

    def note_published(self, folder: str, serial: int) -> None:
        """Remember the number of a mirror that was published."""
        with self._change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"published {folder}", str(serial))
            )

    def sources(self) -> dict[str, SourceState]:
        """Every source that something was learned from, by name."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT s.*, (SELECT count(*) FROM records r WHERE r.source = s.id) AS records "
                "FROM sources s"
            ).fetchall()
        return {
            row["name"]: SourceState(
                row["name"],
                row["kind"],
                row["location"],
                row["records"],
                row["refreshed_at"],
                row["state"],
                row["serial"],
                row["signed_by"],
            )
            for row in rows
        }

    def said_of(self, reference: str) -> tuple[Said, ...]:
        """What each source says of a model; empty where none knows it."""
        with self.reading() as connection:
            return _said(connection, reference.casefold())

    def near(self, reference: str) -> list[str]:
        """References that have the same name, or one that begins like it; for "did you mean"."""
        name = reference.strip().rsplit("/", maxsplit=1)[-1].casefold()
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT key FROM entries WHERE name >= ? AND name < ? ORDER BY name LIMIT 50",
                (name[:4], f"{name[:4]}\U0010ffff"),
            ).fetchall()
        return [row["key"] for row in rows]

    def card(self, reference: str, source: str) -> str | None:
        """The model card as a source gave it, or None."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT c.text FROM cards c JOIN records r ON r.id = c.record "
                "JOIN sources s ON s.id = r.source WHERE r.key = ? AND s.name = ?",
                (reference.casefold(), source),
            ).fetchone()
        return None if row is None else str(row["text"])

    # ---------------------------------------------------------------- writing

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            try:
                with transaction(self._writer) as connection:
                    yield connection
                    connection.execute(
                        "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'"
                    )
            except BaseException:
                self._codes.clear()  # some of them may have been undone
                raise

    def learn(
        self,
        source: SourceState,
        records: Iterable[Record],
        learned_at: str,
        *,
        whole: bool = False,
        cards: dict[str, str] | None = None,
    ) -> Learned:
        """Keep what a source says.

        Args:
            source: with the state, serial and signer to keep for it; `refreshed_at` and `records` are not read.
            whole: these are all it has, so that what it had before and has no more is removed.
            cards: model cards by reference.

        Raises:
            CatalogFull: there is no room for more; what was there is as it was.
        """
        with self._change() as connection:
            number = self._source(connection, source, learned_at)
            added = updated = 0
            seen: dict[str, None] = {}  # in the source's order
            for record in records:
                if record.key in seen:
                    continue
                seen[record.key] = None
                was = self._put(connection, number, record, learned_at)
                if (card := (cards or {}).get(record.reference)) is not None:
                    connection.execute(
                        "INSERT OR REPLACE INTO cards SELECT id, ? FROM records "
                        "WHERE key = ? AND source = ?",
                        (card, record.key, number),
                    )
                added += was == "added"
                updated += was == "updated"
            gone: list[str] = []
            if whole:
                had = connection.execute("SELECT key FROM records WHERE source = ?", (number,))
                gone = [row["key"] for row in had if row["key"] not in seen]
                self._drop(connection, number, gone)
            self._derive(connection, (*seen, *gone))
        return Learned(added, updated, len(gone))

    def forget(self, name: str) -> int:
        """Remove everything a source said; returns how many records that were."""
        with self._change() as connection:
            row = connection.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
            if row is None:
                return 0
            count = self._forget(connection, row["id"])
            connection.execute("DELETE FROM sources WHERE id = ?", (row["id"],))
        return count

    def _forget(self, connection: sqlite3.Connection, number: int) -> int:
        rows = connection.execute("SELECT key FROM records WHERE source = ?", (number,)).fetchall()
        keys = [row["key"] for row in rows]
        self._drop(connection, number, keys)
        self._derive(connection, keys)
        return len(keys)

    def _source(self, connection: sqlite3.Connection, source: SourceState, learned_at: str) -> int:
        """The source's row; one that is somewhere else now is another source."""
        row = connection.execute("SELECT * FROM sources WHERE name = ?", (source.name,)).fetchone()
        if row is not None and (row["kind"], row["location"]) != (source.kind, source.location):
            self._forget(connection, row["id"])
        values = (source.kind, source.location, learned_at, source.state, source.serial)
        connection.execute(
            "INSERT INTO sources (kind, location, refreshed_at, state, serial, signed_by, name) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            "kind = excluded.kind, location = excluded.location, state = excluded.state, "
            "refreshed_at = excluded.refreshed_at, serial = excluded.serial, "
            "signed_by = excluded.signed_by",
            (*values, source.signed_by, source.name),
        )
        found = connection.execute("SELECT id FROM sources WHERE name = ?", (source.name,))
        return int(found.fetchone()["id"])

    def _put(
        self, connection: sqlite3.Connection, source: int, record: Record, learned_at: str
    ) -> str:
        row = connection.execute(
            "SELECT id, body FROM records WHERE key = ? AND source = ?", (record.key, source)
        ).fetchone()
        if row is not None:
            record = _with_earlier(record, Record.from_json(json.loads(row["body"])))
        body = json.dumps(record.as_json(), separators=(",", ":"))
        if row is None:
            connection.execute(
                "INSERT INTO records (source, key, learned_at, complete, body) VALUES (?, ?, ?, ?, ?)",
                (source, record.key, learned_at, record.complete, body),
            )
            return "added"
        connection.execute(
            "UPDATE records SET learned_at = ?, complete = ?, body = ? WHERE id = ?",
            (learned_at, record.complete, body, row["id"]),
        )
        return "updated" if body != row["body"] else "same"

    def _drop(self, connection: sqlite3.Connection, source: int, keys: Sequence[str]) -> None:
        connection.executemany(
            "DELETE FROM records WHERE key = ? AND source = ?", [(key, source) for key in keys]
        )

    # ---------------------------------------------------------------- entries

    def _derive(self, connection: sqlite3.Connection, keys: Sequence[str]) -> None:
        changes = Changes(connection)
        number = int(connection.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0])
        for key in keys:
            row = connection.execute("SELECT id FROM entries WHERE key = ?", (key,)).fetchone()
            if row is not None:
                self._remove_entry(connection, row["id"], changes)
            said = _said(connection, key)
            if not said:
                continue
            if row is None:
                number += 1
                if FIRST_SURROGATE <= number <= LAST_SURROGATE:
                    number = LAST_SURROGATE + 1  # see `bitmaps`
                if number > MOST_ENTRIES:
                    raise CatalogFull(
                        f"The catalog holds {MOST_ENTRIES:,} models, and more have no room in it.",
                        next_step="Drop a source with --forget, or ask for fewer models.",
                        entries=MOST_ENTRIES,
                    )
            self._insert_entry(connection, number if row is None else row["id"], said, changes)
        changes.write()

    def _insert_entry(
        self,
        connection: sqlite3.Connection,
        number: int,
        said: Sequence[Said],
        changes: Changes,
    ) -> None:
        entry = entry_of(said)
        connection.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                entry.key,
                entry.name,
                entry.downloads,
                entry.updated,
                entry.smallest_bytes,
                entry.needed_bytes,
                json.dumps(entry.row, separators=(",", ":")),
            ),
        )
        changes.comes(number, entry.name_words, entry.other_words)
        words = (number, entry.name_words, entry.other_words)
        connection.execute("INSERT INTO words VALUES (?, ?, ?)", words)
        connection.execute("INSERT INTO fts (rowid, name, rest) VALUES (?, ?, ?)", words)
        connection.executemany(
            "INSERT OR IGNORE INTO facets VALUES (?, ?)",
            [
                (self._code(connection, facet, value), number)
                for facet, values in entry.facets.items()
                for value in values
            ],
        )
        connection.executemany(
            "INSERT INTO contents VALUES (?, ?)", [(sha256, number) for sha256 in entry.contents]
        )

    def _remove_entry(self, connection: sqlite3.Connection, number: int, changes: Changes) -> None:
        row = connection.execute("SELECT name, rest FROM words WHERE id = ?", (number,)).fetchone()
        changes.goes(number, row["name"], row["rest"])
        # The words as they were written are what takes them out of the full-text index again.
        connection.execute(
            "INSERT INTO fts (fts, rowid, name, rest) VALUES ('delete', ?, ?, ?)",
            (number, row["name"], row["rest"]),
        )
        for statement in (
            "DELETE FROM words WHERE id = ?",
            "DELETE FROM facets WHERE entry = ?",
            "DELETE FROM contents WHERE entry = ?",
            "DELETE FROM entries WHERE id = ?",
        ):
            connection.execute(statement, (number,))

    def _code(self, connection: sqlite3.Connection, facet: str, value: str) -> int:
        code = self._codes.get((facet, value))
        if code is None:
            connection.execute(
                "INSERT OR IGNORE INTO facet_values (facet, value) VALUES (?, ?)", (facet, value)
            )
            found = connection.execute(
                "SELECT id FROM facet_values WHERE facet = ? AND value = ?", (facet, value)
            )
            code = int(found.fetchone()["id"])
            self._codes[facet, value] = code
        return code


def _said(connection: sqlite3.Connection, key: str) -> tuple[Said, ...]:
    rows = connection.execute(
        "SELECT s.name, r.learned_at, r.body FROM records r JOIN sources s ON s.id = r.source "
        "WHERE r.key = ? ORDER BY s.id",
        (key,),
    )
    return tuple(
        Said(row["name"], row["learned_at"], Record.from_json(json.loads(row["body"])))
        for row in rows
    )


def _with_earlier(new: Record, earlier: Record) -> Record:
    """A line of a list says less than an answer in full; of the same revision the fuller one stays."""
    if new.complete or not earlier.complete or new.revision != earlier.revision:
        return new
    return replace(earlier, downloads=new.downloads or earlier.downloads)
