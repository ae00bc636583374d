"""Ollama's folder: `manifests/HOST/NAMESPACE/MODEL/TAG` is a JSON list of layers, `blobs/sha256-<hex>` holds them.

The weights are a GGUF file under its digest's name; license texts are layers of their own. Templates, system
prompts and parameters are Ollama's and stay there (ollama/ollama, `server/internal/manifest`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.intake.elsewhere.records import (
    Budget,
    Elsewhere,
    Origin,
    Part,
    is_gguf,
    regular_size,
)
from steelyard.store.names import name_from

MANIFEST_BYTES = 1024 * 1024
MOST_LAYERS = 100
USUAL_HOST = "registry.ollama.ai"
USUAL_NAMESPACE = "library"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WEIGHTS = "application/vnd.ollama.image.model"
_LICENSE = "application/vnd.ollama.image.license"
_BESIDE = ("application/vnd.ollama.image.adapter", "application/vnd.ollama.image.projector")
_MANIFEST_DEPTH = 4


@dataclass(frozen=True)
class _Layer:
    kind: str
    digest: str
    size_bytes: int


def root_of(manifest: Path) -> Path | None:
    """The folder of Ollama's models that a manifest's path lies in, or None: it is no such path."""
    parents = manifest.parents
    if len(parents) <= _MANIFEST_DEPTH or parents[_MANIFEST_DEPTH - 1].name != "manifests":
        return None
    root = parents[_MANIFEST_DEPTH]
    return root if (root / "blobs").is_dir() else None


def is_root(folder: Path) -> bool:
    """True for a folder laid out as Ollama's."""
    return (folder / "manifests").is_dir() and (folder / "blobs").is_dir()


def models(root: Path, budget: Budget) -> Iterator[Elsewhere]:
    """Every complete model under a folder of Ollama's."""
    for manifest in _manifests(root / "manifests", budget, _MANIFEST_DEPTH):
        if (model := read(root, manifest)) is not None:
            yield model


def _manifests(folder: Path, budget: Budget, depth: int) -> Iterator[Path]:
    for entry in budget.entries(folder):
        if depth > 1 and entry.is_dir(follow_symlinks=False):
            yield from _manifests(Path(entry.path), budget, depth - 1)
        elif depth == 1 and entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def read(root: Path, manifest: Path) -> Elsewhere | None:
    """The model a manifest names; None where it is not one, or its files are not all there."""
    layers = _layers(manifest)
    weights = [layer for layer in layers if layer.kind == _WEIGHTS]
    if len(weights) != 1:
        return None
    host, namespace, model, tag = manifest.parts[-_MANIFEST_DEPTH:]
    licenses = [layer for layer in layers if layer.kind == _LICENSE]
    named = [(f"{name_from(f'{model}-{tag}')}.gguf", weights[0])]
    named += [("LICENSE" if n == 1 else f"LICENSE-{n}", each) for n, each in enumerate(licenses, 1)]
    parts = []
    for path, layer in named:
        location = _blob(root, layer.digest)
        size_bytes = None if location is None else regular_size(location)
        if location is None or size_bytes != layer.size_bytes:
            return None
        parts.append(Part(path, location, size_bytes, layer.digest))
    if not is_gguf(parts[0].location):
        return None
    return Elsewhere(
        path=manifest,
        title=_title(host, namespace, model, tag),
        origin=Origin.OLLAMA,
        format="gguf",
        parts=tuple(parts),
        repository=None,
        left_out=tuple(layer.kind.rpartition(".")[2] for layer in layers if layer.kind in _BESIDE),
    )


def _title(host: str, namespace: str, model: str, tag: str) -> str:
    short = f"{model}:{tag}"
    if host != USUAL_HOST:
        return f"{host}/{namespace}/{short}"
    return short if namespace == USUAL_NAMESPACE else f"{namespace}/{short}"


def _blob(root: Path, digest: str) -> Path | None:
    # Older versions wrote the colon itself.
    names = (digest.replace(":", "-"), digest)
    return next((path for name in names if (path := root / "blobs" / name).is_file()), None)


def _layers(manifest: Path) -> tuple[_Layer, ...]:
    """The layers of a manifest; none of one that is too large, malformed or not a manifest at all."""
    size_bytes = regular_size(manifest)
    if size_bytes is None or size_bytes > MANIFEST_BYTES:
        return ()
    try:
        with manifest.open("rb") as stream:
            value = strict_loads(stream.read(MANIFEST_BYTES), what=manifest.name)
    except (OSError, MalformedInput):
        return ()
    listed = value.get("layers") if isinstance(value, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_LAYERS:
        return ()
    layers = [_layer(item) for item in listed]
    # One that cannot be read may be the adapter that makes it another model.
    return tuple(layer for layer in layers if layer is not None) if None not in layers else ()


def _layer(item: Json) -> _Layer | None:
    if not isinstance(item, dict):
        return None
    kind, digest, size_bytes = item.get("mediaType"), item.get("digest"), item.get("size")
    if not (isinstance(kind, str) and isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        return None
    if isinstance(size_bytes, bool) or not isinstance(size_bytes, int):
        return None
    return _Layer(kind.partition(";")[0].strip(), digest, size_bytes)
