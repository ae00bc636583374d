"""Runs a suite on an engine, row by row, keeping every sample and row the moment it is there.

Rows that cannot run are NOT RUN with the reason, never missing. A cancelled run keeps what it has. When the
engine dies the run is `failed`, the rows to come are NOT RUN, and the record says so; nothing is made up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.evals.asking import ask, prompt_tokens
from steelyard.evals.engine import Engine, Subject
from steelyard.evals.records import Row, RowVerdict, RunRecord, Sample
from steelyard.evals.runs import RunStore, new_run_id
from steelyard.evals.suites import Item, Suite
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run, worst
from steelyard.runtime.errors import NotSupportedByEngine

TOKEN_IDS = RowSpec("token-ids", "Same tokens as published", 1.0, Rule.EVERY_ITEM)
OnRow = Callable[[Row], None]


class Bench:
    """An engine and a model on the bench: what the rows of one run share.

    Attributes:
        generated: by item, the token ids it gave.
        gone: why the engine is no longer there, or empty.
    """

    def __init__(
        self,
        engine: Engine,
        subject: Subject,
        *,
        seed: int,
        report: Reporter,
        keep: Callable[[Sample], None],
        items: int,
        time_budget_s: float,
    ) -> None:
        self.engine = engine
        self.subject = subject
        self.seed = seed
        self.report = report
        self.generated: dict[str, tuple[int, ...]] = {}
        self.gone = ""
        self._keep = keep
        self._items = items
        self._done = 0
        self._time_budget_s = time_budget_s
        self._started_s = time.monotonic()

    def keep(self, sample: Sample) -> None:
        """Store a sample, then report progress (which raises `Cancelled` when called off)."""
        self._keep(sample)
        self._done += 1
        self.report("evaluating", self._done, self._items, "items", sample.row)

    def skip(self, items: int) -> None:
        """Count items that will not be asked, so that progress ends at its end."""
        self._done += items

    @property
    def out_of_time(self) -> bool:
        """Whether the run's time is used up."""
        return time.monotonic() - self._started_s > self._time_budget_s

    @property
    def time_budget_text(self) -> str:
        """The budget in words."""
        return f"the time budget of {self._time_budget_s / 60:g} min is used up"

    def note_death(self, error: SteelyardError) -> bool:
        """Whether an error came with the end of the engine; remembered for the rows to come."""
        if not self.engine.alive:
            self.gone = f"the engine ended: {error.message}"
        return bool(self.gone)


@dataclass(frozen=True)
class Step:
    """A row to come: its spec, how many samples it will keep, and what runs it."""

    spec: RowSpec
    items: int
    run: Callable[[Bench], Row]


def run_suite(
    engine: Engine,
    suite: Suite,
    *,
    subject: Subject,
    runs: RunStore,
    seed: int,
    machine: dict[str, Json],
    on_row: OnRow | None = None,
    report: Reporter | None = None,
    time_budget_s: float = float("inf"),
) -> RunRecord:
    """Run every task of a suite; a last row compares token ids where the suite has any.

    Args:
        seed: of sampling, recorded.
        machine: facts for the record.
        on_row: called with each row when it is finished, from this thread.
        report: stage `evaluating`, unit `items`.
        time_budget_s: rows that would start after it are NOT RUN.

    Returns:
        The stored record: `done`, or `failed` when the engine died.

    Raises:
        Cancelled: called off; the run is stored as `cancelled` with what it has.
    """
    steps = task_steps(suite)
    if any(item.expected_token_ids for item in suite.items):
        steps = (*steps, Step(TOKEN_IDS, 0, lambda bench: _token_ids(bench, suite)))
    return conduct(
        engine,
        suite,
        steps,
        subject=subject,
        runs=runs,
        seed=seed,
        machine=machine,
        on_row=on_row,
        report=report,
        time_budget_s=time_budget_s,
    )


def task_steps(suite: Suite) -> tuple[Step, ...]:
    """A step for each row of a suite that has items."""
    return tuple(
        Step(spec, len(items), lambda bench, spec=spec, items=items: run_task(bench, spec, items))
        for spec in suite.rows
        if (items := suite.of_task(spec.name))
    )


def conduct(
    engine: Engine,
    suite: Suite,
    steps: Sequence[Step],
    *,
    subject: Subject,
    runs: RunStore,
    seed: int,
    machine: dict[str, Json],
    on_row: OnRow | None,
    report: Reporter | None,
    time_budget_s: float,
) -> RunRecord:
    """Run steps in order as one stored run. Arguments, result and errors as `run_suite`."""
    report = report or Reporter()
    run_id = new_run_id(runs.clock())
    runs.add(_started(run_id, engine, suite, subject, seed, machine, runs.now()))
    bench = Bench(
        engine,
        subject,
        seed=seed,
        report=report,
        keep=lambda sample: runs.add_sample(run_id, sample),
        items=sum(step.items for step in steps),
        time_budget_s=time_budget_s,
    )
    rows: list[Row] = []
    try:
        report("evaluating", 0, sum(step.items for step in steps), "items")
        for step in steps:
            row = not_run(step.spec, bench.gone) if bench.gone else step.run(bench)
            runs.add_row(run_id, row)
            rows.append(row)
            if on_row is not None:
                on_row(row)
    except BaseException as error:
        called_off = isinstance(error, Cancelled)
        reason = "cancelled" if called_off else "the run was broken off"
        for step in steps[len(rows) :]:
            runs.add_row(run_id, not_run(step.spec, reason))
        status = "cancelled" if called_off else "failed"
        runs.finish(run_id, status, verdict=_of_a_broken_run(rows), note=reason)
        if isinstance(error, SteelyardError):
            error.facts["run_id"] = run_id
        raise
    if bench.gone:
        return runs.finish(run_id, "failed", verdict=RowVerdict.FAIL, note=bench.gone)
    return runs.finish(run_id, "done")


def _of_a_broken_run(rows: Sequence[Row]) -> RowVerdict:
    return RowVerdict.FAIL if worst(rows) is RowVerdict.FAIL else RowVerdict.NOT_RUN


def _started(
    run_id: str,
    engine: Engine,
    suite: Suite,
    subject: Subject,
    seed: int,
    machine: dict[str, Json],
    started_at: str,
) -> RunRecord:
    loaded = engine.loaded
    return RunRecord(
        run_id=run_id,
        suite=suite.id,
        suite_title=suite.title,
        suite_version=suite.version,
        suite_digest=suite.digest,
        model_name=subject.model_name,
        model_digest=subject.model_digest,
        quantization=subject.quantization,
        engine={**loaded.engine, "context_tokens": loaded.context_tokens},
        template_digest=loaded.template_digest,
        seed=seed,
        machine=machine,
        started_at=started_at,
        finished_at=None,
        status="running",
        verdict=RowVerdict.NOT_RUN,
        rows=(),
        samples=0,
    )


# ------------------------------------------------------------------ one row of prompts


def run_task(bench: Bench, spec: RowSpec, items: Sequence[Item]) -> Row:
    """Ask every item of a row and judge them together.

    A row is judged on all of its items or not at all: one that stops half-way (time, engine) is NOT RUN,
    except that a mechanical row with a failed item has failed already.
    """
    raw = spec.mechanical and bench.engine.loaded.template_digest is None
    reason = _cannot_run(bench, spec, items, raw)
    if reason:
        bench.skip(len(items))
        return not_run(spec, reason)
    samples: list[Sample] = []
    for item in items:
        if bench.out_of_time:
            bench.skip(len(items) - len(samples))
            done = f" after {len(samples)} of {len(items)} items" if samples else ""
            return not_run(spec, bench.time_budget_text + done)
        asked = ask(bench.engine, item, seed=bench.seed, raw=raw, cancel=bench.report.cancel)
        if isinstance(asked.error, NotSupportedByEngine):
            bench.skip(len(items) - len(samples))
            return not_run(spec, asked.error.message)
        if asked.token_ids is not None:
            bench.generated[item.id] = asked.token_ids
        samples.append(asked.sample)
        bench.keep(asked.sample)
        if asked.error is not None and bench.note_death(asked.error):
            return _broken_off(spec, samples, len(items), bench.gone)
    return judge(spec, samples, values=_figures(samples))


def _broken_off(spec: RowSpec, samples: Sequence[Sample], planned: int, why: str) -> Row:
    if spec.mechanical:
        return judge(spec, samples, note=why)
    return not_run(spec, f"{why} ({len(samples)} of {planned} items asked)")


def _cannot_run(bench: Bench, spec: RowSpec, items: Sequence[Item], raw: bool) -> str:
    """Why a row cannot run, or empty: no template, or a context too small for one of its items."""
    if not raw and bench.engine.loaded.template_digest is None:
        return "the model has no chat template"
    available = bench.engine.loaded.context_tokens
    try:
        needed = max(prompt_tokens(bench.engine, item, raw=raw) + item.max_tokens for item in items)
    except Cancelled:
        raise
    except SteelyardError as error:
        bench.note_death(error)
        return error.message
    if needed > available:
        return f"needs a context of {needed} tokens, loaded with {available}"
    return ""


def _figures(samples: Sequence[Sample]) -> dict[str, Json]:
    return {
        "completion_tokens": sum(sample.completion_tokens for sample in samples),
        "elapsed_s": round(sum(sample.elapsed_s for sample in samples), 3),
    }


# ------------------------------------------------------------------ token ids known beforehand


def _token_ids(bench: Bench, suite: Suite) -> Row:
    """Compare what was generated with the published ids of this quantization. No item is asked again."""
    quantization = bench.subject.quantization
    expected = {
        item.id: item.expected_token_ids[quantization]
        for item in suite.items
        if quantization in item.expected_token_ids
    }
    if not expected:
        return not_run(TOKEN_IDS, f"the suite has no token ids for {quantization or 'this format'}")
    samples = [
        Sample(
            row=TOKEN_IDS.name,
            item_id=item_id,
            prompt="",
            answer=" ".join(map(str, bench.generated.get(item_id, ()))),
            passed=bench.generated.get(item_id) == ids,
            reason="" if bench.generated.get(item_id) == ids else "other tokens than published",
            completion_tokens=0,
            elapsed_s=0.0,
        )
        for item_id, ids in expected.items()
    ]
    for sample in samples:
        bench.keep(sample)
    return judge(TOKEN_IDS, samples)
