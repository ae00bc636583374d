"""How far a pull came, read from its quarantine folder without touching it: also while another process works
there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.extents import boot_id, recorded_bytes
from steelyard.intake.partial import SMALL_BYTES

WRITTEN = "written"
"""Subfolder with a record of what is there for each large file."""


@dataclass(frozen=True)
class FileProgress:
    """One file: how much of it is there."""

    expected: ExpectedFile
    here_bytes: int

    @property
    def is_here(self) -> bool:
        """True if all of it is."""
        return self.here_bytes == self.expected.size_bytes


def record_path(folder: Path, path: str) -> Path:
    """Where the record of a file's extents lies; paths are no names there, so that none can clash."""
    return folder / WRITTEN / hashlib.sha256(path.encode()).hexdigest()[:32]


def progress(folder: Path, expected: Expected) -> tuple[FileProgress, ...]:
    """Of each expected file, in the record's order."""
    boot = boot_id()
    return tuple(FileProgress(file, _here(folder, file, boot)) for file in expected.files)


def present_bytes(folder: Path, expected: Expected) -> int:
    """How much of all files is there."""
    return sum(file.here_bytes for file in progress(folder, expected))


def _here(folder: Path, file: ExpectedFile, boot: str) -> int:
    location = folder.joinpath("files", *file.path.split("/"))
    try:
        there = location.lstat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0
    recorded = recorded_bytes(record_path(folder, file.path), file.size_bytes, boot)
    if recorded is not None:
        return min(recorded, there)
    # A small file has no record, and neither has one that the store lent.
    return there if there == file.size_bytes or file.size_bytes <= SMALL_BYTES else 0
