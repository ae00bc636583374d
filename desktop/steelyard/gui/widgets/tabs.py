"""Tabs: words in a line of 36 px, a 2 px underline below the one in force. Arrows move between them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTabBar, QWidget

from steelyard.gui import paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import MARGIN, TAB_BAR, Tone

_GAP = 24
_LEAD = 6
"""Px of the gap that lie before a word: room for its focus ring."""


class Tabs(QTabBar):
    """The tabs. Use `currentChanged(int)`; put the pages into a QStackedWidget of yours, and this into a `TabStrip`.

    Args:
        words: the tabs.
        name: what they divide, for assistive technology.
    """

    def __init__(self, words: tuple[str, ...], name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(TAB_BAR)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("ringNone", True)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        for word in words:
            self.addTab(word)

    def tabSizeHint(self, index: int) -> QSize:
        # As wide as when chosen, so that nothing jumps.
        width = fonts.width(fonts.font(13, fonts.SEMIBOLD), self.tabText(index))
        return QSize(width + _GAP, TAB_BAR)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        mouse = self.mapFromGlobal(self.cursor().pos()) if self.underMouse() else QPoint(-1, -1)
        for index in range(self.count()):
            self._paint_tab(painter, index, hover=self.tabRect(index).contains(mouse))
        painter.end()

    def _paint_tab(self, painter: QPainter, index: int, *, hover: bool) -> None:
        chosen = index == self.currentIndex()
        area = self.tabRect(index)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            area.adjust(_GAP - _LEAD, 0, -_LEAD, 0)
        else:
            area.adjust(_LEAD, 0, _LEAD - _GAP, 0)
        face = fonts.font(13, fonts.SEMIBOLD if chosen else fonts.REGULAR)
        words = QRect(area.left(), area.top(), area.width(), TAB_BAR - 2)
        tone: Tone = "text" if chosen or hover else "text_2"
        drawn = paint.text(painter, words, self.tabText(index), face=face, tone=tone)
        if chosen:
            left = area.left()
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                left = area.right() - drawn + 1
            painter.fillRect(QRect(left, self.height() - 2, drawn, 2), appearance.color("accent"))
            if self.hasFocus():
                ring = QRect(left, 0, drawn, TAB_BAR).adjusted(-5, 5, 5, -6)
                paint.box(painter, ring, border="accent", width=2, radius=4)


class TabStrip(QWidget):
    """Tabs in a line with a hairline over the whole width, 24 px from the page's edges."""

    def __init__(self, tabs: Tabs, *, margin: int = MARGIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(margin - _LEAD, 0, margin - _LEAD, 0)
        layout.addWidget(tabs)
        self.setFixedHeight(TAB_BAR)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.rule(painter, 0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()
