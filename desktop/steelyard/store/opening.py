"""Finding a store and opening it for what this account may do there: new, as it was, read-only, or away.

A store is known by its marker, a small file with an identifier of its own. Where a store was and no marker is,
its disk or share is away: what was last known of it is shown, and nothing is made in its place. Only the
user's own data folder gets a store unasked; any other place gets one from `create`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.canonical import strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import FolderNotUsable, MalformedInput
from steelyard.base.lock import data_lock
from steelyard.base.paths import Home
from steelyard.store.copies import Copies
from steelyard.store.errors import NotAStore, StoreAway, StoreReadOnly
from steelyard.store.index import RESTORE, Index

MARKER = "store.json"
FORMAT = 1
PRIVATE_FOLDER = 0o700
GROUP_FOLDER = 0o2775
"""Writers share a group, which new folders and files inherit (setgid); everyone else reads."""
GROUP_QUARANTINE = 0o2770
"""Bytes that were not judged are for writers only."""


@dataclass(frozen=True)
class Marker:
    """What says that a folder is a store.

    Attributes:
        identifier: its own, made once.
        shared: several users work with it: one group writes, everyone reads.
    """

    identifier: str
    shared: bool

    @classmethod
    def read(cls, folder: Path) -> Marker | None:
        """The marker of a folder; None where there is none.

        Raises:
            MalformedInput: it is damaged, or of a newer version.
            OSError: it cannot be read.
        """
        try:
            with (folder / MARKER).open("rb") as stream:
                data = stream.read(64 * 1024)
        except (FileNotFoundError, NotADirectoryError):
            return None
        value = strict_loads(data, what=f"The marker {folder / MARKER}")
        if isinstance(value, dict) and value.get("format") == FORMAT:
            identifier, shared = value.get("id"), value.get("shared")
            if isinstance(identifier, str) and isinstance(shared, bool):
                return cls(identifier, shared)
        raise MalformedInput(
            f"{folder / MARKER} is not the marker of a store, or a newer Steelyard made it.",
            next_step="Use the newer version, or restore the file from a copy.",
            path=str(folder / MARKER),
        )

    def write(self, folder: Path) -> None:
        """Make `folder` this store.

        Raises:
            OSError: the disk.
        """
        value = {"format": FORMAT, "id": self.identifier, "shared": self.shared}
        write_bytes(folder / MARKER, f"{json.dumps(value)}\n".encode(), mode=0o644)


@dataclass(frozen=True)
class Opened:
    """A store as it was found.

    Attributes:
        marker: None while it is away.
        away: its disk or share is not there; `index` is what was last known.
        known: anything is known of it. False only for one that is away and was never seen.
        writable: this account may change it.
    """

    index: Index
    marker: Marker | None
    away: bool
    known: bool
    writable: bool

    @property
    def shared(self) -> bool:
        """Several users work with it."""
        return self.marker is not None and self.marker.shared


def open_store(home: Home) -> Opened:
    """Open the store of a prepared home.

    Raises:
        MalformedInput: the marker or the index is damaged, or a newer Steelyard made it.
        FolderNotUsable: the place cannot be read.
    """
    seen = Seen(home)
    marker = Marker.read(home.store)
    if marker is None and home.location is None and _may_begin(home, seen):
        marker = _begin(home)
    if marker is None:
        known = seen.index.is_file()
        index = Index.read(seen.index) if known else Index.in_memory()
        return Opened(index, None, away=True, known=known, writable=False)
    path = home.store / "index.sqlite"
    writable = _may_write(home.store, path)
    index = _open_index(home, path, marker, writable=writable)
    return Opened(index, marker, away=False, known=True, writable=writable)


def is_there(home: Home, opened: Opened) -> bool:
    """Whether the store is still, or again, as it was opened: there or away. A look at one small file."""
    try:
        marker = Marker.read(home.store)
    except (MalformedInput, OSError):
        marker = None
    if opened.marker is None:
        return marker is None
    return marker == opened.marker


def create(location: Path, group: str | None) -> Marker:
    """Make a store in an empty or missing folder, for one user or for a group of writers.

    Args:
        group: whose members may change it; everyone may read. None: for this account alone.

    Raises:
        NotAStore: something else is there, there is no such group, or groups do not exist here.
        FolderNotUsable: it cannot be made.
    """
    if (there := Marker.read(location)) is not None:
        raise NotAStore(
            f"{location} is a store already ({there.identifier}).",
            next_step="Name it in the setting store.location to use it.",
            path=str(location),
        )
    number = None if group is None else _group_number(group, location)
    try:
        location.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if any(location.iterdir()):
            raise NotAStore(
                f"{location} is not empty. Nothing was changed.",
                next_step="Name a folder that is empty or does not exist.",
                path=str(location),
            )
        for folder, mode in (
            (location, GROUP_FOLDER),
            (location / "quarantine", GROUP_QUARANTINE),
            (location / "blobs" / "sha256", GROUP_FOLDER),
            (location / "models", GROUP_FOLDER),
        ):
            _make(folder, number, mode if number is not None else PRIVATE_FOLDER)
        marker = Marker(uuid.uuid4().hex, shared=number is not None)
        if number is not None:
            lock = location / "lock"
            lock.touch()
            os.chown(lock, -1, number)
            lock.chmod(0o664)
        Index.open(location / "index.sqlite", for_group=marker.shared).close()
        if number is not None:
            os.chown(location / "index.sqlite", -1, number)
        marker.write(location)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderNotUsable(
            f"The store {location} could not be made ({reason}).",
            next_step="Check that you may write there, and that you are a member of the group.",
            path=str(location),
            reason=reason,
        ) from error
    return marker


def _make(folder: Path, group: int | None, mode: int) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if group is not None:
        os.chown(folder, -1, group)
        if folder.name == "sha256":
            _make(folder.parent, group, mode)
        folder.chmod(mode)
        return
    with contextlib.suppress(PermissionError):  # a disk without modes; for a group it would not do
        folder.chmod(mode)


def _group_number(group: str, location: Path) -> int:
    try:
        import grp  # noqa: PLC0415  # exists on POSIX only

        return grp.getgrnam(group).gr_gid
    except (ImportError, KeyError) as error:
        raise NotAStore(
            f"There is no group {group!r} on this machine. Nothing was made.",
            next_step="Name an existing group.",
            path=str(location),
        ) from error


def away(home: Home) -> StoreAway:
    """The error for a store whose disk or share is not there."""
    return StoreAway(
        f"The store at {home.store} is away: it was not found there. No model was changed or lost.",
        next_step="Connect the disk or share it is on, then try again.",
        path=str(home.store),
    )


def read_only(home: Home) -> StoreReadOnly:
    """The error for a change of a store that this account may only read."""
    group = group_of(home.store)
    return StoreReadOnly(
        f"You may read the store at {home.store} and not change it. Nothing was changed.",
        next_step=f"Ask a member of its group {group}." if group else "Use a store of your own.",
        path=str(home.store),
        group=group,
    )


def group_of(folder: Path) -> str | None:
    """The group whose members may write in a folder, by name; None where there is none."""
    try:
        status = folder.stat()
        return folder.group() if status.st_mode & 0o020 else None
    except (OSError, KeyError, NotImplementedError):
        return None


def _may_begin(home: Home, seen: Seen) -> bool:
    # In this order: another process may make the folder between the two looks.
    if os.path.lexists(home.store) and not home.store.is_dir():
        return False  # a link to a disk that is not there
    # A store of a version without markers, or one whose marker was lost, has these.
    remains = (home.store / "index.sqlite", home.store / "blobs")
    return not seen.was_seen or any(path.exists() for path in remains)


def _begin(home: Home) -> Marker:
    try:
        home.store.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        # Several processes may be the first at once: all must come to know it by the same marker.
        with data_lock(home.data):
            marker = Marker.read(home.store)
            if marker is None:
                marker = Marker(uuid.uuid4().hex, shared=False)
                marker.write(home.store)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderNotUsable(
            f"The folder {home.store} cannot be used ({reason}). Nothing was done.",
            next_step="Set STEELYARD_HOME to a folder you may write to.",
            path=str(home.store),
            reason=reason,
        ) from error
    return marker


def _may_write(folder: Path, index: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and (
        not index.exists() or os.access(index, os.W_OK)
    )


def _open_index(home: Home, path: Path, marker: Marker, *, writable: bool) -> Index:
    copies = Copies(home.store / "manifests")
    try:
        if writable:
            return Index.open(path, copies=copies, for_group=marker.shared)
        return Index.read(path) if path.exists() else Index.in_memory()
    except MalformedInput as error:
        if copies.digests():
            raise MalformedInput(error.message, next_step=RESTORE, **error.facts) from error
        raise


class Seen:
    """What this user last saw of a store that can go away: kept in the data folder, by the store's place."""

    def __init__(self, home: Home) -> None:
        place = hashlib.sha256(os.fsencode(home.store.absolute())).hexdigest()[:16]
        self._folder = home.data / "seen"
        self._home = home
        self.index = self._folder / f"{place}.sqlite"

    @property
    def was_seen(self) -> bool:
        """A store was at this place before."""
        return self.index.is_file()

    def remember(self, index: Index) -> None:
        """Keep a copy of what the index says, where the store lies on another disk than the data folder.

        A copy that cannot be made is no failure of what was asked: the next one will.
        """
        if not self._can_go_away():
            return
        temporary = self.index.with_name(f".{self.index.name}.{uuid.uuid4().hex}.tmp")
        try:
            self._folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            index.save(temporary)
            temporary.replace(self.index)
        except (OSError, sqlite3.Error):
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _can_go_away(self) -> bool:
        if self._home.location is not None:
            return True
        try:
            return self._home.store.stat().st_dev != self._home.data.stat().st_dev
        except OSError:
            return False
