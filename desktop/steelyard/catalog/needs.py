"""Sizes and memory in closed form, for models of which only figures are known.

A rule of thumb to sort a catalog by, always marked as such; `fit` asks the engine once there is a file.
Bits per weight: llama.cpp's published table for its presets (quantize README, Llama-3.1-8B).
"""

from __future__ import annotations

from collections.abc import Mapping

BITS_PER_WEIGHT: Mapping[str, float] = {
    "Q2_K": 3.16,
    "Q3_K_M": 4.00,
    "IQ4_XS": 4.46,
    "Q4_K_M": 4.89,
    "Q5_K_M": 5.70,
    "Q6_K": 6.56,
    "Q8_0": 8.50,
    "BF16": 16.0,
}
"""Presets that publishers usually offer, with the average over all of a model's tensors."""

CONTEXT_TOKENS = 8192
"""The context length that memory is estimated for, or the model's own where that is shorter."""

RESERVE_BYTES = 1024**3
"""What must stay free for it to fit, as in `fit.verdict`; `tight` is up to three times that."""

_BATCH_TOKENS = 512
_LEAST_CONTEXT_BYTES = 256 * 1024**2
_COMPUTE_BYTES = 300 * 1024**2


def formula_bytes(parameters: int, quantization: str) -> int | None:
    """Size of a model's weights at one of the usual presets; None for any other."""
    bits = BITS_PER_WEIGHT.get(quantization)
    return None if bits is None else int(parameters * bits / 8)


def needed_bytes(
    weights_bytes: int, dimensions: Mapping[str, int], context_length: int | None = None
) -> int:
    """Memory to load weights of this size with `CONTEXT_TOKENS`: weights, KV cache at 16 bits, compute buffer.

    Formulas: facts/engine.md, "Memory formulas"; sliding windows are not taken into account. Without
    dimensions a tenth of the weights stands for the cache.
    """
    tokens = min(CONTEXT_TOKENS, context_length or CONTEXT_TOKENS)
    d = dimensions
    if d.get("layers") and d.get("kv_lora"):
        cache = d["layers"] * tokens * 2 * (d["kv_lora"] + d.get("rope_length", 0))
    elif d.get("layers") and d.get("kv_heads") and d.get("head_length"):
        cache = d["layers"] * tokens * 2 * 2 * d["kv_heads"] * d["head_length"]
    else:
        cache = max(weights_bytes // 10, _LEAST_CONTEXT_BYTES)
    wide = d.get("vocabulary", 0) + 2 * d.get("embedding", 0)
    return weights_bytes + cache + (4 * _BATCH_TOKENS * wide or _COMPUTE_BYTES)


def fits(needed: int | None, available_bytes: int | None) -> str:
    """`yes`, `tight`, `no`, or empty: not known."""
    if needed is None or available_bytes is None:
        return ""
    left = available_bytes - needed
    if left < RESERVE_BYTES:
        return "no"
    return "tight" if left < 3 * RESERVE_BYTES else "yes"
