"""From a pasted reference to a model in the store, in the window, with the real service and a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formats.gguf_builder import small_gguf
from simulators.hub import Hub
from steelyard.base.paths import Home
from steelyard.gui.app import make_application
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.browse import BrowsePage
from steelyard.gui.pages.entry import EntryPage
from steelyard.gui.pages.model import ModelPage
from steelyard.service import Steelyard
from steelyard.service import requests as ask

PATIENT_MS = 60_000


@dataclass
class Opened:
    """A window on an installation whose model hub is a server of this test."""

    window: Window
    desk: Steelyard
    runner: JobRunner
    hub: Hub
    qtbot: QtBot

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENT_MS)

    def rest(self) -> None:
        self.until(lambda: not self.runner._live)
        QApplication.processEvents()

    @property
    def browse(self) -> BrowsePage:
        page = self.window.page("browse")
        assert isinstance(page, BrowsePage)
        return page

    @property
    def entry(self) -> EntryPage:
        page = self.window.page("entry")
        assert isinstance(page, EntryPage)
        return page


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add("maker/tiny", {"tiny-Q4_0.gguf": small_gguf(), "README.md": b"# Tiny\n\n*small*\n"})
        yield hub


@pytest.fixture
def opened(home: Home, hub: Hub, qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    make_application(theme="light")
    desk = Steelyard.open(
        home,
        environment={},
        flags={"sources.endpoint": hub.endpoint},
        managed=tmp_path / "none.json",
    )
    runner = JobRunner(desk)
    window = Window(runner, specs())
    window.show()
    window.go("browse")
    yield Opened(window, desk, runner, hub, qtbot)
    runner.close()
    desk.close()
    window._quit_agreed = True
    window.close()
    window.deleteLater()


def look_up(o: Opened, reference: str) -> None:
    """Paste a reference nobody has told of, open it, and have the hub asked."""
    o.browse._field.setText(reference)
    o.qtbot.keyClick(o.browse._field, Qt.Key.Key_Return)
    o.rest()
    assert o.window.here == "entry"
    assert o.hub.requests == [], "nothing is asked before somebody says so"
    assert o.entry._primary.text() == "Ask the sources"
    o.qtbot.mouseClick(o.entry._primary, Qt.MouseButton.LeftButton)
    o.until(lambda: o.entry._detail is not None)
    o.rest()


def test_a_pasted_address_becomes_a_verified_model(opened: Opened) -> None:
    look_up(opened, f"{opened.hub.endpoint}/maker/tiny")
    entry = opened.entry
    chosen = entry._variants.chosen
    assert chosen is not None
    assert chosen.quantization == "Q4_0"
    assert chosen.publisher_hash is not None
    assert entry._primary.text().startswith("Download")
    opened.qtbot.mouseClick(entry._primary, Qt.MouseButton.LeftButton)
    opened.until(lambda: opened.window.here == "model")
    opened.rest()
    model = opened.window.page("model")
    assert isinstance(model, ModelPage)
    opened.until(lambda: model._detail is not None)
    assert model._detail is not None
    assert model._detail.model.trust.publisher_hash == "matches"
    opened.window.go("entry", "maker/tiny")
    opened.rest()
    assert entry._primary.text() == "Open in the Library"
    opened.window.go("browse")
    opened.browse._field.setText("tiny")
    opened.rest()
    row = opened.browse._model.entry(0)
    assert row is not None
    assert (row.reference, row.local) == ("maker/tiny", True)


def test_a_flipped_bit_is_said_on_the_page_and_nothing_is_installed(opened: Opened) -> None:
    opened.hub.fail("flip", path="tiny-Q4_0.gguf")
    look_up(opened, "maker/tiny")
    entry = opened.entry
    opened.qtbot.mouseClick(entry._primary, Qt.MouseButton.LeftButton)
    opened.until(entry._banner_box.isVisible)
    opened.rest()
    assert opened.window.here == "entry"
    assert "does not match the digest" in entry._banner.accessibleName()
    assert not [
        m
        for m in opened.desk.run(ask.ListModels()).models
        if "tiny" in m.name and m.state == "admitted"
    ]


def test_offline_the_page_says_why_and_the_server_hears_nothing(opened: Opened) -> None:
    opened.desk.run(ask.ChangeSetting("network.offline", True))
    opened.browse._field.setText("maker/tiny")
    opened.qtbot.keyClick(opened.browse._field, Qt.Key.Key_Return)
    opened.rest()
    assert not opened.entry._primary.isEnabled()
    assert opened.entry._primary.accessibleDescription() == "Offline by your settings"
    assert opened.hub.requests == []
