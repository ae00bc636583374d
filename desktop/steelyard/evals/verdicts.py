"""How counts become PASS, WARN or FAIL. Three rules, each said in the suite's file, row by row.

- `interval` (capability): PASS when the whole 95 % Wilson interval lies above the share needed, WARN when the
  share needed lies inside it, FAIL when the interval lies wholly below. Few items cannot pass by luck.
- `every-item` (mechanical): PASS when every item passes, else FAIL. An engine that computes wrongly once is
  wrong; the interval is shown, not used.
- `share` (checks of an installation, answers known beforehand): PASS when the share itself reaches what is
  needed, WARN when it does not but the interval still contains it, FAIL when the interval lies wholly below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from steelyard.base.errors import Json
from steelyard.evals.records import Row, RowVerdict, Sample
from steelyard.evals.statistics import wilson


class Rule(StrEnum):
    """Which rule turns a row's counts into its verdict."""

    INTERVAL = "interval"
    EVERY_ITEM = "every-item"
    SHARE = "share"


@dataclass(frozen=True)
class RowSpec:
    """A row before it has run.

    Attributes:
        name: stable key; the `task` of its items.
        title: for people.
        needed: the share needed, 0 to 1; 1 under `every-item`.
        rule: how counts become a verdict.
    """

    name: str
    title: str
    needed: float
    rule: Rule

    @property
    def mechanical(self) -> bool:
        """Whether the row judges the engine and the installation rather than the model."""
        return self.rule is Rule.EVERY_ITEM


def judge(
    spec: RowSpec,
    samples: Sequence[Sample],
    *,
    note: str = "",
    values: dict[str, Json] | None = None,
) -> Row:
    """The row of samples that all ran; `note` replaces the one made from the verdict.

    Raises:
        ValueError: no samples; such a row did not run.
    """
    passed, total = sum(sample.passed for sample in samples), len(samples)
    low, high = wilson(passed, total)
    verdict = _verdict(spec, passed / total, low, high)
    return Row(
        name=spec.name,
        title=spec.title,
        verdict=verdict,
        passed=passed,
        total=total,
        low=low,
        high=high,
        needed=spec.needed,
        mechanical=spec.mechanical,
        note=note or _note(spec, verdict, samples),
        values=values or {},
    )


def not_run(spec: RowSpec, reason: str) -> Row:
    """The row that could not run, and why."""
    return Row(
        name=spec.name,
        title=spec.title,
        verdict=RowVerdict.NOT_RUN,
        passed=0,
        total=0,
        low=None,
        high=None,
        needed=spec.needed,
        mechanical=spec.mechanical,
        note=reason,
    )


def worst(rows: Iterable[Row]) -> RowVerdict:
    """The worst verdict among rows that ran; NOT RUN when none did."""
    found = {row.verdict for row in rows}
    for verdict in (RowVerdict.FAIL, RowVerdict.WARN, RowVerdict.PASS):
        if verdict in found:
            return verdict
    return RowVerdict.NOT_RUN


def _verdict(spec: RowSpec, share: float, low: float, high: float) -> RowVerdict:
    if spec.rule is Rule.EVERY_ITEM:
        return RowVerdict.PASS if share == 1 else RowVerdict.FAIL
    reached = low > spec.needed if spec.rule is Rule.INTERVAL else share >= spec.needed
    if reached:
        return RowVerdict.PASS
    return RowVerdict.WARN if high >= spec.needed else RowVerdict.FAIL


def _note(spec: RowSpec, verdict: RowVerdict, samples: Sequence[Sample]) -> str:
    if verdict is RowVerdict.PASS:
        return ""
    if verdict is RowVerdict.FAIL:
        reasons = Counter(sample.reason for sample in samples if not sample.passed)
        ((reason, count),) = reasons.most_common(1)
        return reason if count == 1 else f"{count} times: {reason}"
    if spec.rule is Rule.INTERVAL:
        return "needed is in interval"
    return "below what is needed, within chance"
