"""How a pull opens the place it pulls from: a hub by default, or whatever the caller gives it.

Anything that is a `connections.repository.RemoteRepository` will do, with or without HTTP behind it; the engine
verifies what comes from it in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from steelyard.base.clock import Clock
from steelyard.connections.access import Access
from steelyard.connections.hub import HubSession, Timeouts
from steelyard.connections.repository import RemoteRepository
from steelyard.connections.transport import Gate, GatedTransport
from steelyard.intake.records import PullSpec
from steelyard.intake.reference import Reference

ASKED_BY = "model.pull"

OpenSource = Callable[[Reference], AbstractContextManager[RemoteRepository]]
"""Opens the source of a reference, for the length of one pull."""


def hub(spec: PullSpec, gate: Gate, timeouts: Timeouts, clock: Clock) -> OpenSource:
    """A session with the hub at the reference's endpoint, through the gate."""

    def opened(reference: Reference) -> HubSession:
        access = Access(reference.endpoint, spec.ca_file, spec.proxy, spec.token_variable)
        transport = GatedTransport(gate, access, asked_by=ASKED_BY, token=spec.token)
        return HubSession(reference.endpoint, transport, timeouts, clock)

    return opened
