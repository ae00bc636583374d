"""A chip that says which filter is in force; pressing it takes the filter away."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import CONTROL_SMALL, RADIUS_SMALL, Tone

_MOST_PX = 280


class FilterChip(QAbstractButton):
    """24 px high: a quiet word for what is filtered, the value, and a cross.

    Args:
        about: what is filtered ("Format").
        value: the value in force; may be from outside.
        mark: a state mark before the value, or empty.
    """

    def __init__(
        self, about: str, value: str, *, mark: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._about, self._value, self._mark = about, value, mark
        self.setText(value)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ringRadius", RADIUS_SMALL)
        self.setAccessibleName(f"{about}: {value}")
        self.setAccessibleDescription(
            QCoreApplication.translate("FilterChip", "Press to take this filter away")
        )

    def sizeHint(self) -> QSize:
        face, strong = fonts.font(11), fonts.font(11, fonts.MEDIUM)
        width = (
            8 + fonts.width(face, self._about) + 6 + fonts.width(strong, self._value) + 6 + 12 + 7
        )
        width += 18 if self._mark else 0
        return QSize(min(width, _MOST_PX), CONTROL_SMALL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if event.key() in keys:
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        ground: Tone = "accent_tint" if self.underMouse() or self.isDown() else "surface"
        paint.box(painter, self.rect(), fill=ground, border="field", radius=RADIUS_SMALL)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        strip = paint.Strip(self.rect().adjusted(8, 0, -7, 0), mirrored=mirrored)
        face, strong = fonts.font(11), fonts.font(11, fonts.MEDIUM)
        about = strip.take(fonts.width(face, self._about), 6)
        paint.text(painter, about, self._about, face=face, tone="text_2")
        if self._mark:
            icons.paint_mark(painter, self._mark, paint.centered(strip.take(12, 6), 12, 12))
        icons.paint(painter, "x", paint.centered(strip.take_end(12, 6), 12, 12), "text_2")
        paint.text(painter, strip.rest(), self._value, face=strong)
        painter.end()
