"""Paints rows: ground, hairline, selection bar, the keyboard's place, group rows; cells draw themselves."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from steelyard.gui import icons, paint
from steelyard.gui.tables.cells import CELL_ROLE, GROUP_ROLE, Group
from steelyard.gui.tables.header import inset
from steelyard.gui.tables.model import Column
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import APART, GROUP_ROW, ROW

Index = QModelIndex | QPersistentModelIndex
_SELECTED, _SMOOTH = QStyle.StateFlag.State_Selected, QPainter.RenderHint.Antialiasing


class RowDelegate(QStyledItemDelegate):
    """One per table."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self.columns: tuple[Column, ...] = ()
        self.first = 0
        self.last = 0
        """Places of the first and last visible column."""

    def sizeHint(self, _: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40, GROUP_ROW if index.data(GROUP_ROLE) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(_SMOOTH)
        painter.setLayoutDirection(self._view.layoutDirection())
        group = index.data(GROUP_ROLE)
        if isinstance(group, Group):
            self._paint_group(painter, rect, index, group)
        else:
            selected = bool(state & _SELECTED)
            mirrored = self._mirrored()
            place = index.column()
            self._paint_ground(painter, rect, index, selected=selected, mirrored=mirrored)
            cell = index.data(CELL_ROLE)
            area = inset(
                rect.adjusted(0, 0, 0, -1),
                self.columns[place],
                first=place == self.first,
                last=place == self.last,
                mirrored=mirrored,
            )
            if cell is not None and area.width() > 0:
                painter.setClipRect(rect)
                cell.draw(painter, area, selected=selected)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, rect: QRect, index: Index, *, selected: bool, mirrored: bool
    ) -> None:
        if selected:
            painter.fillRect(rect, appearance.color("accent_tint"))
        self._hairline(painter, rect, index)
        if selected and index.column() == self.first:
            edge = QRect(rect.left(), rect.top(), 3, rect.height())
            if mirrored:
                edge.moveRight(rect.right())
            painter.fillRect(edge, appearance.color("accent"))
        self._paint_place(painter, rect, index)

    def _paint_place(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """2 px of accent around the row that has the keyboard."""
        if not self._view.hasFocus() or self._view.currentIndex().row() != index.row():
            return
        if not self._view.property("showPlace"):
            return
        accent = appearance.color("accent")
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 2), accent)
        painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 2), accent)
        ends = {self.first: self._mirrored(), self.last: not self._mirrored()}
        for place, right in ends.items():
            if index.column() == place:
                x = rect.right() - 1 if right else rect.left()
                painter.fillRect(QRect(x, rect.top(), 2, rect.height()), accent)

    def _hairline(self, painter: QPainter, rect: QRect, index: Index) -> None:
        last_row = index.row() == index.model().rowCount() - 1
        if last_row and self._view.property("lastRowOpen"):
            return
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, appearance.color("line"))

    def _paint_group(self, painter: QPainter, rect: QRect, index: Index, group: Group) -> None:
        painter.fillRect(rect, appearance.color("sunken"))
        self._hairline(painter, rect, index)
        strip = paint.Strip(rect.adjusted(APART, 0, -APART, -1), mirrored=self._mirrored())
        name = group.icon or (("right" if group.folded else "down") if group.foldable else None)
        if name:
            icons.paint(painter, name, paint.centered(strip.take(12, 8), 12, 12), "text_2")
        face = fonts.font(11, fonts.SEMIBOLD)
        if group.title:
            room = strip.take(fonts.width(face, group.title), 7)
            paint.text(painter, room, group.title, face=face)
        paint.text(painter, strip.rest(), group.words, face=fonts.font(11), tone="text_2")
        self._paint_place(painter, rect, index)

    def _mirrored(self) -> bool:
        return self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft
