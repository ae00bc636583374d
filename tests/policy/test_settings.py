"""Settings come from the right layer, locks hold, and a managed file nobody can trust is safe mode."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.policy.errors import (
    HostNotAllowed,
    InvalidSetting,
    LockedSetting,
    MalformedSettings,
    Offline,
    UnknownSetting,
)
from steelyard.policy.network import NetworkGate
from steelyard.policy.options import BY_KEY, OPTIONS
from steelyard.policy.settings import Settings

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can write a file that counts as managed",
)


@pytest.fixture
def managed(tmp_path: Path) -> Path:
    return tmp_path / "policies.json"


def load(home: Home, managed: Path, **kwargs: object) -> Settings:
    kwargs.setdefault("environment", {})
    return Settings.load(home, managed=managed, **kwargs)  # type: ignore[arg-type]  # test shorthand


def test_defaults_are_valid_values_of_their_own_options() -> None:
    for option in OPTIONS:
        assert option.parse(option.default) == option.default


def test_without_files_everything_is_default(home: Home, managed: Path) -> None:
    settings = load(home, managed)
    assert {value.origin for value in settings.all()} == {"default"}
    assert not settings.safe_mode


def test_flag_beats_environment_beats_file_beats_default(home: Home, managed: Path) -> None:
    key = "engine.context-tokens"
    load(home, managed).change(key, 1024)
    assert load(home, managed).get(key).origin == "settings"
    environment = {"STEELYARD_ENGINE_CONTEXT_TOKENS": "2048"}
    from_environment = load(home, managed, environment=environment)
    assert from_environment.number(key) == 2048
    assert from_environment.get(key).origin == "environment: STEELYARD_ENGINE_CONTEXT_TOKENS"
    from_flag = load(home, managed, environment=environment, flags={key: 4096})
    assert (from_flag.number(key), from_flag.get(key).origin) == (4096, "flag")


@as_root
def test_a_locked_value_beats_environment_flag_and_change(home: Home, managed: Path) -> None:
    managed.write_text(json.dumps({"network.offline": {"Value": True, "Locked": True}}))
    settings = load(
        home,
        managed,
        environment={"STEELYARD_NETWORK_OFFLINE": "0", "HF_HUB_OFFLINE": "0"},
        flags={"network.offline": False},
    )
    assert settings.switch("network.offline")
    assert settings.get("network.offline").locked
    with pytest.raises(LockedSetting) as caught:
        settings.change("network.offline", False)
    assert str(managed) in str(caught.value.facts["origin"])


@as_root
def test_an_unlocked_managed_value_is_a_default_the_user_may_change(
    home: Home, managed: Path
) -> None:
    managed.write_text(json.dumps({"window.theme": {"Value": "dark", "Locked": False}}))
    assert load(home, managed).text("window.theme") == "dark"
    load(home, managed).change("window.theme", "light")
    assert load(home, managed).text("window.theme") == "light"


BAD_MANAGED = {
    "not JSON": b"{",
    "byte-order mark": b'\xef\xbb\xbf{"network.offline": {"Value": true}}',
    "duplicate key": b'{"network.offline": {"Value": true}, "network.offline": {"Value": false}}',
    "unknown key": b'{"network.onfline": {"Value": true}}',
    "wrong type": b'{"network.offline": {"Value": "yes"}}',
    "bare value": b'{"network.offline": true}',
    "not an object": b"[]",
    "too large": b" " * (1024 * 1024 + 1) + b"{}",
    "NaN": b'{"engine.threads": {"Value": NaN}}',
}


@as_root
@pytest.mark.parametrize("content", BAD_MANAGED.values(), ids=BAD_MANAGED.keys())
def test_a_bad_managed_file_is_safe_mode_never_defaults(
    home: Home, managed: Path, content: bytes
) -> None:
    managed.write_bytes(content)
    settings = load(home, managed, flags={"network.offline": False})
    assert settings.safe_mode
    assert settings.problems
    assert settings.switch("network.offline")
    assert settings.get("network.offline").origin == "safe-mode"
    with pytest.raises(Offline):
        NetworkGate(settings).check("https://hub.example/x", "test")


def test_a_managed_file_others_can_write_is_safe_mode(home: Home, managed: Path) -> None:
    managed.write_text(json.dumps({"network.offline": {"Value": False, "Locked": True}}))
    managed.chmod(0o666)
    settings = load(home, managed)
    assert settings.safe_mode
    assert settings.switch("network.offline")


def test_a_symbolic_link_as_managed_file_is_safe_mode(home: Home, managed: Path) -> None:
    (managed.parent / "real.json").write_text("{}")
    managed.symlink_to(managed.parent / "real.json")
    assert load(home, managed).safe_mode


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("network.offline", "maybe"),
        ("engine.context-tokens", -1),
        ("engine.context-tokens", True),
        ("window.theme", "pink"),
        ("sources.endpoint", "ftp://hub.example"),
        ("sources.endpoint", "https://user:secret@hub.example"),
        ("admission.required", ["luck"]),
        ("network.allowed-hosts", ["a b"]),
    ],
)
def test_a_value_an_option_cannot_have_is_refused(
    home: Home, managed: Path, key: str, value: Json
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load(home, managed).change(key, value)
    assert caught.value.facts["key"] == key
    assert not home.settings.exists()


def test_an_unknown_setting_is_refused(home: Home, managed: Path) -> None:
    with pytest.raises(UnknownSetting):
        load(home, managed).change("network.offlin", True)


def test_a_damaged_settings_file_is_typed_and_left_as_it_is(home: Home, managed: Path) -> None:
    home.settings.write_text("[network\noffline = true")
    with pytest.raises(MalformedSettings):
        load(home, managed)
    assert home.settings.read_text() == "[network\noffline = true"


def test_offline_refuses_and_the_ledger_remembers(home: Home, managed: Path) -> None:
    settings = load(home, managed, flags={"network.offline": True})
    gate = NetworkGate(settings)
    with pytest.raises(Offline):
        gate.check("https://hub.example/secret-path", "model.pull")
    assert [(a.allowed, a.asked_by) for a in gate.ledger()] == [(False, "model.pull")]
    assert "secret-path" not in repr(gate.ledger())


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hub.example/x", True),
        ("https://cdn.hub.example/x", True),
        ("https://mirror.site:8443/x", True),
        ("https://mirror.site/x", False),
        ("https://evil-hub.example/x", False),
        ("https://hub.example.evil/x", False),
        ("file:///etc/passwd", False),
        ("https://user@hub.example/", False),
        ("https:///x", False),
        ("https://[::1/x", False),
    ],
)
def test_only_listed_hosts_are_reached(home: Home, managed: Path, url: str, allowed: bool) -> None:
    hosts: list[Json] = ["hub.example", "*.hub.example", "mirror.site:8443"]
    gate = NetworkGate(load(home, managed, flags={"network.allowed-hosts": hosts}))
    if allowed:
        gate.check(url, "test")
    else:
        with pytest.raises(HostNotAllowed):
            gate.check(url, "test")
    assert gate.ledger()[0].allowed is allowed


def test_a_list_may_be_given_the_way_it_is_shown() -> None:
    hosts = BY_KEY["network.allowed-hosts"]
    assert hosts.parse_text('["a.example", "*.b.example"]') == ["a.example", "*.b.example"]
    assert hosts.parse_text("[::1]:80") == ["[::1]:80"]
    with pytest.raises(InvalidSetting):
        hosts.parse_text("[1, 2]")
