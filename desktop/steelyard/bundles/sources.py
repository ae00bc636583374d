"""Reading a bundle's files, from a folder or a container, before anything about it is known to be true.

Opening one checks its form only: regular files with names that bundles have, each once, within limits, nothing
between, before or after them. No file's content is looked at here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from steelyard.bundles import layout, parts, tar
from steelyard.bundles.errors import (
    BundleCutOff,
    BundleNotFound,
    BundlePartMissing,
    MalformedBundle,
    NotRegular,
)
from steelyard.bundles.parts import Parts, unreadable
from steelyard.store.contents import open_regular

DEEPEST = 16
_REPARSE_POINT = 0x400  # Windows: junctions and other links to elsewhere


class Source(Protocol):
    """An opened bundle. Close it. One thread at a time reads from it."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Size in bytes of every file, by path."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the container's files; empty for a folder."""

    def read_into(self, path: str, offset: int, buffer: memoryview) -> int:
        """Fill a buffer with a file's bytes from an offset; fewer only at its end.

        Raises:
            OSError: it cannot be read there.
        """

    def close(self) -> None:
        """Let go of its files."""


def open_source(path: Path) -> Source:
    """Open a folder, a `.steelyard` file or a set of its parts.

    Raises:
        BundleNotFound, NotABundle: there is no bundle at the path.
        BundlePartMissing, BundleCutOff: it is not whole.
        MalformedBundle, UnsafeBundlePath, BundleTooLarge, NotRegular: it does not have the form of one.
        BundleUnreadable: it cannot be read.
    """
    if path.is_dir():
        return FolderSource(path)
    return ContainerSource(path)


def read_whole(source: Source, path: str) -> bytes:
    """A small file's bytes; its size was checked against its limit when the bundle was opened.

    Raises:
        BundleUnreadable: it cannot be read to its end.
    """
    size = source.sizes[path]
    data = bytearray(size)
    try:
        count = source.read_into(path, 0, memoryview(data))
    except OSError as error:
        raise unreadable(source.path, error) from error
    if count != size:
        raise unreadable(source.path, OSError(f"{path} ends early"))
    return bytes(data)


class FolderSource:
    """A bundle as a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: tuple[str, ...] = ()
        self.sizes: dict[str, int] = {}
        self._opened: tuple[str, BinaryIO] | None = None
        try:
            self._walk(path, "", 0)
        except FileNotFoundError as error:
            raise BundleNotFound(
                f"There is nothing at {path}.", next_step="Check the path.", path=str(path)
            ) from error
        except OSError as error:
            raise unreadable(path, error) from error
        layout.check_together(self.sizes)

    def read_into(self, path: str, offset: int, buffer: memoryview) -> int:
        """See `Source`."""
        stream = self._stream(path)
        stream.seek(offset)
        done = 0
        while done < len(buffer):
            count = stream.readinto(buffer[done:])  # type: ignore[attr-defined]  # a raw file has it
            if not count:
                break
            done += count
        return done

    def close(self) -> None:
        """See `Source`."""
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _stream(self, path: str) -> BinaryIO:
        if self._opened is None or self._opened[0] != path:
            self.close()
            location = self.path.joinpath(*path.split("/"))
            stream = os.fdopen(open_regular(location), "rb", buffering=0)
            self._opened = (path, stream)
        assert self._opened is not None
        return self._opened[1]

    def _walk(self, folder: Path, prefix: str, depth: int) -> None:
        empty = True
        with os.scandir(folder) as listing:
            for entry in listing:
                empty = False
                path = f"{prefix}{entry.name}"
                status = entry.stat(follow_symlinks=False)
                if getattr(status, "st_file_attributes", 0) & _REPARSE_POINT:
                    raise _not_regular(path)
                if stat.S_ISDIR(status.st_mode):
                    if depth == DEEPEST:
                        raise _not_regular(path)
                    self._walk(Path(entry.path), f"{path}/", depth + 1)
                    continue
                if not stat.S_ISREG(status.st_mode):
                    raise _not_regular(path)
                if len(self.sizes) >= layout.MOST_FILES + layout.MOST_SIGNATURES:
                    raise layout.too_many("files", layout.MOST_FILES)
                layout.check_member(path, status.st_size)
                self.sizes[path] = status.st_size
        if empty and prefix:
            raise MalformedBundle(
                f"The folder {ascii(prefix)[:200]} in the bundle is empty; bundles have none.",
                next_step="Remove it, or copy the bundle again.",
                path=prefix.encode("utf-8", "backslashreplace").decode()[:300],
            )


class ContainerSource:
    """A bundle as one file or a set of parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts = Parts(parts.find(path))
        self.parts = tuple(part.name for part in self._parts.paths)
        self.sizes: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        try:
            self._index()
            layout.check_together(self.sizes)
        except OSError as error:
            self.close()
            raise unreadable(path, error) from error
        except BaseException:
            self.close()
            raise

    def read_into(self, path: str, offset: int, buffer: memoryview) -> int:
        """See `Source`."""
        left = max(0, self.sizes[path] - offset)
        return self._parts.read_into(self._starts[path] + offset, buffer[:left])

    def close(self) -> None:
        """See `Source`."""
        self._parts.close()

    def _index(self) -> None:
        """Go from header to header. Data is stepped over; what fills up its last unit must be zeros."""
        total, offset = self._parts.size_bytes, 0
        buffer = memoryview(bytearray(tar.MOST_HEADER_BYTES))
        while True:
            count = self._parts.read_into(offset, buffer)
            if count < tar.UNIT_BYTES:
                raise self._cut_off()
            if bytes(buffer[: tar.UNIT_BYTES]) == tar.END[: tar.UNIT_BYTES]:
                self._check_end(offset, total)
                return
            try:
                found = tar.read_header(bytes(buffer[:count]))
            except EOFError:
                raise self._cut_off() from None
            if len(self.sizes) >= layout.MOST_FILES + layout.MOST_SIGNATURES:
                raise layout.too_many("files", layout.MOST_FILES)
            layout.check_member(found.path, found.size_bytes)
            if found.path in self.sizes:
                raise MalformedBundle(
                    f"{found.path} is in the container twice. Nothing of it was believed.",
                    next_step="Ask the sender for a new copy.",
                    path=found.path,
                )
            start = offset + found.length_bytes
            offset = start + tar.padded(found.size_bytes)
            if offset > total:
                raise self._cut_off()
            self._check_padding(start + found.size_bytes, offset)
            self.sizes[found.path], self._starts[found.path] = found.size_bytes, start

    def _check_padding(self, start: int, end: int) -> None:
        filled = memoryview(bytearray(end - start))
        if self._parts.read_into(start, filled) != end - start or any(filled):
            raise _filled()

    def _check_end(self, offset: int, total: int) -> None:
        rest = total - offset
        if rest < len(tar.END):
            raise self._cut_off()
        tail = memoryview(bytearray(len(tar.END)))
        if rest > len(tar.END) or self._parts.read_into(offset, tail) != rest or any(tail):
            raise _filled()

    def _cut_off(self) -> BundleCutOff | BundlePartMissing:
        if self._parts.may_go_on:
            return parts.part_missing([self._parts.next_name()], self.parts)
        last = self._parts.paths[-1].name
        after = self._parts.next_name()
        or_missing = f", or {after} is missing" if after else ""
        return BundleCutOff(
            f"{last} ends in the middle: a copy of it was broken off{or_missing}. Nothing was copied.",
            next_step="Copy the bundle again from where it was made, all parts of it.",
            path=last,
        )


def _not_regular(path: str) -> NotRegular:
    return NotRegular(
        f"{ascii(path)[:200]} in the bundle is not a regular file. Nothing of it was believed.",
        next_step="Copy the bundle again, without links.",
        path=path.encode("utf-8", "backslashreplace").decode()[:300],
    )


def _filled() -> MalformedBundle:
    return MalformedBundle(
        "There are bytes in the container that belong to no file. Nothing of it was believed.",
        next_step="Copy it again; if that does not help, ask the sender for a new one.",
        path="",
    )
