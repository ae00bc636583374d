"""Limits a container or a service manager puts on this process (Linux control groups, versions 1 and 2).

A limit set anywhere between this process's own group and the root counts: the kernel enforces them all.
Formats: kernel.org, admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/memory.rst.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path, PurePosixPath

from steelyard.machine.kernel_files import read_integer, read_table, read_text

_NO_LIMIT_V1 = 2**62
"""Version 1 writes `PAGE_COUNTER_MAX` pages, a little under 2^63 bytes, where there is no limit."""


@dataclass(frozen=True)
class MemoryLimit:
    """The tightest memory limit. `origin` names it for people: `cgroup v2, /docker/1f…`.

    Attributes:
        available_bytes: what may still be taken, page cache that the kernel would give up counted as free.
        swap_bytes: the swap allowance, or None: not limited here.
    """

    limit_bytes: int
    available_bytes: int
    swap_bytes: int | None
    origin: str


@dataclass(frozen=True)
class _Group:
    """One group's folder. `name` is its path as the kernel says it."""

    folder: Path
    name: str
    version: int


def memory_limit(root: Path = Path("/")) -> MemoryLimit | None:
    """The tightest memory limit on this process, or None: there is none, or this is not Linux.

    Args:
        root: where `proc` and `sys` lie.
    """
    limits = [
        limit for group in _groups(root, "memory") if (limit := _memory_limit_of(group)) is not None
    ]
    if not limits:
        return None
    tightest = min(limits, key=lambda limit: limit.limit_bytes)
    swaps = [limit.swap_bytes for limit in limits if limit.swap_bytes is not None]
    return MemoryLimit(
        tightest.limit_bytes,
        min(limit.available_bytes for limit in limits),
        min(swaps, default=None),
        tightest.origin,
    )


def processor_limit(root: Path = Path("/")) -> int | None:
    """How many processors' worth of time this process may use, rounded up, or None: no limit."""
    quotas = [
        quota for group in _groups(root, "cpu") if (quota := _processors_of(group)) is not None
    ]
    return ceil(min(quotas)) if quotas else None


def _memory_limit_of(group: _Group) -> MemoryLimit | None:
    if group.version == 2:
        limit = read_integer(group.folder / "memory.max")
        used = read_integer(group.folder / "memory.current")
        reclaimable = read_table(group.folder / "memory.stat").get("inactive_file", 0)
        swap = read_integer(group.folder / "memory.swap.max")
    else:
        limit = read_integer(group.folder / "memory.limit_in_bytes")
        used = read_integer(group.folder / "memory.usage_in_bytes")
        reclaimable = read_table(group.folder / "memory.stat").get("total_inactive_file", 0)
        swap = None
    if limit is None or limit >= _NO_LIMIT_V1:
        return None
    taken = max((used or 0) - reclaimable, 0)
    origin = f"cgroup v{group.version}, {group.name}"
    return MemoryLimit(limit, max(limit - taken, 0), swap, origin)


def _processors_of(group: _Group) -> float | None:
    if group.version == 2:
        quota, _, period = (read_text(group.folder / "cpu.max") or "").partition(" ")
    else:
        quota = read_text(group.folder / "cpu.cfs_quota_us") or ""
        period = read_text(group.folder / "cpu.cfs_period_us") or ""
    if not (quota.isdecimal() and period.isdecimal() and int(period) > 0):
        return None
    return int(quota) / int(period)


def _groups(root: Path, controller: str) -> Iterator[_Group]:
    """This process's group for a controller and every group around it, innermost first."""
    mounts = list(_mounts(root))
    for line in (read_text(root / "proc/self/cgroup") or "").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, name = rest.partition(":")
        unified = number == "0" and not controllers
        if not unified and controller not in controllers.split(","):
            continue
        for mount in mounts:
            if mount.unified == unified and (unified or controller in mount.controllers):
                yield from _upwards(mount, name, version=2 if unified else 1)


@dataclass(frozen=True)
class _Mount:
    folder: Path
    shows: str
    unified: bool
    controllers: tuple[str, ...]


def _mounts(root: Path) -> Iterator[_Mount]:
    """Mounted control group trees, from mountinfo (proc_pid_mountinfo(5))."""
    for line in (read_text(root / "proc/self/mountinfo") or "").splitlines():
        place, _, kind = line.partition(" - ")
        fields, source = place.split(" "), kind.split(" ")
        if len(fields) < 5 or len(source) < 3 or source[0] not in ("cgroup", "cgroup2"):
            continue
        yield _Mount(
            folder=root / fields[4].lstrip("/"),
            shows=fields[3],
            unified=source[0] == "cgroup2",
            controllers=tuple(source[2].split(",")),
        )


def _upwards(mount: _Mount, name: str, version: int) -> Iterator[_Group]:
    # Inside a container the mount often shows only the container's own subtree, at its top.
    shown, wanted = PurePosixPath(mount.shows), PurePosixPath(name)
    inner = wanted.relative_to(shown) if wanted.is_relative_to(shown) else PurePosixPath()
    if ".." in inner.parts or not (mount.folder / inner).is_dir():
        inner = PurePosixPath()
    for part in (inner, *inner.parents):
        yield _Group(mount.folder / part, str(shown / part), version)
        if part == PurePosixPath():
            return
