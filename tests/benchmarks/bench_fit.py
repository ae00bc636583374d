"""How long fit takes for an 8B with its whole vocabulary, and how much memory its worker needs.

    PYTHONPATH=desktop:tests python tests/benchmarks/bench_fit.py

Prints one JSON document: seconds of a whole answer (read and copy the header, start a worker, load, answer) and
of the dry load inside the worker, median and range of five; the worker's peak resident memory (Linux); and how
far the closed form is from the engine. Bounds that must hold are in tests/fit/test_dry_load.py.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fit.model_headers import MODELS
from formats.gguf_builder import llama_8b_header
from steelyard.fit.dimensions import dimensions_of
from steelyard.fit.estimate import ask_fit
from steelyard.fit.formula import compute_bytes, layer_kv_bytes, output_bytes, weights_bytes
from steelyard.formats.gguf import read_header
from steelyard.machine.probe import probe
from steelyard.runtime import wire
from steelyard.runtime.supervisor import Worker

REPETITIONS = 5
CONTEXTS = (512, 8192, 32_768, 131_072)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {
        "median": round(statistics.median(values), 4),
        "low": round(min(values), 4),
        "high": round(max(values), 4),
    }


def whole_answers(path: Path, folder: Path) -> dict[str, object]:
    """`ask_fit` from start to end."""
    memory = probe(folder).memory
    seconds = []
    for _ in range(REPETITIONS):
        started_s = time.perf_counter()
        answer = ask_fit(path, target="8b", context_tokens=8192, memory=memory)
        seconds.append(time.perf_counter() - started_s)
    return {
        "answer_s": spread(seconds),
        "source": answer.source,
        "kv_bytes": answer.kv_bytes,
        "compute_bytes": answer.compute_bytes,
        "weights_bytes": answer.weights_bytes,
    }


def inside_the_worker(path: Path) -> dict[str, object]:
    """The dry load alone, in fresh processes, and their peak memory."""
    seconds, peaks = [], []
    for _ in range(REPETITIONS):
        worker = Worker.start("inspect")
        params = {"path": str(path), "context_tokens": 8192}
        load = wire.dry_load_from_json(worker.call("dry_load", params, timeout_s=60))
        seconds.append(load.elapsed_s)
        status = Path(f"/proc/{worker.pid}/status")
        if status.exists():
            peaks.append(int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024)
        worker.close()
    return {"dry_load_s": spread(seconds), "worker_peak_bytes": spread(peaks) if peaks else None}


def closed_form_errors(folder: Path) -> dict[str, object]:
    """Relative error of the closed form, (computed - told) / told, over models and contexts."""
    worker = Worker.start("inspect")
    compute, total = [], []
    for name, make in MODELS.items():
        header = read_header(make().write(folder / f"{name}.gguf"))
        dimensions = dimensions_of(header)
        weights = weights_bytes([tensor.size_bytes for tensor in header.tensors])
        for context in CONTEXTS:
            params = {"path": str(header.path), "context_tokens": context}
            load = wire.dry_load_from_json(worker.call("dry_load", params, timeout_s=60))
            (told,) = load.devices
            computed = compute_bytes(dimensions, context)
            cache = sum(layer_kv_bytes(layer, context, "f16", 1) for layer in dimensions.layers)
            everything = weights + cache + computed + output_bytes(dimensions, 1)
            told_total = (told.weights_bytes or weights) + told.kv_bytes + told.compute_bytes
            compute.append(computed / told.compute_bytes - 1)
            total.append(everything / (told_total + told.output_bytes) - 1)
    worker.close()
    return {"cases": len(total), "compute": spread(compute), "total": spread(total)}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = llama_8b_header().write(folder / "8b.gguf")
        figures = {
            "llama_8b_f16_at_8192": whole_answers(path, folder) | inside_the_worker(path),
            "closed_form_relative_error": closed_form_errors(folder),
        }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
