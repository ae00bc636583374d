"""Runs one fuzz target with atheris for a given time, and says what came of it in one JSON line.

    python tests/torture/fuzz_readers.py gguf --seconds 600 [--keep FOLDER]

The fuzzing itself runs in a child, which atheris never lets return. Inputs that were slow or took much
memory under the fuzzer's own weight are measured again, alone and without it, before they are held against
the limits. Exit status 1 when an input crashed a reader or broke a limit; such inputs stay in `--keep`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
_SLOWEST_KEPT = 12


def _peak_bytes() -> int:
    import resource

    value = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return value if sys.platform == "darwin" else value * 1024


def _fuzz(name: str, seconds: int, keep: Path) -> None:
    """The child: fuzz until the time is over, leaving the heaviest inputs in `keep`."""
    import atheris

    with atheris.instrument_imports(
        include=["steelyard.formats", "steelyard.bundles", "steelyard.signing", "steelyard.base"]
    ):
        from torture.fuzz_targets import TARGETS
    target = TARGETS[name]
    corpus, scratch = keep / "corpus", keep / "scratch"
    for folder in (corpus, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    words = keep / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
    slowest: list[float] = []
    peak_bytes = 0

    def one(data: bytes) -> None:
        nonlocal peak_bytes
        started_s = time.process_time()
        target.run(scratch, data)
        elapsed_s = time.process_time() - started_s
        grown_bytes = _peak_bytes() - peak_bytes
        slow = len(slowest) < _SLOWEST_KEPT or elapsed_s > 1.5 * slowest[-1]
        if (slow and elapsed_s > 0.005) or (peak_bytes and grown_bytes > 4 * 2**20):
            slowest.append(elapsed_s)
            slowest.sort(reverse=True)
            del slowest[_SLOWEST_KEPT:]
            (keep / f"heavy-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
        peak_bytes = _peak_bytes()

    options = [
        f"-max_total_time={seconds}", f"-dict={words}", f"-max_len={target.largest_bytes}",
        f"-artifact_prefix={keep}/", "-print_final_stats=1", "-timeout=60", "-rss_limit_mb=1500",
        str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


_MEASURE = """
import json, sys, time
from pathlib import Path
import resource
from torture.fuzz_targets import TARGETS
target, folder, path = TARGETS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
target.run(folder, target.seeds[0])
data, before, started_s = path.read_bytes(), peak(), time.process_time()
target.run(folder, data)
print(json.dumps([time.process_time() - started_s, peak() - before]))
"""


def _measure(name: str, keep: Path, path: Path) -> tuple[float, int]:
    """Processor seconds and memory of one input in a fresh process without the fuzzer."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, name, str(keep / "scratch"), str(path)],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed_s, grown_bytes = json.loads(done.stdout)
    return elapsed_s, grown_bytes


def _environment() -> dict[str, str]:
    paths = os.pathsep.join([str(TESTS.parent / "desktop"), str(TESTS)])
    return {**os.environ, "PYTHONPATH": paths}


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def fuzz(name: str, seconds: int, keep: Path) -> dict[str, object]:
    """Fuzz one target and return the figures; `crashes` and `over_limits` name files in `keep`."""
    started_s = time.monotonic()
    child = subprocess.run(
        [sys.executable, __file__, name, "--seconds", str(seconds), "--keep", str(keep), "--child"],
        env=_environment(),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    (keep / "log").write_text(child.stdout + child.stderr, encoding="utf-8")
    from torture.fuzz_targets import TARGETS

    heavy = {path.name: _measure(name, keep, path) for path in sorted(keep.glob("heavy-*"))}
    limits = TARGETS[name].limit_s, TARGETS[name].limit_bytes
    crashes = [p.name for kind in ("crash", "oom", "timeout") for p in keep.glob(f"{kind}-*")]
    return {
        "target": name,
        "elapsed_s": round(time.monotonic() - started_s),
        "executions": _last(r"stat::number_of_executed_units:\s+(\d+)", child.stderr)
        or _last(r"#(\d+)\s", child.stderr),
        "coverage_edges": _last(r" cov: (\d+)", child.stderr),
        "corpus_files": len(list((keep / "corpus").iterdir())),
        "slowest_s": round(max((cost[0] for cost in heavy.values()), default=0.0), 4),
        "largest_bytes": max((cost[1] for cost in heavy.values()), default=0),
        "crashes": crashes,
        "over_limits": [n for n, c in heavy.items() if c[0] > limits[0] or c[1] > limits[1]],
        "fuzzer_status": child.returncode,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--child", action="store_true")
    asked = parser.parse_args()
    sys.path[:0] = [str(TESTS.parent / "desktop"), str(TESTS)]
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    if asked.child:
        _fuzz(asked.target, asked.seconds, keep)
        return 0
    figures = fuzz(asked.target, asked.seconds, keep)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 1 if figures["crashes"] or figures["over_limits"] or figures["fuzzer_status"] else 0


if __name__ == "__main__":
    sys.exit(main())
