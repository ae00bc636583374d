"""The store as a whole: where it is, what it holds, rubbish, scrubbing; models that lie elsewhere; ML-BOMs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ShowStore:
    """Where models live, and how it stands with it."""


@dataclass(frozen=True)
class StoreStatus:
    """One store.

    Attributes:
        location: its folder.
        shared: a machine-wide store of several users; `writable` for this one.
        away: its disk or share is not there now; the counts are what was known last.
        unverified_for_s: age of the oldest last verification in the store, or None: nothing in it.
        garbage_bytes: what `store collect` would free.
        reverify: policy for loading: `always`, `when-changed` or `every N days`.
        shared_blobs: how many contents more than one model uses.
        group: whose members may change a shared store, or None.
        problems: what a person should look at; sentences.
    """

    location: str
    shared: bool
    writable: bool
    away: bool
    models: int
    blobs: int
    used_bytes: int
    free_bytes: int
    garbage_bytes: int
    unverified_for_s: float | None
    reverify: str
    shared_blobs: int = 0
    group: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class MakeStore:
    """Make a store outside of the own data folder: on another disk, or for several users.

    Attributes:
        location: an empty or missing folder.
        group: whose members may change it, while everyone may read; None: for this account alone.
    """

    location: Path
    group: str | None = None


@dataclass(frozen=True)
class StoreMade:
    """The new store. It is used once the setting `store.location`, or policy, names it."""

    location: str
    identifier: str
    shared: bool


@dataclass(frozen=True)
class CollectGarbage:
    """Mark from manifests, pins and leases, sweep the rest. A dry run unless `apply`."""

    apply: bool = False


@dataclass(frozen=True)
class GarbageFound:
    """What nothing refers to: blobs, leftover folders. `kept` says what was spared and why."""

    applied: bool
    blobs: int
    folders: int
    freed_bytes: int
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class PinModel:
    """Keep a model from being removed or collected, with a reason; or let it go again."""

    model: str
    reason: str = ""
    pinned: bool = True


@dataclass(frozen=True)
class ModelPinned:
    """The pin after it."""

    model: str
    pinned: bool
    reason: str


@dataclass(frozen=True)
class ScrubStore:
    """Hash again what was not verified for longest, yielding to other work.

    Attributes:
        older_than_days: only models last verified before that.
        max_bytes: stop after so much; 0: no limit.
    """

    older_than_days: int = 30
    max_bytes: int = 0


@dataclass(frozen=True)
class StoreScrubbed:
    """What was looked at. The exit code is 1 unless `ok`."""

    ok: bool
    models: int
    checked_bytes: int
    damaged: tuple[str, ...]
    remaining: int


@dataclass(frozen=True)
class FindModels:
    """Look for models in folders of other programs, or in one folder. Reads names and headers only.

    Attributes:
        folder: where; None looks at the usual places of Hugging Face's cache, Ollama and LM Studio.
    """

    folder: Path | None = None


@dataclass(frozen=True)
class FoundModel:
    """One that could be adopted.

    Attributes:
        origin: `huggingface`, `ollama`, `lm-studio` or `folder`.
        known: name of the model in the store with the same path and size, or None.
        linkable: it lies on the store's file system, so that adopting by hard link costs no space.
    """

    path: str
    title: str
    origin: str
    format: str
    size_bytes: int
    linkable: bool
    known: str | None = None


@dataclass(frozen=True)
class ModelsFound:
    """Sorted by path. `looked_in` names the folders that exist. `complete`: there was not more to look at."""

    models: tuple[FoundModel, ...]
    looked_in: tuple[str, ...]
    complete: bool = True


@dataclass(frozen=True)
class AdoptModel:
    """Take in a model that lies in another program's folder, verified like any other.

    Attributes:
        link: by hard link where the file system has them (the other program could then still write to the
            bytes, which shows at the next check); else by copy.
    """

    path: Path
    name: str | None = None
    link: bool = False


@dataclass(frozen=True)
class MakeBom:
    """A model's ML-BOM, CycloneDX 1.6. `out` None returns it only."""

    model: str
    out: Path | None = None


@dataclass(frozen=True)
class BomMade:
    """The document as text, its digest, and where it was written."""

    model: str
    digest: str
    document: str
    path: str | None = None
