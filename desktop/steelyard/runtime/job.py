"""One request inside a worker: what the operation may say while it works, and whether to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from steelyard.base.errors import Json
from steelyard.base.progress import CancelToken


class Job:
    """Handed to an operation beside its parameters.

    Args:
        send: writes one event frame to the parent.
    """

    def __init__(self, number: int, op: str, send: Callable[[Json], None]) -> None:
        self.number = number
        self.op = op
        self.cancel_token = CancelToken()
        self._send = send
        self._hooks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def emit(self, event: dict[str, Json]) -> None:
        """Send an event; `{"stage": ...}` tells the parent what is being done should the worker die."""
        self._send(event)

    @property
    def cancelled(self) -> bool:
        """True once the parent called the request off."""
        return self.cancel_token.cancelled

    def check(self) -> None:
        """Raise `Cancelled` if the parent called the request off."""
        self.cancel_token.check()

    def on_cancel(self, hook: Callable[[], None]) -> None:
        """Run `hook` when the parent cancels (at once if it did already), on the thread that hears of it.

        For code that cannot look at the flag itself, such as a computation in C.
        """
        with self._lock:
            self._hooks.append(hook)
            already = self.cancelled
        if already:
            hook()

    def cancel(self) -> None:
        """Called by the thread that reads the pipe."""
        with self._lock:
            self.cancel_token.cancel()
            hooks = list(self._hooks)
        for hook in hooks:
            hook()


Handler = Callable[[dict[str, Json], Job], Json]
"""An operation: parameters and job in, result out. Raises `SteelyardError` for what it can explain."""

Operations = Mapping[str, Handler]
