"""The cache of Hugging Face's own client: `models--OWNER--NAME/snapshots/COMMIT/…`, links into `blobs/`.

A large file's blob is named by its SHA-256, a small one's by its git hash (huggingface_hub, "Understand
caching"). The names are the cache's own: they tell damage, and prove nothing of the publisher.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from steelyard.intake.choosing import Choice, every_choice
from steelyard.intake.elsewhere.records import (
    Budget,
    Elsewhere,
    Origin,
    Part,
    is_gguf,
    regular_size,
)

_REPOSITORY = re.compile(r"models--([A-Za-z0-9._-]+?)(?:--([A-Za-z0-9._-]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def repository_folder(path: Path) -> Path | None:
    """The `models--…` folder a path lies in, if it is one of a snapshot; links are not followed."""
    for folder in (path, *path.parents):
        if _REPOSITORY.fullmatch(folder.name) and (folder / "snapshots").is_dir():
            return folder
    return None


def models(folder: Path, budget: Budget) -> Iterator[Elsewhere]:
    """Every complete model in one `models--…` folder; the same files under two commits are one."""
    seen = set[frozenset[tuple[str, Path]]]()
    for entry in budget.entries(folder / "snapshots"):
        if not (_COMMIT.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)):
            continue
        for model in in_snapshot(folder, Path(entry.path), budget):
            files = frozenset((part.path, part.location) for part in model.parts)
            if files not in seen:
                seen.add(files)
                yield model


def in_snapshot(folder: Path, snapshot: Path, budget: Budget) -> Iterator[Elsewhere]:
    """The models of one snapshot."""
    match = _REPOSITORY.fullmatch(folder.name)
    if match is None:
        return
    repository = "/".join(part for part in match.groups() if part)
    parts = {part.path: part for part in _parts(folder, snapshot, "", budget)}
    for choice in every_choice({path: part.size_bytes for path, part in parts.items()}):
        first = parts[choice.weights[0]]
        if choice.format == "gguf" and not is_gguf(first.location):
            continue
        yield Elsewhere(
            path=snapshot / first.path if choice.format == "gguf" else snapshot,
            title=_title(repository, choice),
            origin=Origin.HUGGING_FACE,
            format=choice.format,
            parts=tuple(parts[path] for path in choice.paths),
            weights=len(choice.weights),
            repository=repository,
            commit=snapshot.name,
        )


def _title(repository: str, choice: Choice) -> str:
    return f"{repository}: {choice.stem}" if choice.stem else repository


def _parts(folder: Path, current: Path, prefix: str, budget: Budget, depth: int = 4) -> list[Part]:
    found = []
    for entry in budget.entries(current):
        path = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if depth:
                found += _parts(folder, Path(entry.path), f"{path}/", budget, depth - 1)
            continue
        location = _followed(folder, Path(entry.path))
        size_bytes = None if location is None else regular_size(location)
        if location is None or size_bytes is None:
            continue
        named = location.parent.name == "blobs" and _SHA256.fullmatch(location.name)
        found.append(Part(path, location, size_bytes, f"sha256:{location.name}" if named else None))
    return found


def _followed(folder: Path, path: Path) -> Path | None:
    """Where a link of the cache leads, as long as that is inside of the repository's own folder."""
    try:
        location, root = path.resolve(strict=True), folder.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return location if root in location.parents else None
