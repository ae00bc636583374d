"""The index: one SQLite file with every model's record, the signatures of its files, and unfinished steps.

It knows nothing of blobs and folders; `Store` keeps the two in step. Every change of files on disk is
announced here first (an intent) and closed in the same transaction as the record it leads to, so that a
process that was killed in between leaves a note of what to clean up. In the same way every changed record is
noted as due for its second copy (`copies`), which is written once the change is durable.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from steelyard.base.database import open_database, open_for_reading, transaction
from steelyard.base.errors import Json
from steelyard.store.errors import MalformedRecord
from steelyard.store.manifests import manifest_from, to_text, trust_from
from steelyard.store.names import fold
from steelyard.store.records import Model, State

MIGRATIONS = (
    """
    CREATE TABLE models (
        digest TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        folded TEXT NOT NULL UNIQUE,
        manifest TEXT NOT NULL,
        trust TEXT NOT NULL,
        facts TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        place TEXT NOT NULL,
        quarantine TEXT,
        whole_state TEXT,
        added_at TEXT NOT NULL,
        last_verified_at TEXT
    );
    CREATE TABLE files (
        digest TEXT NOT NULL REFERENCES models (digest) ON DELETE CASCADE,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        signature TEXT,
        PRIMARY KEY (digest, path)
    );
    CREATE INDEX files_by_content ON files (sha256);
    CREATE TABLE blobs (
        sha256 TEXT PRIMARY KEY,
        size_bytes INTEGER NOT NULL,
        signature TEXT NOT NULL
    );
    CREATE TABLE intents (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        blobs TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE models ADD COLUMN pin TEXT;
    CREATE TABLE copies_due (
        digest TEXT PRIMARY KEY
    );
    INSERT INTO copies_due SELECT digest FROM models;
    CREATE TABLE birth (
        time_ns INTEGER NOT NULL
    );
    INSERT INTO birth SELECT 0 WHERE EXISTS (SELECT 1 FROM models);
    """,
)


class Place(StrEnum):
    """Where a model's files are."""

    STORE = "store"
    QUARANTINE = "quarantine"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Entry:
    """A model's row.

    Attributes:
        place: where its files are.
        quarantine: name of its quarantine folder, where that is the place.
        whole_state: the state to go back to when a damaged model verifies again, or None.
        facts: what the scan read from its files.
        pin: why it is kept from being removed (may be empty), or None: it is not.
    """

    model: Model
    place: Place
    quarantine: str | None = None
    whole_state: State | None = None
    facts: Mapping[str, Json] | None = None
    pin: str | None = None


class KeepsCopies(Protocol):
    """Where the second copy of a record goes; `copies.Copies`."""

    def write(self, entry: Entry) -> None:
        """Replace the copy, durably.

        Raises:
            OSError: the disk.
        """


class Index:
    """The tables, as typed rows. Usable from any thread; calls are short and take turns."""

    def __init__(self, connection: sqlite3.Connection, copies: KeepsCopies | None = None) -> None:
        self._connection = connection
        self._copies = copies
        self._turn = threading.RLock()

    @classmethod
    def open(
        cls, path: Path, *, copies: KeepsCopies | None = None, for_group: bool = False
    ) -> Index:
        """Open or create the file.

        Args:
            for_group: others read it, and those of its group write it.

        Raises:
            MalformedInput: it is damaged, or a newer Steelyard wrote it.
        """
        index = cls(
            open_database(path, MIGRATIONS, journal="DELETE" if for_group else "WAL"), copies
        )
        if for_group and path.stat().st_mode & 0o777 != GROUP_WRITES:
            with contextlib.suppress(PermissionError):  # another of the group made it, and did so
                path.chmod(GROUP_WRITES)
        if not index._rows("SELECT 1 FROM birth"):
            # The clock of the file system, since the ages of its files will be held against it.
            index._run("INSERT INTO birth VALUES (?)", path.stat().st_ctime_ns)
        return index

    @classmethod
    def read(cls, path: Path) -> Index:
        """Open an existing file that is not to be changed.

        Raises:
            MalformedInput, FolderNotUsable: it cannot be read.
        """
        return cls(open_for_reading(path, MIGRATIONS))

    @classmethod
    def in_memory(cls) -> Index:
        """An empty one that nothing outlives."""
        return cls(open_database(Path(":memory:"), MIGRATIONS, journal="MEMORY"))

    def save(self, path: Path) -> None:
        """Write everything into a new file at `path`.

        Raises:
            sqlite3.Error: it cannot be written.
        """
        with self._turn, contextlib.closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """All calls inside happen together or not at all."""
        with self._turn:
            with transaction(self._connection):
                yield
            self.write_copies()

    def _rows(self, sql: str, *values: str) -> list[sqlite3.Row]:
        with self._turn:
            return self._connection.execute(sql, values).fetchall()

    def _run(self, sql: str, *values: str | int | None) -> None:
        with self._turn:
            self._connection.execute(sql, values)

    # ---------------------------------------------------------------- second copies and age

    def write_copies(self) -> None:
        """Write the second copies that are due. What a failing disk refuses stays due until the next change."""
        if self._copies is None or self._connection.in_transaction:
            return
        try:
            for row in self._rows("SELECT digest FROM copies_due"):
                entry = self.by_digest(row["digest"])
                if entry is not None:
                    self._copies.write(entry)
                self._run("DELETE FROM copies_due WHERE digest = ?", row["digest"])
        except (OSError, sqlite3.OperationalError):
            return  # the change itself is committed, and counts

    def copies_are_due(self) -> bool:
        """True if a copy is missing or behind its record."""
        return bool(self._rows("SELECT 1 FROM copies_due LIMIT 1"))

    def _due(self, digest: str) -> None:
        self._run("INSERT OR REPLACE INTO copies_due VALUES (?)", digest)
        self.write_copies()

    @property
    def born_ns(self) -> int:
        """When this file was made, by its file system's clock; 0 for one older than this record.

        What lies on disk from before then, it cannot know.
        """
        rows = self._rows("SELECT time_ns FROM birth")
        return int(rows[0]["time_ns"]) if rows else 0

    # ---------------------------------------------------------------- models

    def digests(self) -> frozenset[str]:
        """Of every record."""
        return frozenset(row["digest"] for row in self._rows("SELECT digest FROM models"))

    def all(self) -> tuple[Entry, ...]:
        """Every row, by name."""
        return tuple(_entry(row) for row in self._rows("SELECT * FROM models ORDER BY folded"))

    def by_digest(self, digest: str) -> Entry | None:
        """The row of exactly this digest."""
        rows = self._rows("SELECT * FROM models WHERE digest = ?", digest)
        return _entry(rows[0]) if rows else None

    def by_digest_start(self, start: str) -> tuple[Entry, ...]:
        """The rows whose digest begins like this; `start` is checked to be `sha256:` and hex digits."""
        rows = self._rows("SELECT * FROM models WHERE digest GLOB ?", f"{start}*")
        return tuple(_entry(row) for row in rows)

    def by_name(self, name: str) -> Entry | None:
        """The row of this name; case does not matter."""
        rows = self._rows("SELECT * FROM models WHERE folded = ?", fold(name))
        return _entry(rows[0]) if rows else None

    def names(self) -> frozenset[str]:
        """All names, folded."""
        return frozenset(row["folded"] for row in self._rows("SELECT folded FROM models"))

    def quarantine_folders(self) -> frozenset[str]:
        """Names of the quarantine folders that belong to a record."""
        rows = self._rows("SELECT quarantine FROM models WHERE quarantine IS NOT NULL")
        return frozenset(row["quarantine"] for row in rows)

    def write(self, entry: Entry) -> None:
        """Insert the row, or replace the one of the same digest. Its files' rows go with the old one."""
        self._run("DELETE FROM models WHERE digest = ?", entry.model.digest)
        row = {**_row(entry), "digest": entry.model.digest, "added_at": entry.model.added_at}
        marks = ", ".join("?" * len(row))
        columns = ", ".join(row)
        self._run(f"INSERT INTO models ({columns}) VALUES ({marks})", *row.values())  # noqa: S608  # our own names
        self._due(entry.model.digest)

    def update(self, entry: Entry) -> None:
        """Change a row in place; the rows of its files stay."""
        row = _row(entry)
        changes = ", ".join(f"{column} = ?" for column in row)
        self._run(
            f"UPDATE models SET {changes} WHERE digest = ?",  # noqa: S608  # our own names
            *row.values(),
            entry.model.digest,
        )
        self._due(entry.model.digest)

    # ---------------------------------------------------------------- files and blobs

    def set_files(self, digest: str, signatures: Mapping[str, tuple[str, str | None]]) -> None:
        """Replace a model's file rows: path to (sha256, signature of the file in the view)."""
        self._run("DELETE FROM files WHERE digest = ?", digest)
        for path, (sha256, signature) in signatures.items():
            self._run("INSERT INTO files VALUES (?, ?, ?, ?)", digest, path, sha256, signature)

    def set_file(self, digest: str, path: str, sha256: str, signature: str) -> None:
        """Record one file of a model that is known to be right."""
        self._run(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", digest, path, sha256, signature
        )

    def signatures(self, digest: str) -> dict[str, str | None]:
        """Path to the signature its file had when it was last known to be right."""
        rows = self._rows("SELECT path, signature FROM files WHERE digest = ?", digest)
        return {row["path"]: row["signature"] for row in rows}

    def owners(self, sha256: str) -> tuple[str, ...]:
        """Digests of the models in the store that have this content."""
        rows = self._rows("SELECT DISTINCT digest FROM files WHERE sha256 = ?", sha256)
        return tuple(row["digest"] for row in rows)

    def blob_signature(self, sha256: str) -> str | None:
        """The signature the blob had when it was last known to be right, or None: not in the store."""
        rows = self._rows("SELECT signature FROM blobs WHERE sha256 = ?", sha256)
        return str(rows[0]["signature"]) if rows else None

    def set_blob(self, sha256: str, size_bytes: int, signature: str) -> None:
        """Record a blob that is known to be right."""
        self._run("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", sha256, size_bytes, signature)

    def forget_blob(self, sha256: str) -> None:
        """The blob is gone."""
        self._run("DELETE FROM blobs WHERE sha256 = ?", sha256)

    def carry_over(self, sha256: str, old: str, new: str) -> None:
        """A link was added to or taken from a blob by the store itself, which changed its signature."""
        self._run(
            "UPDATE blobs SET signature = ? WHERE sha256 = ? AND signature = ?", new, sha256, old
        )
        self._run(
            "UPDATE files SET signature = ? WHERE sha256 = ? AND signature = ?", new, sha256, old
        )

    def contents(self) -> frozenset[str]:
        """What the models in the store consist of, by `sha256:<hex>`."""
        return frozenset(row["sha256"] for row in self._rows("SELECT DISTINCT sha256 FROM files"))

    def blobs(self) -> dict[str, int]:
        """Every blob that was found right once: content to size in bytes."""
        rows = self._rows("SELECT sha256, size_bytes FROM blobs")
        return {row["sha256"]: row["size_bytes"] for row in rows}

    # ---------------------------------------------------------------- intents

    def announce(self, name: str, blobs: Iterable[str]) -> int:
        """Note that the view `name` and these blobs are about to change; returns the intent's number."""
        with self._turn:
            cursor = self._connection.execute(
                "INSERT INTO intents (name, blobs) VALUES (?, ?)", (name, json.dumps(sorted(blobs)))
            )
            return int(cursor.lastrowid or 0)

    def renew_intent(self, number: int) -> int | None:
        """Write the note of a step again; returns its new number, or None for a step that was closed.

        When this succeeds, nothing of an earlier commit that failed can come back: SQLite finds one whose
        frames reached the write-ahead log, but not its fsync, when the index is next opened.
        """
        with self._turn, transaction(self._connection):
            for _, name, blobs in (step for step in self.intents() if step[0] == number):
                self.close_intent(number)
                return self.announce(name, blobs)
            return None

    def close_intent(self, number: int) -> None:
        """The step is complete, or was undone."""
        self._run("DELETE FROM intents WHERE id = ?", number)

    def intents(self) -> tuple[tuple[int, str, tuple[str, ...]], ...]:
        """Unfinished steps: number, view, blobs. Outside of `data_lock` they may be somebody's work."""
        return tuple(
            (row["id"], row["name"], tuple(json.loads(row["blobs"])))
            for row in self._rows("SELECT * FROM intents ORDER BY id")
        )


GROUP_WRITES = 0o664
RESTORE = (
    "Move index.sqlite aside: it is made again from the records that lie beside it in manifests."
)


def _row(entry: Entry) -> dict[str, str | None]:
    model = entry.model
    return {
        "name": model.name,
        "folded": fold(model.name),
        "manifest": to_text(model.manifest),
        "trust": to_text(model.trust),
        "facts": json.dumps(dict(entry.facts or {})),
        "state": model.state.value,
        "reason": model.reason,
        "place": entry.place.value,
        "quarantine": entry.quarantine,
        "whole_state": None if entry.whole_state is None else entry.whole_state.value,
        "last_verified_at": model.last_verified_at,
        "pin": entry.pin,
    }


def _entry(row: sqlite3.Row) -> Entry:
    try:
        facts: dict[str, Json] = json.loads(row["facts"])
        state, place = State(row["state"]), Place(row["place"])
        whole_state = None if row["whole_state"] is None else State(row["whole_state"])
    except ValueError as error:
        raise MalformedRecord(
            f"The index holds what this version cannot read: {error}.", next_step=RESTORE
        ) from error
    manifest = manifest_from(row["manifest"])
    model = Model(
        manifest=replace(manifest, name=row["name"]),
        state=state,
        trust=trust_from(row["trust"]),
        added_at=row["added_at"],
        last_verified_at=row["last_verified_at"],
        reason=row["reason"],
    )
    if model.digest != row["digest"]:
        raise MalformedRecord(
            "The index was edited: a manifest does not have the digest it is filed under.",
            next_step=RESTORE,
            digest=row["digest"],
        )
    return Entry(model, place, row["quarantine"], whole_state, facts, row["pin"])
