"""Where a mirror lies: a folder, or an address. Both give small files whole and ranges of large ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from steelyard.catalog.errors import MirrorDamaged, SourceAway
from steelyard.connections.errors import HostUnreachable, Interrupted, RangeRefused
from steelyard.connections.repository import Body
from steelyard.connections.web import WebSession
from steelyard.store.contents import open_regular


class MirrorPlace(Protocol):
    """An opened place."""

    @property
    def endpoint(self) -> str:
        """Its address, as manifests will say."""

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """A small file; None where there is none.

        Raises:
            MalformedInput, RemoteFailure: it is too long, or cannot be read.
        """

    def stream(
        self, path: str, *, start: int = 0, end: int | None = None, if_range: str | None = None
    ) -> AbstractContextManager[Body | None]:
        """See `repository.RemoteRepository.stream`; None where there is no such file."""

    def hang_up(self) -> None:
        """Nothing can be asked after it."""


class FolderPlace:
    """A folder on this machine, a stick or a share."""

    def __init__(self, folder: Path) -> None:
        """Look whether it is there.

        Raises:
            SourceAway: it is not.
        """
        if not folder.is_dir():
            raise SourceAway(
                f"The folder {folder} is not there now. What was learned from it is kept.",
                next_step="Put the stick in, or connect the share, and try again.",
                source="",
                path=str(folder),
            )
        self.folder = folder
        self._called_off = False

    @property
    def endpoint(self) -> str:
        """See `MirrorPlace`."""
        return self.folder.absolute().as_uri()

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """See `MirrorPlace`."""
        try:
            descriptor = open_regular(self.folder / path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.folder, path, error) from error
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise MirrorDamaged(
                f"{path} of the mirror is longer than {most_bytes:,} bytes.",
                next_step="Tell whoever runs the mirror.",
                what=path,
            )
        return data

    @contextmanager
    def stream(
        self, path: str, *, start: int = 0, end: int | None = None, if_range: str | None = None
    ) -> Iterator[FileBody | None]:
        """See `MirrorPlace`."""
        if self._called_off:
            raise Interrupted(_gone(self.folder, "called off"))
        try:
            descriptor = open_regular(self.folder / path)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            raise Interrupted(_gone(self.folder, error.strerror or str(error))) from error
        try:
            yield FileBody(self, descriptor, path, start=start, end=end, if_range=if_range)
        finally:
            os.close(descriptor)

    def hang_up(self) -> None:
        """See `MirrorPlace`."""
        self._called_off = True

    @property
    def called_off(self) -> bool:
        """`hang_up` was called."""
        return self._called_off


class WebPlace:
    """An address that a web server gives out."""

    def __init__(self, session: WebSession) -> None:
        self._session = session

    @property
    def endpoint(self) -> str:
        """See `MirrorPlace`."""
        return self._session.base

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """See `MirrorPlace`."""
        return self._session.read(path, most_bytes)

    def stream(
        self, path: str, *, start: int = 0, end: int | None = None, if_range: str | None = None
    ) -> AbstractContextManager[Body | None]:
        """See `MirrorPlace`."""
        return self._session.stream(path, start=start, end=end, if_range=if_range)

    def hang_up(self) -> None:
        """See `MirrorPlace`."""
        self._session.hang_up()


class FileBody:
    """A part of a file, as `repository.Body`."""

    def __init__(
        self,
        place: FolderPlace,
        descriptor: int,
        path: str,
        *,
        start: int,
        end: int | None,
        if_range: str | None,
    ) -> None:
        status = os.fstat(descriptor)
        self._place = place
        self._descriptor = descriptor
        self._folder = place.folder
        self.size_bytes: int | None = status.st_size
        self.tag: str | None = f'"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"'
        if if_range not in (None, self.tag):
            start, end = 0, None
        if start >= status.st_size and start:
            raise RangeRefused(
                f"{path} of the mirror has no such part.",
                next_step="Try again; the file may have changed meanwhile.",
                path=path,
            )
        self.start = start
        self.end: int | None = status.st_size if end is None else min(end, status.st_size)
        self._at = start

    def read_into(self, buffer: memoryview) -> int:
        """See `repository.Body`."""
        assert self.end is not None
        if self._place.called_off:
            raise Interrupted(_gone(self._folder, "called off"))
        wanted = min(len(buffer), self.end - self._at)
        if wanted <= 0:
            return 0
        try:
            os.lseek(self._descriptor, self._at, os.SEEK_SET)
            data = os.read(self._descriptor, wanted)
        except OSError as error:
            raise Interrupted(_gone(self._folder, error.strerror or str(error))) from error
        if not data:
            raise Interrupted(_gone(self._folder, "the file is shorter than it was"))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def arrives_within(self, wait_s: float) -> bool:
        """See `repository.Body`; a disk does not tell."""
        return False


def _gone(folder: Path, reason: str) -> HostUnreachable:
    return HostUnreachable(
        f"{folder} could not be read ({reason}).",
        next_step="Put the stick in, or connect the share again; what arrived is kept.",
        host=str(folder),
        reason=reason[:200],
    )


def _unreadable(folder: Path, path: str, error: OSError) -> MirrorDamaged:
    return MirrorDamaged(
        f"{path} in {folder} cannot be read ({error.strerror or error}).",
        next_step="Check the folder's permissions, and that it is a mirror.",
        what=path,
    )
