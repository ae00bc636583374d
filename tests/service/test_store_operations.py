"""Operations on the store as a whole: what they answer, what they leave in the log, what they follow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from steelyard.base.errors import FolderNotUsable
from steelyard.base.paths import Home
from steelyard.policy.errors import InvalidSetting
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.service.storing import scrub_due
from steelyard.store.errors import ModelInUse, ModelIsPinned, NotAStore


class Calendar:
    """A clock that tests set."""

    now = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def desk(home: Home, tmp_path: Path, calendar: Calendar) -> Iterator[Steelyard]:
    with Steelyard.open(
        home, environment={}, managed=tmp_path / "none.json", clock=calendar
    ) as opened:
        yield opened


def last_facts(desk: Steelyard) -> dict[str, Any]:
    return dict(list(desk.installation.log.entries())[-1].event.facts)


def test_the_store_says_how_it_stands(desk: Steelyard, home: Home, calendar: Calendar) -> None:
    calendar.now += timedelta(days=3)
    shown: ask.StoreStatus = desk.run(ask.ShowStore())
    assert shown.location == str(home.store)
    assert (shown.away, shown.shared, shown.writable, shown.group) == (False, False, True, None)
    assert shown.models == len(desk.run(ask.ListModels()).models)
    assert shown.used_bytes > 0
    assert (shown.garbage_bytes, shown.reverify, shown.problems) == (0, "when-changed", ())


def test_collecting_is_a_dry_run_unless_told_and_both_are_recorded(
    desk: Steelyard, home: Home
) -> None:
    desk.run(ask.ShowStore())
    stray = home.store / "blobs" / "sha256" / "ab" / ("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x" * 1234)
    planned: ask.GarbageFound = desk.run(ask.CollectGarbage())
    assert (planned.applied, planned.blobs, planned.freed_bytes) == (False, 1, 1234)
    assert stray.exists()
    assert desk.run(ask.ShowStore()).garbage_bytes == 1234
    assert desk.run(ask.CollectGarbage(apply=True)).applied
    assert not stray.exists()
    facts = last_facts(desk)
    assert (facts["apply"], facts["blobs"], facts["freed_bytes"]) == (True, 1, 1234)


def test_a_pin_is_shown_with_its_reason_and_stops_a_removal(desk: Steelyard) -> None:
    desk.run(ask.PinModel("starter", "in the audit"))
    row = next(m for m in desk.run(ask.ListModels()).models if m.name == "starter")
    assert (row.pinned, row.pin_reason) == (True, "in the audit")
    with pytest.raises(ModelIsPinned):
        desk.run(ask.RemoveModel("starter"))
    assert desk.run(ask.PinModel("starter", pinned=False)).reason == ""
    desk.run(ask.RemoveModel("starter"))


def test_a_loaded_model_is_leased_until_it_is_unloaded(desk: Steelyard) -> None:
    desk.run(ask.LoadModel("starter"))
    store = desk.installation.store
    with pytest.raises(ModelInUse):
        store.remove(store.get("starter"))
    desk.run(ask.PinModel("starter"))
    with pytest.raises(ModelIsPinned):
        desk.run(ask.RemoveModel("starter"))
    assert desk.installation.engines.loaded()
    desk.run(ask.PinModel("starter", pinned=False))
    desk.run(ask.UnloadModel("starter"))
    store.remove(store.get("starter"))


def test_policy_may_want_every_load_hashed(home: Home, tmp_path: Path) -> None:
    for mode, hashed in (("when-changed", False), ("always", True)):
        seen: set[str] = set()
        with Steelyard.open(
            home,
            environment={},
            managed=tmp_path / "none.json",
            flags={"load.reverify": mode},
        ) as desk:
            desk.run(
                ask.Complete("starter", prompt="hi"),
                emit=lambda event, seen=seen: seen.add(getattr(event, "stage", "")),
            )
        assert ("verifying" in seen) is hashed


def test_what_is_due_is_scrubbed_when_the_window_asks_and_the_setting_says(
    desk: Steelyard, calendar: Calendar
) -> None:
    desk.run(ask.ListModels())
    calendar.now += timedelta(days=40)
    assert scrub_due(desk) is None
    desk.run(ask.ChangeSetting("store.scrub-days", 30))
    wanted = scrub_due(desk)
    assert wanted == ask.ScrubStore(older_than_days=30)
    done: ask.StoreScrubbed = desk.run(wanted)
    assert (done.ok, done.remaining) == (True, 0)
    assert done.models > 0
    assert scrub_due(desk) is None


def test_damage_a_scrub_finds_is_in_its_answer_the_status_and_the_log(
    desk: Steelyard, calendar: Calendar
) -> None:
    store = desk.installation.store
    weights = store.main_file(store.get("starter"))
    weights.chmod(0o600)
    with weights.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\xff")
    calendar.now += timedelta(days=1)
    done: ask.StoreScrubbed = desk.run(ask.ScrubStore(older_than_days=0))
    assert (done.ok, done.damaged) == (False, ("starter",))
    assert last_facts(desk)["damaged"] == ["starter"]
    assert "Damaged: starter" in desk.run(ask.ShowStore()).problems[0]


def test_a_bill_of_materials_goes_where_it_was_asked_or_nowhere(
    desk: Steelyard, tmp_path: Path
) -> None:
    out = tmp_path / "bom.json"
    made: ask.BomMade = desk.run(ask.MakeBom("starter", out))
    assert out.read_text("utf-8") == made.document
    assert last_facts(desk)["document"] == made.digest
    assert json.loads(made.document)["components"][0]["licenses"]
    with pytest.raises(FolderNotUsable):
        desk.run(ask.MakeBom("starter", tmp_path / "no" / "such.json"))


def test_a_store_elsewhere_is_used_once_it_is_named_and_found_again_without_restart(
    desk: Steelyard, tmp_path: Path
) -> None:
    place = tmp_path / "disk"
    desk.run(ask.PinModel("starter", "only in the own store"))
    desk.run(ask.MakeStore(place))
    desk.run(ask.ChangeSetting("store.location", str(place)))
    assert not any(m.pinned for m in desk.run(ask.ListModels()).models)
    place.rename(tmp_path / "unplugged")
    listed: ask.ModelList = desk.run(ask.ListModels())
    assert listed.away
    assert listed.models
    assert scrub_due(desk) is None
    (tmp_path / "unplugged").rename(place)
    assert not desk.run(ask.ListModels()).away
    assert desk.run(ask.VerifyModels()).ok
    desk.run(ask.ChangeSetting("store.location", ""))
    assert any(m.pinned for m in desk.run(ask.ListModels()).models)


def test_a_place_that_is_no_path_and_a_folder_that_is_no_store_are_refused(
    desk: Steelyard, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(NotAStore):
        desk.run(ask.MakeStore(tmp_path))
    desk.run(ask.ChangeSetting("store.location", "models/here"))
    with pytest.raises(InvalidSetting):
        desk.run(ask.ListModels())
    desk.run(ask.ChangeSetting("store.location", ""))
    assert desk.run(ask.ListModels()).models
