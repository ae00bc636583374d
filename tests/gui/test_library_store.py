"""The Library and its store: away is said and not shown as empty, pins, rubbish with a question, checks, bundles."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.transfers_scenes import GIB, KEYS, Desk, model_row
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.bundle_out import BundleOutDialog
from steelyard.gui.pages.library import LibraryPage
from steelyard.gui.widgets.buttons import Link
from steelyard.gui.widgets.dialogs import Question
from steelyard.gui.widgets.fields import TextField
from steelyard.service import requests as ask


def status(**changes: Any) -> ask.StoreStatus:
    """A store in good order."""
    values: dict[str, Any] = {
        "location": "/srv/models",
        "shared": False,
        "writable": True,
        "away": False,
        "models": 2,
        "blobs": 3,
        "used_bytes": 5 * GIB,
        "free_bytes": 212 * GIB,
        "garbage_bytes": 0,
        "unverified_for_s": 3600.0,
        "reverify": "when-changed",
        "shared_blobs": 3,
    }
    return ask.StoreStatus(**{**values, **changes})


@pytest.fixture
def service() -> Desk:
    made = Desk()
    made.on(ask.ShowStore, lambda *_: status())
    models = (model_row("qwen3-8b"), dataclasses.replace(model_row("gemma"), pinned=True))
    made.on(ask.ListModels, lambda *_: ask.ModelList(models, 212 * GIB))
    return made


@pytest.fixture
def page(qtbot: QtBot, runner: JobRunner, service: Desk) -> Iterator[LibraryPage]:
    window = Window(runner, specs())
    qtbot.addWidget(window)
    window.show()
    yield opened(qtbot, window)
    service.go_on.set()
    qtbot.waitUntil(lambda: not runner.busy)


def opened(qtbot: QtBot, window: Window) -> LibraryPage:
    window.go("library")
    page = window.page("library")
    assert isinstance(page, LibraryPage)
    qtbot.waitUntil(lambda: page._store.status is not None and page._skeleton.isHidden())
    return page


def said(page: LibraryPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def tick(page: LibraryPage, *names: str) -> None:
    for number, row in enumerate(page._table.rows):
        if row.key in names:
            page._table._select_row(number, True)


def link(page: LibraryPage, words: str) -> Link:
    return next(link for link in page.findChildren(Link) if link.text() == words)


def test_the_note_counts_models_shared_files_free_space_and_the_oldest_check(
    page: LibraryPage,
) -> None:
    words = said(page)
    assert "2 models, 5.00 GiB" in words
    assert "3 files shared between models" in words
    assert "212.00 GiB free" in words
    assert "Oldest check: today" in words
    assert not page._store.banner.isVisible()
    assert unnamed_controls(page.window()) == []


def test_a_store_that_is_away_is_said_and_not_shown_as_empty(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    service.on(ask.ShowStore, lambda *_: status(away=True, writable=False))
    service.on(ask.ListModels, lambda *_: ask.ModelList((), 0))
    page.refresh()
    qtbot.waitUntil(page._store.banner.isVisible)
    qtbot.waitUntil(lambda: not page._table.rows)
    assert page._store.banner.accessibleName() == "The store is away."
    assert "/srv/models" in page._store.banner.accessibleDescription()
    assert not page._empty.isVisible()
    assert not page._verify_all.isEnabled()


def test_a_store_for_reading_says_so_and_offers_no_change(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    service.on(ask.ShowStore, lambda *_: status(writable=False, garbage_bytes=GIB))
    page.refresh()
    qtbot.waitUntil(page._store.banner.isVisible)
    tick(page, "qwen3-8b")
    assert not page._remove.isEnabled()
    assert not page._pin.isEnabled()
    assert page._verify_ticked.isEnabled()
    assert not [link for link in page.findChildren(Link) if link.text().startswith("Free")]


def test_rubbish_is_freed_after_a_question_that_names_it(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    service.on(ask.ShowStore, lambda *_: status(garbage_bytes=2 * GIB))
    service.on(
        ask.CollectGarbage,
        lambda request, *_: ask.GarbageFound(request.apply, 7, 2, 2 * GIB, ("a lease of pid 12",)),
    )
    page.refresh()
    qtbot.waitUntil(lambda: "Free 2.00 GiB" in [link.text() for link in page.findChildren(Link)])
    link(page, "Free 2.00 GiB").click()
    qtbot.waitUntil(lambda: page.findChild(Question) is not None)
    assert ask.CollectGarbage() in service.asked
    assert ask.CollectGarbage(apply=True) not in service.asked
    question = page.findChild(Question)
    words = " ".join(label.text() for label in question.findChildren(QLabel))
    assert "7 files and 2 left-over folders" in words
    assert "a lease of pid 12" in words
    question.yes_button.click()
    qtbot.waitUntil(page._banner.isVisible)
    assert ask.CollectGarbage(apply=True) in service.asked
    assert page._banner.accessibleName() == "2.00 GiB freed."


def test_verifying_all_shows_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    def verify(_: object, emit: Any, cancel: CancelToken) -> ask.ModelsVerified:
        emit(Progress("verifying", GIB, 5 * GIB, detail="qwen3-8b.gguf"))
        while not service.go_on.wait(0.01):
            cancel.check()
        return ask.ModelsVerified(True, (), (), (), 5 * GIB, 2, 3.0)

    service.on(ask.VerifyModels, verify)
    page._verify_all.click()
    qtbot.waitUntil(lambda: "verifying · 1.00 GiB of 5.00 GiB" in said(page))
    assert page._going._line.share == pytest.approx(0.2)
    page._going._stop.click()
    qtbot.waitUntil(lambda: not page._going.isVisible())
    qtbot.waitUntil(page._banner.isVisible)
    assert "Cancelled" in page._banner.accessibleName()


def test_what_was_not_checked_for_long_can_be_checked(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    service.on(ask.ShowStore, lambda *_: status(unverified_for_s=41 * 86400.0))
    service.on(ask.ScrubStore, lambda *_: ask.StoreScrubbed(False, 1, GIB, ("qwen3-8b",), 0))
    page.refresh()
    qtbot.waitUntil(lambda: "Oldest check: 41 days ago" in said(page))
    link(page, "Check the oldest").click()
    qtbot.waitUntil(page._banner.isVisible)
    assert page._banner.accessibleName() == "Not all files are as they were admitted."
    assert "qwen3-8b" in page._banner.accessibleDescription()


def test_pins_are_shown_set_with_a_reason_and_taken_away(
    qtbot: QtBot, page: LibraryPage, service: Desk
) -> None:
    service.on(ask.PinModel, lambda r, *_: ask.ModelPinned(r.model, r.pinned, r.reason))
    names = {row.key: row.cells[1].words for row in page._table.rows if row.group is None}
    assert names["gemma"].startswith("gemma, Pinned")
    tick(page, "qwen3-8b")
    page._pin.trigger()
    question = page.findChild(Question)
    question.findChild(TextField).setText("for the audit")
    question.yes_button.click()
    qtbot.waitUntil(lambda: ask.PinModel("qwen3-8b", "for the audit", True) in service.asked)
    page._table.clear_choice()
    tick(page, "gemma")
    assert not page._remove.isEnabled(), "pinned"
    page._unpin.trigger()
    qtbot.waitUntil(lambda: ask.PinModel("gemma", "", False) in service.asked)


def test_what_is_ticked_can_be_exported(qtbot: QtBot, page: LibraryPage, service: Desk) -> None:
    service.on(ask.ListKeys, lambda *_: KEYS)
    tick(page, "qwen3-8b", "gemma")
    page._export.click()
    dialog = page.findChild(BundleOutDialog)
    assert dialog is not None
    assert [model.name for model in dialog._models] == ["qwen3-8b", "gemma"]
    dialog.reject()
