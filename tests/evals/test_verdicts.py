"""The three rules that turn counts into verdicts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.evals.records import RowVerdict, Sample
from steelyard.evals.statistics import wilson
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run, worst


def samples(passed: int, total: int) -> list[Sample]:
    return [
        Sample("row", f"i{n}", "", "", n < passed, "" if n < passed else "not JSON", 1, 0.1)
        for n in range(total)
    ]


@pytest.mark.parametrize(
    ("rule", "needed", "passed", "total", "verdict"),
    [
        (Rule.INTERVAL, 0.7, 12, 12, RowVerdict.PASS),
        (Rule.INTERVAL, 0.7, 11, 12, RowVerdict.WARN),
        (Rule.INTERVAL, 0.7, 3, 12, RowVerdict.FAIL),
        (Rule.EVERY_ITEM, 1.0, 2, 2, RowVerdict.PASS),
        (Rule.EVERY_ITEM, 1.0, 99, 100, RowVerdict.FAIL),
        (Rule.SHARE, 0.9, 8, 8, RowVerdict.PASS),
        (Rule.SHARE, 0.9, 9, 10, RowVerdict.PASS),
        (Rule.SHARE, 0.9, 7, 8, RowVerdict.WARN),
        (Rule.SHARE, 0.9, 4, 8, RowVerdict.FAIL),
    ],
)
def test_each_rule_judges_as_it_says(
    rule: Rule, needed: float, passed: int, total: int, verdict: RowVerdict
) -> None:
    row = judge(RowSpec("row", "Row", needed, rule), samples(passed, total))
    assert row.verdict is verdict
    assert (row.low, row.high) == wilson(passed, total)
    assert row.mechanical is (rule is Rule.EVERY_ITEM)


@settings(deadline=None)
@given(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.05, 0.95),
)
def test_the_interval_decides_alone(counts: tuple[int, int], needed: float) -> None:
    low, high = wilson(*counts)
    row = judge(RowSpec("row", "Row", needed, Rule.INTERVAL), samples(*counts))
    assert (row.verdict is RowVerdict.PASS) == (low > needed)
    assert (row.verdict is RowVerdict.FAIL) == (high < needed)


@settings(deadline=None)
@given(st.integers(1, 40), st.sampled_from(list(Rule)), st.floats(0.05, 0.95))
def test_one_more_right_answer_never_makes_a_verdict_worse(
    total: int, rule: Rule, needed: float
) -> None:
    rank = [RowVerdict.FAIL, RowVerdict.WARN, RowVerdict.PASS]
    spec = RowSpec("row", "Row", needed, rule)
    ranks = [rank.index(judge(spec, samples(k, total)).verdict) for k in range(total + 1)]
    assert ranks == sorted(ranks)


def test_notes_say_why() -> None:
    spec = RowSpec("row", "Row", 0.7, Rule.INTERVAL)
    assert judge(spec, samples(12, 12)).note == ""
    assert judge(spec, samples(11, 12)).note == "needed is in interval"
    assert judge(spec, samples(2, 12)).note == "10 times: not JSON"


def test_a_row_that_did_not_run_has_a_reason_and_no_interval() -> None:
    row = not_run(RowSpec("row", "Row", 0.7, Rule.INTERVAL), "no chat template")
    assert (row.verdict, row.total, row.low, row.note) == (
        RowVerdict.NOT_RUN,
        0,
        None,
        "no chat template",
    )


def test_the_worst_row_decides_and_rows_not_run_do_not_count() -> None:
    spec = RowSpec("row", "Row", 0.7, Rule.INTERVAL)
    rows = [judge(spec, samples(k, 12)) for k in (12, 11, 3)]
    skipped = not_run(spec, "why")
    assert worst([skipped]) is RowVerdict.NOT_RUN
    assert worst([skipped, rows[0]]) is RowVerdict.PASS
    assert worst(rows[:2]) is RowVerdict.WARN
    assert worst([skipped, *rows]) is RowVerdict.FAIL


def test_no_samples_are_no_row() -> None:
    with pytest.raises(ValueError, match="not a share"):
        judge(RowSpec("row", "Row", 0.7, Rule.SHARE), [])
