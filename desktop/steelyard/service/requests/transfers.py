"""Transfers: downloads, imports and bundles that are under way, waiting, or ended badly."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.service.requests.bundles import BundleImported
from steelyard.service.requests.models import ModelFile, ModelRow


@dataclass(frozen=True)
class ListTransfers:
    """What lies in quarantine: downloads and imports that can go on, and what was refused."""


@dataclass(frozen=True)
class TransferFile:
    """One file of a transfer, as far as its record and the disk say.

    Attributes:
        path: inside the model or bundle; text from outside.
        here_bytes: how much of it lies in quarantine.
        expected: digest its publisher declared, `sha256:<hex>` or `git:<hex>`; empty: none was declared.
        found: digest of what lies here, in the same form; empty until it was hashed to its end.
        state: `waiting`, `partial`, `here` (all bytes, not judged yet), `matches`, `differs` or `in-store`.
    """

    path: str
    size_bytes: int
    here_bytes: int
    expected: str = ""
    found: str = ""
    state: str = "waiting"


@dataclass(frozen=True)
class TransferRow:
    """One of them, as its own record on disk says; running ones are known to the process that runs them.

    Attributes:
        id: its quarantine folder.
        kind: `pull`, `bundle-in`, `import` or `held` (refused bytes kept to be looked at).
        title: repository, bundle serial or file name.
        state: `fetching` (some process works on it now), `paused` (can go on), `quarantined`, `rejected`.
        done_bytes, total_bytes: of all files; files_done of files.
        reason: why it stands, with the next step; empty while it runs.
        request: what to ask to go on, as `{"operation": ..., fields}`; empty for held bytes.
        model: name of the held model, or empty.
        updated_at: RFC 3339 UTC.
        parts: its files, for whoever looks closer.
    """

    id: str
    kind: str
    title: str
    state: str
    done_bytes: int
    total_bytes: int
    files_done: int
    files: int
    reason: str
    request: dict[str, str]
    model: str = ""
    updated_at: str = ""
    parts: tuple[TransferFile, ...] = ()


@dataclass(frozen=True)
class TransferList:
    """Newest first."""

    transfers: tuple[TransferRow, ...]


@dataclass(frozen=True)
class ResumeTransfer:
    """Go on with a download or bundle import that was paused or broken off."""

    id: str


@dataclass(frozen=True)
class TransferResumed:
    """How it ended.

    Attributes:
        operation: what went on: `model.pull` or `bundle.import`.
        model, files, bytes_fetched, bytes_reused: as `ModelTaken`; None and empty for a bundle.
        bundle: what a bundle's import brought; None for a pull.
    """

    id: str
    operation: str
    model: ModelRow | None = None
    files: tuple[ModelFile, ...] = ()
    bytes_fetched: int = 0
    bytes_reused: int = 0
    bundle: BundleImported | None = None


@dataclass(frozen=True)
class DiscardTransfer:
    """Remove what a broken transfer, or refused bytes, left in quarantine."""

    id: str


@dataclass(frozen=True)
class TransferDiscarded:
    """What was removed."""

    id: str
    freed_bytes: int
