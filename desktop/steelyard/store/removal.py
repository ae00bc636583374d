"""Taking a model's files away, and finishing what a killed process left half done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from steelyard.store.blobs import Blobs, discard_temporaries, discard_tree
from steelyard.store.contents import signature
from steelyard.store.index import Entry, Index, Place
from steelyard.store.quarantine import discard_unrecorded
from steelyard.store.records import Removal, State
from steelyard.store.verification import blob_is_untouched
from steelyard.store.views import file_in


def plan(index: Index, entry: Entry, dry_run: bool) -> Removal:
    """What removing a model frees: content no other model in the store has."""
    model = entry.model
    sizes = {file.sha256: file.size_bytes for file in model.manifest.files}
    if entry.place is Place.QUARANTINE:
        freed = sum(file.size_bytes for file in model.manifest.files)
        return Removal(model.name, model.digest, dry_run, freed, (), ())
    shared = {sha256 for sha256 in sizes if set(index.owners(sha256)) - {model.digest}}
    gone = sorted(set(sizes) - shared)
    return Removal(
        name=model.name,
        digest=model.digest,
        dry_run=dry_run,
        freed_bytes=sum(sizes[sha256] for sha256 in gone),
        blobs_removed=tuple(gone),
        blobs_shared=tuple(sorted(shared)),
    )


def carry_out(index: Index, blobs: Blobs, views: Path, quarantine: Path, entry: Entry) -> None:
    """Retire the record, then remove the files. The record goes first: what is retired is never loaded."""
    model = entry.model
    contents = {file.sha256 for file in model.manifest.files}
    retired = replace(
        entry,
        model=replace(model, state=State.RETIRED, reason="Removed; the record is kept."),
        place=Place.NOWHERE,
        quarantine=None,
        whole_state=None,
        pin=None,
    )
    if entry.place is Place.QUARANTINE:
        with index.change():
            index.write(retired)
        if entry.quarantine is not None:
            discard_unrecorded(quarantine / entry.quarantine)
        return
    with index.change():
        number = index.announce(model.name, contents)
        index.write(retired)
    settle(index, blobs, views, model.name, contents)
    index.close_intent(number)


def settle(index: Index, blobs: Blobs, views: Path, name: str, contents: Iterable[str]) -> None:
    """Make the disk agree with the index for one view and some contents. Hold the lock.

    A view that no model in the store has, content that none has, and names that links had on their way are
    removed.
    """
    contents = tuple(contents)
    for sha256 in contents:
        discard_temporaries(blobs.path(sha256).parent)
        for owner in index.owners(sha256):
            _tidy(index, views, owner, sha256)
    untouched = {
        sha256: known
        for sha256 in contents
        if (known := index.blob_signature(sha256)) is not None
        and blob_is_untouched(index, blobs, sha256)
    }
    holder = index.by_name(name)
    if holder is None or holder.place is not Place.STORE:
        discard_tree(views / name)
    for sha256 in contents:
        if not index.owners(sha256):
            blobs.discard(sha256)
            index.forget_blob(sha256)
        elif sha256 in untouched and (now := signature(blobs.path(sha256))) is not None:
            # Taking a link away changed the signature of a blob that was right before.
            index.carry_over(sha256, untouched[sha256], now.as_text())


def _tidy(index: Index, root: Path, owner: str, sha256: str) -> None:
    entry = index.by_digest(owner)
    for file in entry.model.manifest.files if entry is not None else ():
        if file.sha256 == sha256 and entry is not None:
            discard_temporaries(file_in(root / entry.model.name, file).parent)
