"""Sources and keys in the settings: what is there, what may be changed, and dialogs that keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.catalog_stand_in import KEYS, stand_in
from gui.service_stand_in import Service
from steelyard.base.errors import CheckFailed, RefusedByPolicy
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.settings import SettingsPage
from steelyard.gui.pages.settings_key_forms import CreateForm, RevokeForm, TrustForm
from steelyard.gui.pages.settings_sources import SourceForm
from steelyard.gui.widgets.dialogs import Question
from steelyard.policy.options import OPTIONS
from steelyard.service import requests as ask


def policy() -> ask.PolicyInForce:
    """Every option as shipped, the list of sources from policy."""
    return ask.PolicyInForce(
        tuple(
            ask.PolicyValue(
                option.key,
                option.default,
                False,
                "managed: site policy" if option.key == "sources.list" else "default",
                option.title,
                option.help,
                option.kind.value,
                option.choices,
            )
            for option in OPTIONS
        ),
        False,
        (),
    )


class Open:
    """A window on a section of the settings."""

    def __init__(self, qtbot: QtBot, service: Service, runner: JobRunner, section: str) -> None:
        self.qtbot, self.service, self.runner = qtbot, service, runner
        stand_in(service, 4)
        service.on(ask.ShowPolicy, lambda *_: policy())
        self.window = Window(runner, specs())
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.go("settings", section)
        page = self.window.page("settings")
        assert isinstance(page, SettingsPage)
        self.page = page
        self.rest()

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.runner._live, timeout=10_000)
        QApplication.processEvents()


@pytest.fixture
def open_at(qtbot: QtBot, service: Service, runner: JobRunner) -> Callable[[str], Open]:
    return lambda section: Open(qtbot, service, runner, section)


@pytest.mark.parametrize("section", ["Sources", "Trust"])
def test_a_section_can_be_asked_for_by_name_and_every_control_has_one(
    open_at: Callable[[str], Open], section: str
) -> None:
    o = open_at(section)
    assert o.page._buttons[section].isChecked()
    assert unnamed_controls(o.window) == []
    assert o.page._sources.isVisible() == (section == "Sources")
    assert o.page._keys.isVisible() == (section == "Trust")


def test_what_policy_listed_says_so_and_cannot_be_dropped(open_at: Callable[[str], Open]) -> None:
    panel = open_at("Sources").page._sources
    panel._table.choose("huggingface")
    assert "fixed by site policy" in panel._table.rows[1].cells[0].words
    assert "Fixed by site policy: it cannot be dropped here." in panel._about.text()
    assert not panel._drop.isEnabled()
    panel._table.choose("families")
    assert not panel._drop.isEnabled(), "what came with the program goes with it"
    panel._table.choose("site-mirror")
    assert panel._drop.isEnabled()
    assert "No trusted key has signed its index." in panel._about.text()


def test_a_source_is_added_and_a_refusal_keeps_what_was_typed(
    open_at: Callable[[str], Open], tmp_path: Path
) -> None:
    o = open_at("Sources")

    def refuse(*_: object) -> None:
        raise RefusedByPolicy("Policy does not allow this host.", next_step="Ask for it.")

    o.service.on(ask.AddSource, refuse)
    o.page._sources._add.click()
    form = o.window.findChild(SourceForm)
    assert form is not None
    assert unnamed_controls(form) == []
    form.yes_button.click()
    assert form._banner.isVisible(), "nothing is asked without a name and a place"
    assert not [r for r in o.service.asked if isinstance(r, ask.AddSource)]
    form.name.setText("desk")
    form.location.field.setText("https://hub.site")
    form.proxy.setText("http://proxy.site:3128")
    form.authorities.field.setText(str(tmp_path / "ca.pem"))
    form.token.setText("HUB_TOKEN")
    form.yes_button.click()
    o.rest()
    assert form.isVisible()
    assert "Policy does not allow this host." in form._banner.accessibleName()
    o.service.on(
        ask.AddSource,
        lambda *_: ask.SourceAdded(ask.SourceRow("desk", "hub", "https://hub.site", True, "")),
    )
    form.yes_button.click()
    o.rest()
    assert (
        o.service.asked.count(
            ask.AddSource(
                "desk",
                "hub",
                "https://hub.site",
                tmp_path / "ca.pem",
                "http://proxy.site:3128",
                "HUB_TOKEN",
            )
        )
        == 2
    )


def test_a_folder_asks_for_no_proxy_and_no_token(open_at: Callable[[str], Open]) -> None:
    o = open_at("Sources")
    o.page._sources._add.click()
    form = o.window.findChild(SourceForm)
    assert form is not None
    form.kind.setCurrentIndex(form.kind.findData("folder"))
    assert not form.proxy.isVisible()
    form.proxy.setText("left from before")
    form.name.setText("stick")
    form.location.field.setText("/media/stick")
    assert form.request() == ask.AddSource("stick", "folder", "/media/stick")


def test_a_dropped_source_is_asked_about_first(open_at: Callable[[str], Open]) -> None:
    o = open_at("Sources")
    o.service.on(ask.RemoveSource, lambda *_: ask.SourceRemoved("site-mirror", 31))
    panel = o.page._sources
    panel._table.choose("site-mirror")
    panel._drop.click()
    question = o.window.findChild(Question)
    assert question is not None
    question.yes_button.click()
    o.rest()
    assert ask.RemoveSource("site-mirror", False) in o.service.asked


def test_a_key_shows_its_fingerprint_whole_and_in_groups(open_at: Callable[[str], Open]) -> None:
    o = open_at("Trust")
    panel = o.page._keys
    panel._table.choose(f"own {KEYS[0].fingerprint}")
    said = [w.text() for w in panel.findChildren(type(o.page._origins["trust.keys"]))]
    assert " ".join(["3f2a 91c0"] * 8) in said
    panel._table.choose(f"user {KEYS[2].fingerprint}")
    assert not panel._revoke.isEnabled(), "once is enough"
    assert panel._export.isEnabled()


def test_a_key_is_made_with_a_passphrase_typed_twice_and_never_shown(
    open_at: Callable[[str], Open],
) -> None:
    o = open_at("Trust")
    o.service.on(ask.CreateKey, lambda *_: ask.KeyMade(KEYS[0], "/home/me/desk.pub.pem"))
    o.page._keys._create.click()
    form = o.window.findChild(CreateForm)
    assert form is not None
    assert unnamed_controls(form) == []
    assert form.passphrase.echoMode() == form.again.echoMode() == QLineEdit.EchoMode.Password
    form.name.setText("desk")
    form.passphrase.setText("one")
    form.again.setText("two")
    form.yes_button.click()
    assert "The two passphrases differ." in form._banner.accessibleName()
    form.again.setText("one")
    o.qtbot.keyClick(form.again, Qt.Key.Key_Return)
    o.rest()
    asked = ask.CreateKey("desk", "bundle", valid_days=730, passphrase="one")
    assert asked in o.service.asked
    assert "one" not in repr(asked)
    assert "/home/me/desk.pub.pem" in o.page._keys._banner.accessibleDescription()


def test_a_key_is_trusted_only_with_a_fingerprint_and_a_difference_is_said(
    open_at: Callable[[str], Open], tmp_path: Path
) -> None:
    o = open_at("Trust")

    def differs(*_: object) -> None:
        raise CheckFailed("The key in the file is not the one whose fingerprint was given.")

    o.service.on(ask.TrustKey, differs)
    o.page._keys._trust.click()
    form = o.window.findChild(TrustForm)
    assert form is not None
    assert unnamed_controls(form) == []
    form.file.field.setText(str(tmp_path / "k.pem"))
    form.name.setText("sender")
    form.yes_button.click()
    assert form._banner.isVisible()
    assert not [r for r in o.service.asked if isinstance(r, ask.TrustKey)]
    form.fingerprint.setText("9c41 e07b")
    form.purposes["catalog"].setChecked(True)
    form.yes_button.click()
    o.rest()
    assert (
        ask.TrustKey(tmp_path / "k.pem", "sender", ("bundle", "catalog"), "9c41 e07b", 730)
        in o.service.asked
    )
    assert form.isVisible()
    assert "is not the one" in form._banner.accessibleName()


def test_a_key_is_revoked_by_its_fingerprint_with_a_reason(open_at: Callable[[str], Open]) -> None:
    o = open_at("Trust")
    o.service.on(ask.RevokeKey, lambda *_: ask.KeyRevoked(KEYS[1]))
    panel = o.page._keys
    panel._table.choose(f"managed {KEYS[1].fingerprint}")
    panel._revoke.click()
    form = o.window.findChild(RevokeForm)
    assert form is not None
    form.yes_button.click()
    assert form._banner.isVisible(), "a reason is needed"
    form.reason.setText("lost")
    form.yes_button.click()
    o.rest()
    assert ask.RevokeKey(KEYS[1].fingerprint, "lost") in o.service.asked


def test_where_only_the_administrators_keys_count_none_can_be_trusted_here(
    open_at: Callable[[str], Open], service: Service
) -> None:
    o = open_at("Trust")
    o.service.on(ask.ListKeys, lambda *_: ask.KeyList((), "managed-only", ("The list is gone.",)))
    o.page._keys.refresh()
    o.rest()
    assert not o.page._keys._trust.isEnabled()
    assert o.page._keys._none.isVisible()
    assert "The list is gone." in o.page._keys._banner.accessibleDescription()
