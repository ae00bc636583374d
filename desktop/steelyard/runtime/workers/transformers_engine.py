"""The transformers worker: safetensors folders, on the processor or CUDA. Unloading is ending the process."""

from __future__ import annotations

from steelyard.runtime.job import Operations
from steelyard.runtime.workers.installation import engine_did_not_load


def operations() -> Operations:
    """What this worker can do: the same as the llama.cpp worker.

    Raises:
        EngineMissing: torch or transformers is not installed, or does not load.
    """
    try:
        from steelyard.runtime.workers.torch_engine import TorchEngine  # noqa: PLC0415  # brings torch
    except (ImportError, OSError) as error:
        raise engine_did_not_load("transformers", error) from error

    engine = TorchEngine()
    return {
        "load": engine.load,
        "generate": engine.generate,
        "tokenize": engine.tokenize,
        "render": engine.render,
        "benchmark": engine.benchmark,
    }
