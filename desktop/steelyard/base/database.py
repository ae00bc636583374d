"""SQLite with a listed migration per version. No ORM: about ten tables in all.

A database that a newer Steelyard wrote is refused, not guessed at.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from steelyard.base.errors import FolderNotUsable, MalformedInput

BUSY_TIMEOUT_S = 30.0


def open_database(
    path: Path, migrations: Sequence[str], *, journal: str = "WAL"
) -> sqlite3.Connection:
    """Open or create a database and bring it to the newest version.

    Args:
        path: the file; its folder must exist.
        migrations: SQL scripts; script `i` takes the schema from version `i` to `i + 1`. A listed
            script is never edited, only followed by another.
        journal: `WAL`, or `DELETE` where people who may not write shall be able to read: a write-ahead
            log needs a shared-memory file that a reader could not make (sqlite.org/wal.html, 2.2).

    Returns:
        A connection in autocommit mode (transactions are explicit: `with transaction(...)`), foreign
        keys on, rows addressable by name, usable from any one thread at a time.

    Raises:
        MalformedInput: not a database, or written by a newer version.
        FolderNotUsable: the disk is full, failing or read-only, or the file may not be opened.
    """
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        raise not_usable(path, error) from error
    with _closed_on_failure(connection, path):
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection, path, migrations)
    return connection


def open_for_reading(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Open a database that this account may read and not write, or that lies on read-only media.

    Nothing is written beside it. One of an older version is read into memory and brought up to date there;
    such a copy does not follow later changes.

    Raises:
        MalformedInput, FolderNotUsable: see `open_database`.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    log = path.with_name(f"{path.name}-wal")
    if not (log.exists() and log.stat().st_size) and not os.access(path.parent, os.W_OK):
        # Without its write-ahead log the file is complete. Only `immutable` opens one that was last used
        # with such a log where the log cannot be made; one with a plain journal is locked as usual.
        address = f"{address}&immutable=1" if _used_a_log(path) else address
    try:
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.OperationalError as error:
        raise not_usable(path, error) from error
    with _closed_on_failure(connection, path):
        connection.row_factory = sqlite3.Row
        if _version(connection) == len(migrations):
            return connection
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with _closed_on_failure(memory, path), contextlib.closing(connection):
        memory.row_factory = sqlite3.Row
        connection.backup(memory)
        memory.execute("PRAGMA foreign_keys = ON")
        _migrate(memory, path, migrations)
    return memory


def _used_a_log(path: Path) -> bool:
    """Whether the header's read version is that of write-ahead logging (sqlite.org/fileformat.html, 1.3.3)."""
    with path.open("rb") as stream:
        return stream.read(20)[19:20] == b"\x02"


@contextlib.contextmanager
def _closed_on_failure(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        connection.close()
        raise not_usable(path, error) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise MalformedInput(
            f"{path.name} is damaged or is not a database: {error}. It was left as it is.",
            next_step="Restore it from a backup. Without one, move it aside: an empty one is made.",
            path=str(path),
        ) from error
    except BaseException:
        connection.close()
        raise


def not_usable(path: Path, error: sqlite3.OperationalError) -> FolderNotUsable:
    """The error to raise when SQLite cannot work on a file that may well be whole."""
    return FolderNotUsable(
        f"{path.name} cannot be used ({error}).",
        next_step=f"Check that {path.parent} may be written to and its disk has room, then try again.",
        path=str(path),
        reason=str(error),
    )


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    if _version(connection) == len(migrations):
        return
    # Two processes may open a fresh database at once: the version is read again under the lock.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version > len(migrations):
            raise MalformedInput(
                f"{path.name} was written by a newer Steelyard (schema {version}, known here: "
                f"{len(migrations)}).",
                next_step="Use the newer version, or another data folder.",
                path=str(path),
            )
        for number, script in enumerate(migrations[version:], start=version + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    if current.strip():
        raise ValueError(f"a migration ends in the middle of a statement: {current.strip()[:60]!r}")
    return statements


class transaction:  # noqa: N801  # used as a statement: with transaction(connection):
    """`BEGIN IMMEDIATE` on entry, `COMMIT` on leaving, `ROLLBACK` on an error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._roll_back()
            return
        try:
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
            self._connection.execute("ROLLBACK")
