"""Adding and dropping sources: what policy put there stays, and no password reaches the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.test_settings import as_root
from steelyard.base.paths import Home
from steelyard.catalog.errors import SourceNameTaken, SourceStays, SourceUnknown
from steelyard.policy.errors import InvalidSetting, LockedSetting
from steelyard.service import Steelyard
from steelyard.service import requests as ask


@pytest.fixture
def managed(tmp_path: Path) -> Path:
    return tmp_path / "policies.json"


@pytest.fixture
def desk(home: Home, managed: Path) -> Iterator[Steelyard]:
    with Steelyard.open(home, environment={}, managed=managed) as desk:
        yield desk


def names(desk: Steelyard) -> list[str]:
    return [row.name for row in desk.run(ask.ListSources()).sources]


def test_a_source_comes_after_what_is_built_in_and_before_the_hub(
    desk: Steelyard, tmp_path: Path
) -> None:
    added = desk.run(ask.AddSource("Stick", "folder", str(tmp_path))).source
    assert (added.kind, added.location, added.reachable, added.entries) == (
        "folder",
        str(tmp_path),
        True,
        0,
    )
    assert names(desk) == ["starter", "families", "Stick", "hub"]
    with pytest.raises(SourceNameTaken):
        desk.run(ask.AddSource("stick", "folder", str(tmp_path)))
    assert desk.run(ask.RemoveSource("STICK")).name == "Stick"
    assert names(desk) == ["starter", "families", "hub"]


def test_a_folder_that_is_not_there_is_kept_and_said(desk: Steelyard, tmp_path: Path) -> None:
    row = desk.run(ask.AddSource("share", "bundles", str(tmp_path / "away"))).source
    assert (row.reachable, row.why) == (False, "The folder is not there now")


@pytest.mark.parametrize("name", ["hub", "starter", "families"])
def test_what_is_built_in_stays(desk: Steelyard, name: str) -> None:
    with pytest.raises(SourceStays):
        desk.run(ask.RemoveSource(name))
    with pytest.raises((SourceNameTaken, InvalidSetting)):
        desk.run(ask.AddSource(name, "folder", "/srv"))


def test_an_unknown_source_is_not_dropped(desk: Steelyard) -> None:
    with pytest.raises(SourceUnknown):
        desk.run(ask.RemoveSource("nobody"))


@as_root
def test_a_source_of_policy_is_not_dropped(home: Home, managed: Path) -> None:
    site = {"name": "site", "kind": "folder", "location": "/srv/models"}
    managed.write_text(json.dumps({"sources.list": {"Value": [site], "Locked": False}}))
    with Steelyard.open(home, environment={}, managed=managed) as desk:
        rows = {row.name: row for row in desk.run(ask.ListSources()).sources}
        assert rows["site"].managed
        with pytest.raises(LockedSetting):
            desk.run(ask.RemoveSource("site"))
        desk.run(ask.AddSource("own", "folder", "/srv/own"))
        assert names(desk) == ["starter", "families", "site", "own", "hub"]
        desk.run(ask.RemoveSource("own"))
        assert names(desk) == ["starter", "families", "site", "hub"]


@pytest.mark.parametrize(
    "request_",
    [
        ask.AddSource("a", "hub", "https://me:geheim@hub.example"),
        ask.AddSource("a", "hub", "https://hub.example", proxy="http://me:geheim@proxy:1"),
        ask.AddSource("a", "hub", "https://hub.example", token_variable="hf-geheim"),
    ],
    ids=["address", "proxy", "token"],
)
def test_a_password_in_the_wrong_place_reaches_no_error_and_no_log(
    desk: Steelyard, home: Home, request_: ask.AddSource
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        desk.run(request_)
    assert "geheim" not in json.dumps(caught.value.as_json())
    for path in [p for p in home.data.rglob("*") if p.is_file()]:
        assert b"geheim" not in path.read_bytes(), path


def test_dropping_keeps_what_was_learned_unless_it_is_to_be_forgotten(
    desk: Steelyard, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "some-Q4_0.gguf").write_bytes(b"GGUF")
    for forget, left in ((False, 1), (True, 0)):
        desk.run(ask.AddSource("stick", "folder", str(tmp_path / "m")))
        desk.run(ask.RefreshCatalog(source="stick"))
        assert desk.run(ask.RemoveSource("stick", forget)).forgotten_entries == 1 - left
        assert desk.run(ask.SearchCatalog("some q4")).total == left
