"""The gate and suites on the real engine: a model without a template, an engine killed, and the starter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_engine import IN_MEMORY, MACHINE, subject

from steelyard.base.errors import Cancelled, NotFound
from steelyard.base.paths import resource
from steelyard.base.progress import CancelToken, Reporter
from steelyard.evals import suites
from steelyard.evals.gate import run_gate
from steelyard.evals.records import Row, RowVerdict, RunRecord
from steelyard.evals.runner import run_suite
from steelyard.evals.runs import RunStore
from steelyard.runtime.engine import Engine
from steelyard.runtime.records import LoadRequest

MECHANICAL = ["load-and-digest", "template-sanity", "json-schema", "determinism", "throughput"]


def load(path: Path) -> Engine:
    # One thread: tests run beside each other, and two threads that wait for each other then crawl.
    return Engine.load(LoadRequest(path, threads=1), Reporter())


@pytest.fixture
def runs() -> Iterator[RunStore]:
    store = RunStore(IN_MEMORY)
    yield store
    store.close()


@pytest.fixture
def stories(shared_folder: Path) -> Iterator[Engine]:
    """A model of 260,000 weights that tells stories and has no chat template."""
    engine = load(shared_folder / "models" / "stories260K-F32.gguf")
    yield engine
    engine.kill()


def gate(engine: Engine, runs: RunStore, **more: object) -> RunRecord:
    return run_gate(engine, subject=subject("F32"), runs=runs, seed=7, machine=MACHINE, **more)  # type: ignore[arg-type]  # test settings


def test_a_model_without_a_template_gets_its_mechanical_rows(
    stories: Engine, runs: RunStore
) -> None:
    record = gate(stories, runs)
    rows = {row.name: row for row in record.rows}
    assert len(rows) == 13
    passing = [name for name in MECHANICAL if rows[name].verdict is RowVerdict.PASS]
    assert passing == ["load-and-digest", "json-schema", "determinism", "throughput"]
    others = [row for name, row in rows.items() if name not in passing]
    assert {row.note for row in others} == {"the model has no chat template"}
    assert record.engine["name"] == "llama.cpp"


def test_an_engine_killed_during_the_gate_fails_the_run_and_keeps_what_it_had(
    stories: Engine, runs: RunStore
) -> None:
    def kill(row: Row) -> None:
        if row.name == "json-schema":
            stories.kill()

    record = gate(stories, runs, on_row=kill)
    rows = {row.name: row for row in record.rows}
    assert (record.status, record.verdict) == ("failed", RowVerdict.FAIL)
    assert rows["load-and-digest"].verdict is RowVerdict.PASS
    assert rows["throughput"].verdict is RowVerdict.NOT_RUN
    assert len(rows) == 13


def test_calling_the_gate_off_keeps_the_rows_it_has_and_the_engine(
    stories: Engine, runs: RunStore
) -> None:
    token = CancelToken()
    with pytest.raises(Cancelled):
        gate(stories, runs, report=Reporter(cancel=token), on_row=lambda row: token.cancel())
    record = runs.get("")
    assert (record.status, record.samples) == ("cancelled", 4)
    assert record.rows[0].verdict is RowVerdict.PASS
    assert [row.note for row in record.rows[2:]] == ["cancelled"] * 11
    assert stories.alive


# ------------------------------------------------------------------ the starter


def starter(quantization: str) -> Path:
    try:
        return resource("starter", f"starter-{quantization}.gguf")
    except NotFound:
        pytest.skip("the starter model has not been made in this checkout")


@pytest.fixture
def starter_engine() -> Iterator[Engine]:
    engine = load(starter("Q8_0"))
    yield engine
    engine.kill()


def test_the_gate_on_the_starter_has_every_row_and_passes_the_mechanical_ones(
    starter_engine: Engine, runs: RunStore
) -> None:
    started_s = time.monotonic()
    record = gate(starter_engine, runs)
    rows = {row.name: row for row in record.rows}
    failed = [
        sample for sample in runs.samples("") if sample.row in MECHANICAL and not sample.passed
    ]
    assert failed == []
    assert [row.name for row in record.rows if row.mechanical] == MECHANICAL
    assert {rows[name].verdict for name in MECHANICAL} == {RowVerdict.PASS}
    assert len(rows) == 13
    assert RowVerdict.NOT_RUN not in {row.verdict for row in rows.values()}
    assert time.monotonic() - started_s < 60


@pytest.mark.parametrize("quantization", ["Q8_0", "Q4_K_M"])
def test_the_starter_check_passes_nine_tenths_and_every_published_token(
    quantization: str, runs: RunStore
) -> None:
    engine = load(starter(quantization))
    record = run_suite(
        engine,
        suites.load("starter-check"),
        subject=subject(quantization),
        runs=runs,
        seed=7,
        machine=MACHINE,
    )
    engine.close()
    *tasks, token_ids = record.rows
    assert (token_ids.name, token_ids.verdict) == ("token-ids", RowVerdict.PASS)
    assert sum(row.passed for row in tasks) >= 0.9 * sum(row.total for row in tasks)
    assert record.status == "done"
