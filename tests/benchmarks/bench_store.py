"""How fast a large file is taken in and verified, beside `openssl dgst -sha256` of the same file.

    PYTHONPATH=desktop:tests python tests/benchmarks/bench_store.py [GIB] [FOLDER]

Writes `tests/benchmarks/results/store.json` and prints it. GIB is the file's size (1 by default), FOLDER where
file and store lie (a temporary one by default): the disk that is measured. The three take turns in every run, all
read the file from memory, and each figure is the best of its runs, so that ratios say how much of the reference's
speed is reached whatever else the machine does. Goals: verify at 0.95 of its speed, import at 0.9; an import also
writes the whole file to the disk and waits until it is there, so `write_s`, a plain copy with fsync, stands beside
it. Nothing here fails for being slow.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from formats.gguf_builder import Tensor, sparse_model
from steelyard.base.paths import Home
from steelyard.intake.importer import import_path
from steelyard.store.store import Store

RUNS = 3
GIB = 1 << 30
RESULTS = Path(__file__).with_name("results") / "store.json"
GOALS = {"verify_ratio": 0.95, "import_ratio": 0.9}


def make_model(path: Path, size_bytes: int) -> None:
    """A GGUF file of about that size whose weights are noise, so that no file system can shorten it."""
    model = sparse_model(
        {"general.architecture": "novel", "general.name": "large"},
        [Tensor("noise.weight", (size_bytes // 4,))],
    )
    model.write(path)
    block = os.urandom(1 << 22)
    with path.open("r+b") as stream:
        stream.seek(len(model.header))
        left = path.stat().st_size - len(model.header)
        for number in range(-(-left // len(block))):
            stream.write((number.to_bytes(8, "big") + block[8:])[: left - number * len(block)])


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and processor seconds of this process and its children."""

    def used_s() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))

    before_s, started = used_s(), time.perf_counter()
    work()
    return time.perf_counter() - started, used_s() - before_s


def openssl(path: Path) -> None:
    """The reference."""
    subprocess.run(["openssl", "dgst", "-sha256", path], check=True, stdout=subprocess.DEVNULL)


def copy(path: Path, target: Path) -> None:
    """What the disk takes to hold the file, without looking at it."""
    with path.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 4 << 20)
        writing.flush()
        os.fsync(writing.fileno())
    target.unlink()


def take_in(home: Home, path: Path) -> None:
    """An import into a store that does not have it, the scan in its worker included."""
    with Store(home) as store:
        import_path(store, path, name="large")


def verify(home: Home) -> None:
    """`model verify large`."""
    with Store(home) as store:
        assert store.verify(store.get("large")).ok


def remove(home: Home) -> None:
    """Make room for the next run."""
    with Store(home) as store:
        store.remove(store.get("large"))


def measure(folder: Path, size_bytes: int) -> dict[str, object]:
    """Best of `RUNS` of each, taking turns."""
    path = folder / "large.gguf"
    make_model(path, size_bytes)
    home = Home(folder / "data", folder / "config")
    home.prepare()
    best: dict[str, tuple[float, float]] = {}
    works: dict[str, Callable[[], object]] = {
        "openssl": lambda: openssl(path),
        "write": lambda: copy(path, folder / "copy"),
        "import": lambda: take_in(home, path),
        "verify": lambda: verify(home),
    }
    for _ in range(RUNS):
        for name, work in works.items():
            seconds = timed(work)
            best[name] = min(best.get(name, seconds), seconds)
        remove(home)
    figures: dict[str, object] = {
        "size_bytes": path.stat().st_size,
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "goals": GOALS,
    }
    for name, (wall_s, processor_s) in best.items():
        figures[f"{name}_s"] = round(wall_s, 3)
        figures[f"{name}_processor_s"] = round(processor_s, 3)
    for name in ("verify", "import"):
        figures[f"{name}_ratio"] = round(best["openssl"][0] / best[name][0], 3)
    return figures


def main(arguments: list[str]) -> None:
    """Measure, write and print."""
    size_bytes = int(float(arguments[0]) * GIB) if arguments else GIB
    with tempfile.TemporaryDirectory(dir=arguments[1] if len(arguments) > 1 else None) as folder:
        figures = measure(Path(folder), size_bytes)
    text = json.dumps(figures, indent=1)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(f"{text}\n")
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
