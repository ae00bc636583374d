"""Reading files that must be exactly what a manifest says: hashing without following links, and a signature
by which a later change shows without reading again.

A signature is size, modification time, change time and inode. Whoever writes to a file, or puts another in
its place, changes one of them; the change time cannot be set back by the file's owner.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.digests import CHUNK_BYTES


@dataclass(frozen=True)
class Signature:
    """What `stat` says of a regular file. The device is left out: it may change with a new mount."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def as_text(self) -> str:
        """Four numbers with colons between."""
        return f"{self.size_bytes}:{self.mtime_ns}:{self.ctime_ns}:{self.inode}"


def _of(status: os.stat_result) -> Signature | None:
    if not stat.S_ISREG(status.st_mode):
        return None
    return Signature(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def signature(path: Path) -> Signature | None:
    """The signature of a regular file; None where there is none, or a link, folder or device stands there."""
    try:
        return _of(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def open_regular(path: Path) -> int:
    """A descriptor for reading a regular file; a link or device in its place is refused.

    Raises:
        OSError: it is not there, cannot be read, or is not a regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    # Without O_NONBLOCK a named pipe would hold the program until somebody writes to it.
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    if _of(os.fstat(descriptor)) is None:
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


@dataclass(frozen=True)
class Reading:
    """What one pass over a file found. `signature` is None when the file changed during the pass."""

    sha256: str
    size_bytes: int
    signature: Signature | None


def read_through(path: Path, on_bytes: Callable[[int], None]) -> Reading:
    """Hash a regular file, calling `on_bytes` with the size of each piece.

    Raises:
        OSError: see `open_regular`.
        Cancelled: raised by `on_bytes`.
    """
    descriptor = open_regular(path)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        before = _of(os.fstat(descriptor))
        hasher = hashlib.sha256()
        size = before.size_bytes if before else 0
        buffer = bytearray(min(CHUNK_BYTES, max(size, 1)))
        view = memoryview(buffer)
        done = 0
        while count := stream.readinto(buffer):
            hasher.update(view[:count])
            done += count
            on_bytes(count)
        after = _of(os.fstat(descriptor))
    unchanged = before == after and done == size
    return Reading(f"sha256:{hasher.hexdigest()}", done, after if unchanged else None)
