"""Views: one folder per model with its files under their own names, for engines to open."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from steelyard.base.durable import sync_folder
from steelyard.store.blobs import discard_tree, link, make_folder
from steelyard.store.contents import signature
from steelyard.store.records import FileEntry, Manifest


def file_in(folder: Path, entry: FileEntry) -> Path:
    """Where an entry of a manifest lies in a folder."""
    return folder.joinpath(*entry.path.split("/"))


def make(folder: Path, manifest: Manifest, blobs: Mapping[str, Path]) -> None:
    """Give every file of a manifest its name in `folder`, linked to its blob; then make that durable.

    Files that are already the blob itself stay; what stands in the way of a file is replaced.
    """
    folders = {folder}
    for entry in manifest.files:
        target = file_in(folder, entry)
        make_folder(target.parent)
        folders.update(parent for parent in target.parents if folder in parent.parents)
        blob = blobs[entry.sha256]
        if not _same(target, blob):
            if target.is_dir() and not target.is_symlink():
                discard_tree(target)
            link(blob, target)
    for each in sorted(folders, reverse=True):
        sync_folder(each)
    sync_folder(folder.parent)


def _same(target: Path, blob: Path) -> bool:
    there = signature(target)
    return there is not None and os.path.samestat(target.lstat(), blob.lstat())


def extras(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Paths of everything in a folder that the manifest does not list; folders of listed files are not."""
    expected = {entry.path for entry in manifest.files}
    between = {
        "/".join(path.split("/")[:depth])
        for path in expected
        for depth in range(path.count("/") + 1)
    }
    found: list[str] = []

    def walk(current: Path, prefix: str) -> None:
        with os.scandir(current) as listing:
            for item in listing:
                path = prefix + item.name
                if item.is_dir(follow_symlinks=False):
                    if path in between:
                        walk(Path(item.path), f"{path}/")
                    else:
                        found.append(path)
                elif path not in expected:
                    found.append(path)

    if folder.is_dir():
        walk(folder, "")
    return tuple(sorted(found))


def resembles(folder: Path, manifest: Manifest) -> bool:
    """True if a folder has exactly a manifest's files, by name and size; nothing is said of their bytes."""
    if folder.is_symlink() or not folder.is_dir() or extras(folder, manifest):
        return False
    found = ((signature(file_in(folder, entry)), entry.size_bytes) for entry in manifest.files)
    return all(there is not None and there.size_bytes == size for there, size in found)
