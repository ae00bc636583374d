"""Columns and rows of a table, and a model over rows that are at hand.

For very long tables write a QAbstractTableModel of your own that makes its cells when they are asked for, gives
`KEY_ROLE` for column 0, and has `columns`; `Table` needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from steelyard.gui.names import plain_tooltip
from steelyard.gui.tables.cells import CELL_ROLE, GROUP_ROLE, KEY_ROLE, Cell, EmptyCell, Group

Index = QModelIndex | QPersistentModelIndex

ROW_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
)
"""Of every cell; joined once, since a paint asks for each cell's."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: of the header, with its unit ("Size, GiB").
        width: px; 0 takes what is left, shared among such columns.
        end: the title and numbers stand at the trailing side.
        accent: words of the title that are in the accent ("needed"); they come last in the header.
        sort: key handed out when the header is clicked; empty: cannot be sorted.
        optional: hidden when the table gets narrower than this, px; 0 never.
        name: for assistive technology, where the title is empty.
    """

    title: str
    width: int = 0
    end: bool = False
    accent: str = ""
    sort: str = ""
    optional: int = 0
    name: str = ""
    padding: tuple[int, int] = (8, 8)


@dataclass(frozen=True)
class Row:
    """One row: its key (any object that equals itself after a refresh) and its cells; or a group row."""

    key: object
    cells: tuple[Cell, ...] = ()
    group: Group | None = None
    tooltip: str = ""


class HasColumns(Protocol):
    """A table model that knows its columns."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """In order."""


class RowsModel(QAbstractTableModel):
    """A model over rows at hand: some thousands at most."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """In order."""
        return self._columns

    @property
    def rows(self) -> tuple[Row, ...]:
        """In order."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these. Where only cells changed, rows keep their place, selection and scroll position."""
        new = tuple(rows)
        same = len(new) == len(self._rows) and all(
            a.key == b.key and (a.group is None) == (b.group is None)
            for a, b in zip(new, self._rows, strict=True)
        )
        if same and new:
            self._rows = new
            last = self.index(len(new) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def set_folded(self, row: int, folded: bool) -> None:
        """Draw a group as open or closed."""
        old = self._rows[row]
        if old.group is not None:
            changed = replace(old, group=replace(old.group, folded=folded))
            self._rows = (*self._rows[:row], changed, *self._rows[row + 1 :])
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def row_of(self, key: object) -> int:
        """Where the row with this key is, or -1."""
        return next((n for n, row in enumerate(self._rows) if row.key == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == GROUP_ROLE:
            return row.group
        if role == KEY_ROLE:
            return row.key
        if row.group is not None:
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return row.group.said if shown and index.column() == 0 else None
        cell = row.cells[index.column()] if index.column() < len(row.cells) else EmptyCell()
        if role == CELL_ROLE:
            return cell
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.words
        if role == Qt.ItemDataRole.ToolTipRole and row.tooltip:
            return plain_tooltip(row.tooltip)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.name or f"{column.title} {column.accent}".strip()
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return ROW_FLAGS
