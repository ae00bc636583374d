"""Browse: searched as one types, narrowed by facets, scrolled without holding everything, by keyboard alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.catalog_stand_in import SOURCES, entries, search, stand_in
from gui.service_stand_in import Service
from steelyard.base.errors import OutOfResources
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.browse import BrowsePage
from steelyard.gui.pages.browse_table import KEPT_PAGES, PAGE_ROWS, CatalogModel
from steelyard.gui.tables.model import Column
from steelyard.gui.widgets.filter_chip import FilterChip
from steelyard.service import requests as ask

ROWS = 700


class Browsing:
    """A window on Browse, over a generated catalog."""

    def __init__(self, qtbot: QtBot, service: Service, runner: JobRunner, rows: int) -> None:
        self.qtbot, self.service, self.runner = qtbot, service, runner
        self.rows = stand_in(service, rows)
        self.window = Window(runner, specs())
        qtbot.addWidget(self.window)
        self.window.resize(1440, 900)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        self.window.go("browse")
        page = self.window.page("browse")
        assert isinstance(page, BrowsePage)
        self.page = page
        self.rest()

    def rest(self) -> None:
        """Wait until what is seen was painted, and nothing is asked any more and nothing will be."""
        self.window.grab()
        search_ = self.page._search

        def quiet() -> bool:
            timers = search_._rest.isActive() or search_._soon.isActive()
            return not self.runner._live and not timers

        self.qtbot.waitUntil(quiet, timeout=20_000)
        QApplication.processEvents()

    def key(self, widget: QWidget, key: Qt.Key) -> None:
        self.qtbot.keyClick(widget, key)

    def asked(self) -> list[ask.SearchCatalog]:
        return [r for r in self.service.asked if isinstance(r, ask.SearchCatalog)]

    def names(self) -> list[str]:
        model = self.page._model
        shown = [model.entry(place) for place in range(min(model.total, 5))]
        return [row.title for row in shown if row is not None]


@pytest.fixture
def browsing(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> Iterator[Callable[[int], Browsing]]:
    made: list[Browsing] = []

    def make(rows: int = ROWS) -> Browsing:
        made.append(Browsing(qtbot, service, runner, rows))
        return made[-1]

    yield make
    for one in made:
        one.window._quit_agreed = True


def test_each_keystroke_asks_for_rows_alone_and_counts_come_when_the_keys_rest(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    b.service.asked.clear()
    b.qtbot.keyClicks(b.page._field, "gem")
    b.rest()
    asked = b.asked()
    keys = [r.text for r in asked if not r.count_facets]
    assert keys[-1] == "gem", (
        "an older question may be dropped before it is asked, the newest never"
    )
    assert set(keys) <= {"g", "ge", "gem"}
    assert [r.text for r in asked if r.count_facets] == ["gem"]
    assert all(name.startswith("Gemma") for name in b.names())
    assert b.page._found.text() == "100 models"


def test_the_newest_question_wins_over_a_slow_older_one(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    go_on = threading.Event()

    def slow(request: ask.SearchCatalog, *_: object) -> ask.CatalogPage:
        if request.text == "q":
            go_on.wait(10)
        return search(b.rows, request)

    b.service.on(ask.SearchCatalog, slow)
    b.page._field.setText("q")
    b.page._field.setText("phi")
    b.qtbot.waitUntil(lambda: b.names()[0].startswith("Phi"))
    go_on.set()
    b.rest()
    assert all(name.startswith("Phi") for name in b.names())


def test_a_ticked_value_narrows_the_rows_and_stands_above_them_as_a_chip(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    group = b.page._facets.groups["license"]
    box = group._boxes["no"]
    assert box.accessibleDescription() == "100"
    b.qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    b.rest()
    assert b.page._model.total == 100
    chips = b.page._chips_box.findChildren(FilterChip)
    assert [chip.accessibleName() for chip in chips] == ["Commercial use: No"]
    assert group._boxes["yes"].accessibleDescription() == "300", "of one facet, values widen"
    b.key(chips[0], Qt.Key.Key_Delete)
    b.rest()
    assert b.page._model.total == ROWS
    assert not box.isChecked()
    assert not b.page._chips_box.isVisible()


def test_all_filters_go_at_once_and_a_ticked_value_nobody_has_left_stays(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    b.page._facets.tick({"license": ("no",), "format": ("gguf",)})
    b.page._changed()
    b.page._field.setText("qwen")
    b.rest()
    assert b.page._model.total == 0
    assert b.page._none.isVisible()
    assert not b.page._card.isVisible()
    assert b.page._facets.groups["license"]._boxes["no"].isChecked()
    b.page._facets._clear.click()
    b.rest()
    assert b.page._model.total == 100
    assert b.page._facets.ticked == {}


def test_only_pages_that_are_seen_are_asked_for_and_few_are_kept(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    b.service.asked.clear()
    b.page._table.scrollToBottom()
    b.rest()
    assert {r.offset for r in b.asked()} <= {600, 500}
    last = b.page._model.entry(ROWS - 1)
    assert last is not None
    assert last.title == b.rows[ROWS - 1].title


def test_a_long_scroll_does_not_fill_the_memory() -> None:
    rows = entries(PAGE_ROWS)
    model = CatalogModel((Column("Model"),))
    model.start(100_000, 0, tuple(rows))
    for first in range(0, 100_000, PAGE_ROWS):
        model.add(first, tuple(rows))
        model.index(first, 0).data(Qt.ItemDataRole.DisplayRole)
        assert model.wanted(first, first + 30) is None
    assert model.pages_held == KEPT_PAGES
    assert len(model._cells) <= KEPT_PAGES
    assert model.wanted(0, 30) == 0, "the first page went, and is asked for again when it is seen"


def test_a_page_on_its_way_shows_structure_and_is_read_as_nothing(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    go_on = threading.Event()

    def slow(request: ask.SearchCatalog, *_: object) -> ask.CatalogPage:
        if request.offset:
            go_on.wait(10)
        return search(b.rows, request)

    b.service.on(ask.SearchCatalog, slow)
    b.page._table.scrollToBottom()
    b.window.grab()
    b.qtbot.waitUntil(lambda: b.page._search._fetching)
    model = b.page._model
    assert model.index(ROWS - 1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == ""
    b.window.grab()
    go_on.set()
    b.rest()
    assert model.index(ROWS - 1, 0).data(Qt.ItemDataRole.AccessibleTextRole) != ""


def test_a_refresh_keeps_the_place_and_the_row(browsing: Callable[..., Browsing]) -> None:
    b = browsing()
    b.page._table.scrollTo(b.page._model.index(500, 0))
    b.rest()
    b.page._table.setCurrentIndex(b.page._model.index(505, 0))
    place, key = b.page._table.verticalScrollBar().value(), b.page._table.current_key()
    assert key == b.rows[505].reference
    b.page.refresh()
    b.rest()
    assert b.page._table.verticalScrollBar().value() == place
    assert b.page._table.current_key() == key


def test_from_the_field_to_a_row_and_back_by_keyboard(browsing: Callable[..., Browsing]) -> None:
    b = browsing()
    with b.qtbot.waitActive(b.window):
        b.window.activateWindow()
    opened: list[object] = []
    b.page._table.opened.connect(opened.append)
    assert b.page._field.hasFocus()
    b.qtbot.keyClicks(b.page._field, "llama")
    b.rest()
    b.key(b.page._field, Qt.Key.Key_Down)
    assert b.page._table.hasFocus()
    b.key(b.page._table, Qt.Key.Key_Down)
    b.key(b.page._table, Qt.Key.Key_Return)
    second = b.page._model.entry(1)
    assert second is not None
    assert opened == [second.reference]
    assert b.window.here == "entry"
    b.window.go("browse")
    b.page._table.setFocus()
    b.qtbot.keyClick(b.page._table, Qt.Key.Key_Slash)
    assert b.page._field.hasFocus()
    b.page._table.setFocus()
    b.qtbot.keyClick(b.page._table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert b.page._field.hasFocus()
    b.key(b.page._field, Qt.Key.Key_Escape)
    assert b.page._field.text() == ""


def test_arrows_go_through_the_values_of_a_facet(browsing: Callable[..., Browsing]) -> None:
    b = browsing()
    with b.qtbot.waitActive(b.window):
        b.window.activateWindow()
    group = b.page._facets.groups["license"]
    boxes = list(group._boxes.values())
    boxes[0].setFocus()
    b.key(boxes[0], Qt.Key.Key_Down)
    assert boxes[1].hasFocus()
    b.key(boxes[1], Qt.Key.Key_Up)
    b.key(boxes[0], Qt.Key.Key_Up)
    assert group.heading.hasFocus()
    b.key(group.heading, Qt.Key.Key_Return)
    assert not boxes[0].isVisible()


def test_a_path_in_the_field_is_offered_for_import_and_a_reference_to_be_opened(
    browsing: Callable[..., Browsing], tmp_path: Path
) -> None:
    b = browsing()
    file = tmp_path / "model.gguf"
    file.touch()
    taken: list[object] = []
    b.window.paths_taken.connect(taken.append)
    b.page._field.setText(str(file))
    assert b.page._offer.isVisible()
    b.key(b.page._field, Qt.Key.Key_Return)
    assert taken == [[file]]
    assert not b.page._offer.isVisible()
    b.page._field.setText("https://hub.example/owner/name/blob/main/model-Q4_K_M.gguf")
    b.rest()
    b.key(b.page._field, Qt.Key.Key_Return)
    assert b.window.here == "entry"
    b.rest()
    assert ask.ShowEntry("owner/name") in b.service.asked


def test_offline_says_why_and_does_not_ask(browsing: Callable[..., Browsing]) -> None:
    b = browsing()
    strip = b.page._strip
    assert not strip.refresh_button.isEnabled()
    assert strip._why.text() == "Offline by policy"


def test_sources_are_asked_and_what_one_could_not_say_is_told(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()
    online = tuple(
        ask.SourceRow(s.name, s.kind, s.location, True, "", entries=s.entries) for s in SOURCES
    )
    b.service.on(ask.ListSources, lambda *_: ask.SourceList(online))
    b.service.on(
        ask.RefreshCatalog,
        lambda *_: ask.CatalogRefreshed(3, 2, 1, ("site-mirror did not answer\u202e",)),
    )
    b.page.refresh()
    b.rest()
    b.page._strip.refresh_button.click()
    b.rest()
    assert b.page._banner.isVisible()
    assert "3 new, 2 changed, 1 gone." in b.page._banner.accessibleDescription()
    assert "⟨U+202E⟩" in b.page._banner.accessibleDescription()
    assert b.page._strip.refresh_button.isEnabled()


def test_a_failed_search_keeps_the_rows_and_is_forgotten_by_the_next(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing()

    def broken(*_: object) -> ask.CatalogPage:
        raise OutOfResources("The index cannot be read.", next_step="Free some space.")

    b.service.on(ask.SearchCatalog, broken)
    b.page._field.setText("x")
    b.rest()
    assert b.page._banner.isVisible()
    assert b.page._model.total == ROWS
    b.service.on(ask.SearchCatalog, lambda request, *_: search(b.rows, request))
    b.page._field.setText("qwen")
    b.rest()
    assert not b.page._banner.isVisible()


def test_a_name_that_misleads_is_marked_and_said(browsing: Callable[..., Browsing]) -> None:
    b = browsing()
    said = b.page._model.index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "The name mixes Latin and Cyrillic letters." in said
    tip = b.page._model.index(5, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("<span>"), "a tooltip is never guessed to be markup"


def test_an_empty_catalog_says_what_belongs_here(browsing: Callable[..., Browsing]) -> None:
    b = browsing(0)
    assert b.page._nothing.isVisible()
    assert not b.page._card.isVisible()


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
def test_it_fits_and_everything_has_a_name(
    browsing: Callable[..., Browsing], dressed: QApplication, direction: Qt.LayoutDirection
) -> None:
    dressed.setLayoutDirection(direction)
    b = browsing(300)
    b.page._facets.tick({"license": ("yes", "no"), "fits": ("yes",), "format": ("gguf",)})
    b.page._changed()
    b.rest()
    for size in ((1024, 700), (1440, 900), (3840, 2160)):
        b.window.resize(*size)
        QApplication.processEvents()
        assert (b.window.width(), b.window.height()) == size
    assert unnamed_controls(b.window) == []
    left = b.page._facets.x() < b.page._table.mapTo(b.page, b.page._table.rect().topLeft()).x()
    assert left == (direction == Qt.LayoutDirection.LeftToRight)


def test_no_widget_is_made_for_a_row(browsing: Callable[..., Browsing]) -> None:
    b = browsing(300)
    before = len(b.window.findChildren(QObject))
    b.page._field.setText("qwen")
    b.rest()
    b.page._field.setText("")
    b.rest()
    assert len(b.window.findChildren(QObject)) <= before + 4


def test_showing_a_result_of_a_hundred_thousand_rows_is_quick(
    browsing: Callable[..., Browsing],
) -> None:
    b = browsing(300)
    page = ask.CatalogPage(tuple(b.rows[:PAGE_ROWS]), 100_000, {})
    spent = []
    for _ in range(7):
        started_s = time.process_time()
        b.page._show(page, lambda: b.page._model.start(page.total, 0, page.rows))
        b.page._table.viewport().grab()
        spent.append(time.process_time() - started_s)
    assert sorted(spent)[3] < 0.1, "bench_browse.py measures; this only notices a slip of ten"
