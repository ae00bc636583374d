"""Detail of a catalog entry: the recommended variant, one button that follows the state, pause, continue, discard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.catalog_stand_in import SOURCES, detail, stand_in
from gui.service_stand_in import Service
from steelyard.base.errors import NotFound, RemoteFailure
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.entry import EntryPage
from steelyard.gui.pages.entry_variants import recommend
from steelyard.gui.widgets.dialogs import Question
from steelyard.service import requests as ask

REFERENCE = "Qwen/Qwen3-0"
Q5 = f"{REFERENCE}:model-Q5_K_M.gguf"
ONLINE = tuple(replace(source, reachable=True, why="") for source in SOURCES)
PAUSED = ask.TransferRow(
    "t1", "pull", REFERENCE, "paused", 1 << 30, 4 << 30, 0, 1, "", {"reference": Q5}
)


class Seen:
    """A window on an entry."""

    def __init__(self, qtbot: QtBot, service: Service, runner: JobRunner, *, online: bool) -> None:
        self.qtbot, self.service, self.runner = qtbot, service, runner
        self.rows = stand_in(service, 12)
        if online:
            service.on(ask.ListSources, lambda *_: ask.SourceList(ONLINE))
        self.window = Window(runner, specs())
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def open(self, reference: str = REFERENCE) -> EntryPage:
        self.window.go("entry", reference)
        page = self.window.page("entry")
        assert isinstance(page, EntryPage)
        self.rest()
        return page

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.runner._live, timeout=10_000)
        QApplication.processEvents()

    def words(self) -> str:
        return " ".join(x.text() for x in self.window.findChildren(QLabel) if x.isVisible())


@pytest.fixture
def seen(qtbot: QtBot, service: Service, runner: JobRunner) -> Callable[..., Seen]:
    return lambda online=True: Seen(qtbot, service, runner, online=online)


def test_the_largest_that_fits_well_is_recommended_chosen_and_named_on_the_button(
    seen: Callable[..., Seen],
) -> None:
    s = seen()
    page = s.open()
    chosen = page._variants.chosen
    assert chosen is not None
    assert chosen.label == "Q5_K_M"
    assert "The largest quantization that fits with room to spare" in s.words()
    assert page._primary.text() == "Download 2.72 GiB"
    assert page._primary.isEnabled()
    page._variants._table.choose(f"{REFERENCE}:model-IQ4_XS.gguf")
    assert page._primary.text() == "Download 2.13 GiB"


def variant(quantization: str, size: int, fits: str) -> ask.VariantRow:
    return ask.VariantRow(quantization, quantization, "gguf", quantization, size, fits=fits)


@pytest.mark.parametrize(
    ("variants", "recommended"),
    [
        (
            (("F16", 16, "yes"), ("Q8_0", 8, "yes"), ("Q4_K_M", 4, "yes")),
            "Q8_0",
        ),
        ((("F16", 16, "yes"),), "F16"),
        ((("Q8_0", 8, "no"), ("Q6_K", 6, "tight"), ("Q4_K_M", 4, "tight")), "Q4_K_M"),
        ((("Q8_0", 8, "no"),), ""),
        ((("Q8_0", 8, ""),), ""),
        ((), ""),
    ],
)
def test_a_recommendation_has_a_reason_or_says_why_there_is_none(
    variants: tuple[tuple[str, int, str], ...], recommended: str
) -> None:
    found = recommend([variant(*facts) for facts in variants])
    assert found.reference == recommended
    assert found.reason


def test_a_file_that_was_named_is_the_chosen_one(seen: Callable[..., Seen]) -> None:
    page = seen().open(f"https://hub.example/{REFERENCE}/blob/main/model-Q8_0.gguf")
    chosen = page._variants.chosen
    assert chosen is not None
    assert chosen.quantization == "Q8_0"


def test_offline_the_button_says_why(seen: Callable[..., Seen]) -> None:
    s = seen(online=False)
    page = s.open()
    assert not page._primary.isEnabled()
    assert page._primary.accessibleDescription() == "Offline by policy"
    assert "Offline by policy" in s.words()


def test_what_is_in_the_store_is_opened_there(seen: Callable[..., Seen]) -> None:
    s = seen(online=False)
    page = s.open(s.rows[3].reference)
    page._variants._table.choose(f"{s.rows[3].reference}:model-Q6_K.gguf")
    assert page._primary.text() == "Open in the Library"
    s.service.on(ask.ShowModel, lambda *_: (_ for _ in ()).throw(NotFound("gone")))
    page._primary.click()
    assert s.window.here == "model"


def test_a_download_shows_its_figures_is_paused_and_goes_on(seen: Callable[..., Seen]) -> None:
    s = seen()
    begun, waiting = threading.Event(), [False]

    def pull(request: ask.PullModel, emit: Callable[[object], None], cancel: CancelToken) -> None:
        emit(Progress("fetching", 1 << 30, 4 << 30, detail="model-Q5_K_M.gguf"))
        begun.set()
        while True:
            cancel._event.wait(10)
            waiting[0] = True
            cancel.check()

    s.service.on(ask.PullModel, pull)
    s.service.on(ask.ListTransfers, lambda *_: ask.TransferList((PAUSED,) if waiting[0] else ()))
    page = s.open()
    page._primary.click()
    s.qtbot.waitUntil(begun.is_set)
    line = page._download._line
    s.qtbot.waitUntil(lambda: "1.00 GiB of 4.00 GiB" in line._figures.text())
    assert line.isVisible()
    assert not page._primary.isVisible(), "what runs has its own buttons"
    assert s.service.asked.count(ask.PullModel(Q5)) == 1
    line._pause.click()
    s.qtbot.waitUntil(lambda: page._primary.text() == "Continue")
    assert "1.00 GiB of 4.00 GiB are kept" in s.words()
    assert not page._banner_box.isVisible(), "a pause is no error"
    s.service.on(ask.ResumeTransfer, lambda *_: None)
    page._primary.click()
    s.rest()
    assert ask.ResumeTransfer("t1") in s.service.asked


def test_what_waits_can_be_discarded_after_a_question(seen: Callable[..., Seen]) -> None:
    s = seen()
    s.service.on(ask.ListTransfers, lambda *_: ask.TransferList((PAUSED,)))
    s.service.on(ask.DiscardTransfer, lambda *_: ask.TransferDiscarded("t1", 1 << 30))
    page = s.open()
    page._download._line._discard.click()
    question = s.window.findChild(Question)
    assert question is not None
    assert ask.DiscardTransfer("t1") not in s.service.asked
    question.yes_button.click()
    s.rest()
    assert ask.DiscardTransfer("t1") in s.service.asked


def test_a_failed_download_says_what_was_kept_and_the_button_is_back(
    seen: Callable[..., Seen],
) -> None:
    s = seen()

    def pull(*_: object) -> None:
        raise RemoteFailure("The host went away. 1.0 GiB are kept.", next_step="Try again.")

    s.service.on(ask.PullModel, pull)
    page = s.open()
    page._primary.click()
    s.rest()
    assert "1.0 GiB are kept" in page._banner.accessibleName()
    assert page._primary.isVisible()
    assert page._primary.isEnabled()


def test_an_unknown_reference_is_asked_about_only_when_somebody_says_so(
    seen: Callable[..., Seen],
) -> None:
    s = seen()
    page = s.open("nobody/knows")
    assert page._stack.currentWidget() is page._unknown
    assert not [r for r in s.service.asked if isinstance(r, ask.RefreshCatalog)]
    told = replace(detail(s.rows[0]), row=replace(s.rows[0], reference="nobody/knows"))

    def refresh(*_: object) -> ask.CatalogRefreshed:
        s.service.on(ask.ShowEntry, lambda *_: told)
        return ask.CatalogRefreshed(1, 0, 0)

    s.service.on(ask.RefreshCatalog, refresh)
    assert page._primary.text() == "Ask the sources"
    page._primary.click()
    s.rest()
    assert ask.RefreshCatalog(reference="nobody/knows") in s.service.asked
    assert page._primary.text().startswith("Download")


def test_every_tab_of_an_entry_is_named_and_holds_no_rich_text(seen: Callable[..., Seen]) -> None:
    s = seen()
    page = s.open(s.rows[5].reference)
    for size in ((1024, 700), (1440, 900)):
        s.window.resize(*size)
        for tab in range(5):
            page._tabs.setCurrentIndex(tab)
            s.rest()
            assert (s.window.width(), s.window.height()) == size
            assert unnamed_controls(s.window) == []
            shown = [label for label in s.window.findChildren(QLabel) if label.isVisible()]
            assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}
    assert "The name mixes Latin and Cyrillic letters." in s.words()
    assert "facts" in s.words().lower()


def test_fit_follows_the_chosen_variant_and_says_that_a_formula_answered(
    seen: Callable[..., Seen],
) -> None:
    s = seen()
    page = s.open()
    page._tabs.setCurrentIndex(3)
    s.rest()
    assert ask.AskFit(Q5, 8192, "f16", entry=REFERENCE) in s.service.asked
    assert "Computed by a formula" in s.words()
    other = f"{REFERENCE}:model-Q4_K_M.gguf"
    page._variants._table.choose(other)
    s.rest()
    assert ask.AskFit(other, 8192, "f16", entry=REFERENCE) in s.service.asked


def test_a_license_nobody_read_is_said_to_be_not_known(seen: Callable[..., Seen]) -> None:
    s = seen()
    page = s.open(s.rows[6].reference)
    page._tabs.setCurrentIndex(2)
    s.rest()
    assert page._license._unknown.isVisible()
    page = s.open(s.rows[1].reference)
    page._tabs.setCurrentIndex(2)
    s.rest()
    assert not page._license._unknown.isVisible()
    assert "The entry says llama3.1." in s.words()
    assert len(page._license._tiles) == 14
