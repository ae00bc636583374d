"""Plain folders, LM Studio's among them (`models/PUBLISHER/NAME/FILE.gguf`): searched to a bounded depth.

Links are not followed: what they lead to is found where it lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from steelyard.intake.choosing import every_choice
from steelyard.intake.elsewhere import hub_cache, ollama
from steelyard.intake.elsewhere.records import Budget, Elsewhere, Origin, Part, is_gguf

DEPTH = 8


def models(
    folder: Path, budget: Budget, origin: Origin = Origin.FOLDER, depth: int = DEPTH
) -> Iterator[Elsewhere]:
    """Every complete model in a folder and those below it; other programs' layouts are recognised there."""
    if ollama.is_root(folder):
        yield from ollama.models(folder, budget)
        return
    if hub_cache.repository_folder(folder) == folder:
        yield from hub_cache.models(folder, budget)
        return
    entries = budget.entries(folder)
    sizes: dict[str, int | None] = {}
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            sizes[entry.name] = entry.stat(follow_symlinks=False).st_size
    yield from _here(folder, sizes, origin)
    for entry in entries:
        hidden = entry.name.startswith(".")
        if depth and not hidden and entry.is_dir(follow_symlinks=False):
            yield from models(Path(entry.path), budget, origin, depth - 1)


def _here(folder: Path, sizes: dict[str, int | None], origin: Origin) -> Iterator[Elsewhere]:
    for choice in every_choice(sizes):
        first = folder / choice.weights[0]
        if choice.format == "gguf" and not is_gguf(first):
            continue
        # LM Studio keeps the hub's two names as its own two folders.
        place = "/".join(folder.parts[-2:]) if origin is Origin.LM_STUDIO else folder.name
        yield Elsewhere(
            path=first if choice.format == "gguf" else folder,
            title=f"{place}: {choice.stem}" if choice.stem else place,
            origin=origin,
            format=choice.format,
            parts=tuple(Part(name, folder / name, sizes[name] or 0) for name in choice.paths),
            weights=len(choice.weights),
        )
