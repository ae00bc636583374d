"""Transfers and its dialogs, full, in German, two fifths longer and from right to left: nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.test_languages import SCREENSHOTS, SIZES, Tongue, cut_off
from gui.test_languages import tongue as _tongue
from gui.transfers_scenes import Desk, dialogs, every_state
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs

PATIENT_MS = 30_000
LAYOUT_ROUNDS = 6
"""Heights for widths settle from the inside out, one box at each round of events."""

tongue = _tongue  # the fixture


@pytest.fixture
def service() -> Desk:
    return Desk()


@pytest.fixture
def window(tongue: Tongue, qtbot: QtBot, runner: JobRunner, service: Desk) -> Iterator[Window]:
    made = Window(runner, specs())
    qtbot.addWidget(made)
    made.show()
    yield made
    service.go_on.set()
    qtbot.waitUntil(lambda: not runner.busy, timeout=PATIENT_MS)


def settle(qtbot: QtBot, runner: JobRunner) -> None:
    qtbot.waitUntil(
        lambda: all(task.job is not None for task in runner._live.values()), timeout=PATIENT_MS
    )
    for _ in range(LAYOUT_ROUNDS):
        QApplication.processEvents()


def test_every_state_is_shown_whole(
    window: Window, tongue: Tongue, qtbot: QtBot, runner: JobRunner, service: Desk, tmp_path: Path
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    window.go("transfers")
    every_state(service, runner)
    qtbot.waitUntil(lambda: len(window.transfers.all) == 9, timeout=PATIENT_MS)
    qtbot.waitUntil(
        lambda: not any(t.state == "queued" for t in window.transfers.all), timeout=PATIENT_MS
    )
    page = window.page("transfers")
    problems: list[str] = []
    for size in SIZES:
        window.resize(*size)
        for transfer in window.transfers.all:
            page._table.choose(transfer.key)  # type: ignore[union-attr]
            settle(qtbot, runner)
            found = unnamed_controls(window) + cut_off(window)
            problems += [f"{size[0]} {transfer.state}: {words}" for words in found]
        picture = SCREENSHOTS / f"transfers-full-{tongue.name}-{size[0]}.png"
        assert window.grab().save(str(picture))
        assert (window.width(), window.height()) == size
    assert problems == []


def test_every_dialog_is_shown_whole_in_the_smallest_window(
    window: Window, tongue: Tongue, qtbot: QtBot, runner: JobRunner, service: Desk
) -> None:
    window.resize(*SIZES[0])
    problems: list[str] = []
    for name, dialog in dialogs(service, window):
        dialog.open()
        settle(qtbot, runner)
        assert dialog.grab().save(str(SCREENSHOTS / f"{name}-{tongue.name}.png"))
        found = unnamed_controls(dialog) + cut_off(dialog)
        problems += [f"{name}: {words}" for words in found]
        assert dialog.width() <= window.width()
        assert dialog.height() <= window.height()
        dialog.reject()
    assert problems == []
