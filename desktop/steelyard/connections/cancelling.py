"""Calling off what waits on a connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from steelyard.base.progress import CancelToken


class HangsUp(Protocol):
    """What is used of a source: a hub session, a mirror."""

    def hang_up(self) -> None:
        """Break every connection at once; from any thread."""


@contextmanager
def breaking_when_cancelled(source: HangsUp, cancel: CancelToken) -> Iterator[None]:
    """Let a silent source not delay a cancellation: its connections are broken then.

    On leaving, a cancelled token raises `Cancelled`, whatever the broken connection raised.
    """
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.1):
            if cancel.cancelled:
                source.hang_up()
                return

    watcher = threading.Thread(target=watch, name="hang-up", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()
        cancel.check()
