"""The list of sources: every field checked, policy's entries stay, and no token has a place in it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.test_settings import as_root, load
from steelyard.base.paths import Home
from steelyard.policy.errors import InvalidSetting, LockedSetting
from steelyard.policy.options import BY_KEY
from steelyard.policy.sources import parse_sources

LIST = "sources.list"
SITE = {"name": "site", "kind": "mirror", "location": "https://models.site.example/steelyard"}
STICK = {"name": "stick", "kind": "folder", "location": "/media/stick"}
HUB = {
    "name": "proxy hub",
    "kind": "hub",
    "location": "https://artifacts.site.example/api/huggingface",
    "ca_file": "/etc/ssl/site.pem",
    "proxy": "http://proxy.site.example:3128",
    "token_variable": "SITE_TOKEN",
}


@pytest.fixture
def managed(tmp_path: Path) -> Path:
    return tmp_path / "policies.json"


def test_each_kind_of_source_is_kept_as_it_was_given() -> None:
    windows = {"name": "share", "kind": "bundles", "location": r"\\server\models"}
    records = [SITE, STICK, HUB, windows]
    assert BY_KEY[LIST].parse([dict(record) for record in records]) == records


def test_empty_fields_are_left_out_and_addresses_lose_their_last_slash() -> None:
    given_record = {**SITE, "location": SITE["location"] + "/", "proxy": "", "ca_file": None}
    assert parse_sources([given_record]) == [SITE]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": " site"},
        {"name": "site\u202egro.example"},
        {"name": "a\nb"},
        {"name": "x" * 65},
        {"name": "Hub"},
        {"name": "starter"},
        {"kind": "embedded"},
        {"kind": ["hub"]},
        {"location": "models"},
        {"location": "ftp://site.example"},
        {"location": "https://user:secret@site.example"},
        {"location": "https://site.example/?token=abc"},
        {"location": "https://site.example:99999999/"},
        {"location": "https://["},
        {"location": "/a\nb"},
        {"proxy": "socks5://proxy:1080"},
        {"proxy": "http://me:secret@proxy:3128"},
        {"ca_file": "site.pem"},
        {"token_variable": "hf_abc-def"},
        {"token": "hf_secret"},
        {"location": "/srv/mirror", "token_variable": "SITE_TOKEN"},
    ],
    ids=str,
)
def test_what_a_source_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting) as caught:
        BY_KEY[LIST].parse([{**SITE, **change}])
    assert "secret" not in str(caught.value.as_json())


@pytest.mark.parametrize("value", [None, {}, "site", [SITE, SITE], [[]], [SITE] * 51, [{}]])
def test_a_list_of_sources_is_a_list_of_different_sources(value: Any) -> None:
    with pytest.raises(InvalidSetting):
        BY_KEY[LIST].parse(value)


leaves = st.none() | st.booleans() | st.integers() | st.text("aZ:/.@?\n\u202e é", max_size=8)
values = leaves | st.lists(leaves, max_size=2)
records = st.fixed_dictionaries(
    {"name": values, "kind": st.sampled_from(["hub", "mirror", "folder"]), "location": values}
)


@given(st.lists(records, max_size=2))
def test_anything_is_taken_or_refused(value: list[Any]) -> None:
    try:
        taken = parse_sources(value)
    except ValueError:
        return
    assert parse_sources(taken) == taken


def test_a_source_is_written_to_the_users_file_and_read_again(home: Home, managed: Path) -> None:
    load(home, managed).change(LIST, [dict(HUB)])
    assert tomllib.loads(home.settings.read_text())["sources"]["list"] == [HUB]
    value = load(home, managed).get(LIST)
    assert (value.value, value.origin) == ([HUB], "settings")


def test_the_environment_and_the_command_line_give_it_as_json(home: Home, managed: Path) -> None:
    environment = {"STEELYARD_SOURCES_LIST": json.dumps([SITE])}
    assert load(home, managed, environment=environment).get(LIST).value == [SITE]
    with pytest.raises(InvalidSetting):
        BY_KEY[LIST].parse_text("site")


@as_root
def test_what_policy_lists_stays_and_the_users_own_come_after(home: Home, managed: Path) -> None:
    managed.write_text(json.dumps({LIST: {"Value": [SITE], "Locked": False}}))
    settings = load(home, managed)
    assert settings.change(LIST, [dict(STICK)]).value == [SITE, STICK]
    assert settings.change(LIST, [dict(SITE), dict(STICK)]).value == [SITE, STICK]
    assert tomllib.loads(home.settings.read_text())["sources"]["list"] == [STICK]
    read = load(home, managed)
    assert read.get(LIST).value == [SITE, STICK]
    assert read.imposed(LIST) == [SITE]
    assert read.change(LIST, []).value == [SITE]


@as_root
def test_nobody_takes_the_place_of_a_source_that_policy_lists(home: Home, managed: Path) -> None:
    load(home, managed).change(LIST, [{**SITE, "location": "https://elsewhere.example"}])
    managed.write_text(json.dumps({LIST: {"Value": [SITE], "Locked": False}}))
    assert load(home, managed).get(LIST).value == [SITE]


@as_root
def test_a_locked_list_is_the_whole_list(home: Home, managed: Path) -> None:
    load(home, managed).change(LIST, [dict(STICK)])
    managed.write_text(json.dumps({LIST: {"Value": [SITE], "Locked": True}}))
    settings = load(home, managed)
    assert settings.get(LIST).value == [SITE]
    with pytest.raises(LockedSetting):
        settings.change(LIST, [dict(STICK)])
