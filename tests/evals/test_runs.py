"""The run store: nothing that finished is lost, and a run nobody ended is seen as failed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scripted_engine import DIGEST, database

from steelyard.base.errors import MalformedInput
from steelyard.evals.errors import RunNotFound
from steelyard.evals.records import RowVerdict, RunRecord, Sample
from steelyard.evals.runs import INTERRUPTED, RunStore, new_run_id
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run

START = datetime(2026, 11, 23, 18, 4, 5, 123000, tzinfo=UTC)
SPEC = RowSpec("greet", "Greets", 0.5, Rule.INTERVAL)


def record(run_id: str, *, digest: str = DIGEST, suite: str = "fast-gate") -> RunRecord:
    return RunRecord(
        run_id=run_id,
        suite=suite,
        suite_title="Fast gate",
        suite_version="1",
        suite_digest="sha256:" + "0" * 64,
        model_name="pretend",
        model_digest=digest,
        quantization="Q8_0",
        engine={"name": "scripted", "version": "1", "build": "b", "context_tokens": 512},
        template_digest=None,
        seed=7,
        machine={"cpu": "one"},
        started_at="2026-11-23T18:04:05.123Z",
        finished_at=None,
        status="running",
        verdict=RowVerdict.NOT_RUN,
        rows=(),
        samples=0,
    )


def sample(number: int, *, passed: bool = True) -> Sample:
    return Sample(
        "greet", f"greet-{number}", "Hi?", "Hi.", passed, "" if passed else "no", 2, 0.5, "stop"
    )


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    moments = iter(START + timedelta(seconds=n) for n in range(10_000))
    return RunStore(database(tmp_path), clock=lambda: next(moments))


def test_gives_back_exactly_what_was_stored(runs: RunStore, tmp_path: Path) -> None:
    runs.add(record("a"))
    samples = (sample(1), sample(2, passed=False), sample(3))
    for each in samples:
        runs.add_sample("a", each)
    row = judge(SPEC, samples, values={"elapsed_s": 1.5})
    runs.add_row("a", row)
    runs.add_row("a", not_run(SPEC, "why"))
    finished = runs.finish("a", "done")
    runs.close()

    again = RunStore(database(tmp_path))
    assert again.get("a") == finished
    assert again.samples("a") == samples
    assert finished.rows == (row, not_run(SPEC, "why"))
    assert (finished.status, finished.samples, finished.verdict) == ("done", 3, row.verdict)
    assert finished.finished_at is not None
    again.close()


def test_lists_newest_first_by_model_and_by_suite(runs: RunStore) -> None:
    other = "sha256:" + "12" * 32
    ids = [new_run_id(START + timedelta(milliseconds=n)) for n in range(5)]
    for n, run_id in enumerate(ids):
        runs.add(
            record(
                run_id,
                digest=other if n == 1 else DIGEST,
                suite="starter-check" if n == 2 else "fast-gate",
            )
        )
    assert [each.run_id for each in runs.list()] == ids[::-1]
    assert [each.run_id for each in runs.list(model_digest=other)] == [ids[1]]
    assert [each.run_id for each in runs.list(suite="starter-check")] == [ids[2]]
    assert [each.run_id for each in runs.list(DIGEST, "fast-gate", limit=2)] == [ids[4], ids[3]]
    assert runs.get("").run_id == ids[4]


def test_run_identifiers_sort_by_time_and_differ_within_a_millisecond() -> None:
    early, late = new_run_id(START), new_run_id(START + timedelta(milliseconds=1))
    assert early < late
    assert early.startswith("20261123T180405123Z-")
    assert len({new_run_id(START) for _ in range(100)}) == 100


def test_samples_can_be_had_by_row(runs: RunStore) -> None:
    runs.add(record("a"))
    runs.add_sample("a", sample(1))
    runs.add_sample("a", dataclasses.replace(sample(2), row="count"))
    assert [each.item_id for each in runs.samples("a", row="count")] == ["greet-2"]


def test_a_run_that_is_not_there_is_said_to_be_missing(runs: RunStore) -> None:
    with pytest.raises(RunNotFound):
        runs.get("no-such")
    with pytest.raises(RunNotFound):
        runs.get("")
    with pytest.raises(RunNotFound):
        runs.samples("no-such")
    with pytest.raises(RunNotFound):
        runs.finish("no-such", "done")


def test_odd_answers_are_stored(runs: RunStore) -> None:
    runs.add(record("a"))
    runs.add_sample(
        "a", dataclasses.replace(sample(1), answer="half \ud83d NUL \x00 rtl \u202e end")
    )
    assert runs.samples("a")[0].answer == "half ? NUL \x00 rtl \u202e end"


def test_a_running_run_of_a_live_process_is_left_alone(runs: RunStore, tmp_path: Path) -> None:
    runs.add(record("a"))
    other = RunStore(database(tmp_path))
    assert other.get("a").status == "running"
    other.close()


KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from steelyard.evals.runs import RunStore
from test_runs import record, sample, SPEC
from steelyard.evals.verdicts import judge
runs = RunStore(Path(sys.argv[1]))
runs.add(record("a"))
for n in range(3):
    runs.add_sample("a", sample(n))
runs.add_row("a", judge(SPEC, [sample(n) for n in range(12)]))
runs.add_sample("a", sample(4))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there on Windows")
def test_a_killed_run_keeps_all_it_had_and_is_failed_at_the_next_opening(tmp_path: Path) -> None:
    here = Path(__file__).parent
    paths = [str(here), str(here.parents[1] / "desktop")]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(database(tmp_path)), *paths], check=False
    )
    assert killed.returncode == -9

    runs = RunStore(database(tmp_path))
    found = runs.get("a")
    assert (found.status, found.note, found.finished_at) == ("failed", INTERRUPTED, None)
    assert found.verdict is RowVerdict.NOT_RUN
    assert len(found.rows) == 1
    assert [each.item_id for each in runs.samples("a")] == [
        "greet-0",
        "greet-1",
        "greet-2",
        "greet-4",
    ]
    runs.close()


def test_two_threads_can_write_and_read_at_once(runs: RunStore) -> None:
    runs.add(record("a"))
    seen: list[int] = []

    def read() -> None:
        seen.extend(runs.get("a").samples for _ in range(20))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        runs.add_sample("a", sample(number))
    reader.join()
    assert seen == sorted(seen)
    assert runs.get("a").samples == 20


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    database(tmp_path).write_bytes(b"not a database" * 100)
    with pytest.raises(MalformedInput):
        RunStore(database(tmp_path))
