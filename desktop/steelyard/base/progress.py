"""How long work speaks while it runs: progress at most 20 times a second, and a flag to call it off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from steelyard.base.errors import Cancelled

REPORTS_PER_S = 20


@dataclass(frozen=True)
class Progress:
    """Where a piece of work stands.

    Attributes:
        stage: what is being done: `hashing`, `fetching`, `scanning`, `loading`, `evaluating`, ...
        done: how much is done, in `unit`.
        total: how much there is, or None when that is not known.
        unit: `bytes`, `items` or `tokens`.
        detail: the file or item at hand; text from outside, never to be shown as rich text.
    """

    stage: str
    done: int
    total: int | None
    unit: str = "bytes"
    detail: str = ""


Listener = Callable[[Progress], None]


class CancelToken:
    """A flag one thread raises and the working thread looks at."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next safe point. Calling it twice is harmless."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Rest for so long, or until `cancel` is called; True if it was."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise `Cancelled` if `cancel` was called."""
        if self._event.is_set():
            raise Cancelled("Cancelled. What was complete is kept; nothing half-done remains.")


class Reporter:
    """Passes progress on, thinned to `REPORTS_PER_S`; a change of stage and the end always pass."""

    def __init__(self, listener: Listener | None = None, cancel: CancelToken | None = None) -> None:
        self._listener = listener
        self.cancel = cancel or CancelToken()
        self._last_s = float("-inf")
        self._last_stage = ""

    def __call__(
        self,
        stage: str,
        done: int,
        total: int | None = None,
        unit: str = "bytes",
        detail: str = "",
    ) -> None:
        """Report, then raise `Cancelled` if the work was called off."""
        self.cancel.check()
        if self._listener is None:
            return
        now_s = time.monotonic()
        due = now_s - self._last_s >= 1 / REPORTS_PER_S
        if due or stage != self._last_stage or (total is not None and done >= total):
            self._last_s, self._last_stage = now_s, stage
            self._listener(Progress(stage, done, total, unit, detail))
