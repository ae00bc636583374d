"""Blobs: read-only files whose name is the SHA-256 of their content, and links to them.

A second name for a blob is a hard link where the file system has them, else a reflink (shared blocks), else
a copy. Whatever was renamed, linked or copied here is durable when the call returns.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import uuid
from pathlib import Path

from steelyard.base.digests import CHUNK_BYTES
from steelyard.base.durable import sync_folder
from steelyard.store.disk import disk_errors

READ_ONLY = 0o444
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK, errno.EINVAL}
)

_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.(link|copy)")


class Blobs:
    """The folder `<store>/blobs/sha256`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the blob lies, or would lie. `sha256` is `sha256:<hex>`."""
        hexadecimal = sha256.removeprefix("sha256:")
        return self.root / hexadecimal[:2] / hexadecimal

    def land(self, staged: Path, sha256: str) -> Path:
        """Make a hashed, fsynced file the blob; it replaces what stood there. `staged` is gone after it.

        Raises:
            DiskFull: it had to be copied from another file system and there is no room.
            OSError: it cannot be moved.
        """
        target = self.path(sha256)
        if not target.parent.is_dir():
            make_folder(target.parent)
            sync_folder(self.root)
        if not _made_read_only(staged):
            duplicate(staged, target)
            discard_file(staged)
        else:
            try:
                _take_place(staged, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                duplicate(staged, target)
                discard_file(staged)
        sync_folder(target.parent)
        return target

    def discard(self, sha256: str) -> None:
        """Remove a blob; one that is not there is no error."""
        discard_file(self.path(sha256))


def link(source: Path, target: Path) -> None:
    """Give a blob the second name `target`, replacing what stands there. The folder exists.

    The name it has on the way lies beside the blob: in a model's folder it would count as a strange file,
    for a process that verifies at that moment, and for all after one that was killed.

    Raises:
        DiskFull, DiskFailed: a copy was needed and could not be made.
        OSError: it cannot be made.
    """
    temporary = source.with_name(f".{uuid.uuid4().hex}.link")
    try:
        os.link(source, temporary)
        _take_place(temporary, target)
    except OSError as error:
        discard_file(temporary)
        if error.errno not in _NO_LINKS:
            raise
        duplicate(source, target)
        return
    # Renaming one hard link onto another of the same file does nothing and leaves both (POSIX rename).
    temporary.unlink(missing_ok=True)


def duplicate(source: Path, target: Path) -> None:
    """A file of its own with the same bytes: shared blocks where the file system can, else a copy.

    Raises:
        DiskFull, DiskFailed: there is no room, or the disk fails.
    """
    temporary = target.with_name(f".{uuid.uuid4().hex}.copy")
    try:
        with disk_errors(target.parent, source.stat().st_size):
            with source.open("rb") as reading, temporary.open("xb") as writing:
                if not _reflink(reading.fileno(), writing.fileno()):
                    shutil.copyfileobj(reading, writing, CHUNK_BYTES)
                writing.flush()
                os.fsync(writing.fileno())
            with contextlib.suppress(PermissionError):  # a disk without modes
                temporary.chmod(READ_ONLY)
            _take_place(temporary, target)
    except BaseException:
        discard_file(temporary)
        raise


def _made_read_only(staged: Path) -> bool:
    """Take write permission from a staged file, where its disk has modes; False: it is another account's.

    A file that has other names outside of the store (it was adopted by hard link) keeps its mode: that
    belongs to whoever made it. A change by them shows in the file's signature.
    """
    status = staged.stat()
    if status.st_nlink > 1:
        return True
    try:
        staged.chmod(READ_ONLY)
    except PermissionError:
        # Of a file of our own only a disk without modes (FAT) refuses that.
        return status.st_uid == getattr(os, "geteuid", lambda: status.st_uid)()
    return True


def _take_place(source: Path, target: Path) -> None:
    if os.name == "nt":
        discard_file(target)  # Windows does not replace a read-only file
    source.replace(target)


def _reflink(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415  # exists on POSIX only

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False  # not on this file system: the caller copies
    return True


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for whoever the nearest existing one is for.

    So one's own store stays private and a shared one stays its group's, whatever the process's umask.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    if not missing:
        return
    mode = stat.S_IMODE(missing[-1].parent.stat().st_mode)
    for each in reversed(missing):
        each.mkdir(mode=mode & 0o777, exist_ok=True)
        if stat.S_IMODE(each.stat().st_mode) != mode:
            with contextlib.suppress(PermissionError):  # a disk without modes
                each.chmod(mode)


def discard_temporaries(folder: Path) -> None:
    """Remove the names that `link` and `duplicate` of a process that died left in a folder. Hold the lock."""
    for path in folder.glob(".*") if folder.is_dir() else ():
        if _TEMPORARY.fullmatch(path.name):
            discard_file(path)


def discard_file(path: Path) -> None:
    """Remove a file even where its read-only attribute forbids that (Windows); missing is no error."""
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        path.chmod(0o600)
        path.unlink(missing_ok=True)


def discard_tree(folder: Path) -> None:
    """Remove a folder with everything in it, without following links; missing is no error."""
    if folder.is_symlink() or not folder.is_dir():
        discard_file(folder)
        return
    for path in folder.iterdir():
        discard_tree(path)
    with contextlib.suppress(FileNotFoundError):
        folder.rmdir()
