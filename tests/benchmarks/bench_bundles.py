"""Making, verifying and taking in a bundle of 1 GB, as ratios to `openssl dgst -sha256` of the same bytes.

    PYTHONPATH=desktop:tests python tests/benchmarks/bench_bundles.py [--megabytes 1000] [--folder DIR]

Writes `tests/benchmarks/results/bundles.json` and prints it. The runs take turns with openssl, so that a busy
machine slows both; a ratio is the speed of the one to the speed of the other, the median of the rounds. Beside the
bundle's own work stand the bare copy and the bare copy with an fsync, since a disk may be what is slow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bundles.carrying import Keys, Side, large_llama, make, take, trusting
from steelyard.base.digests import digest_file
from steelyard.bundles import verifying
from steelyard.store.records import FileEntry, State
from store.model_samples import CLEAN, manifest

RESULTS = Path(__file__).with_name("results") / "bundles.json"
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    """Seconds it takes."""
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def put_large(side: Side, size_bytes: int) -> Path:
    """A well-formed model of this size in a side's store; its file."""
    folder = side.store.new_quarantine()
    staged = folder.file("large.gguf")
    staged.write_bytes(large_llama(size_bytes))
    entry = FileEntry("large.gguf", staged.stat().st_size, digest_file(staged))
    described = replace(manifest({}, "large"), files=(entry,))
    model = side.store.admit(described, {entry.path: staged}, CLEAN, State.ADMITTED)
    return side.store.view(model) / "large.gguf"


def one_round(folder: Path, source: Path, low: Side, keys: Keys, number: int) -> dict[str, float]:
    """Every step once; seconds by step."""
    anna = keys.make("anna")
    container, copy = folder / f"{number}.steelyard", folder / "copy"
    high = Side.at(folder / f"high-{number}")
    seconds = {
        "openssl": timed(
            lambda: subprocess.run(
                ["openssl", "dgst", "-sha256", str(source)], check=True, stdout=subprocess.DEVNULL
            )
        ),
        "copy": timed(lambda: shutil.copyfile(source, copy)),
        "copy_and_sync": timed(lambda: copy_and_sync(source, copy)),
        "create": timed(lambda: make(low, container, anna)),
        "inspect": timed(lambda: verifying.look(container, trusting(anna), every_byte=False)),
        "verify": timed(lambda: verifying.look(container, trusting(anna), every_byte=True)),
        "import": timed(lambda: take(high, container, trusting(anna))),
    }
    high.close()
    shutil.rmtree(folder / f"high-{number}")
    for path in (container, copy):
        path.unlink()
    return seconds


def copy_and_sync(source: Path, target: Path) -> None:
    """A copy that is on the disk when it returns."""
    shutil.copyfile(source, target)
    with target.open("rb+") as stream:
        os.fsync(stream.fileno())


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
        folder = Path(place)
        low, keys = Side.at(folder / "low"), Keys(folder / "keys")
        source = put_large(low, arguments.megabytes * 1_000_000)
        rounds = [one_round(folder, source, low, keys, number) for number in range(ROUNDS)]
        size_bytes = source.stat().st_size
        low.close()
    ratios = {
        step: round(statistics.median(r["openssl"] / r[step] for r in rounds), 3)
        for step in ("copy", "copy_and_sync", "create", "verify", "import")
    }
    result = {
        "size_bytes": size_bytes,
        "rounds": [{step: round(value, 3) for step, value in r.items()} for r in rounds],
        "speed_to_openssl": ratios,
        "inspect_ms": round(1000 * statistics.median(r["inspect"] for r in rounds), 1),
        "machine": {"cores": os.cpu_count(), "platform": platform.platform()},
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
