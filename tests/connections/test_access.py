"""Where access tokens come from, and that nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from steelyard.connections.access import Access, token_for
from steelyard.connections.errors import UnusableToken

HUB = "https://hub.example:8443/mirror"


class Drawer(KeyringBackend):
    """A keyring that holds what a test puts there."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def test_a_token_comes_from_the_keyring_by_the_endpoints_host(drawer: Drawer) -> None:
    assert token_for(Access(HUB)) is None
    keyring.set_password("steelyard", "hub.example", "hf_kept\n")
    assert token_for(Access(HUB)) == "hf_kept"
    assert token_for(Access("https://other.example")) is None


def test_a_named_variable_is_read_and_then_no_keyring(drawer: Drawer) -> None:
    keyring.set_password("steelyard", "hub.example", "hf_kept")
    access = Access(HUB, token_variable="SITE_TOKEN")
    assert token_for(access, {"SITE_TOKEN": "hf_site", "HF_TOKEN": "hf_other"}) == "hf_site"
    assert token_for(access, {"HF_TOKEN": "hf_other"}) is None


def test_other_programs_variables_are_not_read(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_environment")
    assert token_for(Access(HUB)) is None


def test_a_locked_keyring_has_no_token(drawer: Drawer) -> None:
    drawer.locked = True
    assert token_for(Access(HUB)) is None


@pytest.mark.parametrize("value", ["two words", "line\nline", "tök", "x" * 5000, "nul\0", "\x7f"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(UnusableToken) as refusal:
        token_for(Access(HUB, token_variable="SITE_TOKEN"), {"SITE_TOKEN": value})
    assert value not in str(refusal.value.as_json())
    assert "SITE_TOKEN" in refusal.value.message
