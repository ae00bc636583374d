"""Writing a bundle: as a folder, one container, or a container cut into parts.

Everything is written under a name that ends in `.partial` and gets its own name at the very end, after it was
made durable; what a process that died left under such a name is replaced by the next attempt.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from steelyard.base.durable import sync_folder
from steelyard.bundles import tar
from steelyard.bundles.errors import BundleExists, FileTooLargeForDisk, NotBundled
from steelyard.bundles.parts import ENDING, FAT32_BYTES, JOIN_NOTE, MOST_PARTS, present_set
from steelyard.store.blobs import discard_file, discard_tree
from steelyard.store.errors import DiskFailed, DiskFull

PARTIAL = ".partial"
SPARE_BYTES = 16 * 1024 * 1024
SMALLEST_PART_BYTES = 1024 * 1024
_FAT = frozenset({"vfat", "msdos", "fat", "fat32"})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Sink(Protocol):
    """Takes a bundle's files one after the other."""

    def begin(self, path: str, size_bytes: int) -> None:
        """Start the next file."""

    def write(self, piece: memoryview | bytes) -> None:
        """Add bytes to it."""

    def end(self) -> None:
        """It is complete."""

    def commit(self) -> tuple[str, ...]:
        """Give everything its name; the container's parts, or nothing for a folder."""

    def discard(self) -> None:
        """Remove everything that was written."""


def open_sink(out: Path, split_bytes: int, total_bytes: int, largest_bytes: int) -> Sink:
    """A folder, or a container where the name ends in `.steelyard`.

    Args:
        split_bytes: largest part; 0: not split.
        total_bytes: about what will be written, to check the room for it.
        largest_bytes: the largest single file in it.

    Raises:
        BundleExists: something is there already.
        NotBundled: the folder above is missing, or it cannot be split like this.
        DiskFull, FileTooLargeForDisk: it would not fit.
    """
    container = out.name.lower().endswith(ENDING)
    _check_free(out, container)
    if not out.parent.is_dir():
        raise NotBundled(
            f"There is no folder {out.parent}.", next_step="Make it first.", path=str(out.parent)
        )
    if split_bytes and not container:
        raise NotBundled(
            "A folder cannot be cut into parts.",
            next_step=f"Give --out a name that ends in {ENDING}, or leave out --split.",
            path=str(out),
        )
    if split_bytes and not split_bytes >= SMALLEST_PART_BYTES:
        raise NotBundled(
            f"Parts have at least {SMALLEST_PART_BYTES:,} bytes.", next_step="Use --split 4G."
        )
    if split_bytes and total_bytes > split_bytes * MOST_PARTS:
        raise NotBundled(
            f"That would make more than {MOST_PARTS} parts.", next_step="Choose larger parts."
        )
    _check_room(out.parent, total_bytes)
    largest = min(split_bytes or total_bytes, total_bytes) if container else largest_bytes
    if largest > FAT32_BYTES and _file_system(out.parent) in _FAT:
        raise _too_large(out)
    return ContainerSink(out, split_bytes) if container else FolderSink(out)


def _check_free(out: Path, container: bool) -> None:
    taken = os.path.lexists(out) or (container and bool(present_set(out)))
    if taken and not (not container and out.is_dir() and not any(out.iterdir())):
        raise BundleExists(
            f"There is something at {out} already. It was left as it is.",
            next_step="Choose another name.",
            path=str(out),
        )


def _check_room(folder: Path, total_bytes: int) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < total_bytes + SPARE_BYTES:
        raise _full(folder, total_bytes + SPARE_BYTES, free_bytes)


def _full(folder: Path, needed_bytes: int, free_bytes: int) -> DiskFull:
    needed = f"; {needed_bytes:,} are needed" if needed_bytes else ""
    return DiskFull(
        f"The disk that holds {folder} has {free_bytes:,} bytes free{needed}. No bundle was made.",
        next_step="Make room, or use another stick or disk.",
        needed_bytes=needed_bytes,
        free_bytes=free_bytes,
        path=str(folder),
    )


def _file_system(folder: Path) -> str:
    import psutil  # noqa: PLC0415  # only when a bundle is made

    resolved = folder.resolve()
    mounts = {Path(each.mountpoint): each.fstype for each in psutil.disk_partitions(all=True)}
    for parent in (resolved, *resolved.parents):
        if parent in mounts:
            return mounts[parent].lower()
    return ""


def _too_large(path: Path) -> FileTooLargeForDisk:
    return FileTooLargeForDisk(
        f"The disk that holds {path.parent} cannot hold a file of more than 4 GiB (FAT32). No bundle was made.",
        next_step=f"Use --split 4G with a name that ends in {ENDING}, or format the stick as exFAT.",
        path=str(path),
    )


@contextmanager
def writing_errors(path: Path) -> Iterator[None]:
    """What the target's disk says, in words.

    Raises:
        DiskFull, FileTooLargeForDisk, DiskFailed.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            try:
                free_bytes = shutil.disk_usage(path.parent).free
            except OSError:
                free_bytes = 0
            raise _full(path.parent, 0, free_bytes) from error
        if error.errno == errno.EFBIG:
            raise _too_large(path) from error
        reason = error.strerror or str(error)
        raise DiskFailed(
            f"{path} could not be written ({reason}). No bundle was made.",
            next_step="Check that the stick or disk is still connected and may be written to.",
            path=str(path),
            reason=reason,
        ) from error


class FolderSink:
    """A bundle as a folder."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._partial = out.with_name(out.name + PARTIAL)
        self._stream: BinaryIO | None = None
        self._folders: set[Path] = {self._partial}
        with writing_errors(out):
            discard_tree(self._partial)
            self._partial.mkdir()

    def begin(self, path: str, size_bytes: int) -> None:
        """See `Sink`."""
        location = self._partial.joinpath(*path.split("/"))
        with writing_errors(self._out):
            location.parent.mkdir(parents=True, exist_ok=True)
            self._folders.update(p for p in location.parents if self._partial in p.parents)
            self._stream = location.open("xb")

    def write(self, piece: memoryview | bytes) -> None:
        """See `Sink`."""
        assert self._stream is not None
        with writing_errors(self._out):
            self._stream.write(piece)

    def end(self) -> None:
        """See `Sink`."""
        assert self._stream is not None
        with writing_errors(self._out):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        self._stream = None

    def commit(self) -> tuple[str, ...]:
        """See `Sink`."""
        with writing_errors(self._out):
            for folder in sorted(self._folders, reverse=True):
                sync_folder(folder)
            if self._out.is_dir():
                self._out.rmdir()  # an empty one was given
            self._partial.rename(self._out)
            self._partial = self._out  # what `discard` removes, should the last step fail
            sync_folder(self._out.parent)
        return ()

    def discard(self) -> None:
        """See `Sink`."""
        _close_quietly(self._stream)
        with _while_possible():
            discard_tree(self._partial)


class ContainerSink:
    """A bundle as one file, or as parts of at most `split_bytes`."""

    def __init__(self, out: Path, split_bytes: int) -> None:
        self._out = out
        self._split_bytes = split_bytes
        self._names: list[Path] = []
        self._written: list[Path] = []
        self._stream: BinaryIO | None = None
        self._in_part = 0
        self._padding = 0
        with writing_errors(out):
            for left in out.parent.glob(f"{_literal(out.name)}*{PARTIAL}"):
                discard_file(left)

    def begin(self, path: str, size_bytes: int) -> None:
        """See `Sink`."""
        self._padding = tar.padded(size_bytes) - size_bytes
        self.write(tar.header(path, size_bytes))

    def write(self, piece: memoryview | bytes) -> None:
        """See `Sink`."""
        view = memoryview(piece)
        while view:
            if self._stream is None or (self._split_bytes and self._in_part == self._split_bytes):
                self._next_part()
            room = self._split_bytes - self._in_part if self._split_bytes else len(view)
            with writing_errors(self._out):
                assert self._stream is not None
                self._stream.write(view[:room])
            self._in_part += len(view[:room])
            view = view[room:]

    def end(self) -> None:
        """See `Sink`."""
        self.write(bytes(self._padding))

    def commit(self) -> tuple[str, ...]:
        """See `Sink`."""
        self.write(tar.END)
        self._close_part()
        with writing_errors(self._out):
            if self._split_bytes:
                note = self._out.with_name(self._out.name + JOIN_NOTE)
                self._written.append(note)
                note.write_text(self._words(), "utf-8")
            # The first part last: without it nobody takes the others for a bundle.
            for name in reversed(self._names):
                self._written.append(name)
                name.with_name(name.name + PARTIAL).rename(name)
            sync_folder(self._out.parent)
        return tuple(name.name for name in self._names)

    def discard(self) -> None:
        """See `Sink`."""
        _close_quietly(self._stream)
        for written in self._written:
            with _while_possible():
                discard_file(written)

    def _next_part(self) -> None:
        self._close_part()
        number = len(self._names) + 1
        if self._split_bytes and number > MOST_PARTS:
            raise NotBundled(
                f"That would make more than {MOST_PARTS} parts.", next_step="Choose larger parts."
            )
        name = f"{self._out.name}.{number:03d}" if self._split_bytes else self._out.name
        self._names.append(self._out.with_name(name))
        with writing_errors(self._out):
            self._written.append(self._out.with_name(name + PARTIAL))
            self._stream = self._written[-1].open("xb")
        self._in_part = 0

    def _close_part(self) -> None:
        if self._stream is None:
            return
        with writing_errors(self._out):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        self._stream = None

    def _words(self) -> str:
        names = [name.name for name in self._names]
        whole = self._out.name
        return (
            f"This bundle is in {len(names)} parts:\n\n  "
            + "\n  ".join(names)
            + "\n\nSteelyard reads them as they are: copy all of them into one folder and give it the first.\n"
            "\nTo open it without Steelyard, join them in order and unpack the tar file:\n\n"
            f"  Linux, macOS   cat {whole}.??? > {whole}\n"
            f"  Windows        copy /b {whole}.??? {whole}\n\n"
            f"  mkdir unpacked && tar -xf {whole} -C unpacked\n"
        )


def _literal(name: str) -> str:
    """A name in which no character is a wildcard."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _close_quietly(stream: BinaryIO | None) -> None:
    if stream is not None:
        with _while_possible():
            stream.close()


@contextmanager
def _while_possible() -> Iterator[None]:
    """What a failing or removed disk does not let us clean up stays under its `.partial` name."""
    try:
        yield
    except OSError:
        return
