"""Main memory: how much there is and how much can still be taken, within container limits."""

from __future__ import annotations

from pathlib import Path

import psutil

from steelyard.machine.cgroups import memory_limit
from steelyard.machine.report import Memory


def read_memory(root: Path = Path("/")) -> Memory:
    """Memory as the system tells it, cut down to what this process's control groups allow.

    `available_bytes` is what programs can take without swapping (the kernel's MemAvailable on Linux):
    free pages and page cache it would give up.

    Args:
        root: where `proc` and `sys` lie, for the limits.
    """
    machine, swap = psutil.virtual_memory(), psutil.swap_memory()
    limit = memory_limit(root)
    if limit is None or limit.limit_bytes >= machine.total:
        return Memory(machine.total, machine.available, swap.total, swap.free)
    swap_bytes = swap.total if limit.swap_bytes is None else min(limit.swap_bytes, swap.total)
    return Memory(
        total_bytes=limit.limit_bytes,
        available_bytes=min(machine.available, limit.available_bytes),
        swap_total_bytes=swap_bytes,
        swap_free_bytes=min(swap.free, swap_bytes),
        limited_by=limit.origin,
    )
