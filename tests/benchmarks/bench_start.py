"""How long a start takes, what the window costs in memory and when idle, and how long its event loop stalls.

    QT_QPA_PLATFORM=offscreen PYTHONPATH=desktop:tests python tests/benchmarks/bench_start.py

Writes `tests/benchmarks/results/start.json` and prints it. Every figure comes from a process of its own with a home
of its own, 500 small models in its store and compiled modules at hand, as in an installation. Seconds depend on how
busy the machine is, so bare references (Python alone; PySide6 with one empty widget) take turns with the program,
processor seconds stand beside seconds, and ratios beside both. Nothing here fails for being slow.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import PySide6

import steelyard
from benchmarks.window_probe import IDLE_S, LARGE, MODELS
from formats.gguf_builder import tiny_llama
from steelyard.base.digests import digest_file
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service.requests import ChangeSetting
from steelyard.store.records import FileEntry, State
from steelyard.store.store import Store
from store.model_samples import CLEAN, manifest, put

RUNS = 5
STALL_RUNS = 3
LARGE_BYTES = 1 << 30
PROBE = Path(__file__).with_name("window_probe.py")
RESULTS = Path(__file__).with_name("results") / "start.json"
LIMITS = {
    "version_s": 0.3,
    "version_bytes": 40e6,
    "first_paint_s": 1.2,
    "usable_s": 1.8,
    "all_pages_bytes": 150e6,
    "idle_share": 0.005,
    "stall_p99_ms": 50,
}
PEAK = """
import sys
sys.argv = ["steelyard", "--version"]
from steelyard.__main__ import main
main()
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


def prepare(base: Path) -> Home:
    """A home past its first steps, with the starter, 500 tiny models and one of 1 GiB."""
    home = Home.locate({"STEELYARD_HOME": str(base)})
    with Steelyard.open(home) as desk:
        desk.run(ChangeSetting("window.first-run-done", True))
        store = desk.installation.store
        for number in range(MODELS):
            put(store, {"m.gguf": tiny_llama(general__name=f"m {number}")}, f"model-{number:03d}")
        put_large(store)
    return home


def put_large(store: Store) -> None:
    """A model that takes about a second to hash."""
    staged = store.new_quarantine().file("large.gguf")
    with staged.open("wb") as stream:
        stream.truncate(LARGE_BYTES)
    entry = FileEntry("large.gguf", LARGE_BYTES, digest_file(staged))
    described = replace(manifest({}, LARGE), files=(entry,))
    store.admit(described, {entry.path: staged}, CLEAN, State.ADMITTED)


class Bench:
    """Runs processes in one home, and keeps what each said."""

    def __init__(self, base: Path) -> None:
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("STEELYARD_", "PYTHON", "HF_"))
        } | {
            "STEELYARD_HOME": str(base),
            "HOME": str(base),
            "PYTHONPATH": str(Path(steelyard.__file__).parents[1]),
            # Compiled modules, as an installation has them, also where this environment keeps none.
            "PYTHONPYCACHEPREFIX": str(base / "compiled"),
        }

    def timed(self, *arguments: str) -> dict[str, float]:
        """Seconds and processor seconds of a whole process."""
        before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        self._run(arguments)
        elapsed_s, after = (
            time.perf_counter() - started_s,
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
        used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"s": elapsed_s, "processor_s": used_s}

    def probe(self, kind: str) -> dict[str, object]:
        """What the probe printed."""
        document = json.loads(self._run((str(PROBE), kind)).splitlines()[-1])
        assert isinstance(document, dict)
        return document

    def peak_bytes(self) -> int | None:
        """Peak resident memory of `--version`, where the system tells (Linux)."""
        if not Path("/proc/self/status").exists():
            return None
        return int(self._run(("-c", PEAK)).split()[-1]) * 1024

    def _run(self, arguments: Sequence[str]) -> str:
        started = {"STARTED_S": str(time.monotonic())}
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self._environment | started,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {
        "median": round(statistics.median(values), 4),
        "low": round(min(values), 4),
        "high": round(max(values), 4),
    }


def spreads(documents: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    """`spread` of each figure."""
    return {key: spread([document[key] for document in documents]) for key in documents[0]}


def ratios(
    figures: dict[str, dict[str, float]], reference: dict[str, dict[str, float]], **pairs: str
) -> dict[str, float]:
    """Median over the reference's median, by the figure's name."""
    return {
        name: round(figures[name]["median"] / reference[against]["median"], 2)
        for name, against in pairs.items()
    }


def measure_version(bench: Bench) -> dict[str, object]:
    """`steelyard --version` and Python alone, in turns."""
    asked, alone = ("-m", "steelyard", "--version"), ("-c", "pass")
    bench.timed(*asked)
    taken = [(bench.timed(*asked), bench.timed(*alone)) for _ in range(RUNS)]
    version, python = spreads([t[0] for t in taken]), spreads([t[1] for t in taken])
    return {
        "version": version,
        "python_alone": python,
        "ratios": ratios(version, python, s="s", processor_s="processor_s"),
        "peak_bytes": bench.peak_bytes(),
    }


def measure_window(bench: Bench) -> dict[str, object]:
    """First paint and first page, and an empty widget, in turns."""
    bench.probe("start")
    bench.probe("bare")
    taken = [(bench.probe("start"), bench.probe("bare")) for _ in range(RUNS)]
    window = spreads([t[0] for t in taken])  # type: ignore[misc]  # a start's figures are numbers
    bare = spreads([t[1] for t in taken])  # type: ignore[misc]  # as above
    paint, processor = "first_paint_s", "first_paint_processor_s"
    return {
        "models": MODELS,
        "window": window,
        "empty_widget": bare,
        "ratios": ratios(
            window,
            bare,
            first_paint_s=paint,
            first_paint_processor_s=processor,
            usable_s=paint,
            usable_processor_s=processor,
            resident_bytes="resident_bytes",
        ),
    }


def main() -> None:
    """Measure, write and print."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        bench = Bench(Path(name))
        load = [os.getloadavg()[0]]
        figures = {
            "limits": LIMITS,
            "version": measure_version(bench),
            "start": measure_window(bench),
            "pages_and_idle": {"idle_for_s": IDLE_S, **bench.probe("pages")},
            "stalls": [bench.probe("stalls") for _ in range(STALL_RUNS)],
        }
        load.append(os.getloadavg()[0])
    where = {
        "python": platform.python_version(),
        "pyside6": PySide6.__version__,
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load_before_and_after": [round(value, 1) for value in load],
        "runs": RUNS,
    }
    text = json.dumps({"where": where, **figures}, indent=2) + "\n"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
