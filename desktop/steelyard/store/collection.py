"""Garbage collection: what nothing refers to, found by marking from the records and sweeping the rest.

Marked is what a model in the store consists of, its view, and the quarantine folders that a record names, that
somebody works in or where a download can go on. What lay there before this index was made is spared and named:
of it the index cannot know. Hold the store's lock: nobody's half-done step is then among it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from steelyard.store import quarantine
from steelyard.store.blobs import discard_file, discard_tree
from steelyard.store.index import Index, Place
from steelyard.store.shelf import Shelf

_BLOB = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.(link|copy)|\..+\.tmp")


@dataclass(frozen=True)
class Rubbish:
    """What a collection takes away, or would.

    Attributes:
        blobs: content that no model has.
        folders: views that no model has, quarantine folders that nobody names or works in.
        temporaries: files a dead process was about to rename.
        size_bytes: what goes away with them.
        unexplained: what was spared although nothing refers to it, and why; sentences.
        kept: that, and what else was spared because somebody wants it.
    """

    blobs: tuple[Path, ...]
    folders: tuple[Path, ...]
    temporaries: tuple[Path, ...]
    size_bytes: int
    unexplained: tuple[str, ...]
    kept: tuple[str, ...]


def survey(store: Shelf) -> Rubbish:
    """Find what nothing refers to; changes nothing.

    Raises:
        OSError: a folder cannot be read.
    """
    index, born_ns = store.index, store.index.born_ns
    known_blobs, known_views = _marked(index)
    blobs, folders, temporaries, spared = list[Path](), list[Path](), list[Path](), list[Path]()
    for path in _blobs(store.blobs.root):
        if _TEMPORARY.fullmatch(path.name):
            temporaries.append(path)
        elif _BLOB.fullmatch(path.name) and f"sha256:{path.name}" not in known_blobs:
            (blobs if path.lstat().st_ctime_ns >= born_ns else spared).append(path)
    for path in _children(store.views):
        if path.name not in known_views:
            (folders if path.lstat().st_ctime_ns >= born_ns else spared).append(path)
    temporaries += [p for p in _children(store.copies.root) if _TEMPORARY.fullmatch(p.name)]
    folders += quarantine.left_behind(store.home.quarantine, index.quarantine_folders())
    everything = (*blobs, *folders, *temporaries)
    return Rubbish(
        tuple(blobs),
        tuple(folders),
        tuple(temporaries),
        _size_of(everything),
        unexplained := tuple(_unexplained(store, spared)),
        (*unexplained, *_wanted(store)),
    )


def sweep(store: Shelf, rubbish: Rubbish) -> None:
    """Take away what a survey under the same lock found.

    Raises:
        OSError: something cannot be removed; what is left is found again.
    """
    quarantined = {path.name for path in rubbish.folders if path.parent == store.home.quarantine}
    for path in rubbish.folders:
        if path.name not in quarantined:
            discard_tree(path)
    if quarantined:
        quarantine.sweep(store.home.quarantine, store.index.quarantine_folders())
    for path in (*rubbish.blobs, *rubbish.temporaries):
        discard_file(path)
    for path in rubbish.blobs:
        store.index.forget_blob(f"sha256:{path.name}")


def _marked(index: Index) -> tuple[frozenset[str], frozenset[str]]:
    """Content and view names of every model in the store, by its manifest and by its file rows."""
    contents, names = set(index.contents()), set()
    for entry in index.all():
        if entry.place is Place.STORE:
            contents.update(file.sha256 for file in entry.model.manifest.files)
            names.add(entry.model.name)
    return frozenset(contents), frozenset(names)


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from sorted(folder.iterdir())


def _blobs(root: Path) -> Iterator[Path]:
    for shard in _children(root):
        yield from _children(shard)


def _size_of(paths: tuple[Path, ...]) -> int:
    """Bytes on disk; a file with several names among them, or one that a model still has, counts where it goes."""
    total, seen = 0, dict[tuple[int, int], int]()
    for path in paths:
        for file in [path] if not path.is_dir() or path.is_symlink() else path.rglob("*"):
            status = file.lstat()
            if file.is_dir() and not file.is_symlink():
                continue
            names = seen.get((status.st_dev, status.st_ino), 0) + 1
            seen[status.st_dev, status.st_ino] = names
            if names == status.st_nlink:
                total += status.st_size
    return total


def _unexplained(store: Shelf, spared: list[Path]) -> Iterator[str]:
    views = [path.name for path in spared if path.parent == store.views]
    if views:
        listed = ", ".join(views[:5]) + (f" and {len(views) - 5} more" if len(views) > 5 else "")
        yield (
            f"{listed}: older than the index, which has no record of them. Take them in again with "
            f"steelyard model import {store.views / views[0]}, or remove the folders."
        )
    if len(spared) > len(views):
        yield f"{len(spared) - len(views)} blobs that are older than the index."


def _wanted(store: Shelf) -> Iterator[str]:
    for entry in store.index.all():
        if entry.pin is not None and entry.place is not Place.NOWHERE:
            yield f"{entry.model.name} is pinned{f': {entry.pin}' if entry.pin else ''}."
    resumable = quarantine.resumable(store.home.quarantine)
    if resumable:
        yield f"{len(resumable)} downloads that can go on: see steelyard transfer list."
