"""Mounted disks that hold files of their own, and which of them the model store is on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import psutil

from steelyard.machine.report import Disk

_IMAGES = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs"})
"""Read-only images: installed snaps, discs. They are full by nature."""


class _Mount(NamedTuple):
    path: Path
    device: str
    filesystem: str


def read_disks(store_path: Path) -> tuple[tuple[Disk, ...], tuple[str, ...]]:
    """The disks, the store's first, and a sentence for each that did not answer.

    Args:
        store_path: where models are kept; it need not exist yet.
    """
    mounts = [
        _Mount(Path(part.mountpoint), part.device, part.fstype)
        for part in psutil.disk_partitions(all=True)
    ]
    home = _mount_of(_existing(store_path), mounts)
    real = {
        (part.device, part.mountpoint)
        for part in psutil.disk_partitions(all=False)
        if part.fstype not in _IMAGES
    }
    shown = [home] if home else []
    devices = {home.device} if home else set()
    for mount in sorted(mounts, key=lambda mount: len(mount.path.parts)):
        # A device mounted twice (bind mounts, subvolumes) has one amount of free space: shown once.
        if (mount.device, str(mount.path)) in real and mount.device not in devices:
            devices.add(mount.device)
            shown.append(mount)
    return _measured(shown, home)


def _existing(path: Path) -> Path:
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.resolve()


def _mount_of(path: Path, mounts: Iterable[_Mount]) -> _Mount | None:
    """The last mount on the deepest mount point above a path: what `df` would name."""
    above = [mount for mount in mounts if path.is_relative_to(mount.path)]
    deepest = max((len(mount.path.parts) for mount in above), default=0)
    at_that_depth = [mount for mount in above if len(mount.path.parts) == deepest]
    return at_that_depth[-1] if at_that_depth else None


def _measured(
    mounts: Iterable[_Mount], home: _Mount | None
) -> tuple[tuple[Disk, ...], tuple[str, ...]]:
    disks, problems = [], []
    for mount in mounts:
        if not mount.path.is_dir():  # containers mount single files, such as /etc/hosts
            continue
        try:
            usage = psutil.disk_usage(os.fspath(mount.path))
        except OSError as error:
            problems.append(f"The disk at {mount.path} does not answer: {error.strerror}.")
            continue
        if usage.total:
            disks.append(
                Disk(str(mount.path), mount.filesystem, usage.total, usage.free, mount is home)
            )
    return tuple(disks), tuple(problems)
