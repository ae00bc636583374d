"""The frame: pages, keyboard, narrow and large, right to left, what is dropped, what runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.gallery import FACTORIES, gallery_specs, screenshots
from gui.service_stand_in import Service
from steelyard.base.errors import RefusedByPolicy
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.frame.window import NARROW_PX, Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.theme import appearance
from steelyard.gui.theme.tokens import RAIL, RAIL_NARROW
from steelyard.gui.widgets.dialogs import Question
from steelyard.service import requests

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def window(qtbot: QtBot, runner: JobRunner) -> Window:
    made = Window(runner, gallery_specs())
    qtbot.addWidget(made)
    made.go("library")
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def test_every_page_opens_by_its_key(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    for number, page in enumerate(window.rail.order, 1):
        qtbot.keyClick(
            window, Qt.Key(int(Qt.Key.Key_0) + number), Qt.KeyboardModifier.ControlModifier
        )
        assert window.here == page
        assert window.rail.item(page).isChecked()


def test_a_page_is_made_only_when_it_is_opened(window: Window) -> None:
    assert window.page("chat") is None
    window.go("chat")
    first = window.page("chat")
    window.go("library")
    window.go("chat")
    assert window.page("chat") is first


def test_the_rail_shows_icons_alone_in_a_narrow_window(window: Window) -> None:
    window.resize(NARROW_PX - 1, 760)
    assert window.rail.width() == RAIL_NARROW
    window.resize(NARROW_PX + 1, 760)
    assert window.rail.width() == RAIL


def _cut_off(window: QWidget) -> list[str]:
    """Visible buttons and labels of the frame that lie partly outside the window or below their least size."""
    wrong = []
    for child in window.findChildren(QWidget):
        if not child.isVisible() or child.objectName() == "focus-ring":
            continue
        place = child.mapTo(window, QPoint(0, 0))
        inside = place.x() >= 0 and place.x() + child.width() <= window.width()
        if not inside:
            wrong.append(f"{type(child).__name__} at {place.x()} +{child.width()}")
    return wrong


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
def test_the_frame_fits_into_the_smallest_window(
    qtbot: QtBot, window: Window, dressed: QApplication, direction: Qt.LayoutDirection
) -> None:
    dressed.setLayoutDirection(direction)
    window.top.network.show_state(offline=True, by_policy=True, host=None)
    window.top.tasks.show_jobs(12, 0, 0.5)
    window.resize(1024, 700)
    window.go("chat")
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1024, 700)
    assert _cut_off(window.top) == []
    assert _cut_off(window.status) == []
    assert window.top.search.width() >= 180


def test_from_right_to_left_the_rail_is_at_the_right(window: Window, dressed: QApplication) -> None:
    dressed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    window.resize(1200, 760)
    QApplication.processEvents()
    assert window.rail.x() > window.width() / 2


def test_no_control_of_the_gallery_is_without_a_name(window: Window) -> None:
    for page in FACTORIES:
        window.go(page)
        assert unnamed_controls(window) == []
    for open_panel in (window.open_palette, window.top.tasks.click, window.top.network.click):
        open_panel()
        assert unnamed_controls(window) == []


def test_the_walk_finds_a_control_without_a_name(qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QLineEdit, QVBoxLayout

    box = QWidget()
    qtbot.addWidget(box)
    QVBoxLayout(box).addWidget(QLineEdit())
    box.show()
    assert len(unnamed_controls(box)) == 1


def test_the_palette_finds_a_page_and_goes_there(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_panel.isVisible()
    qtbot.keyClicks(window.palette_panel.field, "eval")
    qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Return)
    assert window.here == "evaluate"
    assert not window.palette_panel.isVisible()


def test_the_palette_offers_to_pull_a_reference_and_to_import_a_path(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    window.open_palette()
    with qtbot.waitSignal(window.reference_taken) as pulled:
        window.palette_panel.field.setText("owner/name:model.gguf")
        qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Return)
    assert pulled.args == ["owner/name:model.gguf"]
    file = tmp_path / "model.gguf"
    file.touch()
    window.open_palette()
    with qtbot.waitSignal(window.paths_taken) as taken:
        window.palette_panel.field.setText(str(file))
        qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Return)
    assert taken.args == [[file]]


def test_escape_closes_a_panel_and_gives_the_keyboard_back(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    window.top.tasks.setFocus(Qt.FocusReason.TabFocusReason)
    window.top.tasks.click()
    assert window.tasks.isVisible()
    qtbot.keyClick(window.tasks, Qt.Key.Key_Escape)
    assert not window.tasks.isVisible()
    assert window.focusWidget() is window.top.tasks


def test_tab_stays_inside_an_open_panel(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    window.open_palette()
    for _ in range(6):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focus = window.focusWidget()
        assert focus is not None
        assert window.palette_panel.isAncestorOf(focus) or focus is window.palette_panel


def _drop(window: Window, urls: list[QUrl]) -> tuple[QDragEnterEvent, QDropEvent]:
    data = QMimeData()
    data.setUrls(urls)
    at, none = QPoint(300, 300), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, drop)
    return enter, drop


def test_dropped_files_and_folders_are_taken_and_addresses_are_not(
    window: Window, tmp_path: Path
) -> None:
    (tmp_path / "a.gguf").touch()
    taken: list[list[Path]] = []
    window.paths_taken.connect(taken.append)
    _drop(window, [QUrl.fromLocalFile(str(tmp_path / "a.gguf")), QUrl.fromLocalFile(str(tmp_path))])
    _, drop = _drop(window, [QUrl("https://hub.example/owner/name")])
    assert taken == [[tmp_path / "a.gguf", tmp_path]]
    assert not drop.isAccepted()


def test_the_tasks_button_counts_and_the_list_tells_the_error_and_the_next_step(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    go_on = threading.Event()

    def work(_: object, emit: object, __: object) -> None:
        emit(Progress("hashing", 1 << 30, 4 << 30, detail="a\u202eb.gguf"))  # type: ignore[operator]
        go_on.wait(10)
        raise RefusedByPolicy("The host is not allowed.", next_step="Ask your administrator.")

    service.on(requests.VerifyModels, work)
    job = runner.act(requests.VerifyModels(), title="Verify all")
    assert window.top.tasks.text() == "1 task"
    qtbot.waitUntil(lambda: job.progress is not None)
    window.top.tasks.click()
    shown = " ".join(
        label.text() for label in window.tasks.findChildren(QLabel) if label.isVisible()
    )
    assert "hashing · 1.00 GiB of 4.00 GiB" in shown
    assert "a⟨U+202E⟩b.gguf" in shown
    with qtbot.waitSignal(runner.settled):
        go_on.set()
    shown = " ".join(
        label.text() for label in window.tasks.findChildren(QLabel) if label.isVisible()
    )
    assert "The host is not allowed. Ask your administrator." in shown
    assert window.top.tasks.text() == "1 failed"


def test_closing_while_something_runs_asks_first(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    go_on = threading.Event()
    service.on(requests.VerifyModels, lambda *_: go_on.wait(10))
    runner.act(requests.VerifyModels(), title="Verify all")
    assert not window.close()
    question = window.findChild(Question)
    assert question is not None
    question.yes_button.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    go_on.set()


def _closing_question(window: Window, service: Service, runner: JobRunner) -> threading.Event:
    go_on = threading.Event()

    def pull(_: object, __: object, cancel: CancelToken) -> None:
        while not go_on.wait(0.01):
            cancel.check()

    service.on(requests.PullModel, pull)
    service.on(requests.ListTransfers, lambda *_: requests.TransferList(()))
    runner.act(requests.PullModel("owner/name"), title="Pull")
    window.transfers._tell()
    assert not window.close()
    return go_on


def test_closing_while_transfers_run_keeps_them_for_later(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    _closing_question(window, service, runner)
    (question,) = window.findChildren(Question)
    words = " ".join(label.text() for label in question.findChildren(QLabel))
    assert "keep what arrived" in words
    question.yes_button.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    qtbot.waitUntil(lambda: runner.jobs[0].state == "paused")


def test_closing_can_wait_until_transfers_are_done(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    go_on = _closing_question(window, service, runner)
    (question,) = window.findChildren(Question)
    assert question.other_button is not None
    question.other_button.click()
    QApplication.processEvents()
    assert window.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_staying_changes_nothing(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    go_on = _closing_question(window, service, runner)
    (question,) = window.findChildren(Question)
    question.no_button.click()
    go_on.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert window.isVisible()


def test_the_status_bar_counts_transfers(
    qtbot: QtBot, window: Window, service: Service, runner: JobRunner
) -> None:
    go_on = _closing_question(window, service, runner)
    window.findChild(Question).no_button.click()
    words = lambda: " ".join(x.text() for x in window.status.findChildren(QLabel) if x.isVisible())  # noqa: E731
    qtbot.waitUntil(lambda: "1 transfer" in words())
    assert window.rail.item("transfers").accessibleName() == "Transfers, 1"
    go_on.set()
    qtbot.waitUntil(lambda: "1 transfer" not in words())


def test_the_frame_tells_the_network_and_the_head_of_the_log(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    attempt = requests.Connection(
        "2026-11-18T14:02:11.000Z", "hub.example", False, "offline", "model.pull"
    )
    service.on(
        requests.ListConnections,
        lambda *_: requests.ConnectionList((attempt,), True, True, None),
    )
    service.on(requests.ListAudit, lambda *_: requests.AuditList((), 1204))
    gpu = SimpleNamespace(total_bytes=8 << 30, free_bytes=2 << 30)
    service.on(requests.ProbeMachine, lambda *_: SimpleNamespace(gpus=(gpu,)))
    window = Window(runner, gallery_specs())
    qtbot.addWidget(window)
    window.painted.connect(window.vitals.start)
    window.show()
    qtbot.waitUntil(lambda: window.top.network.text() == "Offline by policy")
    words = lambda: " ".join(x.text() for x in window.status.findChildren(QLabel) if x.isVisible())  # noqa: E731
    qtbot.waitUntil(lambda: "Log #1,204 · not witnessed" in words())
    qtbot.waitUntil(lambda: "6 of 8 GiB" in words())
    window.top.network.click()
    assert (
        "hub.example"
        in window.network.findChildren(QWidget, "")[0]
        .window()
        .network._table.rows[0]
        .cells[1]
        .words
    )


def test_names_from_outside_are_written_out_in_the_title(window: Window) -> None:
    page = window.page("library")
    assert page is not None
    page.set_title("model\u202egguf <b>bold</b>")
    assert "⟨U+202E⟩" in window.windowTitle()


def test_screenshots_of_every_component_in_both_themes(dressed: QApplication) -> None:
    written = screenshots(dressed, ROOT / "build" / "screenshots")
    assert len(written) == 2 * (len(FACTORIES) + 1)
    for path in written:
        assert path.stat().st_size > 10_000


def test_at_200_percent_the_window_is_drawn_at_twice_the_size(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from gui.gallery import gallery_specs, NoService\n"
        "from steelyard.gui.app import make_application\n"
        "from steelyard.gui.frame.window import Window\n"
        "from steelyard.gui.jobs import JobRunner\n"
        "app = make_application(); runner = JobRunner(NoService())\n"
        "window = Window(runner, gallery_specs()); window.resize(1024, 700); window.go('evaluate')\n"
        "window.show(); app.processEvents(); shot = window.grab(); shot.save(sys.argv[1])\n"
        "print(shot.width(), shot.height()); window.close(); runner.close()\n"
    )
    shot = ROOT / "build" / "screenshots" / "gallery-200-percent.png"
    shot.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", script, str(shot), str(ROOT / "desktop"), str(ROOT / "tests")],
        env={**os.environ, "QT_SCALE_FACTOR": "2", "STEELYARD_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2048", "1400"]


def test_the_window_imports_no_engine_and_not_the_service(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import steelyard.gui.app\n"
        "heavy = ('torch', 'transformers', 'llama_cpp', 'scipy', 'numpy', 'pydantic', 'huggingface_hub',"
        " 'jinja2', 'cryptography', 'psutil', 'steelyard.service')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "desktop")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_theme_asked_for_reaches_the_frame(
    qtbot: QtBot, window: Window, dressed: QApplication
) -> None:
    window.theme_asked.connect(lambda theme: appearance.apply(dressed, theme))
    light = window.grab().toImage().pixelColor(60, 400).name()
    window.shell.set_theme("dark")
    dark = window.grab().toImage().pixelColor(60, 400).name()
    assert (light, dark) == ("#eeebe5", "#151311")


def test_the_program_opens_its_window_and_ends_with_it(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from PySide6.QtCore import QTimer\n"
        "from steelyard.gui import app, session\n"
        "from steelyard.gui.frame.window import Window\n"
        "from gui.gallery import NoService, gallery_specs\n"
        "session.specs = gallery_specs\n"
        "session._open_service = lambda flags: NoService()\n"
        "application = app.make_application()\n"
        "def look():\n"
        "    window = next(w for w in application.topLevelWidgets() if isinstance(w, Window))\n"
        "    if window.here:\n"
        "        timer.stop(); print(window.here, window.isVisible()); window.close()\n"
        "timer = QTimer(); timer.timeout.connect(look); timer.start(20)\n"
        "print('ended', app.run())\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-X",
            "faulthandler",
            "-c",
            script,
            str(ROOT / "desktop"),
            str(ROOT / "tests"),
        ],
        env={**os.environ, "STEELYARD_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["library", "True", "ended", "0"]), (
        done.stderr
    )
