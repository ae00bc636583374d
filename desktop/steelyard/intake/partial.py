"""A file as it arrives: its bytes in quarantine, the record of which of them are there, and the hashes that
follow.

Bytes may come in any order and from several threads. What the record claims was written before it was
claimed. What an earlier try left is hashed as it lies on disk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from steelyard.intake.errors import Superseded
from steelyard.intake.expected import ExpectedFile
from steelyard.intake.extents import SEGMENT_BYTES, Extents, Version
from steelyard.intake.hashing import Hashing, Release
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors

SMALL_BYTES = 1024 * 1024
"""Up to here a file has no record of its own: one connection brings it in order."""

SETTLE_BYTES = 64 * 1024 * 1024
"""After so many new bytes they are flushed in passing: a power cut loses no more, and the end waits less."""


class Partial:
    """One expected file under its way into quarantine. Close it, or use it as a context manager."""

    def __init__(
        self,
        location: Path,
        record: Path,
        expected: ExpectedFile,
        boot: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        on_written: Callable[[int], None] = lambda _count: None,
    ) -> None:
        """Open or create the file, and take up what an earlier try left.

        Args:
            record: where its `Extents` are kept.
            boot: see `extents.boot_id`.
            on_written: told how many bytes were added, or (below 0) thrown away.

        Raises:
            DiskFull, DiskFailed: it cannot be opened; a link in its place is not followed.
        """
        self.location = location
        self.expected = expected
        self.version = 0
        self._on_written = on_written
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._unsettled_bytes = 0
        with disk_errors(location.parent, expected.size_bytes):
            self._stream = FileIO(location, "r+", opener=_open_here)
            try:
                self._extents = self._take_up(record, segment_bytes, boot)
                self._hashing = Hashing(location, expected)
            except BaseException:
                self._stream.close()
                raise
        self.kept_bytes = self._extents.present_bytes
        self._hashing.reach(self._extents.frontier)

    def _take_up(self, record: Path, segment_bytes: int, boot: str) -> Extents:
        size_bytes = self.expected.size_bytes
        there = os.fstat(self._stream.fileno()).st_size
        small = size_bytes <= min(SMALL_BYTES, segment_bytes)
        version = Version(size_bytes, size_bytes if small else segment_bytes)
        extents = Extents(None if small else record, version, boot)
        # A small file came in order, so its length says what is there; whether that is right, its digest says.
        if small and there <= size_bytes and self.expected.declared is not None:
            extents.add(0, there)
        extents.cap(there)
        if there > size_bytes:
            self._stream.truncate(size_bytes)
        return extents

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Let whoever waits in `matches` go on. From any thread."""
        self._hashing.stop()

    def close(self) -> None:
        """Stop hashing and close everything; what is there stays."""
        with self._flushing:
            self._hashing.close()
            self._extents.close()
            self._stream.close()

    # ---------------------------------------------------------------- asking

    @property
    def present_bytes(self) -> int:
        """How much is there."""
        return self._extents.present_bytes

    @property
    def hashed_bytes(self) -> int:
        """How much of that was hashed."""
        return self._hashing.done_bytes

    @property
    def is_complete(self) -> bool:
        """True if no byte is missing."""
        return self._extents.is_complete

    @property
    def tag(self) -> str | None:
        """What the source called this version of the file, or None."""
        return self._extents.version.tag

    @property
    def segments(self) -> int:
        """Into how many segments it is cut."""
        return self._extents.count

    @property
    def segment_bytes(self) -> int:
        """How long a segment is, the last one perhaps less."""
        return self._extents.version.segment_bytes

    def gap(self, segment: int) -> tuple[int, int]:
        """The bytes of a segment that are missing, from the first to the one after the last."""
        with self._lock:
            start, end = self._extents.bounds(segment)
            return start + self._extents.written(segment), end

    @property
    def frontier(self) -> int:
        """The first byte that is missing."""
        with self._lock:
            return self._extents.frontier

    def read(self, start: int, buffer: memoryview) -> int:
        """Read back what is there; how much that was.

        Raises:
            DiskFailed: it cannot be read.
        """
        with self._lock, disk_errors(self.location.parent):
            self._stream.seek(start)
            return self._stream.readinto(buffer)

    # ---------------------------------------------------------------- writing

    def put(self, start: int, piece: memoryview, version: int, release: Release) -> bool:
        """Write what is missing of a piece, which begins at or before the first missing byte of a segment.

        Args:
            version: `self.version` when its answer began.
            release: see the result.

        Returns:
            True if the piece is needed a while longer: it must stay as it is until `release` is called with it.

        Raises:
            Superseded: another version of the file is wanted now.
            DiskFull, DiskFailed: the disk.
        """
        extents = self._extents
        end = start + len(piece)
        with self._lock, disk_errors(self.location.parent, self.expected.size_bytes):
            self._check(version)
            before, frontier_before = extents.present_bytes, extents.frontier
            first = start
            while (first := extents.first_missing(first, end)) < end:
                _, after = extents.bounds(first // extents.version.segment_bytes)
                upto = min(after, end)
                self._write(first, piece[first - start : upto - start])
                extents.add(first, upto)
                first = upto
            new = extents.present_bytes - before
            self._unsettled_bytes += new
            frontier = extents.frontier
            self._on_written(new)
            # Under the lock, so that pieces come to the hashes in the order in which the frontier passed them.
            if start == frontier_before and new == len(piece):
                return self._hashing.hand_over(start, piece, frontier, release)
            self._hashing.reach(frontier)
            return False

    def replace(self, start: int, block: memoryview, version: int) -> None:
        """Write over bytes that are there, because they were found to be damaged. `rehash` follows.

        Raises:
            Superseded, DiskFull, DiskFailed: see `put`.
        """
        with self._lock, disk_errors(self.location.parent):
            self._check(version)
            self._write(start, block)

    def rehash(self) -> None:
        """Hash the file once more, from its first byte on."""
        self._hashing.restart()
        self._hashing.reach(self._extents.frontier)

    def name_version(self, tag: str | None, version: int) -> None:
        """Remember the tag of the first answer.

        Raises:
            Superseded, DiskFull, DiskFailed: see `put`.
        """
        with self._lock, disk_errors(self.location.parent):
            self._check(version)
            self._extents.name_version(tag)

    def restart(self, tag: str | None, version: int) -> int:
        """Throw away what is there, because another version of the file is coming; that version's number.

        Raises:
            Superseded, DiskFull, DiskFailed: see `put`.
        """
        with self._lock, disk_errors(self.location.parent):
            self._check(version)
            self.version += 1
            self._on_written(-self._extents.present_bytes)
            self._extents.restart(tag)
            self._stream.truncate(0)
            self.kept_bytes = self._unsettled_bytes = 0
            self._hashing.restart()
            return self.version

    def settle(self, at_least_bytes: int = SETTLE_BYTES) -> None:
        """Flush what was written, if it is so much, and let the record say so. Nothing, once it is closed.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        with self._flushing:  # it may be closed in between otherwise
            with self._lock:
                if self._stream.closed or self._unsettled_bytes < at_least_bytes:
                    return
                snapshot, version = self._extents.snapshot(), self.version
                self._unsettled_bytes = 0
            with disk_errors(self.location.parent):
                os.fsync(self._stream.fileno())
                with self._lock:
                    if version == self.version:
                        self._extents.settle(snapshot)

    # ---------------------------------------------------------------- at the end

    def matches(self) -> bool:
        """Wait for the hashes; True if the whole file is what its publisher declared, or nothing was declared.

        Raises:
            DiskFailed: it could not be read back.
            CalledOff: it was closed meanwhile.
        """
        with disk_errors(self.location.parent):
            return self._hashing.matches()

    def finish(self) -> Reading:
        """Make the complete, hashed file durable; its digest, size and signature.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        with disk_errors(self.location.parent):
            os.fsync(self._stream.fileno())
        return Reading(self._hashing.sha256, self.expected.size_bytes, signature(self.location))

    def _check(self, version: int) -> None:
        if version != self.version:
            raise Superseded

    def _write(self, start: int, piece: memoryview) -> None:
        self._stream.seek(start)
        while piece:
            piece = piece[self._stream.write(piece) :]


def _open_here(path: str, flags: int) -> int:
    flags |= os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.open(path, flags, 0o600)
