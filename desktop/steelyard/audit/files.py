"""The log's files and how they are read: lines from either end, one entry by number, the head, a mark of damage.

`entries.jsonl` is the log. Everything else follows from it, or says what it was: `leaves.bin` and `tree-N.bin`
(tiles), `head.json` (how many entries, the last one's hash, and how the file looked after our own last write),
`damaged.json` (where it was found to be another log than the one that was written).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from steelyard.audit.entry import MAX_ENTRY_BYTES
from steelyard.base import durable
from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.errors import Json, MalformedInput

ENTRIES = "entries.jsonl"
HEAD = "head.json"
DAMAGED = "damaged.json"
_TAIL_BYTES = 64 * 1024
_SEQ = re.compile(rb'"seq":(\d+),"time":"[^"\\]*","v":1\}\Z')
_AROUND_BYTES = 2 * (MAX_ENTRY_BYTES + 1)


@dataclass(frozen=True)
class Head:
    """What was true after our own last write.

    Attributes:
        stamp: how `entries.jsonl` looked then, as `LogFiles.stamp` says it; empty: not known.
    """

    entries: int
    leaf: str
    stamp: str = ""


@dataclass(frozen=True)
class Damage:
    """Where the log was found not to be what was written. `kind` as in `verification.Problem`."""

    seq: int
    kind: str
    detail: str


class LogFiles:
    """The files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = folder / ENTRIES
        self.head = folder / HEAD
        self._damaged = folder / DAMAGED

    def stamp(self) -> str:
        """Size and times of the entries' file; empty when there is none. Whoever changes the file changes its
        stamp: setting the time of writing back changes the time of the change itself."""
        try:
            found = self.entries.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}"

    def size(self) -> int:
        """Bytes of the entries' file; 0 when there is none."""
        try:
            return self.entries.stat().st_size
        except FileNotFoundError:
            return 0

    def read_head(self) -> Head:
        """The head; one of no entries when there is none, or when a power cut left it empty.

        Raises:
            MalformedInput: it is damaged.
        """
        try:
            data = self.head.read_bytes()
        except FileNotFoundError:
            return Head(0, "")
        if not data.strip(b"\0"):
            return Head(0, "")
        document = strict_loads(data, what="The log's head")
        if isinstance(document, dict):
            entries, leaf = document.get("entries"), document.get("leaf")
            stamp = document.get("stamp", "")
            if isinstance(entries, int) and isinstance(leaf, str) and isinstance(stamp, str):
                return Head(entries, leaf, stamp)
        raise MalformedInput("The log's head does not have the form of a head.")

    def write_head(self, head: Head, *, flush: bool) -> None:
        """Replace the head. Flushed only now and then: one that is behind costs a check, not an entry."""
        data = canonical_bytes({"entries": head.entries, "leaf": head.leaf, "stamp": head.stamp})
        if flush:
            durable.write_bytes(self.head, data)
            return
        temporary = self.folder / f".{HEAD}.next"
        temporary.write_bytes(data)
        temporary.chmod(0o600)
        temporary.replace(self.head)

    def damage(self) -> Damage | None:
        """What an earlier check found wrong, if that has not been put right since.

        Raises:
            OSError: the mark cannot be read.
        """
        try:
            document: Json = json.loads(self._damaged.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            document = None
        if isinstance(document, dict):
            seq, kind, detail = (document.get(name) for name in ("seq", "kind", "detail"))
            if isinstance(seq, int) and isinstance(kind, str) and isinstance(detail, str):
                return Damage(seq, kind, detail)
        return Damage(0, "mark", "the mark of an earlier damage cannot be read")

    def mark(self, damage: Damage) -> None:
        """Remember damage, so that nothing is added until a check finds the log whole again."""
        durable.write_bytes(
            self._damaged,
            canonical_bytes({"seq": damage.seq, "kind": damage.kind, "detail": damage.detail}),
        )

    def unmark(self) -> None:
        """Forget damage that is gone."""
        if self._damaged.exists():
            self._damaged.unlink()
            durable.sync_folder(self.folder)

    def lines(self) -> Iterator[bytes]:
        """Every whole line, without its end; a torn last one is left out."""
        try:
            stream = self.entries.open("rb", buffering=1024 * 1024)
        except FileNotFoundError:
            return
        with stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def last_lines(self, count: int) -> list[bytes]:
        """The last `count` whole lines, oldest first, without reading the rest."""
        block = b""
        try:
            with self.entries.open("rb") as stream:
                place = stream.seek(0, os.SEEK_END)
                while place and block.count(b"\n") <= count:
                    step = min(place, _TAIL_BYTES)
                    place -= step
                    stream.seek(place)
                    block = stream.read(step) + block
        except FileNotFoundError:
            return []
        # What stands before the first line end may be half a line, and after the last one a torn one.
        return block.split(b"\n")[1 if place else 0 : -1][-count:]

    def line(self, seq: int) -> bytes | None:
        """The line with this number, found by halving the file; None when there is none.

        A log whose numbers do not rise may hide it; whoever needs to be sure checks the line's hash.
        """
        try:
            with self.entries.open("rb") as stream:
                low, high = 0, stream.seek(0, os.SEEK_END)
                while low < high:
                    start, line = _line_around(stream, (low + high) // 2, high)
                    number = _seq_of(line)
                    if line is None or number is None or number > seq:
                        high = start
                    elif number == seq:
                        return line
                    else:
                        low = start + len(line) + 1
        except FileNotFoundError:
            pass
        return None

    def set_aside_torn(self, name: str) -> int:
        """Move what follows the last line end into a file of its own; how many bytes that were."""
        with self.entries.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            whole = _end_of_last_line(stream, size)
            if whole == size:
                return 0
            stream.seek(whole)
            fragment = stream.read()
            durable.write_bytes(self.folder / name, fragment)
            stream.truncate(whole)
            os.fsync(stream.fileno())
        return len(fragment)

    def torn_bytes(self) -> int:
        """How many bytes follow the last line end."""
        try:
            with self.entries.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                return size - _end_of_last_line(stream, size)
        except FileNotFoundError:
            return 0


def _end_of_last_line(stream: BinaryIO, size: int) -> int:
    place = size
    while place:
        step = min(place, _AROUND_BYTES)
        stream.seek(place - step)
        found = stream.read(step).rfind(b"\n")
        if found >= 0:
            return place - step + found + 1
        place -= step
    return 0


def _line_around(stream: BinaryIO, place: int, end: int) -> tuple[int, bytes | None]:
    """Where the line begins that holds the byte at `place`, and the line; None when it has no end."""
    before = max(0, place - MAX_ENTRY_BYTES - 1)
    stream.seek(before)
    block = stream.read(min(_AROUND_BYTES, end - before))
    start = block.rfind(b"\n", 0, place - before) + 1
    stop = block.find(b"\n", start)
    return before + start, None if stop < 0 else block[start:stop]


def _seq_of(line: bytes | None) -> int | None:
    found = _SEQ.search(line, max(0, len(line) - 120)) if line is not None else None
    return int(found.group(1)) if found else None
