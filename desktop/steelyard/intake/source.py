"""How a pull opens the place it pulls from: a hub by default, or whatever the caller gives it.

Anything that is a `connections.repository.RemoteRepository` will do, with or without HTTP behind it; the engine
verifies what comes from it in the same way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from steelyard.base.clock import Clock
from steelyard.base.progress import CancelToken
from steelyard.connections.access import Access
from steelyard.connections.hub import HubSession, Timeouts
from steelyard.connections.repository import RemoteRepository
from steelyard.connections.transport import Gate, GatedTransport
from steelyard.intake.records import PullSpec
from steelyard.intake.reference import Reference

ASKED_BY = "model.pull"

OpenSource = Callable[[Reference], AbstractContextManager[RemoteRepository]]
"""Opens the source of a reference, for the length of one pull."""


@contextmanager
def breaking_when_cancelled(source: RemoteRepository, cancel: CancelToken) -> Iterator[None]:
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


def hub(spec: PullSpec, gate: Gate, timeouts: Timeouts, clock: Clock) -> OpenSource:
    """A session with the hub at the reference's endpoint, through the gate."""

    def opened(reference: Reference) -> HubSession:
        access = Access(reference.endpoint, spec.ca_file, spec.proxy, spec.token_variable)
        transport = GatedTransport(gate, access, asked_by=ASKED_BY, token=spec.token)
        return HubSession(reference.endpoint, transport, timeouts, clock)

    return opened
