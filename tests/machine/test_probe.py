"""The whole probe: complete, quick, and without engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

import steelyard
from steelyard.machine.probe import probe


def test_a_probe_reports_this_machine(tmp_path: Path) -> None:
    report = probe(tmp_path)
    assert report.os.name
    assert report.os.python == ".".join(map(str, sys.version_info[:3]))
    assert 0 < report.memory.available_bytes <= report.memory.total_bytes
    assert report.memory.total_bytes <= psutil.virtual_memory().total
    assert report.cpu.logical_cores >= 1
    assert sum(disk.holds_store for disk in report.disks) == 1
    assert report.engine_devices == ()


def test_a_probe_takes_under_a_second(tmp_path: Path) -> None:
    # The best of three: the machine may be busy with other tests.
    assert min(_seconds(tmp_path) for _ in range(3)) < 1.0


def _seconds(path: Path) -> float:
    started_s = time.perf_counter()
    report = probe(path)
    elapsed_s = time.perf_counter() - started_s
    assert report.elapsed_s <= elapsed_s
    return elapsed_s


def test_a_probe_loads_no_engine(tmp_path: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from steelyard.machine.probe import probe;"
        f"probe(Path({str(tmp_path)!r})); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(Path(steelyard.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout))
    assert "steelyard.machine.probe" in loaded
    assert not loaded & {"torch", "transformers", "llama_cpp", "numpy", "scipy", "PySide6"}
