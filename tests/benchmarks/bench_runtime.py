"""What a process of its own costs: start, load, first token, pipe, cancel, against the bare engine.

    PYTHONPATH=desktop python tests/benchmarks/bench_runtime.py [MODEL.gguf]

prints medians of five. The starter is the default model.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from steelyard.base.paths import resource
from steelyard.base.progress import CancelToken, Reporter
from steelyard.runtime.engine import Engine
from steelyard.runtime.records import Generation, GenerationRequest, LoadRequest, Sampling
from steelyard.runtime.supervisor import Worker

RUNS = 5
STORY = "Once upon a time there was"


def median_of(measure: Callable[[], float]) -> float:
    """Median of `RUNS` measurements."""
    return statistics.median(measure() for _ in range(RUNS))


def start_s() -> float:
    """From asking for a worker until it answers."""
    began_s = time.perf_counter()
    worker = Worker.start("inspect")
    took_s = time.perf_counter() - began_s
    worker.close()
    return took_s


def load_s(path: Path) -> float:
    """From asking for an engine until it is loaded and warm."""
    began_s = time.perf_counter()
    engine = Engine.load(LoadRequest(path), Reporter())
    took_s = time.perf_counter() - began_s
    engine.close()
    return took_s


def generate(engine: Engine) -> tuple[Generation, float]:
    """A long wild answer, and what the pipe added to it in seconds."""
    wild = Sampling(temperature=2, top_k=0, top_p=1, seed=1, max_tokens=400)
    began_s = time.perf_counter()
    answer = engine.generate(GenerationRequest(prompt=STORY, sampling=wild))
    return answer, time.perf_counter() - began_s - answer.elapsed_s


def cancel_s(engine: Engine) -> float:
    """From the cancel, at the first text, until the answer so far is back."""
    token, called_s = CancelToken(), [0.0]

    def call_off(_text: str) -> None:
        called_s[0] = called_s[0] or time.perf_counter()
        token.cancel()

    long = Sampling(temperature=2, top_k=0, top_p=1, seed=1, max_tokens=10_000)
    engine.generate(GenerationRequest(prompt=STORY, sampling=long), on_text=call_off, cancel=token)
    return time.perf_counter() - called_s[0]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else resource("starter", "starter-Q8_0.gguf")
    started_s, loaded_s = median_of(start_s), median_of(lambda: load_s(path))
    engine = Engine.load(LoadRequest(path), Reporter())
    try:
        answers = [generate(engine) for _ in range(RUNS)]
        stop_s = median_of(lambda: cancel_s(engine))
        bare = engine.benchmark(prompt_tokens=512, generated_tokens=128, repetitions=RUNS)
    finally:
        engine.close()
    figures = {
        "worker answers after": f"{started_s * 1000:.0f} ms",
        "engine loaded after": f"{loaded_s * 1000:.0f} ms",
        "first token after": f"{statistics.median(a.time_to_first_token_s for a, _ in answers) * 1000:.1f} ms",
        "pipe adds to a request": f"{statistics.median(extra for _, extra in answers) * 1000:.2f} ms",
        "cancelled after": f"{stop_s * 1000:.1f} ms",
        "generation, sampled": f"{statistics.median(a.tokens_per_s for a, _ in answers):.0f} tokens/s",
        "generation, bare": f"{statistics.median(bare.generation_tokens_per_s):.0f} tokens/s",
        "prompt, bare": f"{statistics.median(bare.prompt_tokens_per_s):.0f} tokens/s",
        "load average": f"{os.getloadavg()[0]:.1f}",
    }
    for name, value in figures.items():
        sys.stdout.write(f"{name:24} {value}\n")


if __name__ == "__main__":
    main()
