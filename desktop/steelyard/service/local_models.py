"""Which catalog entries the store has: matched by content, and by the repository a model came from."""

from __future__ import annotations

from pathlib import Path

from steelyard.catalog.search import LocalModels
from steelyard.service.operation import Context
from steelyard.store.records import Model, State

_HERE = frozenset({State.VERIFIED, State.ADMITTED})


def local_models(context: Context) -> LocalModels:
    """What the store has now; read again only where its index was written to since."""
    installation = context.installation
    store = installation.store
    written = _written(installation.home.store / "index.sqlite")
    known = installation.known_local
    if known is None or known[0] != written:
        known = (written, _matched(store.models()))
        installation.known_local = known
    return known[1]


def _written(index: Path) -> tuple[int, ...]:
    """Changes with every commit, whichever process made it."""
    marks: list[int] = []
    for path in (index, index.with_name(f"{index.name}-wal")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        marks += (status.st_size, status.st_mtime_ns)
    return tuple(marks)


def _matched(models: tuple[Model, ...]) -> LocalModels:
    by_reference: dict[str, str] = {}
    by_variant: dict[tuple[str, str], str] = {}
    by_content: dict[str, str] = {}
    for model in models:
        if model.state not in _HERE:
            continue
        source = model.manifest.source
        came_from = source.repository or (source.path if source.kind == "starter" else None)
        if came_from:
            by_reference.setdefault(came_from.casefold(), model.name)
            key = (came_from.casefold(), model.manifest.quantization)
            by_variant.setdefault(key, model.name)
        for file in model.manifest.files:
            if file.path.endswith((".gguf", ".safetensors")):
                by_content.setdefault(file.sha256, model.name)
    return LocalModels(by_reference, by_variant, by_content)
