"""Memory in closed form: the fallback where the engine cannot be asked, and a check on it.

Weights, KV cache and output are exact for the architectures the dimensions are known of. The compute
buffer is an approximation: within 5 % of llama.cpp 0.3.36 for common shapes, and too high where a model's
feed-forward is narrow (tests/fit/test_formula.py compares it with the engine's own answers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.fit.dimensions import FLOAT_BYTES, Dimensions, Layer
from steelyard.fit.errors import KvTypeUnknown

TENSOR_ALIGNMENT_BYTES = 32
CELLS_ROUNDED_TO = 256
MICRO_BATCH_TOKENS = 512
"""These three as llama.cpp has them and as the runtime's `llama_parameters` sets them; a test compares."""

_BLOCK = 32
_KV_BLOCK_BYTES = {"f16": 64, "q8_0": 34, "q4_0": 18}
"""Bytes for 32 elements (ggml-common.h): q8_0 and q4_0 carry a 16-bit scale per block."""

KV_TYPES = tuple(_KV_BLOCK_BYTES)


@dataclass(frozen=True)
class Parts:
    """Bytes of the four parts."""

    weights_bytes: int = 0
    kv_bytes: int = 0
    compute_bytes: int = 0
    output_bytes: int = 0


def rounded(value: int, step: int) -> int:
    """`value` rounded up to a multiple of `step`."""
    return -(-value // step) * step


def context_cells(context_tokens: int) -> int:
    """Cells a sequence gets that asks for `context_tokens`."""
    return rounded(context_tokens, CELLS_ROUNDED_TO)


def weights_bytes(sizes: Sequence[int]) -> int:
    """Tensors one after the other, each padded."""
    return sum(rounded(size, TENSOR_ALIGNMENT_BYTES) for size in sizes)


def layer_kv_bytes(layer: Layer, context_tokens: int, kv_type: str, sequences: int) -> int:
    """One layer's cache and recurrent state, over all sequences.

    cells · (key width · bytes + value width · bytes); a layer with a window keeps the window and one
    micro-batch, in multiples of 256 cells (llama-kv-cache-iswa.cpp).

    Raises:
        KvTypeUnknown: not one of `KV_TYPES`.
    """
    if kv_type not in _KV_BLOCK_BYTES:
        raise KvTypeUnknown(
            f"{kv_type!r} is not a type for the KV cache.",
            next_step=f"Choose one of {', '.join(KV_TYPES)}.",
            kv_type=kv_type,
        )
    cells = layer_cells(layer, context_tokens)
    width = rounded(layer.key_width, _BLOCK) + rounded(layer.value_width, _BLOCK)
    cache = cells * width // _BLOCK * _KV_BLOCK_BYTES[kv_type]
    return sequences * (cache + layer.state_bytes)


def layer_cells(layer: Layer, context_tokens: int) -> int:
    """Cells a layer keeps for one sequence."""
    cells = context_cells(context_tokens)
    if layer.window is None:
        return cells
    batch = min(MICRO_BATCH_TOKENS, cells)
    return rounded(min(cells, layer.window + batch), CELLS_ROUNDED_TO)


def compute_bytes(dimensions: Dimensions, context_tokens: int) -> int:
    """The working memory of one micro-batch, with flash attention and one row of logits per sequence.

    Fitted to what llama.cpp reserves: the feed-forward's three and the residual stream's four activations in
    float32, and an attention mask in float16 for the whole context and for the window, if there is one.
    """
    batch = min(MICRO_BATCH_TOKENS, context_cells(context_tokens))
    activations = FLOAT_BYTES * (3 * dimensions.feed_forward + 4 * dimensions.embedding)
    masks = {layer_cells(layer, context_tokens) for layer in dimensions.layers if layer.key_width}
    return batch * (activations + 2 * sum(masks))


def output_bytes(dimensions: Dimensions, sequences: int) -> int:
    """One row of float32 logits for each sequence."""
    return sequences * dimensions.vocabulary * FLOAT_BYTES
