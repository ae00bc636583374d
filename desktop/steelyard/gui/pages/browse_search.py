"""The asking behind Browse: first rows at each keystroke, counts once the keys rest, further pages as they are seen.

Of several questions only the newest is heard; of the pages that a fast scroll passes only those are asked for that
are still seen when the one before has arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from steelyard.base.errors import SteelyardError
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages.browse_table import PAGE_ROWS, CatalogModel
from steelyard.service import requests as ask

REST_MS = 220
"""How long keys must rest before facets are counted."""


@dataclass(frozen=True)
class Query:
    """What is asked: words, ticked facets, order."""

    text: str = ""
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = "relevance"

    def request(self, *, offset: int = 0, count_facets: bool = False) -> ask.SearchCatalog:
        """The request for a page of it."""
        return ask.SearchCatalog(
            self.text, self.facets, self.order, PAGE_ROWS, offset, count_facets=count_facets
        )


class CatalogSearch(QObject):
    """Keeps a `CatalogModel` in line with a `Query`.

    Args:
        jobs: runs requests.
        model: gets the rows.
        seen: first and last place that is seen now.

    Signals:
        found(object, object): about to show another page of rows: the `CatalogPage`, and a function that puts
            it into the model.
        counted(object): facets of the query in force, with counts.
        failed(object): a `SteelyardError`; the rows stay as they are.
    """

    found = Signal(object, object)
    counted = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        jobs: JobRunner,
        model: CatalogModel,
        seen: Callable[[], tuple[int, int]],
        *,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._model, self._seen = jobs, model, seen
        self.query = Query()
        self.shown: Query | None = None
        self._turn = 0
        self._fetching = False
        self._rest = self._timer(REST_MS, self._count)
        self._soon = self._timer(0, self._fetch)
        model.missing.connect(self._soon.start)

    def _timer(self, after_ms: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(then)
        return timer

    def look_for(self, query: Query) -> None:
        """Search for something else."""
        self.query = query
        self._search(0)

    def again(self) -> None:
        """Ask the same again: something may have been learned. What is seen is asked first."""
        self._search(max(0, self._seen()[0]) // PAGE_ROWS * PAGE_ROWS)

    def _search(self, offset: int) -> None:
        self._turn += 1
        self._fetching = False
        self._jobs.ask(
            self.query.request(offset=offset),
            partial(self._show, self.query, offset),
            self.failed.emit,
            owner=self,
            replaces="search",
        )
        self._rest.start(REST_MS)

    def _show(self, query: Query, offset: int, page: ask.CatalogPage) -> None:
        if offset and not page.rows:
            self._search(0)  # fewer than before: nothing is left where the person was
            return
        self.found.emit(page, partial(self._model.start, page.total, offset, page.rows))
        first, self.shown = self.shown is None, query
        self._soon.start()
        if first:
            self._rest.start(0)

    def _count(self) -> None:
        self._jobs.ask(
            self.query.request(count_facets=True),
            lambda page: self.counted.emit(page.facets),
            self.failed.emit,
            owner=self,
            replaces="count",
        )

    def _fetch(self) -> None:
        if self._fetching or self.shown is None or self.shown is not self.query:
            return
        offset = self._model.wanted(*self._seen())
        if offset is None:
            return
        self._fetching = True
        self._jobs.ask(
            self.query.request(offset=offset),
            partial(self._add, self._turn, offset),
            partial(self._not_added, self._turn),
            owner=self,
        )

    def _add(self, turn: int, offset: int, page: ask.CatalogPage) -> None:
        if turn != self._turn:
            return  # another search began meanwhile
        self._fetching = False
        if page.total != self._model.total:
            self._search(offset)  # something was learned meanwhile: places have changed
            return
        self._model.add(offset, page.rows)
        self._soon.start()

    def _not_added(self, turn: int, error: SteelyardError) -> None:
        if turn == self._turn:
            self._fetching = False
            self.failed.emit(error)
