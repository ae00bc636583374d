"""`steelyard eval …`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, session
from steelyard.cli.models import ModelName
from steelyard.evals.records import Row
from steelyard.service import requests as ask
from steelyard.service.operation import RowFinished, to_json

evals = typer.Typer(help="Test models: the fast gate and task suites.", no_args_is_help=True)

Seed = Annotated[int, typer.Option(min=0, help="Seed of sampling.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(evals, name="eval")


def _row(row: Row) -> tuple[str, str, str, str, str]:
    interval = (
        "–"
        if row.low is None or row.high is None
        else f"{100 * row.low:.0f}–{100 * row.high:.0f} %"
    )
    counts = f"{row.passed} of {row.total}" if row.total else "–"
    return row.verdict.value, row.title, counts, interval, row.note


def _announce(event: object) -> None:
    if isinstance(event, RowFinished) and isinstance(event.row, Row):
        verdict, title, counts, _, _ = _row(event.row)
        output.note(f"{verdict:<8} {title} {counts}")


def _print_outcome(operation: str, result: ask.SuiteOutcome, *, as_json: bool) -> None:
    if as_json:
        output.print_result(operation, to_json(result))
    else:
        output.table(
            ("Verdict", "Check", "Passed", "95 % interval", "Note"),
            [_row(row) for row in (*result.rows, *result.metrics)],
            right=(2, 3),
        )
        output.line(f"{result.verdict}: run {result.run_id}")
    finish(ExitCode.ANSWER_IS_NO if result.verdict == "FAIL" else ExitCode.DONE)


@evals.command("suites")
@covers("eval.suites")
def suites(json: JsonFlag = False) -> None:
    """List the suites of this installation."""
    with session("eval.suites", as_json=json) as s:
        result: ask.SuiteList = s.run(ask.ListSuites())
    if json:
        output.print_result("eval.suites", to_json(result))
        return
    output.table(
        ("Suite", "Items", "What it tests"),
        [(r.id, str(r.items), r.description) for r in result.suites],
        right=(1,),
    )


@evals.command("gate")
@covers("eval.gate")
def gate(model: ModelName, seed: Seed = 7, json: JsonFlag = False) -> None:
    """Run the fast gate. Exit code 1 when a row fails."""
    with session("eval.gate", as_json=json) as s:
        result: ask.SuiteOutcome = s.run(
            ask.RunGate(model, seed), on_event=None if json else _announce
        )
    _print_outcome("eval.gate", result, as_json=json)


@evals.command("run")
@covers("eval.run")
def run(
    suite: Annotated[str, typer.Argument(metavar="SUITE")],
    model: ModelName,
    seed: Seed = 7,
    json: JsonFlag = False,
) -> None:
    """Run a task suite. Exit code 1 when a row fails."""
    with session("eval.run", as_json=json) as s:
        result: ask.SuiteOutcome = s.run(
            ask.RunSuite(suite, model, seed), on_event=None if json else _announce
        )
    _print_outcome("eval.run", result, as_json=json)


@evals.command("list")
@covers("eval.list")
def list_runs(
    model: Annotated[Optional[str], typer.Argument(metavar="[MODEL]")] = None,  # noqa: UP045  # as in models
    json: JsonFlag = False,
) -> None:
    """List runs, newest first."""
    with session("eval.list", as_json=json) as s:
        result: ask.RunList = s.run(ask.ListRuns(model))
    if json:
        output.print_result("eval.list", to_json(result))
        return
    output.table(
        ("Run", "Suite", "Model", "Status", "Verdict", "Started"),
        [
            (
                r.run_id,
                r.suite,
                f"{r.model_name} {r.quantization}",
                r.status,
                r.verdict.value,
                r.started_at,
            )
            for r in result.runs
        ],
    )


@evals.command("show")
@covers("eval.show")
def show(run_id: Annotated[str, typer.Argument(metavar="RUN")], json: JsonFlag = False) -> None:
    """Show a run with every prompt, answer and grade."""
    with session("eval.show", as_json=json) as s:
        result: ask.RunDetail = s.run(ask.ShowRun(run_id))
    if json:
        output.print_result("eval.show", to_json(result))
        return
    output.table(
        ("Verdict", "Check", "Passed", "95 % interval", "Note"),
        [_row(row) for row in result.run.rows],
        right=(2, 3),
    )
    for sample in result.samples:
        output.line(
            f"\n[{'pass' if sample.passed else 'fail'}] {sample.row} {sample.item_id}: {sample.reason}"
        )
        output.line(f"  > {sample.prompt}")
        output.line(f"  < {sample.answer}")
