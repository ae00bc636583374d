"""Small files in which the Linux kernel tells about the machine (procfs, sysfs, cgroupfs).

Reading one never raises: a file that is absent, unreadable or not what it should be reads as None.
"""

from __future__ import annotations

from pathlib import Path

_LONGEST_BYTES = 4 * 1024 * 1024
"""A /proc/cpuinfo of a thousand processors is about 1.6 MB."""


def read_text(path: Path) -> str | None:
    """The file's text without surrounding white space, or None."""
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST_BYTES).decode("utf-8", "replace").strip("\0 \t\r\n")
    except OSError:
        return None


def read_integer(path: Path) -> int | None:
    """The one decimal number in the file, or None; `max` and other words read as None."""
    text = read_text(path)
    return int(text) if text and text.isascii() and text.isdecimal() else None


def read_table(path: Path) -> dict[str, int]:
    """Lines of `name number` as a mapping; empty when the file cannot be read. Other lines are skipped."""
    table: dict[str, int] = {}
    for line in (read_text(path) or "").splitlines():
        name, _, value = line.partition(" ")
        if value.strip().isdecimal():
            table[name] = int(value)
    return table
