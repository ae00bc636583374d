"""Quarantine folders: private places for bytes that were not judged yet, or were judged and refused.

While a process works in one it holds that folder's lock. A folder that nobody holds, no record names and no
broken download left behind is rubbish from a process that died, and is removed when the store is opened.
"""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path

from filelock import FileLock, Timeout

from steelyard.base.errors import NotFound
from steelyard.store.blobs import discard_tree, make_folder
from steelyard.store.errors import QuarantineBusy
from steelyard.store.names import check_name, check_path

RESUMABLE = "expected.json"
"""A folder with this file is a download that can go on later; see `intake.expected`."""


class QuarantineFolder:
    """One folder under `<data>/quarantine`, locked while this object is open.

    `files` holds what arrives, by its path inside the model.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = path / "files"
        self._lock = FileLock(path / "lock", timeout=0, mode=0o660, thread_local=False)

    @classmethod
    def acquire(cls, root: Path, identifier: str | None = None) -> QuarantineFolder:
        """Make or reopen a folder and lock it. Call it under the data folder's lock.

        Args:
            root: `<data>/quarantine`.
            identifier: a fixed name, to find a broken download again; a new random one when None.

        Raises:
            QuarantineBusy: another process, or another thread, works in it.
        """
        folder = cls(root / check_name(identifier or uuid.uuid4().hex[:24]))
        make_folder(folder.files)
        if not folder.try_lock():
            raise QuarantineBusy(
                "Another Steelyard process is taking in the same model.",
                next_step="Wait for it to finish, then try again.",
                quarantine=folder.identifier,
            )
        return folder

    @property
    def identifier(self) -> str:
        """The folder's name."""
        return self.path.name

    def file(self, path: str) -> Path:
        """Where the file with this path inside the model lies; its folder is made.

        Raises:
            UnsafePath: the path could leave the folder.
        """
        target = self.files.joinpath(*check_path(path).split("/"))
        make_folder(target.parent)
        return target

    @property
    def is_resumable(self) -> bool:
        """True for a download that can go on later."""
        return (self.path / RESUMABLE).exists()

    def hand_over(self, other: QuarantineFolder) -> None:
        """Move all files to another folder and remove this one."""
        discard_tree(other.files)
        self.files.replace(other.files)
        self.discard()

    def try_lock(self) -> bool:
        """Take the lock if it is free."""
        try:
            self._lock.acquire()
        except (Timeout, PermissionError):  # held, or another account's in a store that several use
            return False
        return True

    def release(self) -> None:
        """Leave the folder where it is; others may open it."""
        self._lock.release()

    def discard(self) -> None:
        """Remove the folder with everything in it; what a failing disk keeps, the next sweep removes."""
        with contextlib.suppress(OSError):
            # The lock file goes last, and on Windows only once it is closed.
            for path in self.path.iterdir() if self.path.is_dir() else ():
                if path.name != "lock":
                    discard_tree(path)
        self._lock.release()
        discard_unrecorded(self.path)


def discard_unrecorded(path: Path) -> None:
    """Remove a folder that no record names any more; what a failing disk keeps, the next sweep removes."""
    with contextlib.suppress(OSError):
        discard_tree(path)


def find(root: Path, identifier: str) -> Path:
    """The path of an existing quarantine folder.

    Raises:
        NotFound: there is none by this name.
    """
    path = root / check_name(identifier)
    if not path.is_dir():
        raise NotFound(
            "There is no such folder in quarantine; it was removed, or its disk is away.",
            quarantine=identifier,
        )
    return path


def sweep(root: Path, recorded: frozenset[str]) -> tuple[str, ...]:
    """Remove folders that a dead process left; return their names. Call it under the data folder's lock.

    Folders in `recorded`, locked ones and broken downloads that can go on stay.
    """
    removed = []
    for path in candidates(root, recorded):
        folder = QuarantineFolder(path)
        with contextlib.suppress(FileNotFoundError):
            if folder.try_lock():
                folder.discard()
                removed.append(path.name)
    return tuple(removed)


def candidates(root: Path, recorded: frozenset[str]) -> tuple[Path, ...]:
    """Folders that are neither recorded nor a download that can go on: rubbish, or work in progress."""
    if not root.is_dir():
        return ()
    return tuple(
        path
        for path in sorted(root.iterdir())
        if path.name not in recorded
        and path.is_dir()
        and not path.is_symlink()
        and not (path / RESUMABLE).exists()
    )


def left_behind(root: Path, recorded: frozenset[str]) -> tuple[Path, ...]:
    """What `sweep` would remove now: folders nobody works in any more."""
    found = []
    for path in candidates(root, recorded):
        folder = QuarantineFolder(path)
        with contextlib.suppress(FileNotFoundError):
            if folder.try_lock():
                folder.release()
                found.append(path)
    return tuple(found)


def resumable(root: Path) -> tuple[Path, ...]:
    """Downloads that can go on."""
    return tuple(path.parent for path in sorted(root.glob(f"*/{RESUMABLE}")))


def is_at_work(root: Path) -> bool:
    """True while any process takes something in."""
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if (path / "lock").is_file() and not path.is_symlink():
            folder = QuarantineFolder(path)
            if not folder.try_lock():
                return True
            folder.release()
    return False
