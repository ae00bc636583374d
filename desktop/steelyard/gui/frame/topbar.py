"""The top bar: where one is, the search field, the tasks, the network."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.pages.page import Crumb
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import CONTROL, TOP_BAR, Tone
from steelyard.gui.widgets.chips import draw_key
from steelyard.gui.widgets.labels import Elided


class _Painted(QAbstractButton):
    """A button that paints itself and reacts to the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(CONTROL)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def _ground(self) -> Tone:
        return "sunken" if self.underMouse() or self.isDown() else "surface"

    def _strip(self, edge: int) -> paint.Strip:
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return paint.Strip(self.rect().adjusted(edge, 0, -edge, 0), mirrored=mirrored)


class SearchButton(_Painted):
    """Looks like a field; opens the command palette, where one types."""

    def __init__(self) -> None:
        super().__init__()
        self.setText(self.tr("Search or paste a reference…"))
        self.setAccessibleName(self.tr("Search, or paste a reference"))
        self.setAccessibleDescription("Ctrl+K")
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(180)
        self.setMaximumWidth(372)

    def sizeHint(self) -> QSize:
        return QSize(372, CONTROL)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill="surface", border="field")
        strip = self._strip(11)
        icons.paint(painter, "search", paint.centered(strip.take(16, 8), 16, 16), "text_3")
        width = fonts.width(fonts.font(11), "Ctrl+K") + 12
        draw_key(painter, paint.centered(strip.take_end(width, 8), width, 18), "Ctrl+K")
        paint.text(painter, strip.rest(), self.text(), tone="text_3")
        painter.end()


class TasksButton(_Painted):
    """How many jobs run, how far they are together; says so when one failed."""

    def __init__(self) -> None:
        super().__init__()
        self._running = 0
        self._failed = 0
        self._share: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_jobs(0, 0, None)

    def show_jobs(self, running: int, failed: int, share: float | None) -> None:
        """`share`: how far the running ones are together, 0 to 1, or None."""
        self._running, self._failed, self._share = running, failed, share
        if running:
            many = self.tr("{0} tasks").format(running)
            words = self.tr("1 task") if running == 1 else many
        elif failed:
            words = self.tr("{0} failed").format(failed)
        else:
            words = self.tr("Tasks")
        changed = words != self.text()
        self.setText(words)
        if changed:
            self.setAccessibleName(words)
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = 26 + 16 + 8 + fonts.width(fonts.font(), self.text())
        return QSize(width + (48 if self._running else 0), CONTROL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill=self._ground(), border="field")
        strip = self._strip(13)
        place = paint.centered(strip.take(16, 8), 16, 16)
        if self._failed and not self._running:
            icons.paint_mark(painter, "no", place)
        else:
            icons.paint(painter, "tasks", place, "text")
        words = strip.take(fonts.width(fonts.font(), self.text()), 8)
        paint.text(painter, words, self.text())
        if self._running:
            line = QRectF(paint.centered(strip.take(40), 40, 4))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(appearance.color("line"))
            painter.drawRoundedRect(line, 2, 2)
            share = 0.0 if self._share is None else self._share
            line.setWidth(line.width() * share)
            painter.setBrush(appearance.color("accent"))
            painter.drawRoundedRect(line, 2, 2)
        painter.end()


class NetworkPill(_Painted):
    """Offline, Offline by policy, or Online and with which host."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = "unplug"
        self.setProperty("ringRadius", 16)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_state(offline=False, by_policy=False, host=None, known=False)

    def show_state(
        self, *, offline: bool, by_policy: bool, host: str | None, known: bool = True
    ) -> None:
        """What the network gate says. Without a host in use nothing is connected: that is offline too."""
        if not known:
            words, self._icon = self.tr("Offline"), "unplug"
        elif by_policy:
            words, self._icon = self.tr("Offline by policy"), "lock"
        elif host and not offline:
            words, self._icon = self.tr("Online: {0}").format(host), "globe"
        else:
            words, self._icon = self.tr("Offline"), "unplug"
        self.setText(words)
        self.setAccessibleName(self.tr("Network: {0}").format(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = 26 + 16 + 8 + fonts.width(fonts.font(), self.text())
        return QSize(min(width, 280), CONTROL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill=self._ground(), border="field", radius=16)
        strip = self._strip(13)
        icons.paint(painter, self._icon, paint.centered(strip.take(16, 8), 16, 16), "text_2")
        mode = Qt.TextElideMode.ElideMiddle
        paint.text(painter, strip.rest(), self.text(), elide=mode)
        painter.end()


class _CrumbButton(_Painted):
    def __init__(self, crumb: Crumb) -> None:
        super().__init__()
        self.crumb = crumb
        self.setText(crumb.text)
        self.setAccessibleName(self.tr("Back to {0}").format(crumb.text))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(fonts.width(fonts.font(16), self.text()) + 24, CONTROL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        strip = self._strip(0)
        arrow = strip.take_end(16, 4)
        icons.paint(painter, "right", paint.centered(arrow, 16, 16), "text_3")
        tone: Tone = "text" if self.underMouse() else "text_2"
        paint.text(painter, strip.rest(), self.text(), face=fonts.font(16), tone=tone)
        painter.end()


class TopBar(QWidget):
    """56 px.

    Signals:
        crumb_asked(object): a `Crumb` was clicked.
    """

    crumb_asked = Signal(object)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(TOP_BAR)
        self._title = Elided(size=16, weight=fonts.SEMIBOLD)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.search = SearchButton()
        self.tasks = TasksButton()
        self.network = NetworkPill()
        self._crumbs: list[_CrumbButton] = []
        self._way = QHBoxLayout()
        self._way.setSpacing(8)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 1, 24, 0)
        layout.setSpacing(12)
        layout.addLayout(self._way)
        layout.addWidget(self._title, 1)
        layout.addWidget(self.search, 0)
        layout.addWidget(self.tasks)
        layout.addWidget(self.network)

    def show_place(self, title: str, crumbs: Sequence[Crumb]) -> None:
        """Title and the way to it."""
        self._title.setText(title)
        for button in self._crumbs:
            self._way.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._crumbs = [_CrumbButton(crumb) for crumb in crumbs]
        for button in self._crumbs:
            button.clicked.connect(self._on_crumb)
            self._way.addWidget(button)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        painter.fillRect(self.rect(), appearance.color("bg"))
        paint.rule(painter, 0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()

    def _on_crumb(self) -> None:
        button = self.sender()
        if isinstance(button, _CrumbButton):
            self.crumb_asked.emit(button.crumb)
