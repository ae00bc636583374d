"""How fast a big file is fetched, verified and admitted from a server on this machine, against what reading it
once costs and against the hub's own library.

    pytest -m benchmark tests/benchmarks/bench_download.py -s
    python tests/benchmarks/bench_download.py [GIB]

Each figure is the median of five runs, taken in turns, so that a busy moment hits all alike. `openssl dgst` reads the
same file from memory. The library fetches the same repository from the same server and checks its size only.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "desktop")]

from formats.gguf_builder import Tensor, build_header  # noqa: E402  # after the path

REPOSITORY = "maker/big"
ROUNDS = 5

PULL = """
import json, sys, time
from pathlib import Path
from intake.judging import OpenGate, judge_here
from steelyard.base.paths import Home
from steelyard.intake.download import Manner
from steelyard.intake.pull import PullLimits, pull
from steelyard.intake.records import PullSpec
from steelyard.store.store import Store
import huggingface_hub, httpx2, steelyard.connections.hub
home = Home(Path(sys.argv[1]) / "data", Path(sys.argv[1]) / "config")
home.prepare()
with Store(home) as store:
    began = time.perf_counter()
    spec = PullSpec("maker/big", endpoint=sys.argv[2])
    limits = PullLimits(manner=Manner(connections=int(sys.argv[3])))
    taken = pull(store, spec, OpenGate(), judge=judge_here, limits=limits)
    assert taken.model.state == "admitted", taken
    print(time.perf_counter() - began)
"""

LIBRARY = """
import os, sys, time
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
from huggingface_hub import snapshot_download
began = time.perf_counter()
snapshot_download("maker/big", endpoint=sys.argv[2], local_dir=sys.argv[1], token=False)
print(time.perf_counter() - began)
"""


def make_file(path: Path, size_bytes: int) -> None:
    """A GGUF file of about this size whose weights are noise."""
    rows = size_bytes // 4096
    head = build_header({"general.architecture": "llama"}, [Tensor("x.weight", (1024, rows))])
    noise = random.Random(1).randbytes(1 << 20)
    with path.open("wb") as stream:
        stream.write(head)
        left = rows * 4096
        number = 0
        while left:
            piece = (number.to_bytes(8, "big") + noise[8:])[:left]
            stream.write(piece)
            left -= len(piece)
            number += 1


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The fast hub over a folder; its address."""
    with subprocess.Popen(
        [sys.executable, str(TESTS / "simulators" / "fast_hub.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def in_process(code: str, *arguments: str) -> float:
    """Seconds that a fresh process measured, imports not counted."""
    path = f"{TESTS.parent / 'desktop'}:{TESTS}"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def openssl(file: Path) -> float:
    """Seconds of `openssl dgst -sha256`."""
    began = time.perf_counter()
    subprocess.run(["openssl", "dgst", "-sha256", str(file)], check=True, capture_output=True)
    return time.perf_counter() - began


def measure(size_bytes: int, rounds: int = ROUNDS) -> dict[str, object]:
    """All figures, in seconds and as ratios."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("STEELYARD_BENCH_DIR")) as name:
        root = Path(name)
        folder = root / "served" / REPOSITORY
        folder.mkdir(parents=True)
        file = folder / "big.gguf"
        make_file(file, size_bytes)
        times: dict[str, list[float]] = {}
        with server(root / "served") as endpoint:

            def fresh(code: str, *more: str) -> Callable[[], float]:
                def run() -> float:
                    target = root / "target"
                    elapsed_s = in_process(code, str(target), endpoint, *more)
                    shutil.rmtree(target)
                    return elapsed_s

                return run

            contestants: dict[str, Callable[[], float]] = {
                "openssl": lambda: openssl(file),
                "pull_1": fresh(PULL, "1"),
                "pull_4": fresh(PULL, "4"),
                "snapshot_download": fresh(LIBRARY),
            }
            for _ in range(rounds):
                for contestant, run in contestants.items():
                    os.sync()
                    times.setdefault(contestant, []).append(run())
        medians = {name: statistics.median(found) for name, found in times.items()}
        size = file.stat().st_size
    return {
        "size_bytes": size,
        "median_s": medians,
        "gb_per_s": {name: size / seconds / 1e9 for name, seconds in medians.items()},
        "of_openssl": {name: medians["openssl"] / seconds for name, seconds in medians.items()},
        "runs_s": times,
    }


@pytest.mark.benchmark
def test_download_against_openssl_and_the_hubs_library() -> None:
    figures = measure(1 << 30)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    gib = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    sys.stdout.write(json.dumps(measure(int(gib * (1 << 30))), indent=2) + "\n")
