"""What a model in Hugging Face layout needs in the transformers engine, in closed form.

That engine has no dry load. Weights come from the safetensors headers by their types, the cache and the
working memory from config.json; a report made of them says `formula`.
"""

from __future__ import annotations

from pathlib import Path

from steelyard.base.errors import Json
from steelyard.fit.dimensions import FLOAT_BYTES, Dimensions, Layer
from steelyard.fit.errors import NotEstimable
from steelyard.fit.needs import DeviceNeed, Need, Question, usual_context
from steelyard.formats.hf_config import HfConfig, HfFolder, read_folder

RUNTIME_BYTES = 250 * 1024 * 1024
"""Resident memory of Python with torch and transformers loaded and no model (measured: torch 2.13, CPU)."""

_HALF_BYTES = 2
_MOST = 2**31 - 1
"""A number above this in config.json reads as none: no real model has it."""


def folder_need(path: Path, asked: Question) -> Need:
    """Compute it.

    Raises:
        NotEstimable: config.json lacks a dimension.
        As `hf_config.read_folder`: it is no model folder, or a file in it is not what it must be.
    """
    folder = read_folder(path)
    dimensions = dimensions_of_config(folder.config)
    element_bytes = _element_bytes(folder)
    tokens = asked.context_tokens or usual_context(dimensions.trained_context_tokens)
    cached = sum(
        (layer.key_width + layer.value_width) * min(tokens, layer.window or tokens)
        for layer in dimensions.layers
    )
    widest = 3 * dimensions.feed_forward + 4 * dimensions.embedding
    sizes = [tensor.size_bytes for header in folder.weights for tensor in header.tensors]
    return Need(
        context_tokens=tokens,
        trained_context_tokens=dimensions.trained_context_tokens,
        devices=(
            DeviceNeed(
                name="CPU",
                kind="cpu",
                weights_bytes=sum(sizes),
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


def _element_bytes(folder: HfFolder) -> int:
    """What activations and cache are kept in: float32 where the weights are, else 16 bits."""
    return FLOAT_BYTES if folder.dominant_dtype == "F32" else _HALF_BYTES


def dimensions_of_config(config: HfConfig) -> Dimensions:
    """What the closed form needs, from config.json.

    Raises:
        NotEstimable: the width or the number of layers is missing.
    """
    embedding = _required(config.hidden_size, "hidden_size")
    count = _required(config.layers, "num_hidden_layers")
    heads = config.heads or 1
    width = (config.kv_heads or heads) * (_whole(config, "head_dim") or embedding // heads)
    return Dimensions(
        layers=tuple(Layer(width, width, window) for window in _windows(config, count)),
        embedding=embedding,
        feed_forward=_whole(config, "intermediate_size", "n_inner") or 4 * embedding,
        vocabulary=config.vocab_size or 0,
        trained_context_tokens=config.context_length,
    )


def _windows(config: HfConfig, count: int) -> list[int | None]:
    window = _whole(config, "sliding_window")
    kinds = _value(config, "layer_types")
    if window is None or _value(config, "use_sliding_window") is False:
        return [None] * count
    if isinstance(kinds, list) and len(kinds) == count:
        return [window if kind == "sliding_attention" else None for kind in kinds]
    return [window] * count


def _value(config: HfConfig, name: str) -> Json:
    """A value of config.json, or of its text part in a model that also sees or hears."""
    text = config.values.get("text_config")
    if isinstance(text, dict) and name in text:
        return text[name]
    return config.values.get(name)


def _whole(config: HfConfig, *names: str) -> int | None:
    for name in names:
        value = _value(config, name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
            return value
    return None


def _required(value: int | None, name: str) -> int:
    if not value:
        raise NotEstimable(
            f"config.json does not say {name}, so the model's memory cannot be computed.",
            next_step="Ask the sender for a complete folder.",
            missing=name,
        )
    return value
