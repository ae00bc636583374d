"""Checkpoints: signed notes that say how many entries there were and under which root.

A log on one machine cannot prove that nobody cut its end or wrote it anew. A checkpoint that left the machine can:
in a second folder, in a bundle, at a witness. One is made every 256 entries, hourly while there is something new,
when the program ends, and before anything leaves. Before one is signed it is shown to be consistent with the last;
of those within one span of 256 entries only the newest is kept here, and every one that a witness signed.

Source: https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from steelyard.audit.errors import CheckpointRefused, NothingToSign
from steelyard.audit.files import Damage
from steelyard.audit.log import AuditLog
from steelyard.audit.merkle import (
    HASH_BYTES,
    consistency_proof,
    is_consistent,
    tree_root,
)
from steelyard.base import durable
from steelyard.base.clock import Clock, utc_now
from steelyard.base.errors import SteelyardError
from steelyard.base.lock import data_lock
from steelyard.signing.errors import MalformedNote, NoSuchKey
from steelyard.signing.key_record import Purpose
from steelyard.signing.notes import Note, NoteKey, NoteSignature, read_note, sign_note, verify_note
from steelyard.signing.own_keys import OwnKey, OwnKeys

EVERY_ENTRIES = 256
EVERY = timedelta(hours=1)
LOG_KEY = "audit-log"
FOLDER = "checkpoints"
ENDING = ".checkpoint"
_ORIGIN = "origin"
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class Checkpoint:
    """A log's state as a note says it.

    Attributes:
        origin: names the log; it and its key are what a witness remembers.
        size: number of entries.
        root: 32 bytes.
        note: with every signature.
    """

    origin: str
    size: int
    root: bytes
    note: Note

    @property
    def document(self) -> bytes:
        """The note as it is written."""
        return self.note.document()


def read_checkpoint(data: bytes) -> Checkpoint:
    """Take a checkpoint apart; its signatures are not checked here.

    Raises:
        MalformedNote: it is no note, or the note is no checkpoint.
    """
    note = read_note(data)
    lines = note.text.split("\n")
    try:
        origin, size, encoded = lines[:3]
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedNote("The note is not a checkpoint.") from error
    if (
        not origin
        or not _SIZE.fullmatch(size)
        or len(root) != HASH_BYTES
        or base64.b64encode(root).decode("ascii") != encoded
    ):
        raise MalformedNote("The note is not a checkpoint.")
    return Checkpoint(origin, int(size), root, note)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text that is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


class Checkpoints:
    """The checkpoints of one log, and the key that signs them."""

    def __init__(
        self,
        log: AuditLog,
        keys: OwnKeys,
        clock: Clock = utc_now,
        *,
        copies: Path | None = None,
        every: timedelta = EVERY,
    ) -> None:
        """`copies`: a second folder, best on another disk or machine; every checkpoint goes there too."""
        self.log = log
        self.folder = log.folder / FOLDER
        self._keys = keys
        self._clock = clock
        self._guard = threading.Lock()
        self._every = every
        self._last: tuple[int, datetime] | None = None
        self._timer: threading.Timer | None = None
        self.pending = False
        """Whether this process added entries that no checkpoint covers yet."""
        self.copies = copies
        self.problem = ""
        """Why the last checkpoint could not be made or copied; empty when it could."""

    def origin(self) -> str:
        """The log's name for itself, chosen once."""
        file = self.log.folder / _ORIGIN
        try:
            return file.read_text("utf-8").strip()
        except FileNotFoundError:
            pass
        host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname() or "localhost")[:60]
        name = f"steelyard.local/{host}/{secrets.token_hex(4)}"
        durable.write_bytes(file, f"{name}\n".encode())
        return name

    def key(self) -> OwnKey:
        """The log's key, made at first use.

        Raises:
            KeyNotUsable, MalformedKey, PassphraseNeeded: it is there and cannot sign.
        """
        now = self._clock()
        try:
            return self._keys.open(LOG_KEY, Purpose.CHECKPOINT, at=now)
        except NoSuchKey:
            return self._keys.create(LOG_KEY, Purpose.CHECKPOINT, valid_from=now, valid_until=None)

    def note_key(self) -> NoteKey:
        """The public part, by the log's name."""
        return NoteKey(self.origin(), self.key().key)

    def sizes(self) -> list[int]:
        """Sizes of the checkpoints kept here, rising."""
        names = self.folder.glob(f"*{ENDING}") if self.folder.is_dir() else ()
        found = (name.name.removesuffix(ENDING) for name in names)
        return sorted(int(size) for size in found if size.isdecimal())

    def read(self, size: int) -> Checkpoint:
        """A checkpoint kept here.

        Raises:
            CheckpointRefused: there is none of this size, or its name is not its size.
            MalformedNote: it is damaged.
        """
        try:
            found = read_checkpoint(self._file(size).read_bytes())
        except FileNotFoundError as error:
            raise CheckpointRefused(
                f"There is no checkpoint over {size} entries here.",
                next_step="See the checkpoints folder of the log.",
                size=size,
            ) from error
        if found.size != size:
            raise CheckpointRefused(f"The checkpoint named {size} is over {found.size} entries.")
        return found

    def latest(self) -> Checkpoint | None:
        """The newest one kept here."""
        sizes = self.sizes()
        return self.read(sizes[-1]) if sizes else None

    def make(self) -> Checkpoint:
        """Sign the log as it is now, unless that was done already.

        Raises:
            NothingToSign: the log is empty.
            LogDamaged: the log is not consistent with the last checkpoint.
            KeyNotUsable, MalformedKey, PassphraseNeeded: the log's key cannot sign.
            OSError: the folder cannot be written.
        """
        with self._guard, data_lock(self.log.folder):
            made = self._make()
            self._last = (made.size, self._clock())
            self.pending = False
            self._stop_timer()
            return made

    def _make(self) -> Checkpoint:
        size = self.log.count()
        if not size:
            raise NothingToSign(
                "The log has no entries yet, so there is nothing to sign.",
                next_step="Do something first.",
            )
        last = self.latest()
        if last is not None and last.size == size:
            return last
        root = self._root(size, last)
        key = self.key()
        origin = self.origin()
        text = checkpoint_text(origin, size, root)
        made = Checkpoint(origin, size, root, Note(text, (sign_note(text, origin, key),)))
        self.keep(made)
        if last is not None and _gives_way(last, made):
            self._file(last.size).unlink(missing_ok=True)
        self._copy(made)
        return made

    def _root(self, size: int, last: Checkpoint | None) -> bytes:
        """The root over `size` entries, shown to continue the last checkpoint."""
        tiles = self.log.tiles
        for made_anew in (False, True):
            if made_anew:
                tiles.forget()
            tiles.complete()
            root = tree_root(tiles, size)
            if last is None:
                return root
            if size > last.size:
                proof = consistency_proof(tiles, last.size, size)
                if is_consistent(last.size, size, proof, last.root, root):
                    return root
        assert last is not None
        detail = f"it does not continue what the checkpoint over {last.size} entries says"
        raise self.log.found(Damage(min(size, last.size), "checkpoint", detail))

    def after_append(self, entries: int) -> None:
        """Make one where it is due. What goes wrong is kept in `problem`: an entry that was written stays."""
        if self._last is None:
            self._last = (self._newest_size(), self._clock())
        size, at = self._last
        self.pending = True
        if entries // EVERY_ENTRIES > size // EVERY_ENTRIES or self._clock() - at >= self._every:
            self.make_quietly()
        elif self._timer is None:
            self._timer = threading.Timer(self._every.total_seconds(), self.make_quietly)
            self._timer.daemon = True
            self._timer.start()

    def make_quietly(self) -> None:
        """Make one if this process added something since the last; what goes wrong is kept in `problem`."""
        if not self.pending:
            return
        self.problem = ""
        try:
            self.make()
        except (SteelyardError, OSError) as error:
            self.problem = str(error)
            self._last = (self.log.count(), self._clock())

    def close(self) -> None:
        """Make the last one, and let go of the clock. Harmless when called twice."""
        self.make_quietly()
        self._stop_timer()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _newest_size(self) -> int:
        sizes = self.sizes()
        return sizes[-1] if sizes else 0

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint to its file, over the one of its size."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        durable.write_bytes(self._file(checkpoint.size), checkpoint.document)

    def keep_signed(self, checkpoint: Checkpoint, lines: Sequence[NoteSignature]) -> Checkpoint:
        """Put witnesses' lines, already checked, under a checkpoint of this log, and keep it for good."""
        with self._guard, data_lock(self.log.folder):
            here = self._file(checkpoint.size).exists()
            note = self.read(checkpoint.size).note if here else checkpoint.note
            for line in lines:
                note = note.with_signature(line)
            signed = Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, note)
            self.keep(signed)
            self._copy(signed)
            return signed

    def roots(self) -> dict[int, bytes]:
        """Roots by size of every checkpoint that is signed with the log's key: here and in the second folder.

        Raises:
            SignatureRefused, MalformedNote: one of them is not what was signed.
        """
        sizes = self.sizes()
        if not sizes and (self.copies is None or not self.copies.is_dir()):
            return {}
        key = self.note_key()
        found: dict[int, bytes] = {}
        kept = [self.read(size) for size in sizes]
        for checkpoint in [*kept, *self._copied(key)]:
            verify_note(checkpoint.note, [key])
            found[checkpoint.size] = checkpoint.root
        return found

    def _copied(self, key: NoteKey) -> list[Checkpoint]:
        """This log's checkpoints in the second folder; it may hold those of others."""
        if self.copies is None or not self.copies.is_dir():
            return []
        names = sorted(self.copies.glob(f"{_slug(key.name)}-*{ENDING}"))
        return [read_checkpoint(name.read_bytes()) for name in names]

    def _copy(self, checkpoint: Checkpoint) -> None:
        if self.copies is None:
            return
        name = f"{_slug(checkpoint.origin)}-{checkpoint.size:012d}{ENDING}"
        try:
            durable.write_bytes(self.copies / name, checkpoint.document, mode=0o644)
        except OSError as error:
            self.problem = (
                f"The checkpoint could not be copied to {self.copies}: {error.strerror or error}."
            )

    def _file(self, size: int) -> Path:
        return self.folder / f"{size:012d}{ENDING}"


def _gives_way(last: Checkpoint, new: Checkpoint) -> bool:
    """Whether the newer one says all the older one said."""
    witnessed = len(last.note.signatures) > 1
    return not witnessed and last.size // EVERY_ENTRIES == new.size // EVERY_ENTRIES


def _slug(origin: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", origin)
