"""Browse: everything the sources have told, searched as one types, narrowed by facets; Return opens an entry.

The search works on what was learned before and never uses a network. Each keystroke asks for the first rows only; the
facets are counted once the keys rest; further pages come when they are scrolled to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.browse_facets import FacetPanel
from steelyard.gui.pages.browse_offer import Offer
from steelyard.gui.pages.browse_search import CatalogSearch, Query
from steelyard.gui.pages.browse_sources import SourceStrip
from steelyard.gui.pages.browse_table import CatalogModel
from steelyard.gui.pages.page import Page, Shell, page_column
from steelyard.gui.tables.model import Column
from steelyard.gui.tables.table import Table
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.choices import Select
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.filter_chip import FilterChip
from steelyard.gui.widgets.flow import Flow
from steelyard.gui.widgets.labels import Label
from steelyard.gui.widgets.layouts import Note, Rule, clear, holder, row
from steelyard.service import requests as ask

ROOMY = 1100
"""Px of page width from which on the facets get more room."""


class BrowsePage(Page):
    """Facets at the left; field, chips, table and source strip at the right."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("BrowsePage", "Browse"))
        self._search_failed = False
        self._refreshing = False
        self._sources: tuple[ask.SourceRow, ...] = ()
        self._facets = FacetPanel()
        self._facets.changed.connect(self._changed)
        self._field = TextField(
            self.tr("Search models, or paste a reference, an address or a path"), icon="search"
        )
        self._field.textChanged.connect(self._typed)
        self._field.returnPressed.connect(self._entered)
        self._field.installEventFilter(self)
        self._order = self._make_order()
        self._found = Label("", size=11, tone="text_2")
        self._offer = Offer()
        self._offer.open_asked.connect(lambda reference: self.shell.go("entry", reference))
        self._offer.import_asked.connect(self._import)
        self._chips = Flow()
        self._chips_box = holder(self._chips)
        self._chips_box.hide()
        self._banner = Banner("red")
        self._banner.hide()
        self._strip = SourceStrip()
        self._strip.refresh_asked.connect(lambda: self._refresh_sources(""))
        self._strip.settings_asked.connect(lambda: self.shell.go("settings", "Sources"))
        self._model = CatalogModel(self._columns(), self)
        self._table = Table(
            self._model.columns,
            self.tr("Models that can be had"),
            model=self._model,
            open_on_click=True,
        )
        self._table.opened.connect(self._open)
        self._search = CatalogSearch(shell.jobs, self._model, self._seen, parent=self)
        self._search.found.connect(self._show)
        self._search.counted.connect(self._facets.show_counts)
        self._search.failed.connect(self._failed)
        self._lay_out()
        for keys in ("/", "Ctrl+F"):
            shortcut = QShortcut(QKeySequence(keys), self, self._to_field)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column(self.tr("Model")),
            Column(self.tr("Parameters"), 88, end=True),
            Column(self.tr("License"), 124),
            Column(self.tr("Fits here"), 108),
            Column(self.tr("Formats"), 144, optional=880),
            Column(self.tr("Size, GiB"), 104, end=True),
            Column(self.tr("Downloads"), 88, end=True, optional=680),
            Column(self.tr("Learned"), 112, end=True, optional=780),
        )

    def _make_order(self) -> Select:
        order = Select(self.tr("Order"), prefix=self.tr("Order"))
        for key, word in (
            ("relevance", self.tr("best match")),
            ("downloads", self.tr("downloads")),
            ("newest", self.tr("learned last")),
            ("size", self.tr("smallest first")),
            ("name", self.tr("name")),
        ):
            order.addItem(word, key)
        order.activated.connect(lambda _place: self._changed())
        return order

    def _lay_out(self) -> None:
        self._skeleton = Skeleton(12, (0.7, 0.4, 0.6, 0.5, 0.7, 0.4))
        self._card = Card()
        self._card.setAccessibleName(self.tr("Models"))
        self._card.body.addWidget(self._skeleton)
        self._card.body.addWidget(self._table, 1)
        self._table.hide()
        self._none = self._make_none()
        self._nothing = EmptyState(
            "browse",
            self.tr("Models that can be had"),
            self.tr(
                "No source has told anything yet. Refresh asks the sources; "
                "a file or a folder can be dropped on the window at any time."
            ),
        )
        self._note = Note(
            self.tr("Fits: by the catalog's own estimate, against the memory that is free now."),
            self.tr("What is downloaded is hashed while it arrives."),
        )
        right = QWidget()
        content = page_column(right, note=self._note)
        content.setSpacing(12)
        content.addLayout(row(self._field, self._order, self._found, gap=12))
        content.addWidget(self._offer)
        content.addWidget(self._chips_box)
        content.addWidget(self._banner)
        content.addWidget(self._card, 100)
        content.addWidget(self._none, 100)
        content.addWidget(self._nothing, 100)
        content.addStretch(1)
        content.addWidget(self._strip)
        self._none.hide()
        self._nothing.hide()
        whole = row(gap=0)
        whole.addWidget(self._facets)
        whole.addWidget(Rule(upright=True))
        whole.addWidget(right, 1)
        self.setLayout(whole)

    def _make_none(self) -> EmptyState:
        self._elsewhere = Button(self.tr("Ask the sources for it"), icon="globe")
        self._elsewhere.clicked.connect(lambda: self._refresh_sources(self._search.query.text))
        return EmptyState(
            "search",
            self.tr("Nothing has all of this"),
            self.tr("Take a filter away, or use fewer letters."),
            self._elsewhere,
        )

    def first_focus(self) -> QWidget | None:
        return self._field

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str):
            self._field.setText(argument)
            self._field.selectAll()
        super().activate(argument)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._facets.set_narrow(self.width() < ROOMY)

    # ------------------------------------------------------------------ asking

    def refresh(self) -> None:
        self.shell.jobs.ask(
            ask.ListSources(), self._show_sources, self._failed, owner=self, replaces="sources"
        )
        self._search.again()

    def _typed(self, text: str) -> None:
        self._offer.look_at(text)
        self._changed()

    def _changed(self) -> None:
        ticked = self._facets.ticked
        if ticked != self._search.query.facets:
            self._show_chips(ticked)
        self._search.look_for(Query(self._field.text().strip(), ticked, str(self._order.key)))

    def _seen(self) -> tuple[int, int]:
        """First and last row that is seen."""
        last = self._table.rowAt(self._table.viewport().height() - 1)
        return max(0, self._table.rowAt(0)), last if last >= 0 else self._model.total - 1

    def _show(self, page: ask.CatalogPage, put: Callable[[], None]) -> None:
        same = self._search.query is self._search.shown
        bar, here = self._table.verticalScrollBar(), self._table.current_key()
        place, number, total = bar.value(), self._table.currentIndex().row(), self._model.total
        self._skeleton.hide()
        put()
        if same:
            bar.setValue(place)
            if here is not None:
                self._choose(number if page.total == total else self._model.place_of(here))
        else:
            self._table.scrollToTop()
        if self._search_failed:
            self._search_failed = False
            self._banner.hide()
        self._show_state(page.total)

    def _choose(self, place: int) -> None:
        if place >= 0:
            flags = QItemSelectionModel.SelectionFlag
            self._table.selectionModel().setCurrentIndex(
                self._model.index(place, 0), flags.ClearAndSelect | flags.Rows
            )

    def _show_state(self, total: int) -> None:
        query = self._search.query
        asked = bool(query.text or query.facets)
        self._card.setVisible(total > 0)
        self._table.setVisible(total > 0)
        self._none.setVisible(total == 0 and asked and not self._offer.made)
        self._nothing.setVisible(total == 0 and not asked)
        self._elsewhere.setVisible(bool(query.text) and self._strip.refresh_button.isEnabled())
        self._found.setText(
            self.tr("1 model") if total == 1 else self.tr("{0} models").format(figures.count(total))
        )

    def _failed(self, error: SteelyardError) -> None:
        self._search_failed = True
        self._skeleton.hide()
        self._banner.say_error(error)
        self._banner.show()

    # ------------------------------------------------------------------ chips

    def _show_chips(self, ticked: Mapping[str, tuple[str, ...]]) -> None:
        clear(self._chips)
        for facet, values in ticked.items():
            for value in values:
                chip = FilterChip(
                    words.facet_title(facet),
                    words.facet_value(facet, value),
                    mark=words.facet_mark(facet, value),
                )
                chip.clicked.connect(partial(self._take_away, facet, value))
                self._chips.addWidget(chip)
        self._chips_box.setVisible(bool(ticked))

    def _take_away(self, facet: str, value: str) -> None:
        left = {
            name: tuple(v for v in values if (name, v) != (facet, value))
            for name, values in self._facets.ticked.items()
        }
        self._facets.tick(left)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)  # the chip goes away
        self._changed()

    # ------------------------------------------------------------------ sources

    def _show_sources(self, listed: ask.SourceList) -> None:
        self._sources = listed.sources
        self._strip.show_sources(listed.sources, busy=self._refreshing)
        if self._search.shown is not None:
            self._show_state(self._model.total)

    def _refresh_sources(self, text: str) -> None:
        if self._refreshing:
            return
        self._refreshing = True
        self._strip.show_sources(self._sources, busy=True)
        self.shell.jobs.act(
            ask.RefreshCatalog(text=text),
            title=self.tr("Ask the sources"),
            on_result=self._refreshed,
            on_error=self._refresh_failed,
            owner=self,
        )

    def _refreshed(self, result: ask.CatalogRefreshed) -> None:
        self._refreshing = False
        counts = self.tr("{0} new, {1} changed, {2} gone.").format(
            figures.count(result.added),
            figures.count(result.updated),
            figures.count(result.removed),
        )
        self._search.again()
        if result.problems:
            said = " ".join(display_name(problem) for problem in result.problems)
            self._banner.say("amber", self.tr("Not every source answered."), counts, more=said)
        else:
            self._banner.say("green", self.tr("The sources have answered."), counts)
        self._banner.show()

    def _refresh_failed(self, error: SteelyardError) -> None:
        self._refreshing = False
        self._strip.show_sources(self._sources, busy=False)
        self._failed(error)

    # ------------------------------------------------------------------ keyboard

    def _open(self, key: object) -> None:
        if isinstance(key, str):
            self.shell.go("entry", key)

    def _import(self, path: Path) -> None:
        self._field.clear()
        self.shell.take_in([path])

    def _to_field(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def _entered(self) -> None:
        if self._offer.made:
            self._offer.take()
        else:
            self._to_rows()

    def _to_rows(self) -> None:
        if self._model.total:
            self._table.setFocus(Qt.FocusReason.TabFocusReason)
            if not self._table.currentIndex().isValid():
                self._table.setCurrentIndex(self._model.index(0, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the field Down goes to the rows, Escape clears the words and then the filters."""
        if (
            watched is self._field
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            if event.key() == Qt.Key.Key_Down:
                self._to_rows()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._clear_step()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._clear_step()
            return
        super().keyPressEvent(event)

    def _clear_step(self) -> None:
        if self._field.text():
            self._field.clear()
        else:
            self._facets.clear()
