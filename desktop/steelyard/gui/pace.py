"""How fast something goes, smoothed: what was long ago counts less and less, and a standstill shows."""

from __future__ import annotations

import math

_SETTLES_S = 3.0
"""What happened this long ago counts 1/e as much as what happens now."""
_LEAST_S = 0.5
"""Below this much time a speed would be noise."""
_SLOWEST = 1.0
"""Below this many units per second it stands still, and no time left can be told."""


class Pace:
    """An exponentially weighted speed over points that come at any times.

    Both the work and the time it took fade with the same weight, so that the first seconds are not too slow and a
    late point does not make a jump.
    """

    def __init__(self) -> None:
        self._stage = ""
        self._last: tuple[float, int] | None = None
        self._units = 0.0
        self._spent_s = 0.0

    def note(self, stage: str, done: int, now_s: float) -> None:
        """`done` units of `stage` were done at `now_s` (monotonic seconds)."""
        if self._last is None or stage != self._stage or done < self._last[1]:
            self._stage, self._last = stage, (now_s, done)
            self._units = self._spent_s = 0.0
            return
        before_s, before = self._last
        elapsed_s = max(0.0, now_s - before_s)
        fading = math.exp(-elapsed_s / _SETTLES_S)
        self._units = self._units * fading + (done - before)
        self._spent_s = self._spent_s * fading + elapsed_s
        self._last = (now_s, done)

    def per_s(self, now_s: float) -> float | None:
        """Units per second as of `now_s`, or None while there is too little to tell or nothing moves.

        Time without a new point counts as standing still once it is longer than a point usually takes.
        """
        if self._last is None:
            return None
        idle_s = max(0.0, now_s - self._last[0] - _LEAST_S)
        fading = math.exp(-idle_s / _SETTLES_S)
        units, spent_s = self._units * fading, self._spent_s * fading + idle_s
        if spent_s < _LEAST_S:
            return None
        speed = units / spent_s
        return speed if speed >= _SLOWEST else None
