"""The header of a table: 32 px, 11 px medium words, a hairline below, an arrow on the sorted column."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.tables.model import Column
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import APART, ROW, Tone


def inset(rect: QRect, column: Column, *, first: bool, last: bool, mirrored: bool) -> QRect:
    """The part of a cell that content may use: 8 px at each side, 16 at the table's edges."""
    before = max(column.padding[0], APART) if first else column.padding[0]
    after = max(column.padding[1], APART) if last else column.padding[1]
    if mirrored:
        before, after = after, before
    return rect.adjusted(before, 0, -after, 0)


class Header(QHeaderView):
    """Paints the titles; a click on a sortable one emits `sort_asked(key, descending)`."""

    sort_asked = Signal(str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns: tuple[Column, ...] = ()
        self._sorted = ""
        self._descending = False
        self.setFixedHeight(ROW)
        self.setMinimumSectionSize(24)
        self.setStretchLastSection(False)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Paint these titles."""
        self._columns = columns
        self.viewport().update()

    def set_sorted(self, key: str, descending: bool) -> None:
        """Draw the arrow on that column."""
        self._sorted, self._descending = key, descending
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), ROW)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = self.logicalIndexAt(event.position().toPoint())
        if not 0 <= place < len(self._columns) or not self._columns[place].sort:
            return
        key = self._columns[place].sort
        self.set_sorted(key, not self._descending if key == self._sorted else False)
        self.sort_asked.emit(self._sorted, self._descending)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803  # Qt
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        painter.fillRect(rect, appearance.color("sunken"))
        paint.rule(painter, rect.left(), rect.bottom(), rect.right() + 1, rect.bottom())
        if logicalIndex < len(self._columns):
            self._paint_title(painter, rect, logicalIndex)
        painter.restore()

    def _paint_title(self, painter: QPainter, rect: QRect, place: int) -> None:
        column = self._columns[place]
        visible = [n for n in range(len(self._columns)) if not self.isSectionHidden(n)]
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        area = inset(
            rect.adjusted(0, 0, 0, -1),
            column,
            first=bool(visible) and place == visible[0],
            last=bool(visible) and place == visible[-1],
            mirrored=mirrored,
        )
        face = fonts.font(11, fonts.MEDIUM)
        strip = paint.Strip(area, mirrored=mirrored)
        arrow = column.sort and column.sort == self._sorted
        if column.end:
            if arrow:
                self._arrow(painter, strip.take_end(12, 2))
            tone: Tone = "text" if arrow else "text_2"
            paint.text(
                painter, strip.rest(), column.title, face=face, tone=tone, align=paint.TRAILING
            )
            return
        width = fonts.width(face, column.title)
        words = strip.take(min(width, strip.left_px), 3)
        paint.text(painter, words, column.title, face=face, tone="text" if arrow else "text_2")
        if column.accent:
            paint.text(painter, strip.rest(), column.accent, face=face, tone="accent_text")
        elif arrow:
            self._arrow(painter, strip.take(12))

    def _arrow(self, painter: QPainter, rect: QRect) -> None:
        name = "down" if self._descending else "up"
        icons.paint(painter, name, paint.centered(rect, 12, 12), "text")
