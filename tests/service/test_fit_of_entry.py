"""Fit of what is not here: a variant of a catalog entry, by the entry's own words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from steelyard.base.errors import NotFound
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask


@pytest.fixture
def desk(home: Home) -> Iterator[Steelyard]:
    opened = Steelyard.open(home, environment={}, flags={"network.offline": True})
    yield opened
    opened.close()


def test_a_known_family_is_answered_by_a_formula_without_a_network(desk: Steelyard) -> None:
    entry = desk.run(ask.ShowEntry("Qwen/Qwen3-8B"))
    variant = next(v for v in entry.variants if v.quantization == "Q4_K_M")
    report = desk.run(ask.AskFit(variant.reference, 8192, entry=entry.row.reference))
    assert report.source == "formula"
    assert report.weights_bytes == variant.size_bytes
    assert report.kv_bytes == 36 * 2 * 2 * 8 * 128 * 8192
    short = desk.run(ask.AskFit("Qwen/Qwen3-8B:q4_k_m", 8192))
    assert short.total_bytes == report.total_bytes


def test_a_target_that_names_no_variant_is_told_which_there_are(desk: Steelyard) -> None:
    with pytest.raises(NotFound) as caught:
        desk.run(ask.AskFit("Qwen/Qwen3-8B:Q9"))
    assert "Q4_K_M" in caught.value.next_step
    with pytest.raises(NotFound, match="nor in the catalog"):
        desk.run(ask.AskFit("nobody/knows:Q4_K_M"))
