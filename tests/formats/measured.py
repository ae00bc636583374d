"""Runs code in a fresh interpreter and says how far its memory grew and how much processor time it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

_HARNESS = """
import json, resource, sys, time
def peak_bytes():
    value = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return value if sys.platform == "darwin" else value * 1024
def measured(work, *arguments):
    before, started_s = peak_bytes(), time.process_time()
    result = work(*arguments)
    return {"result": result, "cpu_s": time.process_time() - started_s, "grown_bytes": peak_bytes() - before}
"""


def run_measured(code: str, *arguments: str) -> Any:
    """Run `code`, which has `measured(work, *args)` and prints one JSON value; return that value."""
    if sys.platform == "win32":
        pytest.skip("peak memory is read through the resource module, which Windows does not have")
    paths = os.pathsep.join([str(ROOT / "desktop"), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", _HARNESS + code, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
