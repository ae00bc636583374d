"""The variants that a list of files holds, by their names alone: GGUF models with their parts put together, and
the safetensors model at the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.catalog.records import MOST_VARIANTS, NAME_CHARS, Variant
from steelyard.formats.file_names import gguf_sets, quantization_of, safetensors_weights


@dataclass(frozen=True)
class ListedFile:
    """A file as its source lists it; None: it does not say."""

    size_bytes: int | None = None
    sha256: str | None = None


def variants_of(
    files: Mapping[str, ListedFile], reference: str, whole_quantization: str = ""
) -> tuple[Variant, ...]:
    """What can be had of these files.

    Args:
        reference: the repository's, before `:file`.
        whole_quantization: of the safetensors model, where it is known.
    """
    found = []
    for one in gguf_sets(files)[:MOST_VARIANTS]:
        quantization = quantization_of(one.stem) or quantization_of(one.parts[0])
        found.append(
            Variant(
                label=quantization or one.stem[:NAME_CHARS],
                reference=f"{reference}:{one.parts[0]}",
                format="gguf",
                quantization=quantization,
                size_bytes=_together(files, one.parts),
                sha256=files[one.parts[0]].sha256 if len(one.parts) == 1 else None,
            )
        )
    weights = safetensors_weights(files) if "config.json" in files else ()
    if weights:
        found.append(
            Variant(
                label="safetensors",
                reference=reference,
                format="safetensors",
                quantization=whole_quantization,
                size_bytes=_together(files, weights),
                sha256=files[weights[0]].sha256 if len(weights) == 1 else None,
            )
        )
    return tuple(found)


def _together(files: Mapping[str, ListedFile], paths: tuple[str, ...]) -> int | None:
    """The size of all parts; not known when one is missing or its size is."""
    total = 0
    for path in paths:
        size_bytes = files[path].size_bytes if path in files else None
        if size_bytes is None:
            return None
        total += size_bytes
    return total
