"""The rows of Browse: a model over any number of catalog entries that holds only some pages of them.

A page that is not at hand is asked for when one of its rows is seen; until it arrives its rows show their structure.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter

from steelyard.gui import figures, icons, paint
from steelyard.gui.names import display_name, plain_tooltip
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.tables.cells import CELL_ROLE, KEY_ROLE, Cell, MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import ROW_FLAGS, Column, Index
from steelyard.gui.theme import appearance, fonts
from steelyard.service.requests import CatalogRow

PAGE_ROWS = 100
KEPT_PAGES = 24
"""More than any screen shows, few enough that a long scroll does not fill the memory."""


@dataclass(frozen=True)
class ComingCell:
    """A quiet block where words will be. `share`: of the width."""

    share: float
    words: str = ""

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        width = rect.width() * self.share
        left = float(rect.left())
        if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = rect.right() - width
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(appearance.color("grey_tint"))
        painter.drawRoundedRect(QRectF(left, rect.center().y() - 5, width, 10), 3, 3)


_COMING = tuple(ComingCell(share) for share in (0.5, 0.6, 0.7, 0.7, 0.5, 0.7, 0.6, 0.6))


class CatalogModel(QAbstractTableModel):
    """Entries by place; see the module.

    Signals:
        missing(): a row was seen that is not at hand; ask `wanted` what to fetch.
    """

    missing = Signal()

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self._total = 0
        self._pages: OrderedDict[int, tuple[CatalogRow, ...]] = OrderedDict()
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._told = False

    @property
    def total(self) -> int:
        """How many entries were found."""
        return self._total

    @property
    def pages_held(self) -> int:
        """Pages at hand."""
        return len(self._pages)

    def start(self, total: int, first: int, rows: tuple[CatalogRow, ...]) -> None:
        """Show another result: `rows` begin at place `first`, a multiple of `PAGE_ROWS`."""
        self.beginResetModel()
        self._pages.clear()
        self._cells.clear()
        self._total, self._told = total, False
        self._pages[first // PAGE_ROWS] = rows
        self.endResetModel()

    def add(self, first: int, rows: tuple[CatalogRow, ...]) -> None:
        """A page of the same result arrived."""
        self._pages[first // PAGE_ROWS] = rows
        while len(self._pages) > KEPT_PAGES:
            gone, _ = self._pages.popitem(last=False)
            for place in range(gone * PAGE_ROWS, (gone + 1) * PAGE_ROWS):
                self._cells.pop(place, None)
        self._told = False
        last = min(first + len(rows), self._total) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def entry(self, place: int) -> CatalogRow | None:
        """The entry at a place, or None while it is not at hand."""
        page = self._pages.get(place // PAGE_ROWS)
        within = place % PAGE_ROWS
        return page[within] if page is not None and within < len(page) else None

    def place_of(self, reference: object) -> int:
        """Where an entry is, among those at hand, or -1."""
        for page, rows in self._pages.items():
            for within, row in enumerate(rows):
                if row.reference == reference:
                    return page * PAGE_ROWS + within
        return -1

    def wanted(self, first: int, last: int) -> int | None:
        """Place of the first row of a page that rows `first` to `last` need and that is not at hand, or None."""
        self._told = False
        for page in range(
            max(first, 0) // PAGE_ROWS, max(min(last, self._total - 1), 0) // PAGE_ROWS + 1
        ):
            if page in self._pages:
                self._pages.move_to_end(page)
            elif page * PAGE_ROWS < self._total:
                return page * PAGE_ROWS
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = index.row()
        if role == CELL_ROLE:
            return self._cell(place, index.column())
        if role == KEY_ROLE:
            entry = self.entry(place)
            return None if entry is None else entry.reference
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(place, index.column()).words
        if role == Qt.ItemDataRole.ToolTipRole:
            entry = self.entry(place)
            return None if entry is None else plain_tooltip(entry_tooltip(entry))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.columns[section].title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return ROW_FLAGS

    def _cell(self, place: int, column: int) -> Cell:
        cells = self._cells.get(place)
        if cells is None:
            entry = self.entry(place)
            if entry is None:
                if not self._told:
                    self._told = True
                    self.missing.emit()
                return _COMING[column]
            cells = self._cells[place] = entry_cells(entry)
        return cells[column]


def entry_cells(row: CatalogRow) -> tuple[Cell, ...]:
    """The cells of an entry, in the order of `BrowsePage`'s columns."""
    name: Cell = (
        NameCell(display_name(row.title or row.reference), display_name(row.publisher), row.warning)
        if row.warning
        else TextCell(
            display_name(row.title or row.reference),
            weight=fonts.MEDIUM,
            after=" · ".join(p for p in (in_store(row), display_name(row.publisher)) if p),
        )
    )
    origin: Cell = (
        NumberCell(words.downloads_short(row.downloads), tone="text_2")
        if row.downloads is not None
        else TextCell(words.origin(row.source), tone="text_3", size=11, end=True)
    )
    return (
        name,
        NumberCell(None if row.parameters is None else figures.parameters(row.parameters)),
        MarkCell(row.license_state or "not-known", words.license_word(row)),
        MarkCell(words.fit_mark(row.fits), words.fit_word(row.fits), tone="text_2"),
        TextCell(
            ", ".join(words.format_word(f) for f in row.formats) or figures.MISSING,
            tone="text_2",
            after=quantizations_short(row.quantizations),
        ),
        NumberCell(words.size_range(row)),
        origin,
        TextCell(words.learned(row.learned_at), tone="text_2", end=True),
    )


def in_store(row: CatalogRow) -> str:
    """Said beside the name where a variant is already here."""
    return words.in_store() if row.local else ""


def quantizations_short(quantizations: tuple[str, ...]) -> str:
    """`Q8_0` or `Q8_0 +4`: one to recognise them by, and how many more."""
    if not quantizations:
        return ""
    first = display_name(quantizations[0])
    return first if len(quantizations) == 1 else f"{first} +{len(quantizations) - 1}"


@dataclass(frozen=True)
class NameCell:
    """A name that may not be what it looks like: a warning sign, the name written out, and why."""

    name: str
    publisher: str
    warning: str

    @property
    def words(self) -> str:
        return ", ".join(
            part for part in (self.name, self.publisher, display_name(self.warning)) if part
        )

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        strip = paint.Strip(rect, mirrored=mirrored)
        icons.paint(painter, "warn", paint.centered(strip.take(16, 6), 16, 16), "amber")
        face = fonts.font(13, fonts.MEDIUM)
        room = min(fonts.width(face, self.name) + 1, strip.left_px * 2 // 3)
        paint.text(painter, strip.take(room, 8), self.name, face=face)
        said = display_name(self.warning)
        paint.text(painter, strip.rest(), said, face=fonts.font(11), tone="amber")


def entry_tooltip(row: CatalogRow) -> str:
    """The whole reference, and what does not fit into the row."""
    parts = [display_name(row.reference)]
    if row.warning:
        parts.append(display_name(row.warning))
    if row.active_parameters:
        parts.append(words.active_of(row.active_parameters, row.parameters))
    if words.came_with_the_program(row.learned_at):
        parts.append(words.facts_as_of(row.learned_at))
    return " · ".join(parts)
