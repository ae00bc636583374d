"""How much memory this process holds now."""

from __future__ import annotations

import psutil


def resident_bytes() -> int:
    """Resident set size."""
    return int(psutil.Process().memory_info().rss)
