"""The dimensions memory is computed from, read from a GGUF header's metadata.

Keys as llama.cpp's `LLM_KV_*` names them; defaults as its `load_hparams` takes them (llama-model.cpp and
src/models/*.cpp of the version in use).
"""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.fit.errors import NotEstimable
from steelyard.formats.gguf_cursor import NumberArray
from steelyard.formats.gguf_header import GgufHeader

FLOAT_BYTES = 4

WINDOW_EVERY = {
    "gemma2": 2, "gemma3": 6, "gpt-oss": 2, "cohere2": 4, "olmo2": 4, "exaone-moe": 4, "plamo3": 8,
    "gemma-embedding": 6, "afmoe": 4,
}  # fmt: skip
"""Every n-th layer of these sees the whole context, the others a window, unless the header says otherwise."""

WINDOW_IGNORED = frozenset({"llama", "phi3", "qwen2", "qwen2moe", "qwen3", "qwen3moe"})
"""The header may name a window, llama.cpp keeps the whole context all the same."""


@dataclass(frozen=True)
class Layer:
    """One layer's memory of the past.

    Attributes:
        key_width, value_width: elements kept per token, over all key-value heads; 0 for a layer without
            attention.
        window: tokens it looks back, or None: all of them.
        state_bytes: recurrent state for one sequence, independent of the context.
    """

    key_width: int
    value_width: int
    window: int | None = None
    state_bytes: int = 0


@dataclass(frozen=True)
class Dimensions:
    """What the closed form needs to know of a model.

    Attributes:
        feed_forward: the widest feed-forward computed for a token, active experts only.
        notes: sentences on what could not be told and how it was then counted.
    """

    layers: tuple[Layer, ...]
    embedding: int
    feed_forward: int
    vocabulary: int
    trained_context_tokens: int | None
    notes: tuple[str, ...] = ()


def dimensions_of(header: GgufHeader) -> Dimensions:
    """Read them.

    Raises:
        NotEstimable: a dimension that has no default is missing.
    """
    embedding = _required(header, "embedding_length")
    count = _required(header, "block_count")
    windows, notes = _windows(header, count)
    kv_heads = _kv_heads(header, count)
    layers = tuple(_layer(header, i, kv_heads[i], embedding, windows[i]) for i in range(count))
    return Dimensions(
        layers=layers,
        embedding=embedding,
        feed_forward=_feed_forward(header),
        vocabulary=header.vocabulary_size or header.of_architecture("vocab_size") or 0,
        trained_context_tokens=header.context_length,
        notes=notes,
    )


def _required(header: GgufHeader, name: str) -> int:
    value = header.of_architecture(name)
    if not value:
        raise NotEstimable(
            f"The header does not say the model's {name.replace('_', ' ')}, "
            "so its memory cannot be computed.",
            next_step="Ask the sender for a complete file.",
            missing=f"{header.architecture}.{name}",
        )
    return value


def _count(header: GgufHeader, name: str) -> int:
    return max(header.of_architecture(name) or 0, 0)


def _per_layer(header: GgufHeader, name: str, count: int) -> list[int] | None:
    """A key that is one number for all layers, or an array with one for each."""
    value = header.metadata.get(f"{header.architecture}.{name}")
    if isinstance(value, NumberArray):
        whole = [max(item, 0) for item in value if isinstance(item, int)]
        return whole if len(whole) == len(value) >= count else None
    return [max(value, 0)] * count if isinstance(value, int) else None


def _kv_heads(header: GgufHeader, count: int) -> list[int]:
    heads = _per_layer(header, "attention.head_count_kv", count)
    return heads or _per_layer(header, "attention.head_count", count) or [0] * count


def _layer(
    header: GgufHeader, index: int, kv_heads: int, embedding: int, window: int | None
) -> Layer:
    interval = _count(header, "full_attention_interval")
    attends = bool(kv_heads) and (not interval or (index + 1) % interval == 0)
    both = header.architecture == "falcon-h1"
    key, value = _widths(header, kv_heads, embedding) if attends else (0, 0)
    return Layer(key, value, window, _state_bytes(header) if both or not attends else 0)


def _widths(header: GgufHeader, kv_heads: int, embedding: int) -> tuple[int, int]:
    heads = max(_per_layer(header, "attention.head_count", 1) or [0])
    usual = embedding // heads if heads else 0
    key = header.of_architecture("attention.key_length") or usual
    value = header.of_architecture("attention.value_length") or usual
    if header.of_architecture("attention.key_length_mla"):
        value = 0  # latent attention keeps one compressed vector, from which both are made
    return kv_heads * key, kv_heads * value


def _windows(header: GgufHeader, count: int) -> tuple[list[int | None], tuple[str, ...]]:
    everything: list[int | None] = [None] * count
    window = _count(header, "attention.sliding_window")
    if not window or header.architecture in WINDOW_IGNORED:
        return everything, ()
    pattern = header.metadata.get(f"{header.architecture}.attention.sliding_window_pattern")
    if isinstance(pattern, NumberArray) and len(pattern) >= count:
        return [window if pattern[i] else None for i in range(count)], ()
    every = (
        pattern
        if isinstance(pattern, int) and pattern > 0
        else WINDOW_EVERY.get(header.architecture)
    )
    if every:
        return [window if i % every < every - 1 else None for i in range(count)], ()
    note = (
        f"Some layers may look back only {window:,} tokens. Which ones is not known, so all are counted "
        "with the whole context; the true need may be smaller."
    )
    return everything, (note,)


def _state_bytes(header: GgufHeader) -> int:
    """Mamba's convolution and state for one sequence and layer, in float32 (llama-hparams.cpp)."""
    inner, state = _count(header, "ssm.inner_size"), _count(header, "ssm.state_size")
    groups, kernel = _count(header, "ssm.group_count"), _count(header, "ssm.conv_kernel")
    convolution = max(kernel - 1, 0) * (inner + 2 * groups * state)
    return FLOAT_BYTES * (convolution + state * inner)


def _feed_forward(header: GgufHeader) -> int:
    count = header.block_count or 0
    dense = max(_per_layer(header, "feed_forward_length", count) or [0])
    expert = max(_per_layer(header, "expert_feed_forward_length", count) or [0])
    shared = _count(header, "expert_shared_feed_forward_length")
    used = _count(header, "expert_used_count")
    return max(dense if not used or expert else dense * used, expert * used + shared)
