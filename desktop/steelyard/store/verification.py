"""Comparing a model's files on disk with its manifest, and what follows from it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from steelyard.base.clock import parse_utc
from steelyard.base.progress import Reporter
from steelyard.store import views
from steelyard.store.blobs import Blobs
from steelyard.store.contents import Signature, read_through, signature
from steelyard.store.index import Index, Place
from steelyard.store.records import FileEntry, Manifest, Model, State, Verification
from steelyard.store.states import IN_STORE


@dataclass(frozen=True)
class Reverify:
    """When files that nobody touched are hashed again before a load (`load.reverify`).

    Attributes:
        mode: `always`, `when-changed` or `days`.
        days: with `days`, how long a verification holds.
    """

    mode: str = "when-changed"
    days: int = 30

    def is_due(self, last_verified_at: str | None, now: datetime) -> bool:
        """Whether a verification of that time does not do any more. One from the future does not either."""
        if self.mode == "when-changed":
            return False
        if self.mode == "always" or last_verified_at is None:
            return True
        age = now - parse_utc(last_verified_at)
        return not timedelta(0) <= age <= timedelta(days=self.days)

    def __str__(self) -> str:
        return f"every {self.days} days" if self.mode == "days" else self.mode


WHEN_CHANGED = Reverify()


@dataclass(frozen=True)
class Comparison:
    """An outcome, and the signatures of the files and blobs that were found right."""

    outcome: Verification
    files: dict[str, tuple[str, Signature]]
    blobs: dict[str, Signature]


def compare(
    manifest: Manifest, folder: Path, blobs: Blobs | None, report: Reporter | None = None
) -> Comparison:
    """Hash every file of a manifest in a folder, and its blob too where that is not the same file.

    Raises:
        Cancelled: the reporter's token was cancelled.
    """
    report = report or Reporter()
    total_bytes = manifest.size_bytes
    done_bytes = 0
    mismatched: list[str] = []
    missing: list[str] = []
    files: dict[str, tuple[str, Signature]] = {}
    whole_blobs: dict[str, Signature] = {}
    for entry in manifest.files:

        def on_bytes(count: int, path: str = entry.path) -> None:
            nonlocal done_bytes
            done_bytes += count
            report("verifying", done_bytes, max(total_bytes, done_bytes), detail=path)

        on_bytes(0)
        target = views.file_in(folder, entry)
        found = _right(target, entry, on_bytes)
        if isinstance(found, Signature):
            files[entry.path] = (entry.sha256, found)
            if blobs is not None:
                found = _blob(blobs.path(entry.sha256), target, entry, found, on_bytes)
        if isinstance(found, Signature):
            whole_blobs[entry.sha256] = found
        else:
            (missing if found == "missing" else mismatched).append(entry.path)
    extra = views.extras(folder, manifest)
    ok = not (mismatched or missing or extra)
    outcome = Verification(ok, tuple(mismatched), tuple(missing), extra, done_bytes)
    return Comparison(outcome, files, whole_blobs)


def _right(path: Path, entry: FileEntry, on_bytes: Callable[[int], None]) -> Signature | str:
    """The signature of a file that is what the manifest says, or `missing` or `mismatched`."""
    try:
        reading = read_through(path, on_bytes)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        # A link in its place, or a disk that cannot read it: either way it is not the manifest's file.
        return "mismatched"
    same = reading.sha256 == entry.sha256 and reading.size_bytes == entry.size_bytes
    return reading.signature if same and reading.signature is not None else "mismatched"


def _blob(
    blob: Path, target: Path, entry: FileEntry, found: Signature, on_bytes: Callable[[int], None]
) -> Signature | str:
    try:
        if os.path.samestat(blob.lstat(), target.lstat()):
            return found
    except FileNotFoundError:
        return "missing"
    return _right(blob, entry, on_bytes)


def is_untouched(index: Index, model: Model, folder: Path) -> bool:
    """True if every file has the signature it had when it was last known to be right, and none is extra."""
    entry = index.by_digest(model.digest)
    if entry is None or entry.place is not Place.STORE or entry.whole_state is not None:
        return False
    known = index.signatures(model.digest)
    for file in model.manifest.files:
        there = signature(views.file_in(folder, file))
        if there is None or there.as_text() != known.get(file.path):
            return False
    return not views.extras(folder, model.manifest)


def blob_is_untouched(index: Index, blobs: Blobs, sha256: str) -> bool:
    """True if this content is in the store with the signature it had when it was last known to be right."""
    known = index.blob_signature(sha256)
    there = signature(blobs.path(sha256)) if known else None
    return there is not None and there.as_text() == known


def record(index: Index, model: Model, comparison: Comparison, now: str) -> None:
    """Write down a comparison: time and signatures where it was right, quarantine where it was not."""
    with index.change():
        entry = index.by_digest(model.digest)
        if entry is None or entry.place is not Place.STORE:
            return  # removed in the meantime
        outcome, current = comparison.outcome, entry.model
        if not outcome.ok:
            if current.state in IN_STORE:
                entry = replace(entry, whole_state=current.state)
                current = replace(current, state=State.QUARANTINED)
            current = replace(current, reason=_words(outcome))
            index.update(replace(entry, model=current))
            return
        if entry.whole_state is not None:
            current = replace(current, state=entry.whole_state, reason="")
        current = replace(current, last_verified_at=now)
        index.update(replace(entry, model=current, whole_state=None))
        index.set_files(
            model.digest,
            {path: (sha, mark.as_text()) for path, (sha, mark) in comparison.files.items()},
        )
        for sha256, mark in comparison.blobs.items():
            index.set_blob(sha256, mark.size_bytes, mark.as_text())


def _words(outcome: Verification) -> str:
    kinds = (
        ("changed", outcome.mismatched),
        ("missing", outcome.missing),
        ("not part of it", outcome.extra),
    )
    said = [
        f"{kind}: {', '.join(paths[:3])}{f' and {len(paths) - 3} more' if len(paths) > 3 else ''}"
        for kind, paths in kinds
        if paths
    ]
    return f"Its files are not what was admitted ({'; '.join(said)})."
