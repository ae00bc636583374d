"""Every page in German, in a language two fifths longer, and from right to left: nothing is cut off.

Each page is shown with the real service and the starter model, in the smallest window and in a usual one. The pictures
are kept in build/screenshots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QLocale, QObject, Qt, QTranslator
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from steelyard.base.paths import Home, resource
from steelyard.gui import translation
from steelyard.gui.app import make_application
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.names import plain_tooltip
from steelyard.gui.pages import specs
from steelyard.gui.pages.chat import ChatPage
from steelyard.gui.pages.entry import EntryPage
from steelyard.gui.pages.evaluate import EvaluatePage
from steelyard.gui.pages.model import ModelPage
from steelyard.gui.pages.page import Page
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.labels import Elided, Paragraph
from steelyard.service import Steelyard
from steelyard.service import requests as ask

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
PATIENT_MS = 60_000
SIZES = ((1024, 700), (1440, 900))
PAGES: tuple[tuple[str, str, object, int], ...] = (
    ("first-run", "first-run", None, 0),
    ("browse", "browse", None, 0),
    ("transfers", "transfers", None, 0),
    ("entry-overview", "entry", "Qwen/Qwen3-8B", 0),
    ("entry-variants", "entry", "Qwen/Qwen3-8B", 1),
    ("entry-license", "entry", "Qwen/Qwen3-8B", 2),
    ("entry-fit", "entry", "Qwen/Qwen3-8B", 3),
    ("entry-evidence", "entry", "Qwen/Qwen3-8B", 4),
    ("library", "library", None, 0),
    ("model-overview", "model", "starter", 0),
    ("model-files", "model", "starter", 1),
    ("model-license", "model", "starter", 2),
    ("model-fit", "model", "starter", 3),
    ("model-evidence", "model", "starter", 4),
    ("chat", "chat", "starter", 0),
    ("evaluate", "evaluate", None, 0),
    ("audit", "audit", None, 0),
    ("machine", "machine", None, 0),
    ("settings", "settings", None, 0),
    ("settings-sources", "settings", "Sources", 0),
    ("settings-trust", "settings", "Trust", 0),
)
"""File name, page, argument, tab."""


class Longer(QTranslator):
    """A language that says everything as English does, in two fifths more letters."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        tree = ET.parse(resource("translations", "steelyard_de.ts"))
        self._ours = {name.text for name in tree.iter("name")}

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        del disambiguation, n
        if context not in self._ours:
            return None  # not "": that is an answer, and the word would be empty
        letters = len(re.sub(r"\{\d\}|&", "", source))
        more = -(-letters * 2 // 5)
        return f"{source} {'enola mul ' * more}"[: len(source) + more].rstrip()


@dataclass(frozen=True)
class Tongue:
    """How the window is spoken in."""

    name: str
    direction: Qt.LayoutDirection
    install: Callable[[QApplication], None]


def german(app: QApplication) -> None:
    assert translation.install(app, "de") == "de"


def longer(app: QApplication) -> None:
    app.installTranslator(Longer(app))


TONGUES = (
    Tongue("de", Qt.LayoutDirection.LeftToRight, german),
    Tongue("longer", Qt.LayoutDirection.LeftToRight, longer),
    Tongue("longer-rtl", Qt.LayoutDirection.RightToLeft, longer),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steelyard]:
    """An installation with a run and a few log entries, the same for every language."""
    folder = tmp_path_factory.mktemp("languages")
    home = Home(folder / "data", folder / "config")
    home.prepare()
    opened = Steelyard.open(
        home, environment={}, flags={"network.offline": True}, managed=folder / "none.json"
    )
    opened.run(ask.RunSuite("starter-check", "starter"))
    opened.run(ask.VerifyModels())
    yield opened
    opened.close()


@dataclass
class Opened:
    """A window in one language."""

    window: Window
    runner: JobRunner
    qtbot: QtBot

    def show(self, page_id: str, argument: object, tab: int) -> Page:
        """The page with all its content."""
        self.window.go(page_id, argument)
        page = self.window.page(page_id)
        assert page is not None
        if isinstance(page, (ModelPage, EntryPage)):
            self.until(lambda: page._detail is not None)
            page._tabs.setCurrentIndex(tab)
        self.settle()
        if isinstance(page, EvaluatePage):
            self.until(lambda: page._result._detail is not None)
            self.settle()
        if isinstance(page, ChatPage):
            assert page._parameters.isVisibleTo(page) or self.window.width() < 1200
        return page

    def settle(self) -> None:
        self.until(lambda: not self.runner._live)
        QApplication.processEvents()

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENT_MS)


@pytest.fixture(params=TONGUES, ids=lambda tongue: tongue.name)
def tongue(request: pytest.FixtureRequest) -> Iterator[Tongue]:
    app = make_application(theme="light")
    before = QLocale()
    chosen: Tongue = request.param
    chosen.install(app)
    app.setLayoutDirection(chosen.direction)
    yield chosen
    translation.install(app, "en")
    QLocale.setDefault(before)
    app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def opened(tongue: Tongue, desk: Steelyard, qtbot: QtBot) -> Iterator[Opened]:
    runner = JobRunner(desk)
    window = Window(runner, specs())
    window.show()
    yield Opened(window, runner, qtbot)
    runner.close()
    window._quit_agreed = True
    window.close()
    window.deleteLater()


def cut_off(window: QWidget) -> list[str]:
    """Words that their widget, or what holds it, does not show whole. Those that shorten themselves may."""
    found = []
    for label in window.findChildren(QLabel):
        shown = label.visibleRegion().boundingRect()
        if isinstance(label, Elided) or shown.isEmpty() or not label.text():
            continue
        if label.toolTip() == plain_tooltip(label.text()):  # it shortens itself and tells the whole
            continue
        if isinstance(label, Paragraph):
            if label.height() < label.heightForWidth(label.width()) and label._max_lines is None:
                found.append(f"too low: {label.text()!r}")
            continue
        if label.sizeHint().width() > shown.width() + 1:
            found.append(f"label: {label.text()!r}, {shown.width()} px")
    for button in window.findChildren(Button):
        shown = button.visibleRegion().boundingRect()
        if (
            button.text()
            and not shown.isEmpty()
            and shown.width() < button.minimumSizeHint().width()
        ):
            found.append(f"button: {button.text()!r}, {shown.width()} px")
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
def test_every_page_shows_its_words_whole(
    opened: Opened, tongue: Tongue, size: tuple[int, int]
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    opened.window.resize(*size)
    problems = []
    for name, page_id, argument, tab in PAGES:
        opened.show(page_id, argument, tab)
        picture = SCREENSHOTS / f"{name}-{tongue.name}-{size[0]}.png"
        assert opened.window.grab().save(str(picture))
        assert (opened.window.width(), opened.window.height()) == size, name
        found = unnamed_controls(opened.window) + cut_off(opened.window)
        problems += [f"{name}: {words}" for words in found]
    assert problems == []


@pytest.mark.parametrize("tongue", TONGUES[:1], indirect=True, ids=["de"])
def test_a_page_made_in_german_speaks_german(opened: Opened) -> None:
    page = opened.show("settings", None, 0)
    said = {label.text() for label in page.findChildren(QLabel)}
    assert {"Offline bleiben", "Erlaubte Hosts", "Nur für diese Sitzung"} <= said
    assert not {"Stay offline", "Allowed hosts"} & said
