"""The Wilson interval against scipy, and its properties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from steelyard.evals.statistics import wilson

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_agrees_with_scipy(counts: tuple[int, int], confidence: float) -> None:
    passed, total = counts
    theirs = binomtest(passed, total).proportion_ci(confidence, method="wilson")
    ours = wilson(passed, total, confidence)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_lies_within_zero_and_one_and_holds_the_share(counts: tuple[int, int]) -> None:
    passed, total = counts
    low, high = wilson(passed, total)
    assert 0 <= low <= passed / total <= high <= 1
    assert low < high


@settings(deadline=None)
@given(COUNTS)
def test_mirrors_when_passed_and_failed_change_places(counts: tuple[int, int]) -> None:
    passed, total = counts
    low, high = wilson(passed, total)
    other_low, other_high = wilson(total - passed, total)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-12)


def test_gives_the_mock_ups_intervals() -> None:
    """29 of 40 is 57 to 84 percent; 20 of 20 begins at 84."""
    assert [round(100 * end) for end in wilson(29, 40)] == [57, 84]
    assert [round(100 * end) for end in wilson(20, 20)] == [84, 100]


@pytest.mark.parametrize(("passed", "total"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_refuses_counts_that_are_no_share(passed: int, total: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(passed, total)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_refuses_what_is_no_confidence(confidence: float) -> None:
    with pytest.raises(ValueError, match="not a confidence"):
        wilson(1, 2, confidence)
