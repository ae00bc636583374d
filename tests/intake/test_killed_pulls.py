"""A pull killed at any byte: the next process goes on, nothing wrong is admitted, little is fetched twice
(THREATS 46)."""

from __future__ import annotations

import statistics

from intake.killing import BIG, MOST_REFETCHED_BYTES, REPOSITORY, torment
from simulators.hub import Hub
from steelyard.base.paths import Home


def test_46_killed_at_random_bytes_it_always_goes_on(home: Home, hub: Hub) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": BIG, "README.md": b"# card"})
    refetched = torment(home, hub, kills=40, seed=46)
    assert statistics.median(refetched) <= MOST_REFETCHED_BYTES
    assert min(refetched) >= 0
