"""Task suites: each row's items asked, graded and judged together.

A row that cannot run is NOT RUN with the reason, never missing, and never judged on a part of its items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.evals.asking import ask, prompt_tokens
from steelyard.evals.conduct import Bench, OnRow, Step, Terms, conduct
from steelyard.evals.engine import Engine, Subject
from steelyard.evals.records import Row, RunRecord, Sample
from steelyard.evals.runs import RunStore
from steelyard.evals.suites import Item, Suite
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run
from steelyard.runtime.errors import NotSupportedByEngine

__all__ = ("Subject", "run_suite", "run_task", "task_steps")

TOKEN_IDS = RowSpec("token-ids", "Same tokens as published", 1.0, Rule.EVERY_ITEM)


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

    Arguments are those of `conduct.Terms`.

    Returns:
        The stored record: `done`, or `failed` when the engine died.

    Raises:
        Cancelled: called off; the run is stored as `cancelled` with what it has.
    """
    steps = task_steps(suite)
    if any(item.expected_token_ids for item in suite.items):
        steps = (*steps, _token_id_step(suite, subject.quantization))
    terms = Terms(subject, runs, seed, machine, on_row, report or Reporter(), time_budget_s)
    return conduct(engine, suite, steps, terms)


def task_steps(suite: Suite) -> tuple[Step, ...]:
    """A step for each row of a suite."""
    return tuple(_task_step(spec, suite.of_task(spec.name)) for spec in suite.rows)


def _task_step(spec: RowSpec, items: Sequence[Item]) -> Step:
    return Step(spec, len(items), lambda bench: run_task(bench, spec, items))


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


def _token_id_step(suite: Suite, quantization: str) -> Step:
    expected = {
        item.id: item.expected_token_ids[quantization]
        for item in suite.items
        if quantization in item.expected_token_ids
    }
    return Step(
        TOKEN_IDS, len(expected), lambda bench: _compare_token_ids(bench, expected, quantization)
    )


def _compare_token_ids(
    bench: Bench, expected: Mapping[str, tuple[int, ...]], quantization: str
) -> Row:
    """What was generated against the published ids of this quantization. No item is asked again."""
    if not expected:
        return not_run(TOKEN_IDS, f"the suite has no token ids for {quantization or 'this format'}")
    if not any(item_id in bench.generated for item_id in expected):
        bench.skip(len(expected))
        return not_run(TOKEN_IDS, "none of its items was asked")
    samples = [_compared(item_id, ids, bench) for item_id, ids in expected.items()]
    for sample in samples:
        bench.keep(sample)
    return judge(TOKEN_IDS, samples)


def _compared(item_id: str, expected: tuple[int, ...], bench: Bench) -> Sample:
    found = bench.generated.get(item_id)
    return Sample(
        row=TOKEN_IDS.name,
        item_id=item_id,
        prompt=" ".join(map(str, expected)),
        answer=" ".join(map(str, found or ())),
        passed=found == expected,
        reason="" if found == expected else "other tokens than published",
        completion_tokens=0,
        elapsed_s=0.0,
    )
