"""A service for the window's tests that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from steelyard.base.errors import NotFound
from steelyard.base.progress import CancelToken


class Service:
    """A service whose answers are functions by request type. What it was asked is in `asked`."""

    def __init__(self) -> None:
        self.answers: dict[type, Callable[..., Any]] = {}
        self.asked: list[object] = []
        self.threads: set[str] = set()
        self.closed = False

    def on(self, request: type, answer: Callable[..., Any]) -> None:
        """`answer(request, emit, cancel)` gives the result or raises."""
        self.answers[request] = answer

    def run(
        self,
        request: Any,
        *,
        emit: Callable[[Any], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Any:
        self.asked.append(request)
        self.threads.add(threading.current_thread().name)
        answer = self.answers.get(type(request))
        if answer is None:
            raise NotFound(f"The test gave no answer for {type(request).__name__}.")
        return answer(request, emit or (lambda _: None), cancel or CancelToken())

    def close(self) -> None:
        self.closed = True
