"""One thread or all cores for small models, in one run on one machine.

    PYTHONPATH=desktop python tests/benchmarks/bench_threads.py [MODEL.gguf]

prints prompt and generation rates per number of threads and their ratio. The starter is the default.
"""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

from steelyard.base.paths import resource
from steelyard.base.progress import Reporter
from steelyard.runtime.engine import Engine
from steelyard.runtime.records import LoadRequest


def generation_per_s(path: Path, threads: int) -> float:
    """Median tokens per second of five generations of 64 tokens."""
    engine = Engine.load(LoadRequest(path, threads=threads), Reporter())
    try:
        rates = engine.benchmark(prompt_tokens=128, generated_tokens=64, repetitions=5)
    finally:
        engine.close()
    return statistics.median(rates.generation_tokens_per_s)


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else resource("starter", "starter-Q8_0.gguf")
    cores = os.cpu_count() or 1
    one, all_cores = generation_per_s(path, 1), generation_per_s(path, cores)
    sys.stdout.write(
        f"{path.name}: {one:.0f} tokens/s with 1 thread, {all_cores:.0f} with {cores}, "
    )
    sys.stdout.write(f"ratio {one / all_cores:.2f}, load average {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
