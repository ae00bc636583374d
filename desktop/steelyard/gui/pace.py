"""How fast something goes: over the last few seconds of one stage, so that a stall shows."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 5.0
_LEAST_S = 0.5
"""Below this much time a speed would be noise."""


class Pace:
    """Keeps the last points and tells the speed."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()
        self._stage = ""

    def note(self, stage: str, done: int, now_s: float) -> None:
        """`done` units of `stage` were done at `now_s` (monotonic seconds)."""
        if stage != self._stage or (self._points and done < self._points[-1][1]):
            self._points.clear()
            self._stage = stage
        self._points.append((now_s, done))
        while len(self._points) > 2 and now_s - self._points[0][0] > _WINDOW_S:
            self._points.popleft()

    @property
    def per_s(self) -> float | None:
        """Units per second, or None while there is too little to tell."""
        if len(self._points) < 2:
            return None
        (start_s, first), (end_s, last) = self._points[0], self._points[-1]
        elapsed_s = end_s - start_s
        if elapsed_s < _LEAST_S or last <= first:
            return None
        return (last - first) / elapsed_s
