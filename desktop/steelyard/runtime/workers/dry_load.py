"""Asks llama.cpp what a model would take, without taking it: the dry load.

The engine loads a header (a sparse twin of the model file, its weights a hole), pretends to allocate, makes a
context with the very parameters the llama.cpp worker runs with, and tells the sizes. Recurrent state
(Mamba and hybrids) is the exception: llama.cpp really allocates it, for as long as the question takes.
Only the inspect worker imports this module: it imports llama_cpp.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from steelyard.runtime.workers import llama_library  # noqa: F401  # first: it raises EngineMissing

# isort: split
import llama_cpp

from steelyard.base.errors import Json
from steelyard.runtime.errors import EngineRefusedModel
from steelyard.runtime.workers import llama_parameters
from steelyard.runtime.workers.llama_breakdown import (
    PRINTED_TO_BYTES,
    BufferSizes,
    SizeLog,
    exact_sizes,
)

FLOAT_BYTES = 4


@dataclass(frozen=True)
class _Question:
    path: Path
    context_tokens: int
    kv_type: str
    sequences: int
    gpu_layers: int


def dry_load(params: dict[str, Json]) -> dict[str, Json]:
    """Answer one question.

    Args:
        params: `path` (a GGUF file, or a twin of its header; the first part when split),
            `context_tokens` (each sequence, at least 1), `kv_type`, `sequences`, `gpu_layers`.

    Returns:
        `context_tokens` as the engine rounds it; `trained_context_tokens`; `vocabulary`; `devices`, each
        `{name, kind, weights_bytes, kv_bytes, compute_bytes, output_bytes}`; `exact`; `precision_bytes`, 0
        when exact, else how far a size may be off; `printed`, the sizes llama.cpp logged; `elapsed_s`.
        `kv_bytes` counts recurrent state too. Where `exact` is false, `weights_bytes` is null: under a
        pretended load llama.cpp prints none.

    Raises:
        EngineMissing: importing this module, when llama-cpp-python is not installed.
        EngineRefusedModel: an architecture or header llama.cpp cannot load, or a context it cannot make.
        UsageError: parameters that make no context.
    """
    question = _question(params)
    started_s = time.perf_counter()
    log = SizeLog()
    llama_cpp.llama_backend_init()
    with (
        log.listening(),
        _model(question, log) as model,
        _context(model, question, log) as context,
    ):
        sizes = exact_sizes(context, log)
        vocabulary = int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model)))
        output_bytes = _output_bytes(log, vocabulary, question.sequences)
        result: dict[str, Json] = {
            "context_tokens": int(llama_cpp.llama_n_ctx_seq(context)),
            "trained_context_tokens": int(llama_cpp.llama_model_n_ctx_train(model)),
            "vocabulary": vocabulary,
            "devices": _devices(sizes, log, output_bytes),
            "exact": sizes is not None,
            "precision_bytes": 0 if sizes else PRINTED_TO_BYTES,
            "printed": [cast("Json", asdict(size)) for size in log.sizes],
        }
    result["elapsed_s"] = time.perf_counter() - started_s
    return result


def _question(params: dict[str, Json]) -> _Question:
    return _Question(
        path=Path(cast("str", params["path"])),
        context_tokens=cast("int", params["context_tokens"]),
        kv_type=cast("str", params.get("kv_type", "f16")),
        sequences=cast("int", params.get("sequences", 1)),
        gpu_layers=cast("int", params.get("gpu_layers", 0)),
    )


@contextmanager
def _model(question: _Question, log: SizeLog) -> Iterator[Any]:
    params = llama_parameters.model_params(gpu_layers=question.gpu_layers, no_alloc=True)
    model = llama_cpp.llama_model_load_from_file(str(question.path).encode(), params)
    if not model:
        raise _refused("llama.cpp cannot load this model", question, log)
    try:
        yield model
    finally:
        llama_cpp.llama_model_free(model)


@contextmanager
def _context(model: Any, question: _Question, log: SizeLog) -> Iterator[Any]:
    params = llama_parameters.context_params(
        context_tokens=question.context_tokens,
        kv_type=question.kv_type,
        sequences=question.sequences,
    )
    context = llama_cpp.llama_init_from_model(model, params)
    if not context:
        raise _refused("llama.cpp cannot make a context of this size", question, log)
    try:
        yield context
    finally:
        llama_cpp.llama_free(context)


def _refused(what: str, question: _Question, log: SizeLog) -> EngineRefusedModel:
    return EngineRefusedModel(
        f"{what}.",
        next_step="Check that this version of llama.cpp knows the model's architecture.",
        path=question.path.name,
        engine_words=cast("Json", log.errors[-3:]),
    )


def _output_bytes(log: SizeLog, vocabulary: int, sequences: int) -> int:
    """One row of float logits per sequence (llama-context.cpp, `output_reserve`), checked against the log.

    An encoder-decoder reserves more; there the printed size, rounded as it is, is the better answer.
    """
    rows = vocabulary * sequences * FLOAT_BYTES
    printed = log.total_bytes("output")
    return rows if abs(rows - printed) <= PRINTED_TO_BYTES else printed


def _devices(sizes: Sequence[BufferSizes] | None, log: SizeLog, output_bytes: int) -> list[Json]:
    if sizes is None:
        return [
            {
                "name": "CPU",
                "kind": "cpu",
                "weights_bytes": None,
                "kv_bytes": log.total_bytes("context"),
                "compute_bytes": log.total_bytes("compute"),
                "output_bytes": output_bytes,
            }
        ]
    names = {"CPU": "cpu"} | {size.device: size.kind for size in sizes}
    return [
        {
            "name": name,
            "kind": kind,
            "weights_bytes": sum(size.weights_bytes for size in sizes if size.device == name),
            "kv_bytes": sum(size.context_bytes for size in sizes if size.device == name),
            "compute_bytes": sum(size.compute_bytes for size in sizes if size.device == name),
            "output_bytes": output_bytes if name == "CPU" else 0,
        }
        for name, kind in names.items()
    ]
