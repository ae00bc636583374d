"""Writes procfs and sysfs trees as recorded from machines, for probes that take a root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make `root/name` for each file; returns `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def cpuinfo(
    count: int, flags: str, *, threads_per_core: int = 1, model: str = "A Processor"
) -> str:
    """/proc/cpuinfo of an x86 machine with one package."""
    return "\n".join(
        f"processor\t: {number}\nmodel name\t: {model}\nphysical id\t: 0\n"
        f"core id\t\t: {number // threads_per_core}\nflags\t\t: {flags}\n"
        for number in range(count)
    )


CGROUP2_MOUNT = "36 27 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


def cgroup2(group: str, limits: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A unified tree: this process in `group`, and the given files in the given groups."""
    files = {"proc/self/cgroup": f"0::{group}\n", "proc/self/mountinfo": CGROUP2_MOUNT}
    for folder, contents in limits.items():
        for name, text in contents.items():
            files[f"sys/fs/cgroup{folder.rstrip('/')}/{name}"] = text
    return files
