"""The log on disk: `entries.jsonl`, `leaves.bin` (32 bytes an entry) and `head.json`.

One writer at a time across processes. An entry is durable before `append` returns. Three records of
every entry's hash exist (its own line, the next line's `previous`, `leaves.bin`), so that a change is
not only found but placed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from steelyard.audit.entry import MAX_ENTRY_BYTES, Entry, Event, Outcome, read_line, write_line
from steelyard.audit.errors import LogDamaged, LogNotWritable, NoSuchEntry
from steelyard.audit.merkle import HASH_BYTES, leaf_hash
from steelyard.base import durable
from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.base.errors import MalformedInput
from steelyard.base.lock import data_lock

ENTRIES = "entries.jsonl"
LEAVES = "leaves.bin"
HEAD = "head.json"
_TAIL_BYTES = 64 * 1024


class AuditLog:
    """The log in one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self.folder = folder
        self._clock = clock
        self._guard = threading.Lock()
        self._tail: tuple[int, int, str] | None = None
        self._torn_bytes = 0

    @property
    def entries_file(self) -> Path:
        """The lines, one an entry."""
        return self.folder / ENTRIES

    @property
    def leaves_file(self) -> Path:
        """Leaf hashes, 32 bytes each, in order."""
        return self.folder / LEAVES

    @property
    def head_file(self) -> Path:
        """How many entries there are and the last one's leaf hash."""
        return self.folder / HEAD

    def append(self, event: Event) -> Entry:
        """Write one entry and wait until it is on disk.

        Raises:
            LogDamaged: the end of the log is not what was written; nothing is appended.
            LogNotWritable: the disk refused.
        """
        with self._guard:
            try:
                with data_lock(self.folder):
                    return self._append_locked(event)
            except OSError as error:
                self._tail = None
                raise LogNotWritable(
                    f"The log could not be written: {error.strerror or error}. What was to be "
                    "recorded was not done.",
                    next_step="Free disk space or restore the folder, then try again.",
                    path=str(self.folder),
                ) from error

    def _append_locked(self, event: Event) -> Entry:
        self._tail_now()
        if self._torn_bytes:
            torn_bytes, self._torn_bytes = self._torn_bytes, 0
            self._write(noted("audit.recovered", torn_bytes=torn_bytes))
        return self._write(event)

    def _write(self, event: Event) -> Entry:
        seq, previous = self._tail_now()
        line = write_line(seq + 1, iso_utc(self._clock()), event, previous)
        leaf = leaf_hash(line)
        with self.entries_file.open("ab") as stream:
            stream.write(line + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        self._write_leaf(seq, leaf)
        entry = read_line(line)
        self._write_head(entry)
        self._tail = (size, entry.seq, entry.leaf)
        return entry

    def _write_leaf(self, index: int, leaf: bytes) -> None:
        mode = "r+b" if self.leaves_file.exists() else "w+b"
        with self.leaves_file.open(mode) as stream:
            stream.seek(index * HASH_BYTES)
            stream.write(leaf)
            stream.flush()
            os.fsync(stream.fileno())

    def _write_head(self, entry: Entry) -> None:
        durable.write_bytes(
            self.head_file, canonical_bytes({"entries": entry.seq, "leaf": entry.leaf})
        )

    def _tail_now(self) -> tuple[int, str]:
        """Number and leaf of the last entry, checked against what this process or the head knows."""
        try:
            size = self.entries_file.stat().st_size
        except FileNotFoundError:
            size = 0
        if self._tail is not None and self._tail[0] == size:
            return self._tail[1], self._tail[2]
        if self._tail is not None and self._tail[0] > size:
            raise self._damage(self._tail[1], "cut", "entries this process wrote are gone")
        return self._tail_from_disk(size)

    def _tail_from_disk(self, size: int) -> tuple[int, str]:
        head_seq, head_leaf = self._read_head()
        if size == 0:
            if head_seq:
                raise self._damage(1, "cut", f"all {head_seq} entries are gone")
            self.entries_file.touch(mode=0o600)
            durable.sync_folder(self.folder)
            return 0, ""
        with self.entries_file.open("r+b") as stream:
            whole_size, line = self._last_whole_line(stream, size)
            if whole_size < size:
                self._set_aside(stream, whole_size)
        if not line:
            if head_seq:
                raise self._damage(1, "cut", f"all {head_seq} entries are gone")
            return 0, ""
        try:
            last = read_line(line)
        except MalformedInput as error:
            raise self._damage(head_seq, "edited", error.message) from error
        if last.seq < head_seq:
            raise self._damage(last.seq + 1, "cut", f"entries up to {head_seq} were written")
        if last.seq == head_seq and last.leaf != head_leaf:
            raise self._damage(last.seq, "edited", "its hash is not the one that was recorded")
        if last.seq > head_seq:
            # The process died between the entry and the head: the entry counts, the head catches up.
            self._write_leaf(last.seq - 1, leaf_hash(line))
            self._write_head(last)
        self._tail = (whole_size, last.seq, last.leaf)
        return last.seq, last.leaf

    def _last_whole_line(self, stream: BinaryIO, size: int) -> tuple[int, bytes]:
        window = min(size, 2 * (MAX_ENTRY_BYTES + 1))
        stream.seek(size - window)
        block = stream.read(window)
        end = block.rfind(b"\n")
        if end < 0:
            return size - window, b""
        start = block.rfind(b"\n", 0, end) + 1
        return size - window + end + 1, block[start:end]

    def _set_aside(self, stream: BinaryIO, whole_size: int) -> None:
        """Keep a torn last line (the process or machine died while writing it) and go on after it."""
        stream.seek(whole_size)
        fragment = stream.read()
        name = f"torn-{iso_utc(self._clock()).replace(':', '')}.bin"
        durable.write_bytes(self.folder / name, fragment)
        self._torn_bytes = len(fragment)
        stream.truncate(whole_size)
        os.fsync(stream.fileno())

    def _read_head(self) -> tuple[int, str]:
        try:
            head = strict_loads(self.head_file.read_bytes(), what="The log's head")
        except FileNotFoundError:
            return 0, ""
        except MalformedInput as error:
            raise self._damage(0, "head", error.message) from error
        if isinstance(head, dict):
            entries, leaf = head.get("entries"), head.get("leaf")
            if isinstance(entries, int) and isinstance(leaf, str):
                return entries, leaf
        raise self._damage(0, "head", "the head does not have the form of a head")

    def head(self) -> tuple[int, str]:
        """How many entries the log has and the last one's leaf hash, from the head record alone.

        Raises:
            LogDamaged: the head record is damaged.
        """
        return self._read_head()

    def entries(self) -> Iterator[Entry]:
        """Every whole entry, oldest first.

        Raises:
            LogDamaged: a line is not an entry; facts name it. `verify` says more.
        """
        for number, line in enumerate(self.lines(), start=1):
            try:
                yield read_line(line)
            except MalformedInput as error:
                raise self._damage(number, "edited", error.message) from error

    def newest(self, count: int) -> list[Entry]:
        """The last `count` entries, newest first, without reading the rest of the log.

        Raises:
            LogDamaged: one of them is not an entry.
        """
        block = b""
        try:
            with self.entries_file.open("rb") as stream:
                place = stream.seek(0, os.SEEK_END)
                while place and block.count(b"\n") <= count:
                    step = min(place, _TAIL_BYTES)
                    place -= step
                    stream.seek(place)
                    block = stream.read(step) + block
        except FileNotFoundError:
            return []
        # What stands before the first line end may be half a line, and after the last one a torn one.
        whole = block.split(b"\n")[1 if place else 0 : -1]
        try:
            return [read_line(line) for line in reversed(whole[-count:])]
        except MalformedInput as error:
            raise self._damage(self._read_head()[0], "edited", error.message) from error

    def lines(self) -> Iterator[bytes]:
        """Every whole line, without its end; a torn last one is left out."""
        try:
            stream = self.entries_file.open("rb")
        except FileNotFoundError:
            return
        with stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def entry(self, seq: int) -> Entry:
        """One entry by its number.

        Raises:
            NoSuchEntry: the log does not reach it.
        """
        for candidate in self.entries():
            if candidate.seq == seq:
                return candidate
        raise NoSuchEntry(f"The log has no entry {seq}.", seq=seq)

    def _damage(self, seq: int, kind: str, detail: str) -> LogDamaged:
        return LogDamaged(
            f"The log is damaged at entry {seq}: {detail.rstrip('.')}. Nothing was added to it.",
            next_step="Run steelyard audit verify, keep a copy of the folder as evidence, and restore "
            "the log from a backup.",
            seq=seq,
            kind=kind,
            path=str(self.folder),
        )


def noted(event: str, **facts: str | int) -> Event:
    """An entry about the log or the program itself rather than an operation."""
    return Event(event, Outcome.NOTED, facts=dict(facts))
