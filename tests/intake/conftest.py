"""Fixtures of intake: an opened store, a running hub, and a pull that does not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from intake.judging import OpenGate, judge_here
from simulators.hub import Hub
from steelyard.base.paths import Home
from steelyard.base.progress import Reporter
from steelyard.connections.hub import Timeouts
from steelyard.connections.retries import Patience
from steelyard.intake.pull import PullLimits, pull
from steelyard.intake.records import PullSpec, Taken
from steelyard.store.store import Store

Pull = Callable[..., Taken]


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with Store(home) as store:
        yield store


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate()


@pytest.fixture
def waits() -> list[float]:
    """How long the pull would have waited between attempts, in seconds."""
    return []


@pytest.fixture
def do_pull(store: Store, hub: Hub, gate: OpenGate, waits: list[float]) -> Pull:
    """`do_pull("owner/name", file=...)`: pull from the hub with short timeouts and without waiting."""

    def run(reference: str, *, report: Reporter | None = None, **spec: Any) -> Taken:
        options = {key: spec.pop(key) for key in ("judge", "required", "limits") if key in spec}
        spec.setdefault("endpoint", None if "://" in reference else hub.endpoint)
        limits = PullLimits(Timeouts(connect_s=5, read_s=0.5), Patience(attempts=3))
        options = {"judge": judge_here, "limits": limits, **options}
        return pull(store, PullSpec(reference, **spec), gate, report, sleep=waits.append, **options)

    return run
