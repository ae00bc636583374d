"""The interval plot: track, whisker with caps, dot; a tick for the needed value, a line for zero.

A filled dot: the difference holds; hollow: none seen. Nothing but the track is drawn for a run that has not finished.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from steelyard.gui import paint
from steelyard.gui.theme import appearance

_EDGE_PX = 6
_CAP_PX = 4
_DOT_PX = 4.0


@dataclass(frozen=True)
class Interval:
    """What to plot, in the units of the axis.

    Attributes:
        start, end: the axis.
        low, middle, high: the interval and its point; None draws the track alone.
        needed: a brass tick; None for none.
        zero: a vertical line over the whole height; None for none.
        hollow: no difference seen.
        words: the same in words, for assistive technology.
    """

    start: float
    end: float
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    needed: float | None = None
    zero: float | None = None
    hollow: bool = False
    words: str = ""


def draw(painter: QPainter, rect: QRect, plot: Interval) -> None:
    """Plot into a rectangle. The axis runs from left to right in every language."""
    span = (plot.end - plot.start) or 1.0

    def x(value: float) -> float:
        share = min(1.0, max(0.0, (value - plot.start) / span))
        return rect.left() + _EDGE_PX + share * (rect.width() - 2 * _EDGE_PX)

    y = rect.top() + rect.height() / 2
    painter.save()
    painter.setPen(QPen(appearance.color("line"), 1))
    track = round(y) - 0.5
    painter.drawLine(
        QPointF(rect.left() + _EDGE_PX, track), QPointF(rect.right() + 1 - _EDGE_PX, track)
    )
    if plot.zero is not None:
        painter.setPen(QPen(appearance.color("field"), 1))
        at = round(x(plot.zero)) + 0.5
        painter.drawLine(QPointF(at, rect.top()), QPointF(at, rect.bottom() + 1))
    if plot.needed is not None:
        painter.setPen(QPen(appearance.color("accent"), 2))
        at = round(x(plot.needed))
        half = min(rect.height(), 20) / 2 - 2
        painter.drawLine(QPointF(at, y - half), QPointF(at, y + half))
    if plot.low is not None and plot.high is not None and plot.middle is not None:
        pen = QPen(appearance.color("text_2"), 1.5)
        painter.setPen(pen)
        low, high = x(plot.low), x(plot.high)
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        painter.drawLine(QPointF(low, y - _CAP_PX), QPointF(low, y + _CAP_PX))
        painter.drawLine(QPointF(high, y - _CAP_PX), QPointF(high, y + _CAP_PX))
        painter.setBrush(appearance.color("surface" if plot.hollow else "text_2"))
        painter.drawEllipse(QPointF(x(plot.middle), y), _DOT_PX, _DOT_PX)
    painter.restore()


class IntervalPlot(QWidget):
    """One interval as a widget."""

    def __init__(
        self, plot: Interval, *, width: int = 180, height: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._plot = plot
        self._size = QSize(width, height)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(plot.words)

    def set_plot(self, plot: Interval) -> None:
        """Plot something else."""
        self._plot = plot
        self.setAccessibleName(plot.words)
        self.update()

    def sizeHint(self) -> QSize:
        return self._size

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw(painter, self.rect(), self._plot)
        painter.end()
