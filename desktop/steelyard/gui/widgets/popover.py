"""Panels that open over the window: for the tasks, the connections, the command palette.

They lie inside the window, so they are clipped, themed and photographed with it. Escape and a click beside close
them; the keyboard stays inside while they are open and goes back where it was.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from steelyard.gui import paint


class PopoverPanel(QFrame):
    """The box itself; put content into `body`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ringHost", True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill="surface", border="field", radius=8)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click inside does not close it."""
        event.accept()


class Popover(QWidget):
    """Covers the window without showing it, so that a click beside the panel closes it.

    Args:
        window: the window it opens over.
        name: what it is, for assistive technology.
        width: of the panel, px.

    Signals:
        closed(): it was closed, in whatever way.
    """

    closed = Signal()

    def __init__(self, window: QWidget, name: str, width: int) -> None:
        super().__init__(window)
        self._over_window = window
        self._over = False
        self._width = width
        self._anchor: QWidget | None = None
        self._came_from: QWidget | None = None
        self.panel = PopoverPanel(self)
        self.panel.setAccessibleName(name)
        self.setAccessibleName(name)
        self.setProperty("ringNone", True)
        self.hide()

    @property
    def body(self) -> QVBoxLayout:
        """Where content goes."""
        return self.panel.body

    def open_below(self, anchor: QWidget, *, over: bool = False) -> None:
        """Open with its end edge at the anchor's; below it, or with `over` on top of it."""
        self._anchor, self._over = anchor, over
        self._came_from = self.window().focusWidget()
        self.setGeometry(self._over_window.rect())
        self.raise_()
        self.show()
        self.place()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def place(self) -> None:
        """Put the panel where it belongs, as high as its content but inside the window."""
        if self._anchor is None:
            return
        corner = self._anchor.mapTo(self._over_window, QPoint(0, 0))
        width = min(self._width, self.width() - 32)
        top = corner.y() - 8 if self._over else corner.y() + self._anchor.height() + 6
        self.panel.body.activate()
        height = min(self.panel.sizeHint().height(), self.height() - top - 40)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = corner.x()
        else:
            left = corner.x() + self._anchor.width() - width
        if self._over:
            left += 8 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else -8
        left = max(16, min(left, self.width() - width - 16))
        self.panel.setGeometry(QRect(left, top, width, height))

    def shut(self) -> None:
        """Close it and give the keyboard back."""
        if not self.isVisible():
            return
        self.hide()
        if self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.shut()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab inside."""
        moved = super().focusNextPrevChild(forward)
        now = self.window().focusWidget()
        if now is None or not self.isAncestorOf(now):
            inside = [
                w
                for w in self.panel.findChildren(QWidget)
                if w.isVisibleTo(self)
                and w.isEnabled()
                and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            ]
            if inside:
                inside[0 if forward else -1].setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.setFocus(Qt.FocusReason.TabFocusReason)
        return moved
