"""The main job in the window, with the real service, the starter model and real workers, without a display."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from steelyard.base.errors import SteelyardError
from steelyard.base.paths import Home, resource
from steelyard.gui.app import make_application
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.audit import AuditPage
from steelyard.gui.pages.chat import ChatPage
from steelyard.gui.pages.chat_turns import AnswerTurn, PersonTurn
from steelyard.gui.pages.entry import EntryPage
from steelyard.gui.pages.evaluate import EvaluatePage
from steelyard.gui.pages.first_run import FirstRunPage
from steelyard.gui.pages.library import LibraryPage
from steelyard.gui.pages.model import ModelPage
from steelyard.gui.pages.model_evidence import EvidenceTab
from steelyard.gui.pages.model_overview import OverviewTab
from steelyard.gui.pages.page import Page
from steelyard.gui.theme import appearance
from steelyard.service import Steelyard
from steelyard.service import requests as ask

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
PatientMs = 60_000

P = TypeVar("P", bound=Page)


@dataclass
class Opened:
    """A window on a real installation."""

    window: Window
    desk: Steelyard
    runner: JobRunner
    qtbot: QtBot

    def go(self, page: str, argument: object = None) -> Page:
        self.window.go(page, argument)
        shown = self.window.page(page)
        assert shown is not None
        return shown

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PatientMs)

    def page(self, kind: type[P], name: str, argument: object = None) -> P:
        shown = self.go(name, argument)
        assert isinstance(shown, kind)
        return shown

    def click(self, button: QAbstractButton) -> None:
        assert button.isVisible()
        assert button.isEnabled(), button.text()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def opened(home: Home, qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    app = make_application(theme="light")
    desk = Steelyard.open(
        home, environment={}, flags={"network.offline": True}, managed=tmp_path / "none.json"
    )
    runner = JobRunner(desk)
    window = Window(runner, specs())
    window.show()
    yield Opened(window, desk, runner, qtbot)
    runner.close()
    desk.close()
    window._quit_agreed = True
    window.close()
    window.deleteLater()
    appearance.apply(app, "light")


def settled(opened: Opened) -> None:
    """Wait until nothing is asked any more and what arrived is painted."""
    opened.until(lambda: not opened.runner._live)
    QApplication.processEvents()


def sums() -> list[tuple[str, str]]:
    """Questions of the starter check without a system prompt, and the answers that were measured."""
    suite = json.loads(resource("suites", "starter-check.json").read_text("utf-8"))
    return [
        (item["messages"][0]["content"], item["grader"]["expected"])
        for item in suite["items"]
        if item["task"] == "sum" and len(item["messages"]) == 1
    ]


def table_names(page: LibraryPage) -> set[object]:
    return {row.key for row in page._table.rows if row.group is None}


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


def test_every_page_is_named_for_a_screen_reader_and_has_its_picture(opened: Opened) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    opened.desk.run(ask.RunSuite("starter-check", "starter"))
    opened.desk.run(ask.VerifyModels())
    opened.window.resize(1440, 900)
    app = make_application()
    for theme in ("light", "dark"):
        appearance.apply(app, theme)
        for name, page_id, argument, tab in PAGES:
            page = opened.go(page_id, argument)
            if isinstance(page, (ModelPage, EntryPage)):
                opened.until(lambda page=page: page._detail is not None)
                page._tabs.setCurrentIndex(tab)
            settled(opened)
            if isinstance(page, EvaluatePage):
                opened.until(lambda page=page: page._result._detail is not None)
            assert unnamed_controls(opened.window) == [], name
            assert opened.window.grab().save(str(SCREENSHOTS / f"{name}-{theme}.png"))


@pytest.mark.parametrize("size", [(1024, 700), (2560, 1440)])
def test_every_page_fits_the_smallest_and_a_large_window(
    opened: Opened, size: tuple[int, int]
) -> None:
    opened.window.resize(*size)
    for name, page_id, argument, tab in PAGES:
        page = opened.go(page_id, argument)
        if isinstance(page, (ModelPage, EntryPage)):
            opened.until(lambda page=page: page._detail is not None)
            page._tabs.setCurrentIndex(tab)
        settled(opened)
        assert (opened.window.width(), opened.window.height()) == size, name
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        opened.window.grab().save(str(SCREENSHOTS / f"{name}-{size[0]}.png"))


def test_the_starter_answers_in_chat_and_its_figures_are_shown(opened: Opened) -> None:
    chat = opened.page(ChatPage, "chat", "starter")
    settled(opened)
    chat._parameters.temperature.setValue(0.0)
    question, expected = sums()[0]
    opened.qtbot.keyClicks(chat._composer, question)
    opened.qtbot.keyClick(chat._composer, Qt.Key.Key_Return)
    opened.until(lambda: chat._job is None)
    answer = chat._conversation.turns[-1]
    assert isinstance(answer, AnswerTurn)
    assert answer.text.strip() == expected
    assert "tokens/s" in answer._figures.text()
    settled(opened)
    appearance.apply(make_application(), "light")
    opened.window.grab().save(str(SCREENSHOTS / "chat-answered-light.png"))


def long_answer(opened: Opened, chat: ChatPage) -> None:
    """Ask for more than the starter can finish quickly."""
    chat._parameters.temperature.setValue(2.0)
    chat._parameters.longest.setValue(100_000)
    chat._parameters.min_p.setValue(0.0)
    chat._composer.setPlainText("Repeat exactly: " + "one two three " * 20)
    opened.click(chat._send)


def worker_of(opened: Opened) -> int:
    children = psutil.Process().children(recursive=True)
    return next(c.pid for c in children if "steelyard.runtime.worker" in " ".join(c.cmdline()))


def test_a_killed_worker_is_said_and_the_next_question_is_answered(opened: Opened) -> None:
    chat = opened.page(ChatPage, "chat", "starter")
    settled(opened)
    opened.desk.run(ask.LoadModel("starter"))
    os.kill(worker_of(opened), signal.SIGKILL)
    chat._parameters.temperature.setValue(0.0)
    question, expected = sums()[1]
    chat._composer.setPlainText(question)
    opened.click(chat._send)
    opened.until(lambda: chat._job is None)
    last = chat._conversation.turns[-1]
    assert isinstance(last, AnswerTurn)
    if not last.text:
        assert last._problem.isVisible()
        last.again_asked.emit()
        opened.until(lambda: chat._job is None)
    again = chat._conversation.turns[-1]
    assert isinstance(again, AnswerTurn)
    assert again.text.strip() == expected
    assert opened.window.isVisible()


def test_stop_ends_an_answer_and_keeps_what_was_written(opened: Opened) -> None:
    chat = opened.page(ChatPage, "chat", "starter")
    settled(opened)
    long_answer(opened, chat)
    opened.until(lambda: bool(chat._conversation.turns[-1].text) or chat._job is None)
    if chat._job is not None:
        opened.qtbot.keyClick(chat, Qt.Key.Key_Escape)
    opened.until(lambda: chat._job is None)
    assert chat._send.text() == "Send"
    last = chat._conversation.turns[-1]
    assert isinstance(last, AnswerTurn)
    assert last.text
    chat._parameters.temperature.setValue(0.0)
    chat._start_over()
    question, expected = sums()[2]
    chat._composer.setPlainText(question)
    opened.click(chat._send)
    opened.until(lambda: chat._job is None)
    assert chat._conversation.turns[-1].text.strip() == expected


def drop(widget: QWidget, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy = QPoint(300, 300), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(place, copy, mime, left, none))
    QApplication.sendEvent(widget, QDropEvent(QPointF(place), copy, mime, left, none))


def test_a_dropped_file_is_imported_and_listed(opened: Opened, tmp_path: Path) -> None:
    from steelyard.service.requests import ImportModel

    library = opened.page(LibraryPage, "library")
    settled(opened)
    before = table_names(library)
    assert "starter" in before
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(b"GGUF" + b"\xff" * 60)
    taken: list[object] = []
    opened.window.paths_taken.connect(taken.append)
    drop(opened.window, hostile)
    assert taken == [[hostile]]
    job = opened.runner.act(ImportModel(hostile), title="Import")
    opened.until(lambda: not job.active)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.diagnosis()
    settled(opened)
    admitted = {m.name for m in opened.desk.run(ask.ListModels()).models if m.state == "admitted"}
    assert admitted <= before


def test_the_log_is_verified_in_the_window_and_damage_is_named(opened: Opened) -> None:
    audit = opened.page(AuditPage, "audit")
    opened.desk.run(ask.VerifyModels("starter"))
    settled(opened)
    opened.click(audit._verify)
    opened.until(audit._verify.isEnabled)
    settled(opened)
    assert audit._banner.accessibleName() == "The log is whole."
    log = opened.desk.installation.log
    log.entries_file.write_bytes(
        log.entries_file.read_bytes().replace(
            b'"event":"model.verify"', b'"event":"model.verifi"', 1
        )
    )
    opened.click(audit._verify)
    opened.until(audit._verify.isEnabled)
    assert "entry 1" in audit._banner.accessibleName()


def test_an_entry_named_elsewhere_is_the_one_shown_in_audit(opened: Opened) -> None:
    for _ in range(2):
        opened.desk.run(ask.VerifyModels("starter"))
    audit = opened.page(AuditPage, "audit", 2)
    settled(opened)
    assert audit._table.current_key() == 2
    assert audit._detail._entry is not None
    assert audit._detail._entry.seq == 2
    opened.qtbot.keyClick(audit._table, Qt.Key.Key_Down)
    audit.refresh()
    settled(opened)
    assert audit._table.current_key() == 1
    assert audit._table.currentIndex().row() == 3


def test_the_log_of_a_model_opens_the_entry(opened: Opened) -> None:
    opened.desk.run(ask.VerifyModels("starter"))
    model = opened.page(ModelPage, "model", "starter")
    assert not model._primary.isEnabled(), "nothing can be loaded before it is known what it is"
    opened.until(lambda: model._detail is not None)
    model._tabs.setCurrentIndex(4)
    settled(opened)
    evidence = model._evidence
    assert isinstance(evidence, EvidenceTab)
    if not evidence._entries.rows:
        assert evidence._nothing.isVisible()
        return
    newest = evidence._entries.rows[0].key
    evidence._entries.opened.emit(newest)
    settled(opened)
    audit = opened.window.page("audit")
    assert isinstance(audit, AuditPage)
    assert audit._table.current_key() == newest


def test_words_of_a_model_stay_words(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "<b>bold<b>"
    shutil.copytree(resource("starter", "hf"), folder)
    card = "# <img src=file:///etc/passwd>\n\u202eevil\n" + "A" * 10_000
    (folder / "README.md").write_text(card, "utf-8")
    taken = opened.desk.run(ask.ImportModel(folder, name="worded"))
    assert isinstance(taken, ask.ModelTaken)
    model = opened.page(ModelPage, "model", taken.model.name)
    opened.until(lambda: model._detail is not None)
    overview = model._overview
    assert isinstance(overview, OverviewTab)
    read = overview._reader.toPlainText()
    assert "<img src=file:///etc/passwd>" in read
    assert "\u202e" not in read
    shown = [label for label in opened.window.findChildren(QLabel) if label.isVisible()]
    assert shown
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}


def test_the_passage_takes_the_colour_of_the_theme(opened: Opened) -> None:
    model = opened.page(ModelPage, "model", "starter")
    opened.until(lambda: model._detail is not None)
    model._tabs.setCurrentIndex(2)
    passage = model._license._passage
    opened.until(lambda: bool(passage._text.extraSelections()))
    for theme in ("dark", "light"):
        appearance.apply(make_application(), theme)
        marked = passage._text.extraSelections()[0]  # kept: its format dies with it
        ground = marked.format.background().color()
        assert ground == appearance.color("accent_tint"), theme


def test_a_question_without_an_answer_is_asked_with_the_next(opened: Opened) -> None:
    chat = opened.page(ChatPage, "chat", "starter")
    settled(opened)
    chat._conversation.add(PersonTurn("first"))
    chat._conversation.add(AnswerTurn("starter"))
    chat._conversation.add(PersonTurn("second"))
    assert [(m.role, m.content) for m in chat._messages()] == [("user", "first\n\nsecond")]


def test_return_presses_a_button_and_every_step_of_the_first_run_can_be_taken(
    opened: Opened,
) -> None:
    first = opened.go("first-run")
    settled(opened)
    assert isinstance(first, FirstRunPage)
    for _ in range(4):
        opened.qtbot.keyClick(first._next, Qt.Key.Key_Return)
    assert opened.window.here == "library"


@pytest.mark.skipif(
    not os.environ.get("README_PICTURE"),
    reason="runs the whole gate twice; set README_PICTURE=1 to make the README's picture",
)
def test_the_picture_for_the_readme(opened: Opened, tmp_path: Path) -> None:
    cut = tmp_path / "starter-cut.gguf"
    cut.write_bytes(resource("starter", "starter-Q8_0.gguf").read_bytes()[:-4096])
    with pytest.raises(SteelyardError):
        opened.desk.run(ask.ImportModel(cut))
    for name in ("starter", "starter-q4_k_m"):
        opened.desk.run(ask.RunGate(name))
    opened.desk.run(ask.VerifyModels())
    opened.window.resize(1440, 900)
    model = opened.page(ModelPage, "model", "starter")
    opened.until(lambda: model._detail is not None)
    opened.click(model._primary)
    opened.until(lambda: model._primary.text() == "Chat")
    opened.window.vitals.start()
    opened.page(LibraryPage, "library")
    settled(opened)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert opened.window.grab().save(str(SCREENSHOTS / "library-light.png"))


def test_the_starter_check_runs_from_the_page(opened: Opened) -> None:
    page = opened.page(EvaluatePage, "evaluate", "starter")
    settled(opened)
    for suite, box in page._suites.items():
        box.setChecked(suite == "starter-check")
    for model, box in page._models.items():
        box.setChecked(model == "starter")
    opened.click(page._run)
    opened.until(lambda: page._job is None)
    settled(opened)
    opened.until(lambda: page._result._detail is not None)
    assert page._result._detail is not None
    assert page._result._detail.run.suite == "starter-check"


def test_the_starter_is_called_what_it_is(opened: Opened) -> None:
    assert resource("starter", "manifest.json").read_text("utf-8").count("not for work") >= 1
    titles = {m.title for m in opened.desk.run(ask.ListModels()).models if "starter" in m.name}
    assert titles
    assert all("not for work" in title for title in titles)
