"""The focus ring: 2 px of accent around whatever has the keyboard, 1 px away from its border.

One ring for the whole window, laid over it, so that no widget needs room for one. Lists and tables draw their own
inside the row. A widget may set the properties `ringRadius` (of its own corners), `ringTone` (`text` on the accent
button) and `ringNone`; a frame around a bare field says `ringFrame`, and the ring goes around the frame.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QScrollArea, QWidget
from shiboken6 import isValid

from steelyard.gui import paint
from steelyard.gui.theme.tokens import RADIUS, Tone

_GAP = 1
_WIDTH = 2
_FOLLOWED = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ZOrderChange,
}


class _Ring(QWidget):
    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.host = host
        self.radius = RADIUS
        self.tone: Tone = "accent"
        self.setObjectName("focus-ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        radius = self.radius + _GAP + _WIDTH
        paint.box(painter, self.rect(), border=self.tone, width=_WIDTH, radius=radius)
        painter.end()


class FocusRing(QObject):
    """Follows the focus of an application. Make one, after the QApplication."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._ring: _Ring | None = None
        app.focusChanged.connect(self._moved)

    def _moved(self, _: QWidget | None, new: QWidget | None) -> None:
        self._let_go()
        if new is None or isinstance(new, QAbstractItemView) or new.property("ringNone"):
            return
        host = _host(new)
        if host is new:
            return
        parent = new.parentWidget()
        if parent is not None and parent.property("ringFrame"):
            new = parent
        self._target = new
        self._ring = _Ring(host)
        radius = new.property("ringRadius")
        self._ring.radius = radius if isinstance(radius, int) else RADIUS
        self._ring.tone = "text" if new.property("ringTone") == "text" else "accent"
        widget: QWidget | None = new
        while widget is not None and widget is not host:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = widget.parentWidget()
        self._place()

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            self._place()
        return False

    def _place(self) -> None:
        target, ring = self._target, self._ring
        if target is None or ring is None or not (isValid(target) and isValid(ring)):
            return
        host = ring.host
        if not target.isVisibleTo(host):
            ring.hide()
            return
        out = _GAP + _WIDTH
        corner = target.mapTo(host, QPoint(0, 0))
        ring.setGeometry(QRect(corner, target.size()).adjusted(-out, -out, out, out))
        ring.raise_()
        ring.show()

    def _let_go(self) -> None:
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched.clear()
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        self._target = None


def _host(widget: QWidget) -> QWidget:
    """What the ring lies on: the content of the nearest scroll area, or a panel that asks for it, or the window."""
    host = widget
    while (parent := host.parentWidget()) is not None and not host.isWindow():
        area = parent.parentWidget()
        if host is not widget and isinstance(area, QScrollArea) and area.widget() is host:
            return host
        if host is not widget and host.property("ringHost"):
            return host
        host = parent
    return host
