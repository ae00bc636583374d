"""The context slider: tokens on a log2 scale, with the filled part, a handle and ticks with words."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from steelyard.gui import paint
from steelyard.gui.figures import tokens_short
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import Tone

_EDGE_PX = 10
_GRAIN = 256
"""Context lengths are multiples of this: llama.cpp pads the KV cache so."""


def tick_values(low: int, high: int) -> tuple[int, ...]:
    """Powers of two from `low` to `high`; the trained length is added where it is none of them."""
    values = []
    value = 1 << (low - 1).bit_length()
    while value <= high:
        values.append(value)
        value *= 2
    if not values or high > values[-1] * 1.2:
        values.append(high)
    return tuple(values)


class ContextSlider(QSlider):
    """Chooses a context length. Its value is in tokens; arrows move an eighth of an octave, Page keys one octave.

    Args:
        trained_tokens: the longest context the model was trained for; the end of the scale.
        tokens: at first.

    Signals:
        tokens_changed(int): the person moved it; many times while dragging.
    """

    tokens_changed = Signal(int)

    def __init__(
        self, trained_tokens: int, tokens: int, *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._high = 2048, 4096
        self.setAccessibleName(name or self.tr("Context length"))
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("ringRadius", 6)
        self.set_trained(trained_tokens)
        self.set_tokens(tokens)
        self.valueChanged.connect(lambda _: self._describe())

    @property
    def tokens(self) -> int:
        """The chosen context length."""
        return self.value()

    def set_trained(self, trained_tokens: int) -> None:
        """Change the end of the scale; it begins at 2,048, or lower for small models."""
        self._high = max(_GRAIN, trained_tokens)
        self._low = 2048 if self._high > 4096 else max(_GRAIN, self._high // 16)
        self.setRange(min(self._low, self._high), self._high)
        self._describe()
        self.update()

    def set_tokens(self, tokens: int) -> None:
        """Move it without a signal."""
        blocked = self.blockSignals(True)
        self.setValue(tokens)
        self.blockSignals(blocked)
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(520, 36)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 36)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        octaves = {
            Qt.Key.Key_Right: 1 / 8,
            Qt.Key.Key_Up: 1 / 8,
            Qt.Key.Key_Left: -1 / 8,
            Qt.Key.Key_Down: -1 / 8,
            Qt.Key.Key_PageUp: 1.0,
            Qt.Key.Key_PageDown: -1.0,
            Qt.Key.Key_Home: -64.0,
            Qt.Key.Key_End: 64.0,
        }.get(Qt.Key(event.key()))
        if octaves is None:
            super().keyPressEvent(event)
            return
        if self._mirrored() and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            octaves = -octaves
        current = math.log2(self.value() / self._low)
        self._move_to(self._low * 2 ** max(0.0, min(40.0, current + octaves)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event.position().x())

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        ends = sorted((self._x(self._low), self._x(self._high)))
        self._line(painter, ends[0], ends[1], "field", 2)
        at = self._x(self.value())
        self._line(painter, self._x(self._low), at, "accent", 4)
        ticks = tick_values(self._low, self._high)
        step = 1 if (ends[1] - ends[0]) / max(1, len(ticks)) >= 36 else 2
        for number, tick in enumerate(ticks):
            x = self._x(tick)
            painter.setPen(QPen(appearance.color("field"), 1))
            painter.drawLine(QPointF(round(x) + 0.5, 17), QPointF(round(x) + 0.5, 20))
            if number % step and tick != self.value():
                continue
            here = tick == self.value()
            paint.text(
                painter,
                QRectF(min(max(x, 14), self.width() - 14) - 32, 20, 64, 16),
                tokens_short(tick),
                face=fonts.font(11, fonts.SEMIBOLD if here else fonts.REGULAR),
                tone="text" if here else "text_2",
                align=paint.CENTER,
            )
        painter.setPen(QPen(appearance.color("accent"), 2))
        painter.setBrush(appearance.color("surface"))
        painter.drawEllipse(QPointF(at, 10), 7, 7)
        painter.end()

    def _line(self, painter: QPainter, left: float, right: float, tone: Tone, width: int) -> None:
        pen = QPen(appearance.color(tone), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(left, 10), QPointF(right, 10))

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _x(self, tokens: int) -> float:
        span = math.log2(self._high / self._low) or 1.0
        share = math.log2(max(tokens, self._low) / self._low) / span
        share = 1 - share if self._mirrored() else share
        return _EDGE_PX + share * (self.width() - 2 * _EDGE_PX)

    def _follow(self, x: float) -> None:
        share = (x - _EDGE_PX) / max(1, self.width() - 2 * _EDGE_PX)
        share = min(1.0, max(0.0, 1 - share if self._mirrored() else share))
        tokens = self._low * (self._high / self._low) ** share
        near = min(tick_values(self._low, self._high), key=lambda t: abs(self._x(t) - x))
        # Ticks catch the handle: people mean 16k when they point beside it.
        self._move_to(near if abs(self._x(near) - x) <= 5 else tokens)

    def _move_to(self, tokens: float) -> None:
        rounded = min(self._high, max(self._low, round(tokens / _GRAIN) * _GRAIN))
        if rounded != self.value():
            self.setValue(rounded)
            self.update()
            self.tokens_changed.emit(rounded)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.tr("{0} tokens").format(self.value()))
