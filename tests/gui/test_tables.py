"""Tables: widths, selection that survives a refresh, ticking by keyboard, groups that fold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPoint, Qt
from pytestqt.qtbot import QtBot

from steelyard.gui.tables.cells import CELL_ROLE, KEY_ROLE, CheckCell, Group, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table, _widths

COLUMNS = (
    Column("", 40, name="Selected"),
    Column("Model"),
    Column("Size, GiB", 80, end=True, sort="size"),
)


def _row(name: str, size: str = "1.00") -> Row:
    return Row(name, (CheckCell(), TextCell(name), NumberCell(size)))


def _table(qtbot: QtBot, select: Any, *rows: Row, fit_height: bool = False) -> Table:
    table = Table(COLUMNS, "Models", select=select, fit_height=fit_height)
    qtbot.addWidget(table)
    table.resize(600, 400)
    table.set_rows(rows)
    table.show()
    return table


def _click(qtbot: QtBot, table: Table, row: int, column: int) -> None:
    at = table.visualRect(table.model().index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))


@given(
    st.lists(st.sampled_from([0, 40, 68, 100, 138, 232]), min_size=1, max_size=12),
    st.integers(200, 3000),
)
def test_columns_fill_the_room_and_none_vanishes(wanted: list[int], room: int) -> None:
    widths = _widths(wanted, room)
    assert all(width >= 24 for width in widths)
    assert sum(widths) >= room
    if sum(widths) > room:
        assert sum(w * 0.6 for w in wanted) + 28 * wanted.count(0) + 48 * len(wanted) > room


def test_one_row_is_chosen_and_stays_chosen_after_a_refresh(qtbot: QtBot) -> None:
    table = _table(qtbot, "single", _row("a"), _row("b"), _row("c"))
    heard: list[object] = []
    table.current_changed.connect(heard.append)
    _click(qtbot, table, 1, 1)
    table.set_rows((_row("x"), _row("a"), _row("b", "2.00"), _row("c")))
    assert table.current_key() == "b"
    assert heard == ["b"]
    table.set_rows((_row("x"),))
    assert heard == ["b", None]


def test_ticking_by_mouse_and_by_keyboard(qtbot: QtBot) -> None:
    table = _table(qtbot, "checks", _row("a"), _row("b"), _row("c"))
    opened: list[object] = []
    table.opened.connect(opened.append)
    _click(qtbot, table, 0, 0)
    _click(qtbot, table, 2, 0)
    assert table.checked_keys() == ("a", "c")
    _click(qtbot, table, 1, 1)
    assert opened == ["b"]
    assert table.checked_keys() == ("a", "c")
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.checked_keys() == ("a", "b", "c")
    qtbot.keyClick(table, Qt.Key.Key_Up)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.checked_keys() == ("b", "c")
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == ["b", "a"]


def test_a_group_folds_and_is_never_selected(qtbot: QtBot) -> None:
    table = _table(
        qtbot,
        "checks",
        Row("g", group=Group("Admitted", "2")),
        _row("a"),
        _row("b"),
        fit_height=True,
    )
    tall = table.height()
    _click(qtbot, table, 0, 0)
    assert table.isRowHidden(1)
    assert table.isRowHidden(2)
    assert table.height() == tall - 64
    assert table.checked_keys() == ()
    _click(qtbot, table, 0, 1)
    assert not table.isRowHidden(1)
    assert table.height() == tall == 32 + 28 + 64


def test_a_sortable_title_asks_for_the_other_direction_the_second_time(qtbot: QtBot) -> None:
    table = _table(qtbot, "single", _row("a"))
    asked: list[tuple[str, bool]] = []
    table.sort_asked.connect(lambda key, descending: asked.append((key, descending)))
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(2) + 10, 10)
    for _ in range(2):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    other = QPoint(header.sectionViewportPosition(1) + 10, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=other)
    assert asked == [("size", False), ("size", True)]


def test_cells_are_read_in_words(qtbot: QtBot) -> None:
    table = _table(
        qtbot, "single", Row("a", (CheckCell(), TextCell("Qwen3", after="Qwen"), NumberCell(None)))
    )
    model = table.model()
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "Qwen3, Qwen"
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.headerData(0, Qt.Orientation.Horizontal, role) == "Selected"


class _Long(QAbstractTableModel):
    """A hundred thousand rows that are made when they are asked for."""

    columns = COLUMNS
    made = 0

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 100_000

    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def data(self, index: Any, role: int = 0) -> Any:
        if role == CELL_ROLE:
            self.made += 1
            return TextCell(f"row {index.row()}")
        return index.row() if role == KEY_ROLE else None


def test_of_a_very_long_table_only_what_is_seen_is_made(qtbot: QtBot) -> None:
    model = _Long()
    table = Table(COLUMNS, "Catalog", model=model)
    qtbot.addWidget(table)
    table.resize(600, 400)
    table.show()
    table.scrollToBottom()
    table.grab()
    assert 0 < model.made < 2_000


def test_rows_at_hand_and_a_model_of_ones_own_exclude_each_other(qtbot: QtBot) -> None:
    table = Table(COLUMNS, "Catalog", model=_Long())
    qtbot.addWidget(table)
    with pytest.raises(ValueError, match="model of its own"):
        table.set_rows(())
