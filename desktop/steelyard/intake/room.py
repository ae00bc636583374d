"""Disk space for what is still to come, promised once: a pull that began will not find its room taken.

Where the file system can, the room is really taken: a file of that size beside the bytes that arrive, which
shrinks as they do. Elsewhere it is a promise that other pulls count. Both end with the process: what a killed
one left is freed by the next that asks for room.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from io import FileIO
from pathlib import Path

from steelyard.base.progress import CancelToken
from steelyard.intake.expected import Expected, read_expected
from steelyard.intake.progress import present_bytes
from steelyard.store.disk import disk_full
from steelyard.store.errors import DiskFull
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.store import Store

ROOM = "room"
SPARE_BYTES = 16 * 1024 * 1024
"""Kept free beyond what a pull needs: index, log, records."""

LEAD_BYTES = 64 * 1024 * 1024
"""The room is given back so far ahead of what arrives, in steps of a quarter of it."""

PIECE_BYTES = 1024 * 1024 * 1024

_UNSUPPORTED = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENODEV, errno.EFBIG})


class Room:
    """The room of one pull. Close it, or use it as a context manager."""

    def __init__(self, folder: QuarantineFolder) -> None:
        self._path = folder.path / ROOM
        self._lock = threading.Lock()
        self._taken_bytes = 0
        self._missing_bytes = 0
        self._unsaid_bytes = 0

    @classmethod
    def reserve(
        cls, store: Store, folder: QuarantineFolder, expected: Expected, cancel: CancelToken
    ) -> Room:
        """Promise a pull the room for what it still lacks.

        Args:
            folder: of the pull, locked.

        Raises:
            DiskFull: there is not so much that nobody was promised. Nothing is taken.
            Cancelled: nothing is taken.
        """
        room = cls(folder)
        room._missing_bytes = expected.size_bytes - present_bytes(folder.path, expected)
        with store.lock():
            room._path.unlink(missing_ok=True)
            promised_bytes = sum(
                _promised(path) for path in store.home.quarantine.iterdir() if path != folder.path
            )
            room._check(store, room._missing_bytes + SPARE_BYTES, promised_bytes)
            room._path.touch(mode=0o600)
        try:
            room._take(max(0, room._missing_bytes - LEAD_BYTES), cancel)
        except BaseException:
            room.close()
            raise
        return room

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is left. Harmless when called twice."""
        with self._lock:
            self._taken_bytes = 0
            self._path.unlink(missing_ok=True)

    def arrived(self, count: int) -> None:
        """So many bytes were written (or, below 0, thrown away): give their room back. From any thread.

        Raises:
            OSError: the disk.
        """
        with self._lock:
            self._unsaid_bytes += count
            if abs(self._unsaid_bytes) < LEAD_BYTES // 4:
                return
            self._missing_bytes -= self._unsaid_bytes
            self._unsaid_bytes = 0
            left_bytes = max(0, self._missing_bytes - LEAD_BYTES)
            if left_bytes < self._taken_bytes:
                os.truncate(self._path, left_bytes)
                self._taken_bytes = left_bytes

    def _check(self, store: Store, needed_bytes: int, promised_bytes: int) -> None:
        free_bytes = store.free_bytes()
        if free_bytes >= needed_bytes and free_bytes - promised_bytes < needed_bytes:
            raise DiskFull(
                f"The disk that holds {store.home.store} has {free_bytes:,} bytes free, of which "
                f"{promised_bytes:,} are promised to other downloads; {needed_bytes:,} are needed. "
                "Nothing was taken in.",
                next_step="Wait for the others to finish, or make room.",
                needed_bytes=needed_bytes,
                free_bytes=free_bytes - promised_bytes,
                path=str(store.home.store),
            )
        if free_bytes < needed_bytes:
            raise disk_full(store.home.store, needed_bytes)

    def _take(self, size_bytes: int, cancel: CancelToken) -> None:
        with FileIO(self._path, "r+") as stream:
            while self._taken_bytes < size_bytes:
                cancel.check()
                piece = min(PIECE_BYTES, size_bytes - self._taken_bytes)
                try:
                    _allocate(stream.fileno(), self._taken_bytes, piece)
                except OSError as error:
                    if error.errno not in _UNSUPPORTED:
                        raise disk_full(self._path.parent, size_bytes) from error
                    stream.truncate(0)
                    self._taken_bytes = 0
                    return
                self._taken_bytes += piece


def _allocate(descriptor: int, start: int, size_bytes: int) -> None:
    """Let the file system set blocks aside.

    `posix_fallocate` of the C library writes zeros where that is not supported, for minutes; the system call
    says so.
    """
    if sys.platform != "linux":
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    import ctypes  # noqa: PLC0415  # Linux only

    library = ctypes.CDLL(None, use_errno=True)
    offset = ctypes.c_int64
    library.fallocate64.argtypes = (ctypes.c_int, ctypes.c_int, offset, offset)
    if library.fallocate64(descriptor, 0, start, size_bytes) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _promised(path: Path) -> int:
    """What another pull was promised and does not hold yet; a dead one's room is freed."""
    room = path / ROOM
    if not room.exists():
        return 0
    folder = QuarantineFolder(path)
    if folder.try_lock():
        room.unlink(missing_ok=True)
        folder.release()
        return 0
    expected = read_expected(path)
    if expected is None:
        return 0
    missing_bytes = expected.size_bytes - present_bytes(path, expected)
    return max(0, missing_bytes - room.stat().st_size)
