"""Copying a file into quarantine while hashing it: one read of the source, whatever its size."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from steelyard.intake.errors import SourceChanged, SourceUnreadable
from steelyard.store.contents import Reading, open_regular, signature
from steelyard.store.disk import disk_errors

PIECE_BYTES = 4 * 1024 * 1024
"""Two of these are in flight: one is hashed while the next is read and written."""

SMALL_PIECE_BYTES = 256 * 1024

WRITEBACK_BYTES = 32 * 1024 * 1024
"""How much is copied before the system is asked to put it on the disk."""


def copy_while_hashing(source: Path, target: Path, on_bytes: Callable[[int], None]) -> Reading:
    """Copy a regular file to a new one, fsynced, and return its digest, size and the copy's signature.

    The new name itself is made durable where it matters, when the file becomes a blob.

    Args:
        source: opened without following a link in its last part.
        on_bytes: called with the size of each piece; may raise `Cancelled`.

    Raises:
        SourceUnreadable: it cannot be opened, or not read to its end.
        SourceChanged: it was written to while it was read.
        DiskFull, DiskFailed: the copy could not be written.
        Cancelled: raised by `on_bytes`.
    """
    with reading_errors(source):
        descriptor = open_regular(source)
    with os.fdopen(descriptor, "rb", buffering=0) as reading:
        before = os.fstat(descriptor)
        with disk_errors(target.parent, before.st_size), target.open("xb", 0) as writing:
            hasher = hashlib.sha256()
            pump = _pump if before.st_size > PIECE_BYTES else _pour
            to_disk = _Writeback(writing.fileno())

            def on_written(count: int) -> None:
                to_disk(count)
                on_bytes(count)

            done = pump(reading.readinto, writing.write, hasher.update, source, on_written)
            os.fsync(writing.fileno())
        after = os.fstat(descriptor)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or done != before.st_size:
        raise SourceChanged(
            f"{source.name} was written to while it was copied. Nothing was taken in.",
            next_step="Wait until the other program is done with it, then try again.",
            path=str(source),
        )
    return Reading(f"sha256:{hasher.hexdigest()}", done, signature(target))


class _Writeback:
    """Has the system write what was copied to the disk while the rest is read and hashed.

    Otherwise it waits for the fsync at the end, and a copy takes as long as reading and writing together.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._done = self._handed_over = 0

    def __call__(self, count: int) -> None:
        """So much more was written."""
        self._done += count
        waiting = self._done - self._handed_over
        if waiting < WRITEBACK_BYTES or not hasattr(os, "posix_fadvise"):
            return
        # On Linux this starts writing dirty pages (mm/fadvise.c) and drops only those that are clean.
        os.posix_fadvise(
            self._descriptor, self._handed_over, waiting, getattr(os, "POSIX_FADV_DONTNEED", 0)
        )
        self._handed_over = self._done


def _pour(
    read: Callable[[memoryview], int | None],
    write: Callable[[memoryview], int | None],
    update: Callable[[memoryview], None],
    source: Path,
    on_bytes: Callable[[int], None],
) -> int:
    """Read, hash and write in turn: a small file is done before a thread would have started."""
    buffer = memoryview(bytearray(SMALL_PIECE_BYTES))
    done = 0
    while True:
        with reading_errors(source):
            count = read(buffer) or 0
        if not count:
            return done
        update(buffer[:count])
        _write_all(write, buffer[:count])
        done += count
        on_bytes(count)


def _write_all(write: Callable[[memoryview], int | None], piece: memoryview) -> None:
    written = 0
    while written < len(piece):
        written += write(piece[written:]) or 0


def _pump(
    read: Callable[[memoryview], int | None],
    write: Callable[[memoryview], int | None],
    update: Callable[[memoryview], None],
    source: Path,
    on_bytes: Callable[[int], None],
) -> int:
    buffers = [memoryview(bytearray(PIECE_BYTES)) for _ in range(2)]
    pending: Future[None] | None = None
    done = 0
    with ThreadPoolExecutor(1, "hash") as hashing:
        for turn in _alternate():
            with reading_errors(source):
                count = read(buffers[turn]) or 0
            piece = buffers[turn][:count]
            if pending is not None:
                pending.result()
            if not count:
                return done
            pending = hashing.submit(update, piece)
            _write_all(write, piece)
            done += count
            on_bytes(count)
    return done


def _alternate() -> Iterator[int]:
    while True:
        yield 0
        yield 1


@contextlib.contextmanager
def reading_errors(source: Path) -> Iterator[None]:
    """Turn a failure to read the source into words."""
    try:
        yield
    except OSError as error:
        raise SourceUnreadable(
            f"{source.name} could not be read ({error.strerror or error}). Nothing was taken in.",
            next_step="Check that the disk or stick is still connected and the file may be read.",
            path=str(source),
            reason=error.strerror or str(error),
        ) from error
