"""Leases: while somebody reads a model's files, nobody takes them away.

A lease is a lock of the operating system on a small file of the model's own, shared among readers and
exclusive for whoever removes. It needs no right to write, and the system lets go of it when a process dies, so
that no stale one remains and no process has to be asked whether it still lives.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from steelyard.store.blobs import make_folder

MODE = 0o664
"""Whoever removes opens it for writing (some network file systems demand that); readers need not."""


class Lease:
    """A lease that is held until `release`, or until this process ends."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. Harmless when called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class Leases:
    """The folder `<store>/leases`, one file a model."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, digest: str) -> Path:
        return self.root / digest.removeprefix("sha256:")

    def prepare(self, digest: str) -> None:
        """Make the file, so that those who may only read can lease too.

        Raises:
            OSError: it cannot be made.
        """
        path = self._path(digest)
        if path.exists():
            return
        make_folder(self.root)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, MODE))
        with contextlib.suppress(PermissionError):  # made by another of the group just now
            path.chmod(MODE)

    def take(self, digest: str) -> Lease | None:
        """Hold the model for reading; None while somebody removes it.

        Where there is no file and none can be made, the store is read-only for everyone who could see the
        lease, and an empty one is returned.
        """
        try:
            descriptor = os.open(self._path(digest), os.O_RDONLY)
        except FileNotFoundError:
            return Lease(None)
        if not _lock(descriptor, exclusive=False):
            os.close(descriptor)
            return None
        return Lease(descriptor)

    @contextlib.contextmanager
    def alone(self, digest: str) -> Iterator[bool]:
        """Whether nobody holds the model; while inside, nobody new can."""
        try:
            descriptor = os.open(self._path(digest), os.O_RDWR)
        except FileNotFoundError:
            yield True
            return
        try:
            yield _lock(descriptor, exclusive=True)
        finally:
            os.close(descriptor)


if sys.platform == "win32":

    def _lock(descriptor: int, *, exclusive: bool) -> bool:
        """Byte 0 for whoever removes; each reader has one of the next bytes, since all locks exclude here."""
        import msvcrt  # noqa: PLC0415  # exists on Windows only

        spots = 64
        for spot in range(1, spots) if not exclusive else (0,):
            os.lseek(descriptor, spot, os.SEEK_SET)
            with contextlib.suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, spots if exclusive else 1)
                return True
        return False

else:

    def _lock(descriptor: int, *, exclusive: bool) -> bool:
        import fcntl  # noqa: PLC0415  # exists on POSIX only

        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
