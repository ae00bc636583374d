"""One stored run from start to end: rows in order, each kept the moment it is there, whatever happens.

A cancelled run keeps what it has. When the engine dies the run is `failed`, the rows to come are NOT RUN, and
the record says so. A run that was cut short never has a verdict better than NOT RUN.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.evals.engine import Engine, Subject
from steelyard.evals.records import Row, RowVerdict, RunRecord, Sample
from steelyard.evals.runs import RunStore, new_run_id
from steelyard.evals.suites import Suite
from steelyard.evals.verdicts import RowSpec, not_run, worst

OnRow = Callable[[Row], None]


@dataclass(frozen=True)
class Terms:
    """What a run is made with, besides the engine and the suite.

    Attributes:
        seed: of sampling, recorded.
        machine: facts for the record.
        on_row: called with each finished row, from the working thread.
        report: stage `evaluating`, unit `items`.
        time_budget_s: rows that would go on after it are NOT RUN.
    """

    subject: Subject
    runs: RunStore
    seed: int
    machine: dict[str, Json]
    on_row: OnRow | None = None
    report: Reporter = field(default_factory=Reporter)
    time_budget_s: float = float("inf")


class Bench:
    """An engine and a model on the bench: what the rows of one run share.

    Attributes:
        generated: by item, the token ids it gave.
        gone: why the engine is no longer there, or empty.
    """

    def __init__(self, engine: Engine, terms: Terms, run_id: str, items: int) -> None:
        self.engine = engine
        self.subject = terms.subject
        self.seed = terms.seed
        self.report = terms.report
        self.generated: dict[str, tuple[int, ...]] = {}
        self.gone = ""
        self._terms = terms
        self._run_id = run_id
        self._items = items
        self._done = 0
        self._started_s = time.monotonic()
        self.report("evaluating", 0, items, "items")

    def keep(self, sample: Sample) -> None:
        """Store a sample, then report progress (which raises `Cancelled` when called off)."""
        self._terms.runs.add_sample(self._run_id, sample)
        self._done += 1
        self.report("evaluating", self._done, self._items, "items", sample.row)

    def skip(self, items: int) -> None:
        """Count items that will not be asked, so that progress ends at its end."""
        self._done += items

    @property
    def out_of_time(self) -> bool:
        """Whether the run's time is used up."""
        return time.monotonic() - self._started_s > self._terms.time_budget_s

    @property
    def time_budget_text(self) -> str:
        """What to say then."""
        return f"the time budget of {self._terms.time_budget_s / 60:g} min is used up"

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


def conduct(engine: Engine, suite: Suite, steps: Sequence[Step], terms: Terms) -> RunRecord:
    """Run the steps in order as one stored run.

    Returns:
        The stored record: `done`, or `failed` when the engine died.

    Raises:
        Cancelled: called off; the run is stored as `cancelled`, and the error's facts name it (`run_id`).
    """
    runs, run_id = terms.runs, new_run_id(terms.runs.clock())
    runs.add(_started(run_id, engine, suite, terms))
    rows: list[Row] = []
    try:
        bench = Bench(engine, terms, run_id, sum(step.items for step in steps))
        for step in steps:
            row = not_run(step.spec, bench.gone) if bench.gone else step.run(bench)
            runs.add_row(run_id, row)
            rows.append(row)
            if terms.on_row is not None:
                terms.on_row(row)
    except BaseException as error:
        _break_off(runs, run_id, steps, rows, error)
        raise
    if bench.gone:
        return runs.finish(run_id, "failed", verdict=RowVerdict.FAIL, note=bench.gone)
    return runs.finish(run_id, "done")


def _break_off(
    runs: RunStore, run_id: str, steps: Sequence[Step], rows: Sequence[Row], error: BaseException
) -> None:
    cancelled = isinstance(error, Cancelled)
    reason = "cancelled" if cancelled else "the run was broken off by an error"
    for step in steps[len(rows) :]:
        runs.add_row(run_id, not_run(step.spec, reason))
    verdict = RowVerdict.FAIL if worst(rows) is RowVerdict.FAIL else RowVerdict.NOT_RUN
    runs.finish(run_id, "cancelled" if cancelled else "failed", verdict=verdict, note=reason)
    if isinstance(error, SteelyardError):
        error.facts["run_id"] = run_id


def _started(run_id: str, engine: Engine, suite: Suite, terms: Terms) -> RunRecord:
    loaded, subject = engine.loaded, terms.subject
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
        seed=terms.seed,
        machine=terms.machine,
        started_at=terms.runs.now(),
        finished_at=None,
        status="running",
        verdict=RowVerdict.NOT_RUN,
        rows=(),
        samples=0,
    )
