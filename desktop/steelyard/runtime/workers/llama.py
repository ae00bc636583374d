"""The llama.cpp worker. Unloading its model is ending the process."""

from __future__ import annotations

from steelyard.runtime.job import Operations


def operations() -> Operations:
    """What this worker can do.

    Raises:
        EngineMissing: llama-cpp-python is not installed, or its library does not load.
    """
    # The library first: it says in words when it is not there.
    from steelyard.runtime.workers import llama_library  # noqa: F401, PLC0415  # see above
    from steelyard.runtime.workers.llama_engine import LlamaEngine  # noqa: PLC0415  # needs it

    engine = LlamaEngine()
    return {
        "load": engine.load,
        "generate": engine.generate,
        "tokenize": engine.tokenize,
        "render": engine.render,
        "benchmark": engine.benchmark,
    }
