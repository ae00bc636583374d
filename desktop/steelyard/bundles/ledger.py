"""The bundles made here and taken in here: running numbers that go up and never back.

Numbers run per sender, and a sender is its key's fingerprint. What was made is remembered so that a receipt can be
held against it; what was taken in, so that an older bundle does not quietly bring an older model back.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.database import open_database, transaction
from steelyard.bundles.errors import OldSerial

MIGRATIONS = (
    """
    CREATE TABLE made (
        sender TEXT NOT NULL,
        serial INTEGER NOT NULL,
        digest TEXT NOT NULL,
        name TEXT NOT NULL,
        models TEXT NOT NULL,
        made_at TEXT NOT NULL,
        PRIMARY KEY (sender, serial)
    ) STRICT;
    CREATE TABLE taken (
        id INTEGER PRIMARY KEY,
        sender TEXT NOT NULL,
        serial INTEGER NOT NULL,
        digest TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        accepted_old INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX taken_by_sender ON taken (sender, serial);
    CREATE TABLE receipts (
        sender TEXT NOT NULL,
        serial INTEGER NOT NULL,
        receiver TEXT NOT NULL,
        received_at TEXT NOT NULL,
        checked_at TEXT NOT NULL,
        PRIMARY KEY (sender, serial, receiver, received_at)
    ) STRICT;
    """,
)


@dataclass(frozen=True)
class Made:
    """A bundle that was made here.

    Attributes:
        digest: SHA-256 of its `bundle.json`, `sha256:<hex>`; empty if it was never finished.
        models: digest by name.
    """

    sender: str
    serial: int
    digest: str
    name: str
    models: dict[str, str]
    made_at: str


class Ledger:
    """The tables of one installation, `<data>/bundles.sqlite`. Usable from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or create it.

        Raises:
            MalformedInput, FolderNotUsable: see `base.database.open_database`.
        """
        self._connection = open_database(path, MIGRATIONS)
        self._turn = threading.RLock()

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._turn, transaction(self._connection) as connection:
            yield connection

    # ---------------------------------------------------------------- made here

    def next_serial(self, sender: str, name: str, now: str) -> int:
        """Take the sender's next number, durably; it is not given twice, whatever becomes of the bundle."""
        with self._change() as connection:
            (last,) = connection.execute(
                "SELECT COALESCE(MAX(serial), 0) FROM made WHERE sender = ?", (sender,)
            ).fetchone()
            serial = int(last) + 1
            connection.execute(
                "INSERT INTO made VALUES (?, ?, '', ?, '{}', ?)", (sender, serial, name, now)
            )
        return serial

    def record_made(self, made: Made) -> None:
        """Complete the record of a number that was taken."""
        with self._change() as connection:
            connection.execute(
                "UPDATE made SET digest = ?, name = ?, models = ?, made_at = ? "
                "WHERE sender = ? AND serial = ?",
                (
                    made.digest,
                    made.name,
                    json.dumps(made.models),
                    made.made_at,
                    made.sender,
                    made.serial,
                ),
            )

    def made(self, sender: str, serial: int) -> Made | None:
        """The bundle of this number, or None: it was not made here, or not finished."""
        with self._turn:
            row = self._connection.execute(
                "SELECT * FROM made WHERE sender = ? AND serial = ? AND digest != ''",
                (sender, serial),
            ).fetchone()
        if row is None:
            return None
        return Made(
            row["sender"],
            row["serial"],
            row["digest"],
            row["name"],
            json.loads(row["models"]),
            row["made_at"],
        )

    def record_receipt(
        self, sender: str, serial: int, receiver: str, received_at: str, now: str
    ) -> None:
        """Remember that a receipt for a bundle made here was checked and right."""
        with self._change() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?, ?)",
                (sender, serial, receiver, received_at, now),
            )

    # ---------------------------------------------------------------- taken in here

    def check_serial(self, sender: str, serial: int, digest: str) -> None:
        """Refuse a number that is not higher than every one taken in from this sender.

        Raises:
            OldSerial.
        """
        with self._turn:
            row = self._connection.execute(
                "SELECT serial, digest, taken_at FROM taken WHERE sender = ? "
                "ORDER BY serial DESC LIMIT 1",
                (sender,),
            ).fetchone()
            same = self._connection.execute(
                "SELECT taken_at FROM taken WHERE sender = ? AND digest = ? ORDER BY id LIMIT 1",
                (sender, digest),
            ).fetchone()
        if row is None or serial > row["serial"]:
            return
        seen = int(row["serial"])
        if same is not None:
            message = (
                f"This bundle, number {serial}, was taken in on {same['taken_at'][:10]} already."
            )
            step = "Nothing needs to be done. To take it in once more all the same, accept its old number."
        elif serial == seen:
            message = (
                f"Another bundle with number {serial} was taken in from this sender on "
                f"{row['taken_at'][:10]}. One of the two is not what it seems."
            )
            step = "Ask the sender before you accept it."
        else:
            message = (
                f"This bundle has number {serial}; number {seen} of the same sender was taken in on "
                f"{row['taken_at'][:10]}. It may bring older models back."
            )
            step = "Ask the sender for the newest, or accept the old number if you mean this one."
        raise OldSerial(
            f"{message} Nothing was taken in.",
            next_step=step,
            path="",
            serial=serial,
            seen=seen,
            sender=sender,
            same=same is not None,
        )

    def record_taken(
        self, sender: str, serial: int, digest: str, now: str, *, accepted_old: bool
    ) -> None:
        """Write down that a bundle was taken in.

        Raises:
            OldSerial: another process took in this or a later one in the meantime; not with `accepted_old`.
        """
        with self._change() as connection:
            if not accepted_old:
                self.check_serial(sender, serial, digest)
            connection.execute(
                "INSERT INTO taken (sender, serial, digest, taken_at, accepted_old) "
                "VALUES (?, ?, ?, ?, ?)",
                (sender, serial, digest, now, accepted_old),
            )
