"""What a model needs that is not here: its size and dimensions as a catalog tells them, in closed form.

The same formula as for a file's header, from fewer facts; a file that has arrived is asked of the engine instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.fit.dimensions import WINDOW_EVERY, WINDOW_IGNORED, Dimensions, Layer
from steelyard.fit.errors import NotEstimable
from steelyard.fit.formula import compute_bytes, context_cells, layer_kv_bytes, output_bytes
from steelyard.fit.needs import DeviceNeed, Need, Question, usual_context

_LAYERS_MOST = 4096
"""More than any model has: a catalog is text from outside, and each layer becomes an object."""


@dataclass(frozen=True)
class Described:
    """A model by its facts.

    Attributes:
        dimensions: as `CatalogDetail.dimensions`: `layers`, `embedding`, `heads`, `kv_heads`, `head_length`,
            `feed_forward`, `vocabulary`, `window`, `kv_lora`, `rope_length`, `experts_used`, ...
        weights_bytes: size of the file or files.
        architecture: by its GGUF name, or empty; decides which layers look back only a window.
    """

    dimensions: Mapping[str, int]
    weights_bytes: int
    architecture: str = ""
    trained_context_tokens: int | None = None


def described_need(described: Described, asked: Question) -> Need:
    """Compute it.

    Raises:
        NotEstimable: the number of layers, the width or the attention heads are not told.
        KvTypeUnknown: no such type.
    """
    dimensions = dimensions_of_described(described)
    tokens = asked.context_tokens or usual_context(described.trained_context_tokens)
    return Need(
        context_tokens=context_cells(tokens),
        trained_context_tokens=described.trained_context_tokens,
        devices=(
            DeviceNeed(
                name="CPU",
                kind="cpu",
                weights_bytes=described.weights_bytes,
                kv_bytes=sum(
                    layer_kv_bytes(layer, tokens, asked.kv_type, asked.sequences)
                    for layer in dimensions.layers
                ),
                compute_bytes=compute_bytes(dimensions, tokens),
                output_bytes=output_bytes(dimensions, asked.sequences),
            ),
        ),
        source="formula",
        notes=(
            "The model is not here, so this was computed from what its catalog entry says.",
            *dimensions.notes,
        ),
    )


def dimensions_of_described(described: Described) -> Dimensions:
    """What the closed form needs, from a catalog's dimensions.

    Raises:
        NotEstimable: as above.
    """
    told = described.dimensions
    count, embedding = _required(told, "layers"), _required(told, "embedding")
    if count > _LAYERS_MOST:
        raise NotEstimable(
            f"The entry speaks of {count:,} layers, so its memory cannot be computed.",
            next_step="Ask its source again, or download it and ask the engine.",
            layers=count,
        )
    key, value = _widths(told, embedding)
    windows, notes = _windows(described, count)
    return Dimensions(
        layers=tuple(Layer(key, value, window) for window in windows),
        embedding=embedding,
        feed_forward=_feed_forward(told) or 4 * embedding,
        vocabulary=told.get("vocabulary", 0),
        trained_context_tokens=described.trained_context_tokens,
        notes=notes,
    )


def _required(told: Mapping[str, int], name: str) -> int:
    value = told.get(name, 0)
    if value <= 0:
        raise NotEstimable(
            f"The catalog does not say the model's {name}, so its memory cannot be computed.",
            next_step="Ask its source again, or download it and ask the engine.",
            missing=name,
        )
    return value


def _widths(told: Mapping[str, int], embedding: int) -> tuple[int, int]:
    if latent := told.get("kv_lora", 0):
        return latent + told.get("rope_length", 0), 0  # one compressed vector, no values
    heads = _required(told, "heads")
    length = told.get("head_length") or embedding // heads
    width = (told.get("kv_heads") or heads) * length
    return width, width


def _windows(described: Described, count: int) -> tuple[list[int | None], tuple[str, ...]]:
    window = described.dimensions.get("window", 0)
    if window <= 0 or described.architecture in WINDOW_IGNORED:
        return [None] * count, ()
    every = WINDOW_EVERY.get(described.architecture)
    if every is None:
        note = (
            f"Some layers may look back only {window:,} tokens. Which ones is not told, so all are counted "
            "with the whole context; the true need may be smaller."
        )
        return [None] * count, (note,)
    return [window if place % every < every - 1 else None for place in range(count)], ()


def _feed_forward(told: Mapping[str, int]) -> int:
    expert = told.get("expert_feed_forward", 0) * told.get("experts_used", 0)
    return max(told.get("feed_forward", 0), expert + told.get("shared_expert_feed_forward", 0))
