"""Two thousand pulls killed at random bytes; pytest -m torture tests/torture/test_many_killed_pulls.py -s"""

from __future__ import annotations

import statistics
import sys

import pytest

from intake.killing import BIG, MOST_REFETCHED_BYTES, REPOSITORY, torment
from simulators.hub import Hub
from steelyard.base.paths import Home


@pytest.mark.torture
def test_46_killed_thousands_of_times(home: Home) -> None:
    with Hub() as hub:
        hub.add(REPOSITORY, {"tiny.gguf": BIG, "README.md": b"# card"})
        refetched = torment(home, hub, kills=2000, seed=1846)
    sys.stdout.write(
        f"\nkills {len(refetched)}; fetched twice: median {statistics.median(refetched):,.0f} bytes, most "
        f"{max(refetched):,} bytes; wrong bytes admitted: 0\n"
    )
    assert statistics.median(refetched) <= MOST_REFETCHED_BYTES
