"""What an evaluation leaves on disk follows policy's level, and no level leaves more than it says."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.evals.records import RowVerdict, RunRecord, Sample
from steelyard.evals.runs import RunStore
from steelyard.privacy.keeping import Keeper
from steelyard.privacy.records import Level
from steelyard.service import Steelyard
from steelyard.service import requests as ask

SECRET = "sabine.krause@example.org"
SAMPLE = Sample(
    "row", "item", f"Write to {SECRET}", f"Dear {SECRET}", True, f"for {SECRET}", 2, 0.5
)


RECORD = RunRecord(
    run_id="a", suite="starter-check", suite_title="", suite_version="1", suite_digest="", model_name="pretend",
    model_digest="sha256:" + "0" * 64, quantization="Q8_0", engine={}, template_digest=None, seed=7, machine={},
    started_at="2026-11-23T18:04:05.123Z", finished_at=None, status="running", verdict=RowVerdict.NOT_RUN, rows=(),
    samples=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("level", "kept"),
    [
        (Level.FULL, f"Write to {SECRET}"),
        (Level.REDACTED, "Write to [email 1]"),
        (Level.METADATA, ""),
        (Level.NOTHING, None),
    ],
)
def test_a_sample_is_stored_at_the_level_in_force(
    tmp_path: Path, level: Level, kept: str | None
) -> None:
    path = tmp_path / "runs.sqlite"
    runs = RunStore(path, keeper=lambda: Keeper(level))
    runs.add(RECORD)
    runs.add_sample("a", SAMPLE)
    stored = [sample.prompt for sample in runs.samples("a")]
    runs.close()
    assert stored == ([] if kept is None else [kept])
    with sqlite3.connect(path) as database:
        everything = "\n".join(database.iterdump())
    database.close()
    assert (SECRET in everything) == (level is Level.FULL)


def test_the_preview_shows_and_stores_nothing(home: Home, tmp_path: Path) -> None:
    text = f"My name is Ada Lovelace, {SECRET}"
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as desk:
        shown = desk.run(ask.PreviewStorage(text))
        assert shown.redacted == "My name is [name 1], [email 1]"
        assert list(desk.installation.log.entries()) == []
    for file in home.data.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes()
