"""Compiles the failing disk, and speaks to it from a process that runs on it.

library = build_faults(tmp_path, c_compiler())
subprocess.run([...], env={"LD_PRELOAD": str(library)})      # inside: Faults().arm(folder, 7, KILL)
"""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")

KILL, TEAR, SHORT = -1, -2, -3
"""What may happen besides an error number: die before the call, die half-way through it, write half."""


def can_run_here() -> bool:
    """The library sits between a program and glibc."""
    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc"


def build_faults(folder: Path, compiler: str) -> Path:
    """Make the library in `folder` and return its path, for `LD_PRELOAD`."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror"]
    subprocess.run(
        [*command, "-o", str(library), str(SOURCE), "-ldl"], check=True, capture_output=True
    )
    return library


class Faults:
    """The disk of this process, which must have been started with the library preloaded."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.faults_struck.restype = ctypes.c_char_p

    def arm(self, folder: Path, at: int, how: int, *, only: str = "", sticky: bool = False) -> None:
        """Begin to count changes below `folder`, and let the one with number `at` (from 1) go wrong.

        Args:
            how: `KILL`, `TEAR`, `SHORT`, or an error number; 0 only counts.
            only: count only these: `open`, `write`, `fsync`, `rename`, `link`, `unlink`, `mkdir`, `chmod`,
                `truncate`, `allocate`.
            sticky: with an error number, all later ones fail too; of a full disk those that need room.
        """
        path = str(folder.resolve()).encode()
        self._library.faults_arm(path, at, how, only.encode(), int(sticky))

    def heal(self) -> None:
        """Nothing fails any more; counting goes on."""
        self._library.faults_heal()

    @property
    def seen(self) -> int:
        """Changes since `arm`."""
        return int(self._library.faults_seen())

    @property
    def struck(self) -> str:
        """The call that went wrong: its number, kind and path; empty when none did."""
        return str(self._library.faults_struck().decode(errors="replace"))
