"""The log says which hosts a call reached, and which it was not let reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.gguf_builder import small_gguf
from simulators.hub import Hub
from steelyard.base.errors import Json, RefusedByPolicy
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add("maker/tiny", {"tiny.gguf": small_gguf()})
        yield hub


def connections(home: Home, tmp_path: Path, hub: Hub, **flags: Json) -> list[dict[str, Json]]:
    values = {key.replace("__", ".").replace("_", "-"): value for key, value in flags.items()}
    with Steelyard.open(home, environment={}, flags=values, managed=tmp_path / "none.json") as desk:
        try:
            desk.run(ask.PullModel("maker/tiny", file="tiny.gguf", endpoint=hub.endpoint))
        except RefusedByPolicy:
            pass
        last = list(desk.installation.log.entries())[-1].event.facts
    found = last.get("connections", [])
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, dict)]


def test_a_pull_names_the_host_it_reached(home: Home, tmp_path: Path, hub: Hub) -> None:
    found = connections(home, tmp_path, hub)
    assert [(each["host"], each["allowed"]) for each in found] == [
        (hub.endpoint.removeprefix("http://"), True)
    ]
    assert int(str(found[0]["count"])) >= 2


def test_a_refused_host_is_named_too(home: Home, tmp_path: Path, hub: Hub) -> None:
    found = connections(home, tmp_path, hub, network__allowed_hosts=["elsewhere.example"])
    assert [(each["allowed"], each["count"]) for each in found] == [(False, 1)]
    assert "allowed hosts" in str(found[0]["why"])


def test_offline_is_recorded_as_such(home: Home, tmp_path: Path, hub: Hub) -> None:
    found = connections(home, tmp_path, hub, network__offline=True)
    assert [(each["allowed"], each["why"]) for each in found] == [(False, "offline")]
