"""How often to try again, and how long to wait in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from steelyard.base.progress import CancelToken
from steelyard.connections.errors import Interrupted, RateLimited

T = TypeVar("T")
Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Patience:
    """Limits of trying again.

    Attributes:
        attempts: in a row without progress.
        first_wait_s: doubled after each, up to `longest_wait_s`.
        longest_asked_s: of a Retry-After; a server that asks for more is left alone.
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    longest_asked_s: float = 300.0


def cancellable_sleep(cancel: CancelToken) -> Sleep:
    """A sleep that a cancelled token ends with `Cancelled` within a tenth of a second."""

    def sleep(duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0:
            cancel.check()
            time.sleep(min(left_s, 0.1))
        cancel.check()

    return sleep


class Attempts:
    """Counts failures in a row."""

    def __init__(self, patience: Patience, sleep: Sleep) -> None:
        self._patience = patience
        self._sleep = sleep
        self._failures = 0

    def progressed(self) -> None:
        """Bytes arrived: the count begins again."""
        self._failures = 0

    def failed(self, failure: Interrupted) -> None:
        """Wait before the next attempt, or raise the failure's reason when there is none.

        Raises:
            RemoteFailure: `failure.reason`.
        """
        self._failures += 1
        patience = self._patience
        if self._failures >= patience.attempts:
            raise failure.reason from failure
        wait_s = min(patience.first_wait_s * 2 ** (self._failures - 1), patience.longest_wait_s)
        if failure.after_s is not None:
            if failure.after_s > patience.longest_asked_s:
                raise _too_long(failure, failure.after_s) from failure
            wait_s = max(wait_s, failure.after_s)
        self._sleep(wait_s)


def with_attempts(ask: Callable[[], T], patience: Patience, sleep: Sleep) -> T:
    """Call until it succeeds or there are no attempts left.

    Raises:
        RemoteFailure: the last attempt's reason.
    """
    attempts = Attempts(patience, sleep)
    while True:
        try:
            return ask()
        except Interrupted as failure:
            attempts.failed(failure)


def _too_long(failure: Interrupted, after_s: float) -> RateLimited:
    return RateLimited(
        f"{failure.reason.message} It asks to wait {after_s:,.0f} s.",
        next_step="Try again after that time; what arrived is kept.",
        retry_after_s=after_s,
    )
