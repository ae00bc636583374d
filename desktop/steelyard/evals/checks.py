"""Named yes-or-no checks, each kept as a sample: what was found, or why the answer is no."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.evals.conduct import Bench
from steelyard.evals.records import Sample
from steelyard.evals.verdicts import RowSpec

Check = Callable[[], str]
"""Returns what was found, for the record; raises `Wrong`, through `expect`, when the answer is no."""


class Wrong(Exception):
    """A check's answer is no, and why. Never leaves `run_checks`."""


def expect(holds: bool, otherwise: str) -> None:
    """Go on if it holds, else the check's answer is no."""
    if not holds:
        raise Wrong(otherwise)


def run_checks(bench: Bench, spec: RowSpec, checks: Mapping[str, Check]) -> list[Sample]:
    """Every check gives a sample, also the one that finds the engine dead, and those after it."""
    samples = []
    for name, check in checks.items():
        sample = _run_check(bench, spec.name, name, check)
        bench.keep(sample)
        samples.append(sample)
    return samples


def _run_check(bench: Bench, row: str, name: str, check: Check) -> Sample:
    started_s = time.monotonic()
    answer = reason = ""
    try:
        answer = check()
    except Wrong as wrong:
        reason = str(wrong)
    except Cancelled:
        raise
    except SteelyardError as error:
        reason = error.message
        bench.note_death(error)
    return Sample(
        row=row,
        item_id=f"{row}-{name}",
        prompt="",
        answer=answer,
        passed=not reason,
        reason=reason,
        completion_tokens=0,
        elapsed_s=round(time.monotonic() - started_s, 4),
    )
