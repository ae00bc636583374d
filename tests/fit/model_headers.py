"""GGUF headers with the real dimensions of well-known models, on sparse files; vocabularies kept small.

Dimensions from the models' published config.json files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formats.gguf_builder import Q8_0, SparseModel, Tensor, bpe_vocabulary, sparse_model

SMALL_VOCABULARY = 2048

_WITH_BIASES = ("qwen2",)
_WITH_HEAD_NORMS = ("qwen3", "gemma3")
_WITH_POST_NORMS = ("gemma3",)


def attention_model(
    architecture: str,
    *,
    layers: int,
    width: int,
    feed_forward: int,
    heads: int,
    kv_heads: int,
    head_length: int,
    vocabulary: int = SMALL_VOCABULARY,
    weight_type: int = Q8_0,
    keys: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> SparseModel:
    """A dense transformer as llama.cpp names its parts; `keys` are of the architecture."""
    of_architecture = {
        "block_count": layers,
        "context_length": 131_072,
        "embedding_length": width,
        "feed_forward_length": feed_forward,
        "attention.head_count": heads,
        "attention.head_count_kv": kv_heads,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "attention.key_length": head_length,
        "attention.value_length": head_length,
        "rope.dimension_count": head_length,
        "vocab_size": vocabulary,
        **(keys or {}),
    }
    everything = {
        "general.architecture": architecture,
        "general.file_type": 7,
        **{f"{architecture}.{key}": value for key, value in of_architecture.items()},
        **bpe_vocabulary(vocabulary, 100),
        **(metadata or {}),
    }
    tensors = [
        Tensor("token_embd.weight", (width, vocabulary), weight_type),
        Tensor("output_norm.weight", (width,)),
        Tensor("output.weight", (width, vocabulary), weight_type),
    ]
    for layer in range(layers):
        tensors += _layer(
            architecture,
            f"blk.{layer}.",
            width,
            feed_forward,
            heads,
            kv_heads,
            head_length,
            weight_type,
        )
    return sparse_model(everything, tensors)


def _layer(
    architecture: str,
    block: str,
    width: int,
    feed_forward: int,
    heads: int,
    kv_heads: int,
    head_length: int,
    weight_type: int,
) -> list[Tensor]:
    query, key = heads * head_length, kv_heads * head_length
    tensors = [
        Tensor(block + "attn_norm.weight", (width,)),
        Tensor(block + "attn_q.weight", (width, query), weight_type),
        Tensor(block + "attn_k.weight", (width, key), weight_type),
        Tensor(block + "attn_v.weight", (width, key), weight_type),
        Tensor(block + "attn_output.weight", (query, width), weight_type),
        Tensor(block + "ffn_norm.weight", (width,)),
        Tensor(block + "ffn_gate.weight", (width, feed_forward), weight_type),
        Tensor(block + "ffn_up.weight", (width, feed_forward), weight_type),
        Tensor(block + "ffn_down.weight", (feed_forward, width), weight_type),
    ]
    if architecture in _WITH_BIASES:
        sizes = {"q": query, "k": key, "v": key}
        tensors += [Tensor(f"{block}attn_{part}.bias", (size,)) for part, size in sizes.items()]
    if architecture in _WITH_HEAD_NORMS:
        tensors += [Tensor(f"{block}attn_{part}_norm.weight", (head_length,)) for part in "qk"]
    if architecture in _WITH_POST_NORMS:
        tensors += [
            Tensor(f"{block}post_{part}_norm.weight", (width,)) for part in ("attention", "ffw")
        ]
    return tensors


def llama_1b() -> SparseModel:
    return attention_model(
        "llama", layers=16, width=2048, feed_forward=8192, heads=32, kv_heads=8, head_length=64
    )


def llama_70b() -> SparseModel:
    return attention_model(
        "llama", layers=80, width=8192, feed_forward=28_672, heads=64, kv_heads=8, head_length=128
    )


def mistral_7b() -> SparseModel:
    """Its config names a window of 4096; llama.cpp keeps the whole context."""
    return attention_model(
        "llama",
        layers=32,
        width=4096,
        feed_forward=14_336,
        heads=32,
        kv_heads=8,
        head_length=128,
        keys={"attention.sliding_window": 4096},
    )


def qwen2_7b() -> SparseModel:
    return attention_model(
        "qwen2", layers=28, width=3584, feed_forward=18_944, heads=28, kv_heads=4, head_length=128
    )


def qwen3_4b() -> SparseModel:
    return attention_model(
        "qwen3", layers=36, width=2560, feed_forward=9728, heads=32, kv_heads=8, head_length=128
    )


def gemma3_12b() -> SparseModel:
    return attention_model(
        "gemma3",
        layers=48,
        width=3840,
        feed_forward=15_360,
        heads=16,
        kv_heads=8,
        head_length=256,
        keys={"attention.sliding_window": 1024},
    )


def mamba2_370m() -> SparseModel:
    """No attention, no context: one state per sequence."""
    width, layers, inner, state, kernel, heads, groups = 1024, 48, 2048, 128, 4, 32, 1
    mixed = inner + 2 * groups * state
    tensors = [
        Tensor("token_embd.weight", (width, SMALL_VOCABULARY), Q8_0),
        Tensor("output_norm.weight", (width,)),
    ]
    for layer in range(layers):
        block = f"blk.{layer}."
        tensors += [
            Tensor(block + "attn_norm.weight", (width,)),
            Tensor(block + "ssm_in.weight", (width, 2 * inner + 2 * groups * state + heads), Q8_0),
            Tensor(block + "ssm_conv1d.weight", (kernel, mixed)),
            Tensor(block + "ssm_conv1d.bias", (mixed,)),
            Tensor(block + "ssm_dt.bias", (heads,)),
            Tensor(block + "ssm_a", (1, heads)),
            Tensor(block + "ssm_d", (1, heads)),
            Tensor(block + "ssm_norm.weight", (inner // groups, groups)),
            Tensor(block + "ssm_out.weight", (inner, width), Q8_0),
        ]
    keys = {
        "block_count": layers,
        "context_length": 1_048_576,
        "embedding_length": width,
        "feed_forward_length": 0,
        "attention.head_count": 0,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "ssm.conv_kernel": kernel,
        "ssm.inner_size": inner,
        "ssm.state_size": state,
        "ssm.time_step_rank": heads,
        "ssm.group_count": groups,
    }
    metadata = {
        "general.architecture": "mamba2",
        "general.file_type": 7,
        **{f"mamba2.{key}": value for key, value in keys.items()},
        **bpe_vocabulary(SMALL_VOCABULARY, 100),
    }
    return sparse_model(metadata, tensors)


MODELS = {
    "llama-1b": llama_1b,
    "llama-70b": llama_70b,
    "mistral-7b": mistral_7b,
    "qwen2-7b": qwen2_7b,
    "qwen3-4b": qwen3_4b,
    "gemma3-12b": gemma3_12b,
}
