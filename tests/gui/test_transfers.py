"""Transfers: one row for a job and for what lies of it in quarantine; every state in words; pause, go on, discard."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.transfers_scenes import GIB, MISMATCH, Desk, every_state, held_row, pull_row, taken
from steelyard.base.errors import CheckFailed
from steelyard.base.progress import Progress
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pace import Pace
from steelyard.gui.pages import specs
from steelyard.gui.pages.transfers import TransfersPage
from steelyard.gui.transfer import Transfer
from steelyard.gui.transfers import REPAINTS_PER_S, Transfers
from steelyard.gui.widgets.dialogs import Question
from steelyard.service import requests as ask

PULL = ask.PullModel("owner/name")


@pytest.fixture
def service() -> Desk:
    return Desk()


@pytest.fixture
def transfers(runner: JobRunner, service: Desk, qtbot: QtBot) -> Iterator[Transfers]:
    made = Transfers(runner)
    made.watch(True)
    yield made
    service.go_on.set()
    made.watch(False)


@pytest.fixture
def page(runner: JobRunner, service: Desk, qtbot: QtBot) -> Iterator[TransfersPage]:
    window = Window(runner, specs())
    qtbot.addWidget(window)
    window.show()
    window.go("transfers")
    shown = window.page("transfers")
    assert isinstance(shown, TransfersPage)
    yield shown
    service.go_on.set()
    qtbot.waitUntil(lambda: not runner.busy)


def only(transfers: Transfers) -> Transfer:
    (one,) = transfers.all
    return one


def states(transfers: Transfers) -> list[str]:
    return [transfer.state for transfer in transfers.all]


# ---------------------------------------------------------------------- speed


def test_a_speed_settles_and_a_standstill_shows() -> None:
    pace = Pace()
    for second in range(20):
        pace.note("fetching", second * 1000, float(second))
    assert pace.per_s(19.0) == pytest.approx(1000)
    slower = pace.per_s(25.0)
    assert slower is not None
    assert slower < 400
    assert pace.per_s(60.0) is None


def test_one_late_burst_does_not_make_the_speed_jump() -> None:
    pace = Pace()
    for tenth in range(100):
        pace.note("fetching", tenth * 100, tenth / 10)
    pace.note("fetching", 9900 + 5000, 9.95)
    burst = pace.per_s(9.95)
    assert burst is not None
    assert burst < 3000


def test_another_stage_begins_its_own_speed() -> None:
    pace = Pace()
    pace.note("copying", 0, 0.0)
    pace.note("copying", 5000, 5.0)
    pace.note("hashing", 4000, 5.1)
    assert pace.per_s(5.1) is None


# ---------------------------------------------------------------------- two sides, one row


def test_a_job_and_what_lies_of_it_are_one_row(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    service.rows = [pull_row("owner/name", state="fetching")]
    service.reports["owner/name"] = (Progress("fetching", 2 * GIB, 4 * GIB, detail="a.gguf"),)
    runner.act(PULL, title="Pull owner/name")
    qtbot.waitUntil(lambda: states(transfers) == ["fetching"] and only(transfers).row is not None)
    shown = only(transfers)
    assert (shown.share, shown.file, shown.files_done, shown.files) == (0.5, "a.gguf", 1, 3)
    assert (shown.elsewhere, shown.can_pause, shown.can_discard) == (False, True, False)
    assert transfers.open_count == 1


def test_pausing_keeps_the_row_and_going_on_asks_for_the_same_transfer(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    service.rows = [pull_row("owner/name", state="fetching")]
    runner.act(PULL, title="Pull owner/name")
    qtbot.waitUntil(lambda: states(transfers) == ["asking"] and only(transfers).row is not None)
    key = only(transfers).key
    service.rows = [pull_row("owner/name")]
    transfers.pause(only(transfers))
    qtbot.waitUntil(lambda: states(transfers) == ["paused"] and only(transfers).can_resume)
    assert only(transfers).key == key
    assert transfers.open_count == 1
    transfers.resume(only(transfers))
    qtbot.waitUntil(lambda: ask.ResumeTransfer("pull-owner-name") in service.asked)
    assert only(transfers).key == key
    assert only(transfers).active
    assert len(runner.jobs) == 1


def test_what_an_earlier_session_left_can_go_on_and_be_discarded(
    qtbot: QtBot, service: Desk, transfers: Transfers
) -> None:
    service.rows = [pull_row("owner/name"), held_row()]
    transfers.refresh()
    qtbot.waitUntil(lambda: states(transfers) == ["paused", "quarantined"])
    paused, held = transfers.all
    assert (paused.can_resume, paused.can_discard) == (True, True)
    assert (held.can_resume, held.can_discard) == (False, True)
    transfers.discard(held)
    qtbot.waitUntil(lambda: states(transfers) == ["paused"])
    assert ask.DiscardTransfer("held-1") in service.asked


def test_what_another_process_works_on_is_left_alone(
    qtbot: QtBot, service: Desk, transfers: Transfers
) -> None:
    service.rows = [pull_row("owner/name", state="fetching")]
    transfers.refresh()
    qtbot.waitUntil(lambda: bool(transfers.all))
    shown = only(transfers)
    assert shown.elsewhere
    can = (shown.can_pause, shown.can_resume, shown.can_cancel, shown.can_discard)
    assert not any(can)
    assert transfers._again.isActive(), "it is looked at again while it moves"
    service.rows = []
    transfers.refresh()
    qtbot.waitUntil(lambda: not transfers.all)
    assert not transfers._again.isActive()


def test_a_bundle_stays_one_row_while_its_models_come_one_after_the_other(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    bundle = Path("/stick/B.steelyard")
    asked = {"operation": "bundle.import", "path": str(bundle)}
    first, second = (
        dataclasses.replace(
            pull_row(name, state="fetching"),
            kind="bundle-in",
            title=f"{name} from B",
            request=asked,
        )
        for name in ("one", "two")
    )
    service.rows = [first]
    runner.act(ask.ImportBundle(bundle), title="Import B")
    qtbot.waitUntil(lambda: bool(transfers.all) and only(transfers).title == "one from B")
    key = only(transfers).key
    service.rows = [second]
    transfers.refresh()
    qtbot.waitUntil(lambda: only(transfers).title == "two from B")
    assert only(transfers).key == key
    assert not only(transfers).elsewhere


def test_a_failure_is_told_with_what_is_held_and_can_be_tried_again(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    error = CheckFailed("It differs.", next_step="Get it elsewhere.", model="yi-1.5-9b-merged")
    service.ends["owner/name"] = error
    service.rows = [held_row()]
    runner.act(PULL, title="Pull owner/name")
    qtbot.waitUntil(lambda: states(transfers) == ["quarantined"])
    shown = only(transfers)
    assert shown.reason == "It differs. Get it elsewhere."
    assert (shown.can_retry, shown.can_discard, shown.model) == (True, True, "yi-1.5-9b-merged")
    service.ends["owner/name"] = taken("qwen3-4b")
    service.rows = []
    transfers.resume(shown)
    qtbot.waitUntil(lambda: states(transfers) == ["admitted"])
    assert service.asked.count(PULL) == 2
    assert only(transfers).share == 1.0


def test_cancelling_removes_what_arrived(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    service.rows = [pull_row("owner/name", state="fetching")]
    runner.act(PULL, title="Pull owner/name")
    qtbot.waitUntil(lambda: states(transfers) == ["asking"] and only(transfers).row is not None)
    service.rows = [pull_row("owner/name")]
    transfers.cancel(only(transfers))
    qtbot.waitUntil(lambda: states(transfers) == ["cancelled"] and only(transfers).row is None)
    assert ask.DiscardTransfer("pull-owner-name") in service.asked
    transfers.clear_finished()
    qtbot.waitUntil(lambda: not transfers.all)


def test_an_import_cannot_be_paused_but_cancelled(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    runner.act(ask.ImportModel(Path("/stick/a.gguf")), title="Import a.gguf")
    qtbot.waitUntil(lambda: runner.jobs[0].state == "running" and bool(transfers.all))
    assert (only(transfers).can_pause, only(transfers).can_cancel) == (False, True)
    assert only(transfers).title == "a.gguf"
    transfers.pause_all()
    assert only(transfers).active
    transfers.cancel(only(transfers))
    qtbot.waitUntil(lambda: states(transfers) == ["cancelled"])


def test_the_list_is_told_at_most_so_often(
    qtbot: QtBot, runner: JobRunner, service: Desk, transfers: Transfers
) -> None:
    enough = threading.Event()

    def flood(_: object, emit: Callable[[Progress], None], __: object) -> None:
        done = 0
        while not enough.is_set():
            done += 1
            emit(Progress("fetching", done, 1 << 40))

    service.on(ask.PullModel, flood)
    told: list[int] = []
    transfers.changed.connect(lambda: told.append(1))
    runner.act(PULL, title="Pull")
    with qtbot.waitSignal(transfers.changed):
        pass
    told.clear()
    stopper = threading.Timer(1.0, enough.set)
    stopper.start()
    qtbot.waitUntil(enough.is_set)
    assert len(told) <= REPAINTS_PER_S + 2
    qtbot.waitUntil(lambda: not runner.busy)


# ---------------------------------------------------------------------- the page


def said(page: TransfersPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_every_state_is_a_word_with_a_symbol(
    qtbot: QtBot, runner: JobRunner, service: Desk, page: TransfersPage
) -> None:
    every_state(service, runner)
    qtbot.waitUntil(lambda: len(page._table.rows) == 9)
    qtbot.waitUntil(lambda: not any(t.state == "queued" for t in page.shell.transfers.all))
    words = [row.cells[1].words for row in page._table.rows]
    assert set(words) >= {
        "State: Fetching",
        "State: Scanning",
        "State: Repairing",
        "State: Paused",
        "State: Elsewhere",
        "State: Quarantined",
        "State: Admitted",
        "State: Failed",
    }
    rail = page.window().rail.item("transfers")  # type: ignore[attr-defined]
    assert rail.accessibleName() == f"Transfers, {page.shell.transfers.open_count}"
    assert unnamed_controls(page.window()) == []


def test_a_failure_shows_reason_next_step_and_both_digests(
    qtbot: QtBot, runner: JobRunner, service: Desk, page: TransfersPage
) -> None:
    service.ends["owner/name"] = MISMATCH
    job = runner.act(PULL, title="Pull")
    page.activate(job)
    qtbot.waitUntil(lambda: states(page.shell.transfers) == ["failed"])
    assert MISMATCH.message in said(page)
    assert MISMATCH.next_step in said(page)
    (file,) = page._detail._files.rows
    assert file.cells[1].words == MISMATCH.facts["expected"]
    assert file.cells[2].words == MISMATCH.facts["actual"]
    assert page._detail.button("retry").isVisible()


def test_the_keyboard_pauses_goes_on_and_discards(
    qtbot: QtBot, runner: JobRunner, service: Desk, page: TransfersPage
) -> None:
    service.rows = [pull_row("owner/name", state="fetching")]
    runner.act(PULL, title="Pull")
    transfers = page.shell.transfers
    page.refresh()
    qtbot.waitUntil(lambda: states(transfers) == ["asking"] and only(transfers).row is not None)
    with qtbot.waitActive(page.window()):
        page.window().activateWindow()
    page._table.setFocus(Qt.FocusReason.TabFocusReason)
    service.rows = [pull_row("owner/name")]
    qtbot.keyClick(page._table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: states(transfers) == ["paused"] and only(transfers).can_resume)
    qtbot.keyClick(page._table, Qt.Key.Key_Delete)
    question = page.findChild(Question)
    assert question is not None
    question.yes_button.click()
    qtbot.waitUntil(lambda: ask.DiscardTransfer("pull-owner-name") in service.asked)
    qtbot.waitUntil(lambda: not page._table.isVisible())


def test_a_click_on_the_button_in_the_row_does_what_it_says(
    qtbot: QtBot, service: Desk, page: TransfersPage
) -> None:
    service.rows = [pull_row("owner/name")]
    page.refresh()
    qtbot.waitUntil(lambda: len(page._table.rows) == 1)
    place = page._table.visualRect(page._table.model().index(0, 7)).center()
    qtbot.mouseClick(page._table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    qtbot.waitUntil(lambda: ask.ResumeTransfer("pull-owner-name") in service.asked)


def test_cancelling_much_asks_first_and_offers_to_go_on(
    qtbot: QtBot, runner: JobRunner, service: Desk, page: TransfersPage
) -> None:
    service.reports["owner/name"] = (Progress("fetching", 2 * GIB, 4 * GIB),)
    runner.act(PULL, title="Pull")
    transfers = page.shell.transfers
    qtbot.waitUntil(lambda: states(transfers) == ["fetching"])
    page._detail.button("cancel").click()
    question = page.findChild(Question)
    assert question is not None
    question.no_button.click()
    QApplication.processEvents()
    assert only(transfers).active


def test_names_from_outside_stay_words(qtbot: QtBot, service: Desk, page: TransfersPage) -> None:
    service.rows = [pull_row("<b>owner</b>/na\u202eme", reason="<img src=x>\u202e")]
    page.refresh()
    qtbot.waitUntil(lambda: len(page._table.rows) == 1)
    assert page._table.rows[0].cells[0].words.startswith("<b>owner</b>/na⟨U+202E⟩me")
    shown = [label for label in page.findChildren(QLabel) if label.isVisible()]
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}
    assert "\u202e" not in said(page)


def test_the_table_reads_as_a_table(qtbot: QtBot, service: Desk, page: TransfersPage) -> None:
    service.rows = [pull_row("owner/name")]
    page.refresh()
    qtbot.waitUntil(lambda: len(page._table.rows) == 1)
    table = QAccessible.queryAccessibleInterface(page._table)
    assert table.text(QAccessible.Text.Name) == "Transfers"
    read = [cell.words for cell in page._table.rows[0].cells]
    assert read == [
        "owner/name, Download",
        "State: Paused",
        "41 %",
        "1.90 of 4.58 GiB",
        "1 of 3",
        "",
        "",
        "Resume",
    ]
