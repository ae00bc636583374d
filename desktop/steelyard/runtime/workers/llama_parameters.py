"""The one place where llama.cpp's load and context parameters are chosen.

The llama.cpp worker runs with them and the dry load asks with them, so what fit promises is what
running takes. Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import llama_cpp

from steelyard.base.errors import UsageError
from steelyard.runtime.workers.host import physical_cores

BATCH_TOKENS = 512
"""Tokens of a prompt given to one `llama_decode`; llama.cpp's own default is 2048, which only costs memory
when one user is served."""

MICRO_BATCH_TOKENS = 512
"""Tokens computed at once; the compute buffer grows with it."""

CELLS_ROUNDED_TO = 256
"""llama.cpp pads a sequence's context up to a multiple of this many cells."""

KV_TYPES = {
    "f16": llama_cpp.GGML_TYPE_F16,
    "q8_0": llama_cpp.GGML_TYPE_Q8_0,
    "q4_0": llama_cpp.GGML_TYPE_Q4_0,
}
"""What keys and values may be stored as. The quantized ones need flash attention."""


def model_params(
    *, gpu_layers: int = 0, use_mmap: bool = True, no_alloc: bool = False
) -> llama_cpp.llama_model_params:
    """How a model file is opened.

    Args:
        gpu_layers: layers to offload, counting the output layer; 0 none, -1 all.
        use_mmap: map the file instead of reading it, so that its pages are shared and can be dropped.
        no_alloc: only pretend to allocate. Mapping is then left off whatever `use_mmap` says: llama.cpp
            aborts the process when both are asked for.
    """
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.no_alloc = no_alloc
    params.load_mode = (
        llama_cpp.LLAMA_LOAD_MODE_MMAP
        if use_mmap and not no_alloc
        else llama_cpp.LLAMA_LOAD_MODE_NONE
    )
    return params


def context_params(
    *,
    context_tokens: int,
    kv_type: str = "f16",
    sequences: int = 1,
    threads: int = 0,
    batch_tokens: int = BATCH_TOKENS,
    micro_batch_tokens: int = MICRO_BATCH_TOKENS,
    outputs_max: int = 0,
    swa_full: bool = False,
) -> llama_cpp.llama_context_params:
    """How a context is created on a model.

    Args:
        context_tokens: cells for each sequence, at least 1; rounded up to `CELLS_ROUNDED_TO`.
        kv_type: a key of `KV_TYPES`.
        sequences: how many conversations share the context, each with `context_tokens` of its own.
        threads: for prompt and generation; 0 takes the physical cores.
        outputs_max: tokens whose logits one decode may ask for; 0 is one per sequence, which is what
            generation needs. llama.cpp would reserve one per token of the batch: 142 MiB more for an 8B.
        swa_full: keep the whole context of sliding-window layers. llama.cpp has it on by default
            (12,288 MiB instead of 2,528 for gemma3-12B at 32k); only rolling back further than the
            window needs it.

    Raises:
        UsageError: an unknown KV type, or a count below 1.
    """
    if kv_type not in KV_TYPES:
        raise UsageError(
            f"{kv_type!r} is not a type for the KV cache.",
            next_step=f"Choose one of {', '.join(KV_TYPES)}.",
            kv_type=kv_type,
        )
    if context_tokens < 1 or sequences < 1:
        raise UsageError(
            "A context needs at least one token and one sequence.",
            context_tokens=context_tokens,
            sequences=sequences,
        )
    count = threads or physical_cores()
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = rounded_context(context_tokens) * sequences
    params.n_seq_max = sequences
    params.n_batch = min(batch_tokens, params.n_ctx)
    params.n_ubatch = min(micro_batch_tokens, params.n_batch)
    params.n_outputs_max = outputs_max or sequences
    params.n_threads = params.n_threads_batch = count
    params.type_k = params.type_v = KV_TYPES[kv_type]
    params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO
    params.swa_full = swa_full
    params.kv_unified = False
    params.no_perf = True
    return params


def rounded_context(context_tokens: int) -> int:
    """The cells llama.cpp gives a sequence that asks for `context_tokens`."""
    return -(-context_tokens // CELLS_ROUNDED_TO) * CELLS_ROUNDED_TO
