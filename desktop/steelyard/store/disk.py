"""Failures of the disk in words: full, failing, or the index not writable. None of them is a bug of ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.store.errors import DiskFailed, DiskFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def disk_errors(folder: Path, needed_bytes: int = 0) -> Iterator[None]:
    """Turn what the operating system or SQLite says about a disk into a typed error.

    Args:
        folder: on the disk at hand.
        needed_bytes: for the words, where it is known.

    Raises:
        DiskFull: no room, or a used-up quota.
        DiskFailed: anything else: an I/O error, a read-only or vanished disk, a file in use.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise disk_full(folder, needed_bytes) from error
        if error.errno == errno.EFBIG:
            raise _too_large(folder, needed_bytes) from error
        raise _failed(folder, error.strerror or str(error)) from error
    except sqlite3.OperationalError as error:
        if "disk is full" in str(error):
            raise disk_full(folder, needed_bytes) from error
        raise _failed(folder, str(error)) from error


def disk_full(folder: Path, needed_bytes: int) -> DiskFull:
    """The error to raise when `folder`'s disk lacks room."""
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError:
        free_bytes = 0  # the disk is gone altogether
    needed = f"; {needed_bytes:,} are needed" if needed_bytes else ""
    return DiskFull(
        f"The disk that holds {folder} has {free_bytes:,} bytes free{needed}. Nothing was taken in.",
        next_step="Make room, or set STEELYARD_HOME to a folder on another disk.",
        needed_bytes=needed_bytes,
        free_bytes=free_bytes,
        path=str(folder),
    )


def _too_large(folder: Path, needed_bytes: int) -> DiskFailed:
    size = f" of {needed_bytes:,} bytes" if needed_bytes else ""
    return DiskFailed(
        f"The disk that holds {folder} cannot hold a file{size}. What was complete is kept.",
        next_step="FAT32 ends at 4 GiB a file: use a disk with another file system, such as exFAT.",
        path=str(folder),
        reason="file too large",
    )


def _failed(folder: Path, reason: str) -> DiskFailed:
    return DiskFailed(
        f"The disk that holds {folder} reported a failure ({reason}). What was complete is kept.",
        next_step="Check the disk and that the folder may be written to, then try again.",
        path=str(folder),
        reason=reason,
    )
