"""What this process may use of its machine, and what it holds now."""

from __future__ import annotations

import os

import psutil

SMALL_MODEL_BYTES = 32 * 1024 * 1024
"""Below this, handing work from thread to thread costs more than it saves: a 4 MiB model wrote 1,380
tokens/s with one thread and 82 with two while both cores were busy (tests/benchmarks/bench_threads.py)."""


def resident_bytes() -> int:
    """Resident set size."""
    return int(psutil.Process().memory_info().rss)


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted twice: what inference runs best on."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    physical = psutil.cpu_count(logical=False)
    return max(1, min(n for n in (allowed, physical) if n))


def threads_for(weights_bytes: int) -> int:
    """How many threads suit a model with this much weight, when nobody says."""
    return 1 if weights_bytes < SMALL_MODEL_BYTES else physical_cores()
