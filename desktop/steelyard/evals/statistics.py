"""Intervals for counts, with nothing but the standard library."""

from __future__ import annotations

from math import sqrt

CONFIDENCE = 0.95


def wilson(passed: int, total: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The two-sided Wilson score interval of a share, without continuity correction.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference". It keeps its
    coverage at the small counts of a gate, where the usual normal interval does not.

    Args:
        passed: items that passed, 0 to `total`.
        total: items, at least 1.
        confidence: between 0 and 1.

    Returns:
        Low and high ends, shares from 0 to 1; exactly 0 and 1 at the borders.

    Raises:
        ValueError: the counts or the confidence make no sense.
    """
    if not 0 <= passed <= total or total < 1:
        raise ValueError(f"{passed} of {total} is not a share")
    if not 0 < confidence < 1:
        raise ValueError(f"{confidence} is not a confidence")
    from statistics import NormalDist  # noqa: PLC0415  # not needed to start

    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = passed / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    low = 0.0 if passed == 0 else max(0.0, centre - half)
    high = 1.0 if passed == total else min(1.0, centre + half)
    return low, high
