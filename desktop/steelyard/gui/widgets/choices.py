"""Check boxes and drop-down choices, painted like the rest."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import CONTROL, RADIUS_SMALL, Tone


def draw_check(painter: QPainter, rect: QRect, *, checked: bool, enabled: bool = True) -> None:
    """A 16 px check box in the middle of a rectangle."""
    area = paint.centered(rect, 16, 16)
    if checked:
        paint.box(painter, area, fill="accent" if enabled else "field", radius=RADIUS_SMALL)
        icons.paint(painter, "tick", paint.centered(area, 12, 12), "on_accent")
    else:
        ground: Tone = "surface" if enabled else "sunken"
        paint.box(painter, area, fill=ground, border="field", radius=RADIUS_SMALL)


class CheckBox(QCheckBox):
    """A check box with its words.

    Args:
        text: beside the box.
        note: 11 px below the words.
        end: 11 px at the end of the line (a count, a clause).
        mark: a state mark between box and words.
    """

    def __init__(
        self,
        text: str,
        *,
        note: str = "",
        end: str = "",
        mark: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._note, self._end, self._mark = note, end, mark
        self.setFont(fonts.font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text.replace("&", ""))
        self.setAccessibleDescription(f"{note} {end}".strip())

    def set_note(self, note: str) -> None:
        """Change the line below."""
        self._note = note
        self.setAccessibleDescription(f"{note} {self._end}".strip())
        self.updateGeometry()
        self.update()

    def set_end(self, end: str) -> None:
        """Change the words at the end of the line."""
        if end != self._end:
            self._end = end
            self.setAccessibleDescription(f"{self._note} {end}".strip())
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = 24 + fonts.width(self.font(), self.text())
        if self._mark:
            width += 20
        if self._end:
            width += 8 + fonts.width(fonts.font(11), self._end)
        return QSize(width, 38 if self._note else 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self.sizeHint().height())

    def hitButton(self, position: object) -> bool:
        return True

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        first = QRect(self.rect())
        if self._note:
            first.setHeight(20)
        strip = paint.Strip(first, mirrored=mirrored)
        draw_check(painter, strip.take(16, 9), checked=self.isChecked(), enabled=self.isEnabled())
        if self._end:
            end = strip.take_end(fonts.width(fonts.font(11), self._end), 8)
            paint.text(painter, end, self._end, face=fonts.font(11), tone="text_3")
        if self._mark:
            icons.paint_mark(painter, self._mark, paint.centered(strip.take(14, 6), 14, 14))
        tone: Tone = "text" if self.isEnabled() else "text_3"
        rest = strip.rest()
        paint.text(painter, rest, self.text().replace("&", ""), face=self.font(), tone=tone)
        if self._note:
            below = QRect(rest.left(), 20, rest.width(), 16)
            paint.text(painter, below, self._note, face=fonts.font(11), tone="text_2")
        painter.end()


class Select(QComboBox):
    """A drop-down, 32 px high; fill it with `addItem(text, userData=key)`.

    Args:
        name: accessible name, where no label is its buddy.
        prefix: quiet word before the choice ("Actor").
        width: px, or None: as wide as its widest entry.
    """

    def __init__(
        self,
        name: str = "",
        *,
        prefix: str = "",
        width: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self.setFont(fonts.font())
        self.setAccessibleName(name or prefix)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(CONTROL)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.view().setAccessibleName(name or prefix)
        if width is not None:
            self.setFixedWidth(width)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def key(self) -> object:
        """The user data of the choice in force."""
        return self.currentData()

    def choose(self, key: object) -> None:
        """Choose by user data, without a signal; nothing happens where there is no such entry."""
        place = self.findData(key)
        if place >= 0 and place != self.currentIndex():
            blocked = self.blockSignals(True)
            self.setCurrentIndex(place)
            self.blockSignals(blocked)
            self.update()

    def sizeHint(self) -> QSize:
        words = [self.itemText(i) for i in range(self.count())]
        widest = max((fonts.width(self.font(), w) for w in words), default=40)
        prefix = fonts.width(self.font(), self._prefix) + 8 if self._prefix else 0
        return QSize(10 + prefix + widest + 8 + 14 + 10, CONTROL)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, CONTROL)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        if not self.isEnabled():
            painter.setOpacity(0.6)
        fill: Tone = "sunken" if self.underMouse() and self.isEnabled() else "surface"
        paint.box(painter, self.rect(), fill=fill, border="field")
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        strip = paint.Strip(self.rect().adjusted(10, 0, -10, 0), mirrored=mirrored)
        icons.paint(painter, "down", paint.centered(strip.take_end(14, 8), 14, 14), "text")
        if self._prefix:
            room = strip.take(fonts.width(self.font(), self._prefix), 8)
            paint.text(painter, room, self._prefix, tone="text_2")
        words = self.currentText() or self.placeholderText()
        tone: Tone = "text" if self.currentText() else "text_3"
        paint.text(painter, strip.rest(), words, tone=tone)
        painter.end()
