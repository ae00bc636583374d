"""What a model in Hugging Face layout needs in the transformers engine, in closed form.

That engine has no dry load. Weights come from the safetensors headers by their types, the cache and the working
memory from config.json; a report made of them says `formula`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from steelyard.base.errors import Json
from steelyard.fit.dimensions import FLOAT_BYTES, Dimensions, Layer
from steelyard.fit.errors import NotEstimable
from steelyard.fit.needs import DeviceNeed, Need, Question, usual_context
from steelyard.formats.bounded_json import read_object
from steelyard.formats.errors import NotAModel
from steelyard.formats.safetensors import SafetensorsHeader, read_header, read_sharded

RUNTIME_BYTES = 250 * 1024 * 1024
"""Resident memory of Python with torch and transformers loaded and no model (measured: torch 2.13, CPU)."""

_CONFIG_LIMIT_BYTES = 8 * 1024 * 1024
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"
_HALF_BYTES = 2
_MOST = 2**31 - 1
_MOST_LAYERS = 512
"""As for GGUF headers: far above any real model. No claim may make this program build more."""


def folder_need(folder: Path, asked: Question) -> Need:
    """Compute it.

    Raises:
        NotAModel: no config.json, or no safetensors weights.
        NotEstimable: config.json lacks a dimension.
        MalformedInput: a file is not what it claims to be; the code says how.
    """
    if not (folder / "config.json").is_file():
        raise NotAModel(
            f"{folder.name} is not a model folder: it has no config.json.",
            next_step="Give the path of a GGUF file, or of a folder with config.json and weights.",
            path=str(folder),
            content="folder",
        )
    dimensions = dimensions_of_config(
        read_object(folder / "config.json", limit_bytes=_CONFIG_LIMIT_BYTES)
    )
    headers = _weights(folder)
    element_bytes = _element_bytes(headers)
    tokens = asked.context_tokens or usual_context(dimensions.trained_context_tokens)
    cached = sum(
        (layer.key_width + layer.value_width) * min(tokens, layer.window or tokens)
        for layer in dimensions.layers
    )
    widest = 3 * dimensions.feed_forward + 4 * dimensions.embedding
    return Need(
        context_tokens=tokens,
        trained_context_tokens=dimensions.trained_context_tokens,
        devices=(
            DeviceNeed(
                name="CPU",
                kind="cpu",
                weights_bytes=sum(
                    tensor.size_bytes for header in headers for tensor in header.tensors
                ),
                kv_bytes=asked.sequences * cached * element_bytes,
                compute_bytes=RUNTIME_BYTES + tokens * widest * element_bytes,
                output_bytes=asked.sequences * dimensions.vocabulary * FLOAT_BYTES,
            ),
        ),
        source="formula",
        notes=_notes(asked),
    )


def _notes(asked: Question) -> tuple[str, ...]:
    notes = ["The transformers engine cannot be asked before it loads, so this was computed."]
    if asked.kv_type != "f16":
        notes.append("That engine keeps the KV cache in the weights' own type.")
    if asked.gpu_layers:
        notes.append("Graphics processors are not counted for that engine.")
    return tuple(notes)


def _weights(folder: Path) -> tuple[SafetensorsHeader, ...]:
    if (folder / _INDEX).is_file():
        return read_sharded(folder / _INDEX)
    if (folder / _WEIGHTS).is_file():
        return (read_header(folder / _WEIGHTS),)
    raise NotAModel(
        f"{folder.name} has a config.json, but no {_WEIGHTS}.",
        next_step="Only weights in safetensors files are loaded. Look for a copy that has them.",
        path=str(folder),
        content="folder",
    )


def _element_bytes(headers: tuple[SafetensorsHeader, ...]) -> int:
    """What activations and cache are kept in: float32 where the weights are, else 16 bits."""
    elements: dict[str, int] = {}
    for header in headers:
        for dtype, count in header.elements_by_dtype.items():
            elements[dtype] = elements.get(dtype, 0) + count
    most = max(elements, key=lambda dtype: elements[dtype], default="")
    return FLOAT_BYTES if most == "F32" else _HALF_BYTES


def dimensions_of_config(config: Mapping[str, Json]) -> Dimensions:
    """Read config.json, by the names most models use and by GPT-2's.

    Raises:
        NotEstimable: the width or the number of layers is missing.
    """
    inner = config.get("text_config")  # of a model that also sees or hears
    text = inner if isinstance(inner, dict) else config
    embedding = _required(text, "hidden_size", "n_embd")
    count = min(_required(text, "num_hidden_layers", "n_layer"), _MOST_LAYERS)
    heads = _whole(text, "num_attention_heads", "n_head") or 1
    kv_heads = _whole(text, "num_key_value_heads") or heads
    width = kv_heads * (_whole(text, "head_dim") or embedding // heads)
    return Dimensions(
        layers=tuple(Layer(width, width, window) for window in _windows(text, count)),
        embedding=embedding,
        feed_forward=_whole(text, "intermediate_size", "n_inner") or 4 * embedding,
        vocabulary=_whole(text, "vocab_size") or 0,
        trained_context_tokens=_whole(text, "max_position_embeddings", "n_positions"),
    )


def _windows(config: Mapping[str, Json], count: int) -> list[int | None]:
    window = _whole(config, "sliding_window")
    kinds = config.get("layer_types")
    if window is None or config.get("use_sliding_window") is False:
        return [None] * count
    if isinstance(kinds, list) and len(kinds) == count:
        return [window if kind == "sliding_attention" else None for kind in kinds]
    return [window] * count


def _whole(config: Mapping[str, Json], *names: str) -> int | None:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
            return value
    return None


def _required(config: Mapping[str, Json], *names: str) -> int:
    value = _whole(config, *names)
    if value is None:
        raise NotEstimable(
            f"config.json does not say {names[0]}, so the model's memory cannot be computed.",
            next_step="Ask the sender for a complete folder.",
            missing=names[0],
        )
    return value
