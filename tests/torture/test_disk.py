"""Killed at any call that changes a file, or on a disk that fails at any: nothing wrong is in, nothing half done.

THREATS 46 and 47, for import, pull, repair, remove, approve, a setting and an entry of the log. A process
does each on a disk of our own (`simulators/faults`); see `torment.py` for what is checked after every case. The
short form takes a fixed sample, the long form (`pytest -m torture`) as many as `STEELYARD_KILLS` asks for,
10,000 where it is not set, at random, and prints the seed.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.faults.build import build_faults, can_run_here
from simulators.nvml.build import c_compiler

TESTS = Path(__file__).resolve().parents[1]
Report = list[dict[str, Any]]
Torment = Callable[..., Report]

KILLS = {
    "import": 60,
    "pull": 40,
    "repair": 20,
    "remove": 30,
    "approve": 20,
    "policy": 15,
    "append": 15,
}
"""200 in all."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = c_compiler()
    if compiler is None or not can_run_here():
        pytest.skip("the failing disk needs Linux with glibc and a C compiler (cc, gcc or clang)")
    return build_faults(tmp_path_factory.mktemp("faults"), compiler)


@pytest.fixture
def torment(library: Path) -> Iterator[Torment]:
    """`torment("import", "kill", most=20)`: the outcome of each case; none may have a problem."""
    memory = Path("/dev/shm")  # syncing to it costs nothing
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    root = Path(tempfile.mkdtemp(prefix="torture-", dir=memory if usable else None))
    environment = {
        **{n: v for n, v in os.environ.items() if not n.startswith("PYTEST")},
        "PYTHONPATH": f"{TESTS.parent / 'desktop'}{os.pathsep}{TESTS}",
        "LD_PRELOAD": str(library),
    }

    def run(operation: str, how: str, *options: str, most: int = 0) -> Report:
        place = Path(tempfile.mkdtemp(dir=root))
        script = str(TESTS / "torture" / "torment.py")
        arguments = [operation, "--how", how, "--most", str(most), "--root", str(place), *options]
        done = subprocess.run(
            [sys.executable, script, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        report = [json.loads(line) for line in done.stdout.splitlines()]
        assert report
        assert not (bad := [case for case in report if case["problems"]]), bad[:3]
        return report

    try:
        yield run
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.mark.parametrize("operation", KILLS)
def test_killed_anywhere_there_is_all_or_nothing_of_it(torment: Torment, operation: str) -> None:
    report = torment(operation, "kill,tear", most=KILLS[operation])
    assert len(report) == KILLS[operation]
    assert {case["ended"] for case in report} == {"killed"}
    if operation == "pull":
        assert statistics.median(case["refetched_bytes"] for case in report) <= 2**20


def test_killed_while_a_real_worker_judges(torment: Torment) -> None:
    torment("import", "kill", "--worker", most=3)


@pytest.mark.parametrize("operation", ["import", "pull", "remove"])
def test_on_a_failing_disk_it_says_so_and_leaves_nothing_half_done(
    torment: Torment, operation: str
) -> None:
    report = torment(operation, "ENOSPC,full,EIO,gone,EROFS", most=15)
    assert any(case["ended"].startswith("error:") for case in report)


@pytest.mark.parametrize("operation", ["import", "approve"])
def test_once_the_disk_is_back_the_same_process_goes_on(torment: Torment, operation: str) -> None:
    torment(operation, "ENOSPC,EIO,gone", "--stay-open", most=9)


@pytest.mark.parametrize(
    ("operation", "options"),
    [("import", ()), ("append", ("--stay-open",))],
    ids=["import", "append"],
)
def test_what_was_written_before_a_failed_fsync_is_not_trusted(
    torment: Torment, operation: str, options: tuple[str, ...]
) -> None:
    """What it should have made durable is gone, as it may be: see `faults.c`."""
    report = torment(operation, "EIO,full", "--only", "fsync", *options)
    assert all(" fsync " in case["struck"] for case in report)


def test_a_short_write_is_finished(torment: Torment) -> None:
    report = torment("import", "short", most=6)
    assert {case["ended"] for case in report} == {"done"}


_ONE_IMPORT = """
import sys
from pathlib import Path
from torture import torment
torment.arrival.scan_in_worker = torment.judge_here
folder = Path(sys.argv[1])
(folder / "wanted").mkdir()
for name, data in torment.WANTED.items():
    (folder / "wanted" / name).write_bytes(data)
ground = torment.Ground(torment.Home(folder / "home" / "data", folder / "home" / "config"), folder, "")
faults = torment.Faults()
faults.arm(folder / "home", 0, 0)
with ground.desk() as desk:
    torment.CASES["import"].act(ground, desk)
print(faults.seen)
"""
_CHANGES = "openat,creat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,"
_CHANGES += (
    "unlink,unlinkat,rmdir,mkdir,mkdirat,truncate,ftruncate,chmod,fchmod,fchmodat,fallocate,"
)
_CHANGES += "copy_file_range,sendfile"


def test_no_call_that_changes_a_file_passes_the_failing_disk_by(
    library: Path, tmp_path: Path
) -> None:
    """The kernel sees as many as the library does."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    done = subprocess.run(
        [strace, "-f", "-y", "-s", "0", "-o", str(trace), "-e", f"trace={_CHANGES}",
         "-E", f"LD_PRELOAD={library}", sys.executable, "-c", _ONE_IMPORT, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent / 'desktop'}{os.pathsep}{TESTS}"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if "PTRACE" in done.stderr or "ptrace" in done.stderr:
        pytest.skip("this place lets nobody trace")
    assert done.returncode == 0, done.stderr
    seen = [line for line in trace.read_text().splitlines() if f"{tmp_path}/home/" in line]
    changing = [
        line
        for line in seen
        if (
            "openat(" not in line
            or any(flag in line for flag in ("O_CREAT", "O_TRUNC", "O_TMPFILE"))
        )
        and "resumed>" not in line
    ]
    assert len(changing) == int(done.stdout)


@pytest.mark.torture
def test_ten_thousand_kills(torment: Torment) -> None:
    wanted = int(os.environ.get("STEELYARD_KILLS", "10000"))
    seed, killed, refetched = int.from_bytes(os.urandom(4), "big"), 0, [0]
    print("first seed", seed)  # noqa: T201  # to run it again
    while killed < wanted:
        for operation in KILLS:
            seed += 1
            report = torment(operation, "kill,tear", "--seed", str(seed), most=60)
            killed += len(report)
            refetched += [c["refetched_bytes"] for c in report if "refetched_bytes" in c]
        print(killed, "kills, median refetch", statistics.median(refetched))  # noqa: T201  # figures
