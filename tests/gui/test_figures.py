"""Numbers are written one way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QLocale

from steelyard.gui import figures
from steelyard.gui.pace import Pace


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (7680, "7.5 KiB"),
        (3 << 20, "3.0 MiB"),
        (4_917_000_000, "4.58 GiB"),
        (11 << 20, "0.01 GiB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert figures.size(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.38, "0.4 s"),
        (42.2, "42 s"),
        (59.6, "1 min"),
        (252, "4 min 12 s"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert figures.duration(seconds) == words


def test_counts_and_parameters() -> None:
    assert figures.count(131072) == "131,072"
    assert figures.parameters(8_030_000_000) == "8.03 B"
    assert figures.parameters(3_700_000) == "3.7 M"
    assert figures.parameters(None) == "–"
    assert figures.signed(-2) == "−2.0"
    assert figures.tokens_short(16384) == "16k"
    assert figures.tokens_short(1000) == "1,000"


def test_german_separators() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.German))
    assert figures.count(131072) == "131.072"
    assert figures.gib(4_917_000_000) == "4,58"


def test_days_are_told_from_today() -> None:
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert figures.day("2026-11-18T11:00:00.000Z", today=now) == "today"
    assert figures.day("2026-11-14T11:00:00.000Z", today=now) == "14 Nov"
    assert figures.day("2025-09-03T11:00:00.000Z", today=now) == "3 Sep 2025"
    assert figures.day(None, today=now) == "–"


def test_digests_keep_eight_and_four() -> None:
    digest = "sha256:9c41e07b" + "0" * 52 + "52ad"
    assert figures.short_digest(digest) == "sha256:9c41e07b…52ad"
    assert figures.short_digest("short") == "short"


def test_speed_is_of_the_last_seconds_and_of_one_stage() -> None:
    pace = Pace()
    for second in range(31):
        pace.note("fetching", 10 * second if second <= 15 else 150 + 100 * (second - 15), second)
    late = pace.per_s(30.0)
    assert late is not None
    assert 95 < late <= 100, "fifteen seconds at 10 a second hardly count any more"
    assert (pace.per_s(40.0) or 0) < late / 2, "a standstill shows"
    pace.note("hashing", 0, 41.0)
    assert pace.per_s(41.0) is None
