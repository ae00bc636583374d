"""The fast gate: a column of rows that say whether a model is fit to be considered here, in minutes.

First the mechanical rows, which judge bytes, template, grammar, repeatability and speed; then small
samples of behaviour from the suite `fast-gate`, each with its interval. No row is averaged with another, and
none is left out: what cannot run is NOT RUN with the reason.
"""

from __future__ import annotations

from steelyard.base.errors import Json
from steelyard.base.progress import Reporter
from steelyard.evals import mechanical, suites
from steelyard.evals.conduct import OnRow, Step, Terms, conduct
from steelyard.evals.engine import Engine, Subject
from steelyard.evals.records import RunRecord
from steelyard.evals.runner import task_steps
from steelyard.evals.runs import RunStore
from steelyard.evals.suites import Suite
from steelyard.evals.template_checks import TEMPLATE_CHECKS, TEMPLATE_SANITY, template_sanity

TIME_BUDGET_S = 1800.0
"""Rows of prompts that are not finished by then are NOT RUN. The suite asks for 11,000 tokens at most, and
a model that is brief writes half of that: ten minutes at ten tokens per second."""


def run_gate(
    engine: Engine,
    *,
    subject: Subject,
    runs: RunStore,
    seed: int,
    machine: dict[str, Json],
    on_row: OnRow | None = None,
    report: Reporter | None = None,
    time_budget_s: float = TIME_BUDGET_S,
) -> RunRecord:
    """Run every row of the fast gate. Arguments are those of `conduct.Terms`.

    Returns:
        The stored record: `done`, or `failed` when the engine died.

    Raises:
        SuiteMalformed, SuiteNotFound: the installation's `fast-gate` file is damaged or gone.
        Cancelled: called off; the run is stored as `cancelled` with what it has.
    """
    suite = suites.load(suites.GATE)
    terms = Terms(subject, runs, seed, machine, on_row, report or Reporter(), time_budget_s)
    return conduct(engine, suite, gate_steps(suite), terms)


def gate_steps(suite: Suite) -> tuple[Step, ...]:
    """All rows in order: mechanical ones first, speed last among them, then behaviour."""
    tasks = task_steps(suite)
    return (
        Step(mechanical.LOAD_AND_DIGEST, mechanical.LOAD_CHECKS, mechanical.load_and_digest),
        Step(TEMPLATE_SANITY, TEMPLATE_CHECKS, template_sanity),
        *(step for step in tasks if step.spec.mechanical),
        Step(mechanical.THROUGHPUT, mechanical.SPEED_CHECKS, mechanical.throughput),
        *(step for step in tasks if not step.spec.mechanical),
    )
