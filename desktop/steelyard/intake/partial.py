"""A file as it arrives: bytes on disk and the hashes over them, always in step.

Opened again, it hashes what an earlier try left, so that whatever is accepted was hashed as it lies on disk.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.intake.expected import ExpectedFile
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors

PIECE_BYTES = 4 * 1024 * 1024


class Partial:
    """One expected file under its way into quarantine. Close it, or use it as a context manager."""

    def __init__(self, path: Path, expected: ExpectedFile, report: Reporter) -> None:
        """Open or create the file, and hash what it has.

        Raises:
            Cancelled: while hashing.
            OSError: it cannot be opened; a link in its place is not followed.
        """
        self.path = path
        self.expected = expected
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._stream = os.fdopen(os.open(path, flags, 0o600), "r+b")
        self.size_bytes = 0
        self.kept_bytes = 0
        self._forget()
        try:
            self._take_up(report)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    @property
    def missing_bytes(self) -> int:
        """How much is still to come."""
        return self.expected.size_bytes - self.size_bytes

    def add(self, piece: bytes) -> None:
        """Append bytes; never more than are missing.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        assert len(piece) <= self.missing_bytes
        with disk_errors(self.path.parent, self.missing_bytes):
            self._stream.write(piece)
        self._hash(piece)

    def restart(self) -> None:
        """Throw away what is there."""
        self._stream.seek(0)
        self._stream.truncate()
        self.size_bytes = self.kept_bytes = 0
        self._forget()

    def flush(self) -> None:
        """Hand what was added to the operating system, so that a killed process does not lose it.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        with disk_errors(self.path.parent, self.missing_bytes):
            self._stream.flush()

    def finish(self) -> Reading:
        """Make it durable; its digest, size and signature.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        with disk_errors(self.path.parent):
            self._stream.flush()
            os.fsync(self._stream.fileno())
        sha256 = f"sha256:{self._sha256.hexdigest()}"
        return Reading(sha256, self.size_bytes, signature(self.path))

    def matches(self) -> bool:
        """True if the whole file is what its publisher declared, or nothing was declared."""
        if self.size_bytes != self.expected.size_bytes:
            return False
        if self.expected.sha256 is not None:
            return self.expected.sha256 == f"sha256:{self._sha256.hexdigest()}"
        if self.expected.git_blob is not None:
            return self.expected.git_blob == self._git.hexdigest()
        return True

    def _take_up(self, report: Reporter) -> None:
        status = os.fstat(self._stream.fileno())
        if status.st_size > self.expected.size_bytes:
            self.restart()
            return
        while piece := self._stream.read(PIECE_BYTES):
            self._hash(piece)
            report("resuming", self.size_bytes, status.st_size)
        self.kept_bytes = self.size_bytes

    def _forget(self) -> None:
        self._sha256 = hashlib.sha256()
        # git's name for a blob is SHA-1 over "blob SIZE NUL content". It proves less than SHA-256 does.
        head = f"blob {self.expected.size_bytes}\0".encode()
        self._git = hashlib.sha1(head, usedforsecurity=False)

    def _hash(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if self.expected.sha256 is None:
            self._git.update(piece)
        self.size_bytes += len(piece)
