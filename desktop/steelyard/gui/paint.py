"""Shapes and text as every widget and table cell of ours draws them: crisp hairlines, rounded boxes, elided text.

Coordinates are logical px. Lines of 1 px lie on half pixels, so that they stay sharp at 100 % and at 200 %.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import RADIUS, Tone

LEADING = Qt.AlignmentFlag.AlignLeading
TRAILING = Qt.AlignmentFlag.AlignTrailing
CENTER = Qt.AlignmentFlag.AlignHCenter
_SLACK_PX = 3


def painter_for(widget: QWidget) -> QPainter:
    """An antialiasing painter on a widget; call `end()` on it."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setLayoutDirection(widget.layoutDirection())
    return painter


def box(
    painter: QPainter,
    rect: QRect | QRectF,
    *,
    fill: Tone | None = None,
    border: Tone | None = None,
    radius: float = RADIUS,
    width: float = 1.0,
    dashed: bool = False,
) -> None:
    """A rounded rectangle whose border lies inside `rect`."""
    area = QRectF(rect)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(appearance.color(fill)) if fill else Qt.BrushStyle.NoBrush)
    if border:
        half = width / 2
        area = area.adjusted(half, half, -half, -half)
        radius = max(0.0, radius - half)
        pen = QPen(appearance.color(border), width)
        if dashed:
            pen.setDashPattern([3.0, 2.0])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
    painter.drawRoundedRect(area, radius, radius)
    painter.restore()


def one_sided_box(
    painter: QPainter, rect: QRect, *, fill: QColor, left: bool, right: bool, radius: float = RADIUS
) -> None:
    """A filled rectangle that is round only at the sides asked for."""
    area = QRectF(rect)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(area, radius, radius)
    if not left:
        path.addRect(area.adjusted(0, 0, -radius, 0))
    if not right:
        path.addRect(area.adjusted(radius, 0, 0, 0))
    painter.fillPath(path.simplified(), fill)


def rule(  # noqa: PLR0917  # two points are clearer without names
    painter: QPainter, x1: float, y1: float, x2: float, y2: float, tone: Tone = "line"
) -> None:
    """A hairline; give whole numbers, it is put on the half pixel."""
    painter.save()
    painter.setPen(QPen(appearance.color(tone), 1.0))
    painter.drawLine(QPointF(x1 + 0.5, y1 + 0.5), QPointF(x2 + 0.5, y2 + 0.5))
    painter.restore()


def text(
    painter: QPainter,
    rect: QRect | QRectF,
    words: str,
    *,
    face: QFont | None = None,
    tone: Tone = "text",
    align: Qt.AlignmentFlag = LEADING,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """One line of plain text, vertically centred, shortened where it does not fit.

    Returns:
        The width drawn, px.
    """
    width = rect.width()
    if width <= 0 or not words:
        return 0
    face = face or fonts.font()
    shown, drawn, cap_height = _fitted(face, words, width, elide)
    side = painter.layoutDirection()
    left = float(rect.x())
    if align == CENTER:
        x = left + (width - drawn) / 2
    elif (align == LEADING) == (side == Qt.LayoutDirection.LeftToRight):
        x = left
    else:
        x = left + width - drawn
    # The capital letters, not the line box, are centred: that is what the eye lines up with marks.
    baseline = rect.y() + rect.height() / 2 + cap_height / 2
    runs = direction_of(words)
    if runs != side:
        painter.setLayoutDirection(runs)
    painter.setFont(face)
    painter.setPen(appearance.color(tone))
    painter.drawText(QPointF(x, _snapped(painter, baseline)), shown)
    if runs != side:
        painter.setLayoutDirection(side)
    return int(drawn) + 1


@lru_cache(maxsize=4096)
def _fitted(
    face: QFont, words: str, width: float, elide: Qt.TextElideMode
) -> tuple[str, float, float]:
    """The words as they fit, their width, and the height of a capital; all in px.

    Kept, since the same words are drawn again and again, and measuring them costs more than drawing them.
    """
    metrics = QFontMetricsF(face)
    # A line that lacks a hair's breadth runs into the padding rather than losing a letter to the dots.
    fits = metrics.horizontalAdvance(words) <= width + _SLACK_PX
    shown = words if fits else metrics.elidedText(words, elide, width)
    return shown, metrics.horizontalAdvance(shown), metrics.capHeight()


@lru_cache(maxsize=2048)
def direction_of(words: str) -> Qt.LayoutDirection:
    """Which way a text runs: as its first letter with a direction says (UAX #9, P2 and P3)."""
    for char in words:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return Qt.LayoutDirection.RightToLeft
        if kind == "L":
            break
    return Qt.LayoutDirection.LeftToRight


def _snapped(painter: QPainter, y: float) -> float:
    ratio = painter.device().devicePixelRatio() if painter.device() else 1.0
    return round(y * ratio) / ratio


class Strip:
    """Hands out a rectangle's width piece by piece, from the leading or the trailing side; mirrors itself."""

    def __init__(self, rect: QRect, *, mirrored: bool = False) -> None:
        self._rect = QRect(rect)
        self._whole = QRect(rect)
        self._mirrored = mirrored

    @property
    def left_px(self) -> int:
        """What is left of the width."""
        return max(0, self._rect.width())

    def take(self, width: int, gap: int = 0) -> QRect:
        """The next `width` px from the leading side; `gap` px after them are skipped."""
        width = max(0, min(width, self._rect.width()))
        piece = QRect(self._rect.left(), self._rect.top(), width, self._rect.height())
        self._rect.setLeft(self._rect.left() + width + gap)
        return self._seen(piece)

    def take_end(self, width: int, gap: int = 0) -> QRect:
        """The next `width` px from the trailing side."""
        width = max(0, min(width, self._rect.width()))
        left = self._rect.right() + 1 - width
        piece = QRect(left, self._rect.top(), width, self._rect.height())
        self._rect.setRight(left - 1 - gap)
        return self._seen(piece)

    def rest(self) -> QRect:
        """All that is left."""
        return self._seen(QRect(self._rect))

    def _seen(self, piece: QRect) -> QRect:
        if not self._mirrored:
            return piece
        left = self._whole.left() + self._whole.right() - piece.right()
        return QRect(left, piece.top(), piece.width(), piece.height())


def centered(rect: QRect, width: int, height: int) -> QRect:
    """A rectangle of that size in the middle of another."""
    return QRect(
        rect.left() + (rect.width() - width) // 2,
        rect.top() + (rect.height() - height) // 2,
        width,
        height,
    )
