"""The table: 32 px rows, 28 px group rows, hairlines, numbers at the end, selection with a bar at the edge.

Keyboard: arrows move; Space ticks (in `checks`), folds a group, or does the row's action; Return opens.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QSizePolicy, QTableView, QWidget

from steelyard.gui.tables.cells import (
    CELL_ROLE,
    GROUP_ROLE,
    KEY_ROLE,
    ActionCell,
    Group,
    Select,
)
from steelyard.gui.tables.delegate import RowDelegate
from steelyard.gui.tables.header import Header
from steelyard.gui.tables.model import Column, Index, Row, RowsModel
from steelyard.gui.theme.tokens import GROUP_ROW, ROW

_READABLE_PX = 140
_LEAST_PX = 28
_STIFF_PX = 48


class Table(QTableView):
    """A table as the mock draws it; lay it into a `Card`.

    Args:
        columns: see `Column`.
        name: accessible name.
        select: `none`, `single` (the current row), or `checks` (any number, with a `CheckCell` in column 0).
        fit_height: as high as its rows, for tables inside a page that scrolls; else it scrolls by itself.
        model: a model of your own instead of rows at hand; it must have `columns`.
        open_on_click: one click opens a row, as it does in `checks`.

    Signals:
        current_changed(object): key of the row that is now current, or None (`single`).
        checks_changed(): the set of ticked rows changed (`checks`).
        opened(object): key of a row that was double-clicked or opened with Return; in `checks` also one click.
        acted(object, str): the row with this key shall do the action of its `ActionCell`: it was clicked, or Space was
            pressed on the row.
        sort_asked(str, bool): a sortable title was clicked: its key, descending.
    """

    current_changed = Signal(object)
    checks_changed = Signal()
    opened = Signal(object)
    acted = Signal(object, str)
    sort_asked = Signal(str, bool)

    def __init__(
        self,
        columns: Sequence[Column],
        name: str,
        *,
        select: Select = "single",
        fit_height: bool = False,
        model: QAbstractTableModel | None = None,
        open_on_click: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_on_click = open_on_click
        self._columns = tuple(columns)
        self._select: Select = select
        self._fit_height = fit_height
        self.setAccessibleName(name)
        self._delegate = RowDelegate(self)
        self._delegate.columns = self._columns
        self._header = Header(self)
        self._header.setAccessibleName(name)
        self._dress()
        self._rows = RowsModel(self._columns, self) if model is None else None
        self.setModel(self._rows if self._rows is not None else model)
        self._header.set_columns(self._columns)
        self._header.sort_asked.connect(self.sort_asked)
        self._fit_columns()

    def _dress(self) -> None:
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(self._header)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(GROUP_ROW)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        modes = {
            "none": QAbstractItemView.SelectionMode.NoSelection,
            "single": QAbstractItemView.SelectionMode.SingleSelection,
            "checks": QAbstractItemView.SelectionMode.MultiSelection,
        }
        self.setSelectionMode(modes[self._select])
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if self._fit_height:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.setProperty("lastRowOpen", True)

    # ------------------------------------------------------------------ rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows (only without a model of your own); what was selected stays so where it still exists."""
        if self._rows is None:
            raise ValueError("this table has a model of its own")
        before = self._chosen()
        kept = set(before)
        place = self.verticalScrollBar().value()
        here = self.currentIndex().data(KEY_ROLE)
        self.selectionModel().blockSignals(True)
        self._rows.set_rows(rows)
        self._lay_out_groups()
        for number, row in enumerate(self._rows.rows):
            if row.group is None and row.key in kept and row.key is not None:
                self._select_row(number, True)
            if row.key is not None and row.key == here:
                # New rows must not send the arrow keys back to the first one.
                self.selectionModel().setCurrentIndex(
                    self.model().index(number, 0), QItemSelectionModel.SelectionFlag.NoUpdate
                )
        self.selectionModel().blockSignals(False)
        self.verticalScrollBar().setValue(place)
        self._fit_rows()
        self.viewport().update()
        if self._chosen() != before:
            self._tell()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows at hand."""
        return self._rows.rows if self._rows is not None else ()

    def _lay_out_groups(self) -> None:
        self.clearSpans()
        folded = False
        for number, row in enumerate(self.rows):
            if row.group is not None:
                folded = row.group.folded
                self.setSpan(number, 0, 1, len(self._columns))
                self.setRowHeight(number, GROUP_ROW)
                self.setRowHidden(number, False)
            else:
                if self.rowHeight(number) != ROW and not self.isRowHidden(number):
                    self.setRowHeight(number, ROW)
                self.setRowHidden(number, folded)

    def _fold(self, number: int) -> None:
        group = self.model().index(number, 0).data(GROUP_ROLE)
        if self._rows is None or not isinstance(group, Group) or not group.foldable:
            return
        self._rows.set_folded(number, not group.folded)
        self._lay_out_groups()
        self._fit_rows()

    def content_height(self) -> int:
        """Height of header and all rows, px."""
        return ROW + sum(self.rowHeight(n) for n in range(self.model().rowCount()))

    def _fit_rows(self) -> None:
        if self._fit_height:
            self.setFixedHeight(self.content_height())

    # ------------------------------------------------------------------ selection

    def current_key(self) -> object:
        """Key of the selected row (`single`), or None."""
        chosen = self.selectionModel().selectedRows()
        return chosen[0].data(KEY_ROLE) if chosen else None

    def checked_keys(self) -> tuple[object, ...]:
        """Keys of the ticked rows (`checks`), in their order."""
        chosen = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return tuple(index.data(KEY_ROLE) for index in chosen if index.data(GROUP_ROLE) is None)

    def choose(self, key: object) -> None:
        """Make the row with this key current, if there is one."""
        number = self._rows.row_of(key) if self._rows is not None else -1
        if number >= 0:
            self.setCurrentIndex(self.model().index(number, 0))
            self.scrollTo(self.model().index(number, 0))

    def clear_choice(self) -> None:
        """Select nothing."""
        self.clearSelection()

    def _select_row(self, number: int, on: bool) -> None:
        flag = (
            QItemSelectionModel.SelectionFlag.Select
            if on
            else QItemSelectionModel.SelectionFlag.Deselect
        )
        rows = QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(self.model().index(number, 0), flag | rows)

    def _toggle(self, index: QModelIndex) -> None:
        if self._select == "checks" and index.data(GROUP_ROLE) is None:
            chosen = self.selectionModel().isRowSelected(index.row(), QModelIndex())
            self._select_row(index.row(), not chosen)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.viewport().update()
        self._tell()

    def _chosen(self) -> tuple[object, ...]:
        if self._select == "checks":
            return self.checked_keys()
        key = self.current_key()
        return () if key is None else (key,)

    def _tell(self) -> None:
        if self._select == "checks":
            self.checks_changed.emit()
        elif self._select == "single":
            self.current_changed.emit(self.current_key())

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """Group rows are never selected; in `checks` only a tick selects, moving does not."""
        if self._select == "checks" or (index.isValid() and index.data(GROUP_ROLE) is not None):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    # ------------------------------------------------------------------ events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setProperty("showPlace", False)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        if index.data(GROUP_ROLE) is not None:
            self._fold(index.row())
        elif isinstance(cell := index.data(CELL_ROLE), ActionCell):
            self.acted.emit(index.data(KEY_ROLE), cell.action)
        elif self._select == "checks":
            if index.column() == 0:
                self._toggle(index)
            else:
                self.opened.emit(index.data(KEY_ROLE))
        elif self._open_on_click:
            self.opened.emit(index.data(KEY_ROLE))

    def _act(self, number: int) -> None:
        """Do what the row's `ActionCell` says, if it has one."""
        for place in range(len(self._columns)):
            index = self.model().index(number, place)
            if isinstance(cell := index.data(CELL_ROLE), ActionCell):
                self.acted.emit(index.data(KEY_ROLE), cell.action)
                return

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if isinstance(index.data(CELL_ROLE), ActionCell):
            return
        once = self._select == "checks" or self._open_on_click
        if index.isValid() and index.data(GROUP_ROLE) is None and not once:
            self.opened.emit(index.data(KEY_ROLE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.setProperty("showPlace", True)
        index = self.currentIndex()
        if index.isValid() and event.key() == Qt.Key.Key_Space:
            if index.data(GROUP_ROLE) is not None:
                self._fold(index.row())
            else:
                self._toggle(index)
                self._act(index.row())
            return
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if index.data(GROUP_ROLE) is None:
                self.opened.emit(index.data(KEY_ROLE))
            return
        super().keyPressEvent(event)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        keyboard = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setProperty("showPlace", event.reason() in keyboard)
        super().focusInEvent(event)
        if event.reason() in keyboard and not self.currentIndex().isValid():
            first = self.model().index(0, 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    # ------------------------------------------------------------------ columns

    def _fit_columns(self) -> None:
        """Optional columns go when it gets narrow; the others share the room."""
        room = self.viewport().width()
        for place, column in enumerate(self._columns):
            self.setColumnHidden(place, bool(column.optional and room < column.optional))
        visible = [n for n in range(len(self._columns)) if not self.isColumnHidden(n)]
        if not visible:
            return
        self._delegate.first, self._delegate.last = visible[0], visible[-1]
        for place, width in zip(
            visible, _widths([self._columns[n].width for n in visible], room), strict=True
        ):
            self.setColumnWidth(place, width)


def _widths(wanted: list[int], room: int) -> list[int]:
    """Widths that add up to the room: fixed ones as wanted, the open ones (0) share the rest.

    Where there is too little, the fixed ones give, down to six tenths, before an open one gets narrower than it
    can be read; narrow ones (check boxes) give nothing.
    """
    open_ones = wanted.count(0)
    stiff = sum(width for width in wanted if width <= _STIFF_PX)
    soft = sum(wanted) - stiff
    for_soft = room - stiff - open_ones * _READABLE_PX
    scale = 1.0 if not soft else min(1.0, max(0.6, for_soft / soft))
    widths = [width if width <= _STIFF_PX else int(width * scale) for width in wanted]
    left = room - sum(widths)
    takers = [n for n, width in enumerate(wanted) if width == 0] or [len(wanted) - 1]
    for number, place in enumerate(takers):
        share = left // (len(takers) - number)
        widths[place] = max(_LEAST_PX, widths[place] + share)
        left -= share
    return widths
