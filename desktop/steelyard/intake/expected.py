"""What a download is to bring, written down before its first byte: paths, sizes and digests at one commit.

Only this record names and judges files. It makes the download's identity, so that the same pull finds its
broken predecessor again, in another process too.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import MalformedInput
from steelyard.store.errors import UnsafePath
from steelyard.store.names import check_paths
from steelyard.store.quarantine import RESUMABLE

FORMAT = 1


@dataclass(frozen=True)
class ExpectedFile:
    """One file. `sha256` is `sha256:<hex>`; `git_blob` is git's SHA-1 of it; both None: nothing declared."""

    path: str
    size_bytes: int
    sha256: str | None
    git_blob: str | None

    @property
    def declared(self) -> str | None:
        """The publisher's digest as people see it."""
        return self.sha256 or (f"git:{self.git_blob}" if self.git_blob else None)


@dataclass(frozen=True)
class Expected:
    """All files of one pull."""

    endpoint: str
    repository: str
    commit: str
    files: tuple[ExpectedFile, ...]

    @property
    def identifier(self) -> str:
        """The name of the quarantine folder for exactly this download."""
        return f"pull-{hashlib.sha256(self._as_bytes()).hexdigest()[:24]}"

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)

    def write(self, folder: Path) -> None:
        """Write the record into a quarantine folder, durably."""
        write_bytes(folder / RESUMABLE, self._as_bytes())

    def _as_bytes(self) -> bytes:
        return canonical_bytes({"format": FORMAT, **asdict(self)})


def read_expected(folder: Path) -> Expected | None:
    """The record of a quarantine folder; None where there is none that this version can read."""
    try:
        value = strict_loads((folder / RESUMABLE).read_bytes())
    except (FileNotFoundError, MalformedInput):
        return None
    if not isinstance(value, dict) or value.pop("format", None) != FORMAT:
        return None
    files = value.pop("files", None)
    if not isinstance(files, list):
        return None
    try:
        expected = Expected(
            files=tuple(ExpectedFile(**file) for file in files if isinstance(file, dict)),  # type: ignore[arg-type]  # our own file
            **value,  # type: ignore[arg-type]  # our own file
        )
        check_paths(file.path for file in expected.files)
    except (TypeError, UnsafePath):
        return None
    return expected
