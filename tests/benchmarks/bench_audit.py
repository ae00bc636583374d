"""What the log costs: an entry alone, entries in groups, checking a million, one proof.

    PYTHONPATH=desktop:tests python tests/benchmarks/bench_audit.py [ENTRIES]

Writes `tests/benchmarks/results/audit.json` and prints it. The disk's own flush (append 500 bytes, fdatasync) takes
turns with the log's append, and hashing the same bytes with the check, so that ratios stand beside seconds.
Goals: append p99 at most 10 ms alone, 5,000 a second in groups, a million checked in 10 s and 200 MB, a proof in
10 ms. Nothing here fails for being slow.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from audit.logs import event
from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.evidence import check_evidence, evidence_of_entries
from steelyard.audit.log import MAX_GROUP, AuditLog
from steelyard.audit.merkle import consistency_proof, inclusion_proof, tree_root
from steelyard.signing.own_keys import OwnKeys

ENTRIES = 1_000_000
ALONE = 400
WRITERS = 64
GROUPED = 20_000
RESULTS = Path(__file__).with_name("results") / "audit.json"

CHECK = """
import json, resource, sys, time
from pathlib import Path
from steelyard.audit.log import AuditLog
started = time.perf_counter()
before = resource.getrusage(resource.RUSAGE_SELF)
report = AuditLog(Path(sys.argv[1])).verify()
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "ok": report.ok,
    "entries": report.entries,
    "s": round(time.perf_counter() - started, 3),
    "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
    "peak_bytes": after.ru_maxrss * 1024,
}))
"""


def quantiles_ms(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile, milliseconds."""
    ordered = sorted(seconds)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 3),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 3),
    }


def timed(work: object) -> float:
    """Seconds one call takes."""
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def alone(folder: Path) -> dict[str, object]:
    """Entries one by one, each durable before the next, beside the disk's own flush."""
    log = AuditLog(folder)
    reference: list[float] = []
    ours: list[float] = []
    with (folder / "reference").open("ab", buffering=0) as stream:

        def flush() -> None:
            stream.write(b"x" * 500)
            os.fdatasync(stream.fileno())

        for number in range(ALONE):
            reference.append(timed(flush))
            ours.append(timed(lambda number=number: log.append(event(number))))
    found = {"append": quantiles_ms(ours), "flush": quantiles_ms(reference)}
    ratio = statistics.median(ours) / statistics.median(reference)
    return {**found, "ratio": round(ratio, 2)}


def grouped(folder: Path) -> dict[str, object]:
    """Many threads at once, each waiting for its own entry."""
    log = AuditLog(folder)
    share = GROUPED // WRITERS

    def write(writer: int) -> None:
        for number in range(share):
            log.append(event(writer * share + number))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = time.perf_counter() - started
    return {"writers": WRITERS, "entries_per_s": round(share * WRITERS / elapsed_s)}


def build(folder: Path, count: int) -> tuple[AuditLog, float]:
    """A log of `count` entries, written in full groups."""
    log = AuditLog(folder)
    started = time.perf_counter()
    for first in range(0, count, MAX_GROUP):
        log.append_all([event(n) for n in range(first, min(first + MAX_GROUP, count))])
    return log, round(count / (time.perf_counter() - started))


def checked(log: AuditLog) -> dict[str, object]:
    """A check of everything in a process of its own, beside hashing the same bytes."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(log.folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    data = log.entries_file.read_bytes()
    hashing_s = timed(lambda: hashlib.sha256(data).digest())
    found = json.loads(done.stdout)
    return {**found, "log_bytes": len(data), "sha256_of_the_file_s": round(hashing_s, 3)}


def proofs(log: AuditLog, keys: Path) -> dict[str, object]:
    """Proofs at places all over the log, without a checkpoint and as a whole document."""
    size = log.count()
    places = [size * n // 101 for n in range(1, 101)]
    inclusion = [timed(lambda at=at: inclusion_proof(log.tiles, at, size)) for at in places]
    consistency = [timed(lambda at=at: consistency_proof(log.tiles, at, size)) for at in places]
    checkpoints = Checkpoints(log, OwnKeys(keys))
    checkpoint = checkpoints.make()
    document = [
        timed(lambda at=at: evidence_of_entries(checkpoints, [at + 1], checkpoint=checkpoint))
        for at in places
    ]
    one = evidence_of_entries(checkpoints, [places[50] + 1], checkpoint=checkpoint)
    return {
        "inclusion": quantiles_ms(inclusion),
        "consistency": quantiles_ms(consistency),
        "root_ms": round(timed(lambda: tree_root(log.tiles, size)) * 1000, 3),
        "document": quantiles_ms(document),
        "document_bytes": len(one),
        "check_of_it_ms": round(timed(lambda: check_evidence(one)) * 1000, 3),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / part for part in ("alone", "grouped", "many")]
        for folder in folders:
            folder.mkdir()
        found: dict[str, object] = {
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "load": os.getloadavg()[0],
            "alone": alone(folders[0]),
            "grouped": grouped(folders[1]),
        }
        log, per_s = build(folders[2], count)
        found["full_groups_entries_per_s"] = per_s
        found["check"] = checked(log)
        found["proof"] = proofs(log, Path(name) / "keys")
    found["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
