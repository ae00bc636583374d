"""Which bytes of a file are on disk, kept in a small record beside it that outlives the process.

A file is cut into segments; of each, so many bytes from its start are there. A record is one line a segment,
each replaced in place by a single write right after the bytes it speaks of were handed to the operating
system, so a killed process loses no more than what it had not written. A power cut may lose bytes that were
written but not flushed; therefore each line also says how many were flushed, and in another boot of the
machine only those count. The record never claims bytes that are not there.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, MalformedInput

SEGMENT_BYTES = 16 * 1024 * 1024
"""Finest grain in which one file is shared out to several connections."""

FORMAT = 1
HEAD_BYTES = 4096
LINE_BYTES = 32
"""Two numbers of 12 hexadecimal digits, and five of a checksum over them and the line's number, so that rot never
claims more. A power of two, so that no line lies across two sectors of a disk.
"""


@dataclass(frozen=True)
class Version:
    """What a record is about: a file's size, its cut, and the tag its source gave this version of it."""

    size_bytes: int
    segment_bytes: int
    tag: str | None = None


@dataclass(frozen=True)
class _Found:
    """A record as read: how much of each segment is there, and how much of that was flushed."""

    version: Version
    written: Sequence[int]
    settled: Sequence[int]


class Extents:
    """What is there of one file. Not for several threads at once: `Partial` holds its lock over each call."""

    def __init__(self, path: Path | None, version: Version, boot: str) -> None:
        """Read the record, or begin an empty one where there is none for a file of this size.

        Args:
            path: of the record, or None: keep it in memory only (small files).
            boot: which boot of the machine this is, see `boot_id`.

        Raises:
            OSError: it cannot be read or written.
        """
        self._path = path
        self._boot = boot
        self._stream: FileIO | None = None
        found = None if path is None else _read(path, version.size_bytes, boot)
        self.version = version if found is None else found.version
        self._written = _zeros(version) if found is None else list(found.written)
        self._settled = _zeros(version) if found is None else list(found.settled)
        self.present_bytes = sum(self._written)
        self._frontier_segment = 0
        # Written anew even when nothing changes: from now on its lines speak of this boot.
        self._create()

    def close(self) -> None:
        """Close the record; it stays."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def cap(self, size_bytes: int) -> None:
        """The file itself is only so long: what is claimed beyond that is not there.

        Raises:
            OSError: the record cannot be written.
        """
        for segment in range(self.count):
            start, _ = self.bounds(segment)
            self._written[segment] = min(self._written[segment], max(size_bytes - start, 0))
            self._settled[segment] = min(self._settled[segment], self._written[segment])
        if sum(self._written) != self.present_bytes:
            self.present_bytes = sum(self._written)
            self._create()

    @property
    def count(self) -> int:
        """How many segments there are."""
        return len(self._written)

    @property
    def is_complete(self) -> bool:
        """True if nothing is missing."""
        return self.present_bytes == self.version.size_bytes

    @property
    def frontier(self) -> int:
        """First byte that is missing; the file's size if none is."""
        while self._frontier_segment < self.count and self.missing(self._frontier_segment) == 0:
            self._frontier_segment += 1
        if self._frontier_segment == self.count:
            return self.version.size_bytes
        start, _ = self.bounds(self._frontier_segment)
        return start + self._written[self._frontier_segment]

    def bounds(self, segment: int) -> tuple[int, int]:
        """First byte of a segment, and the one after its last."""
        start = segment * self.version.segment_bytes
        return start, min(start + self.version.segment_bytes, self.version.size_bytes)

    def written(self, segment: int) -> int:
        """How many bytes of a segment are there."""
        return self._written[segment]

    def missing(self, segment: int) -> int:
        """How many are not."""
        start, end = self.bounds(segment)
        return end - start - self._written[segment]

    def first_missing(self, start: int, end: int) -> int:
        """The first byte from `start` on that is missing, at most `end`."""
        while start < end:
            segment = start // self.version.segment_bytes
            first, after = self.bounds(segment)
            if start >= first + self._written[segment]:
                return start
            start = min(first + self._written[segment], end)
            if start < after:
                return start
        return end

    def add(self, start: int, end: int) -> None:
        """Bytes were written from the first missing one of a segment on, perhaps into the next ones.

        Raises:
            OSError: the record cannot be written.
        """
        while start < end:
            segment = start // self.version.segment_bytes
            first, after = self.bounds(segment)
            upto = min(end, after)
            assert start <= first + self._written[segment]
            more = upto - first - self._written[segment]
            if more > 0:
                self._written[segment] += more
                self.present_bytes += more
                self._note(segment)
            start = upto

    def snapshot(self) -> Sequence[int]:
        """What is written now, for `settle` once it was flushed."""
        return list(self._written)

    def settle(self, snapshot: Sequence[int]) -> None:
        """Bytes that were written when the snapshot was taken have been flushed to the disk since.

        Raises:
            OSError: the record cannot be written.
        """
        for segment, count in enumerate(snapshot):
            if count > self._settled[segment]:
                self._settled[segment] = count
                self._note(segment)

    def restart(self, tag: str | None) -> None:
        """Forget everything: another version of the file is coming.

        Raises:
            OSError: the record cannot be written.
        """
        version = self.version
        self.version = Version(version.size_bytes, version.segment_bytes, tag)
        self._written = _zeros(version)
        self._settled = _zeros(version)
        self.present_bytes = self._frontier_segment = 0
        self._create()

    def name_version(self, tag: str | None) -> None:
        """The source's tag for what is coming became known.

        Raises:
            OSError: the record cannot be written.
        """
        if tag != self.version.tag:
            self.version = Version(self.version.size_bytes, self.version.segment_bytes, tag)
            self._create()

    def _create(self) -> None:
        if self._path is None:
            return
        self.close()
        head: dict[str, Json] = {
            "format": FORMAT,
            "size_bytes": self.version.size_bytes,
            "segment_bytes": self.version.segment_bytes,
            "tag": self.version.tag,
            "boot": self._boot,
        }
        head["check"] = _check_of(head)
        lines = b"".join(self._line(segment) for segment in range(self.count))
        write_bytes(self._path, canonical_bytes(head).ljust(HEAD_BYTES - 1) + b"\n" + lines)
        self._stream = FileIO(self._path, "r+")

    def _line(self, segment: int) -> bytes:
        return _line(segment, self._written[segment], self._settled[segment])

    def _note(self, segment: int) -> None:
        if self._stream is not None:
            self._stream.seek(HEAD_BYTES + segment * LINE_BYTES)
            self._stream.write(self._line(segment))


def recorded_bytes(path: Path, size_bytes: int, boot: str) -> int | None:
    """How many bytes a record claims for a file of this size, or None: there is no record."""
    found = _read(path, size_bytes, boot)
    return None if found is None else sum(found.written)


def _zeros(version: Version) -> list[int]:
    return [0] * -(-version.size_bytes // version.segment_bytes)


def _read(path: Path, size_bytes: int, boot: str) -> _Found | None:
    """What a record claims; None where there is none, or none that can be trusted for a file of this size."""
    try:
        data = path.read_bytes()
        head = strict_loads(data[:HEAD_BYTES])
    except (FileNotFoundError, NotADirectoryError, MalformedInput):
        return None
    if not isinstance(head, dict) or head.pop("check", None) != _check_of(head):
        return None
    segment_bytes, tag = head.get("segment_bytes"), head.get("tag")
    if head.get("format") != FORMAT or head.get("size_bytes") != size_bytes:
        return None
    if not isinstance(segment_bytes, int) or not (tag is None or isinstance(tag, str)):
        return None
    version = Version(size_bytes, segment_bytes, tag)
    if len(data) != HEAD_BYTES + -(-size_bytes // segment_bytes) * LINE_BYTES:
        return None
    written, settled = _zeros(version), _zeros(version)
    for segment in range(len(written)):
        start = HEAD_BYTES + segment * LINE_BYTES
        # A line that a power cut tore says nothing of its segment.
        both = _numbers(segment, data[start : start + LINE_BYTES])
        settled[segment] = both[1]
        written[segment] = both[0] if head.get("boot") == boot else both[1]
    return _Found(version, written, settled)


def _line(segment: int, written: int, settled: int) -> bytes:
    text = b"%012x %012x " % (written, settled)
    return text + b"%05x\n" % (zlib.crc32(b"%d %s" % (segment, text)) & 0xFFFFF)


def _numbers(segment: int, line: bytes) -> tuple[int, int]:
    try:
        written, settled = int(line[:12], 16), int(line[13:25], 16)
    except ValueError:
        return 0, 0
    return (written, settled) if line == _line(segment, written, settled) else (0, 0)


def _check_of(head: dict[str, Json]) -> str:
    return f"{zlib.crc32(canonical_bytes(head)):08x}"


def boot_id() -> str:
    """Names this boot of the machine: as long as it lasts, what was written survives any process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        import psutil  # noqa: PLC0415  # where Linux's own name is not to be had

        return f"{psutil.boot_time():.0f}"
