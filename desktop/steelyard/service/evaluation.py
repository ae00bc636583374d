"""Testing a model: the fast gate, task suites, and the runs they leave."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from steelyard.base.errors import Json
from steelyard.evals.records import Row, RunRecord
from steelyard.service.operation import Context, RowFinished, operation
from steelyard.service.permission import GATE_SUITE
from steelyard.service.requests import (
    ListRuns,
    ListSuites,
    RunDetail,
    RunGate,
    RunList,
    RunSuite,
    ShowRun,
    SuiteList,
    SuiteOutcome,
    SuiteRow,
)
from steelyard.service.running import engine_for, loadable
from steelyard.store.records import Model

if TYPE_CHECKING:
    from steelyard.evals.runner import Subject


@operation("eval.suites", summary="List the suites")
def list_suites(context: Context, request: ListSuites) -> SuiteList:
    """Every suite of this installation, the fast gate first."""
    from steelyard.evals import suites  # noqa: PLC0415  # graders and their tables: not at every start

    rows = [
        SuiteRow(
            id=suite.id,
            title=suite.title,
            description=suite.description,
            version=str(suite.version),
            items=len(suite.items),
            tasks=tuple(dict.fromkeys(item.task for item in suite.items)),
        )
        for suite in suites.available()
    ]
    return SuiteList(tuple(sorted(rows, key=lambda row: (row.id != GATE_SUITE, row.id))))


@operation("eval.list", summary="List evaluation runs")
def list_runs(context: Context, request: ListRuns) -> RunList:
    """Runs, newest first.

    Raises:
        NotFound: the store has no such model.
    """
    digest = context.installation.store.get(request.model).digest if request.model else None
    runs = context.installation.runs.list(model_digest=digest, limit=request.limit)
    return RunList(tuple(runs))


@operation("eval.show", summary="Show a run with its samples", mutates=True, audited=("run_id",))
def show_run(context: Context, request: ShowRun) -> RunDetail:
    """A run and every prompt, answer and grade of it. Reading stored prompts is an entry of its own.

    Raises:
        NotFound: there is no such run.
    """
    runs = context.installation.runs
    run = runs.get(request.run_id)
    context.subject = {"name": run.run_id}
    context.facts["samples"] = run.samples
    return RunDetail(run, tuple(runs.samples(run.run_id)))


@operation("eval.gate", summary="Run the fast gate on a model", mutates=True, audited=("seed",))
def gate(context: Context, request: RunGate) -> SuiteOutcome:
    """Every row of the fast gate; none is averaged with another.

    Raises:
        NotFound, NotLoadable, CheckFailed: the model may not be loaded.
        OutOfResources: the worker died; the run is kept with what it has.
        Cancelled: called off; the run is kept with what it has.
    """
    from steelyard.evals.gate import run_gate  # noqa: PLC0415  # as above

    model = loadable(context, request.model, evaluating=True)
    with engine_for(context, model, 0, keep=False) as engine:
        record = run_gate(
            engine,
            subject=_subject(context, model),
            runs=context.installation.runs,
            seed=request.seed,
            machine=_machine_facts(context),
            on_row=lambda row: context.emit(RowFinished(row)),
            report=context.report,
        )
    return _outcome(context, record, rows=record.rows, metrics=())


@operation(
    "eval.run", summary="Run a task suite on a model", mutates=True, audited=("suite", "seed")
)
def run(context: Context, request: RunSuite) -> SuiteOutcome:
    """Every item of a suite, graded; rows by task.

    Raises:
        NotFound: no such suite or model.
        NotLoadable, CheckFailed, OutOfResources, Cancelled: as for the gate.
    """
    from steelyard.evals import suites  # noqa: PLC0415  # as above
    from steelyard.evals.runner import run_suite  # noqa: PLC0415  # as above

    if request.suite == GATE_SUITE:
        return gate.run(context, RunGate(request.model, request.seed))
    suite = suites.load(request.suite)
    model = loadable(context, request.model, evaluating=True)
    with engine_for(context, model, 0, keep=False) as engine:
        record = run_suite(
            engine,
            suite,
            subject=_subject(context, model),
            runs=context.installation.runs,
            seed=request.seed,
            machine=_machine_facts(context),
            on_row=lambda row: context.emit(RowFinished(row)),
            report=context.report,
        )
    return _outcome(context, record, rows=(), metrics=record.rows)


def _subject(context: Context, model: Model) -> Subject:
    from steelyard.evals.runner import Subject  # noqa: PLC0415  # as above

    store = context.installation.store
    return Subject(
        model_name=model.name,
        model_digest=model.digest,
        quantization=model.manifest.quantization,
        verify=lambda: store.verify(model, context.report),
    )


def _machine_facts(context: Context) -> dict[str, Json]:
    from steelyard.machine.probe import probe  # noqa: PLC0415  # as above

    report = probe(context.installation.home.store)
    return {
        "os": f"{report.os.name} {report.os.release}",
        "cpu": report.cpu.model,
        "cores": report.cpu.physical_cores,
        "memory_total_bytes": report.memory.total_bytes,
        "gpus": [gpu.name for gpu in report.gpus],
    }


def _outcome(
    context: Context, record: RunRecord, *, rows: tuple[Row, ...], metrics: tuple[Row, ...]
) -> SuiteOutcome:
    context.facts |= {
        "run_id": record.run_id,
        "suite": record.suite,
        "suite_digest": record.suite_digest,
        "verdict": record.verdict.value,
        "rows": {row.name: row.verdict.value for row in record.rows},
    }
    slim = dataclasses.replace(record, rows=())
    return SuiteOutcome(record.run_id, record.verdict.value, rows, metrics, slim)
