"""A limit of bytes per second, and a connection that trickles, by a clock that the test moves."""

from __future__ import annotations

import pytest
import typer

from steelyard.cli.rates import bytes_per_s
from steelyard.connections.errors import Interrupted, Stalled
from steelyard.intake.pacing import Pace
from steelyard.intake.receiving import SLOWEST_BYTES_PER_S, STALL_WINDOW_S, Watch


class Time:
    """Moves when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def wait(self, duration_s: float) -> None:
        self.now_s += duration_s


def test_a_limit_holds_over_all_connections() -> None:
    time = Time()
    pace = Pace(1_000_000, time, time.wait)
    for _ in range(100):
        pace.spend(50_000)
    assert 4.9 <= time.now_s - 100 <= 5.0


def test_time_in_which_nothing_came_is_not_made_up_for() -> None:
    time = Time()
    pace = Pace(1_000_000, time, time.wait)
    time.now_s += 60
    for _ in range(20):
        pace.spend(100_000)
    assert time.now_s - 160 > 1.8


def test_without_a_limit_nobody_waits_and_reads_are_whole() -> None:
    time = Time()
    pace = Pace(0, time, time.wait)
    pace.spend(10**12)
    assert time.now_s == 100
    assert pace.most(1 << 20) == 1 << 20


def test_a_slow_limit_reads_in_small_pieces() -> None:
    time = Time()
    assert Pace(1_000_000, time, time.wait).most(1 << 20) == 50_000
    slowest = Pace(1, time, time.wait)
    assert (slowest.most(1 << 20), slowest.bytes_per_s) == (4096, 4096)


def test_a_connection_that_trickles_counts_as_stalled() -> None:
    time = Time()
    seen: list[int] = []
    watch = Watch(time, seen.append)
    for _ in range(int(STALL_WINDOW_S) - 1):
        time.now_s += 1
        watch.arrived(10)
    with pytest.raises(Interrupted) as stalled:
        time.now_s += 1
        watch.arrived(10)
    assert isinstance(stalled.value.reason, Stalled)
    assert sum(seen) == 10 * int(STALL_WINDOW_S)


def test_a_slow_connection_does_not() -> None:
    time = Time()
    watch = Watch(time, lambda _count: None)
    for _ in range(5 * int(STALL_WINDOW_S)):
        time.now_s += 1
        watch.arrived(SLOWEST_BYTES_PER_S + 1)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5MB/s", 5_000_000),
        ("5 MB/s", 5_000_000),
        ("800KiB/s", 819_200),
        ("1.5g", 1_500_000_000),
        ("1000000", 1_000_000),
        ("0", 0),
        ("12kbps", 12_000),
    ],
)
def test_rates_as_people_write_them(text: str, rate: int) -> None:
    assert bytes_per_s(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-5MB/s", "5TB/s", "5 5", "1e9", "9" * 40])
def test_what_is_no_rate_is_said(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        bytes_per_s(text)
