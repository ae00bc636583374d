"""Bars: memory as one stacked bar per device with its legend, small gauges, progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from steelyard.gui import paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import RADIUS_BAR, Tone

SegmentKind = Literal["weights", "kv", "compute", "other", "headroom"]
_FILLS: dict[str, Tone] = {
    "weights": "series_weights",
    "kv": "series_kv",
    "compute": "series_compute",
}
_HATCH_PX = 8.5


@dataclass(frozen=True)
class Segment:
    """One part of a bar.

    Attributes:
        kind: `weights`, `kv` and `compute` are solid; `other` programs hatched; `headroom` outlined only.
        label: for the legend.
        value: in any unit, the same for all segments of a bar.
        figure: the value as it is written in the legend.
    """

    kind: SegmentKind
    label: str
    value: float
    figure: str


def draw_segment(painter: QPainter, area: QRectF, kind: str) -> None:
    """One segment, or a legend's swatch."""
    if kind in _FILLS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(appearance.color(_FILLS[kind]))
        painter.drawRoundedRect(area, RADIUS_BAR, RADIUS_BAR)
        return
    inner = area.adjusted(0.5, 0.5, -0.5, -0.5)
    if kind == "other":
        _hatch(painter, inner)
    painter.setPen(QPen(appearance.color("field"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(inner, RADIUS_BAR, RADIUS_BAR)


def _hatch(painter: QPainter, area: QRectF) -> None:
    painter.save()
    clip = QPainterPath()
    clip.addRoundedRect(area, RADIUS_BAR, RADIUS_BAR)
    painter.setClipPath(clip)
    pen = QPen(appearance.color("field"), 1.2)
    painter.setPen(pen)
    height = area.height()
    x = area.left() - height
    while x < area.right():
        painter.drawLine(
            QRectF(x, area.top(), height, height).bottomLeft(),
            QRectF(x, area.top(), height, height).topRight(),
        )
        x += _HATCH_PX
    painter.restore()


class StackedBar(QWidget):
    """24 px high; segments kept apart by 2 px of surface. Where they exceed the total, a red line marks it."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments: tuple[Segment, ...] = ()
        self._total = 1.0
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_segments(self, segments: Sequence[Segment], total: float) -> None:
        """Show these parts of `total` (the device's memory)."""
        self._segments = tuple(s for s in segments if s.value > 0)
        self._total = max(total, 1e-9)
        self.setAccessibleDescription(", ".join(f"{s.label} {s.figure}" for s in segments))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 24)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        whole = max(self._total, sum(s.value for s in self._segments))
        x = 0.0
        for number, segment in enumerate(self._segments):
            width = segment.value / whole * self.width()
            last = number == len(self._segments) - 1
            gap = 0.0 if last else min(2.0, width - 1)
            draw_segment(painter, QRectF(x, 0, max(1.0, width - gap), self.height()), segment.kind)
            x += width
        if whole > self._total * 1.0001:
            limit = self._total / whole * self.width()
            painter.fillRect(QRectF(limit - 1, 0, 2, self.height()), appearance.color("red"))
        painter.end()


class Legend(QWidget):
    """Swatch, label and figure for each part, on one line, or more where it is narrow."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments: tuple[Segment, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_segments(self, segments: Sequence[Segment]) -> None:
        """Show these."""
        self._segments = tuple(segments)
        self.setAccessibleName(", ".join(f"{s.label} {s.figure}" for s in segments))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return 16 * max(1, len(self._flow(width)))

    def sizeHint(self) -> QSize:
        return QSize(480, self.heightForWidth(max(480, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 16)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for number, line in enumerate(self._flow(self.width())):
            area = self.rect()
            area.setTop(16 * number)
            area.setHeight(16)
            strip = paint.Strip(area, mirrored=mirrored)
            for segment in line:
                swatch = paint.centered(strip.take(10, 6), 10, 10)
                draw_segment(painter, QRectF(swatch), segment.kind)
                words = strip.take(fonts.width(fonts.font(11), segment.label), 6)
                paint.text(painter, words, segment.label, face=fonts.font(11), tone="text_2")
                face = fonts.font(11, fonts.SEMIBOLD)
                figure = strip.take(fonts.width(face, segment.figure), 16)
                paint.text(painter, figure, segment.figure, face=face)
        painter.end()

    def _flow(self, width: int) -> list[list[Segment]]:
        lines: list[list[Segment]] = [[]]
        used = 0
        for segment in self._segments:
            need = 22 + fonts.width(fonts.font(11), segment.label)
            need += fonts.width(fonts.font(11, fonts.SEMIBOLD), segment.figure)
            if lines[-1] and used + need > width:
                lines.append([])
                used = 0
            lines[-1].append(segment)
            used += need + 16
        return lines


class Gauge(QWidget):
    """A small gauge, 56 × 6, for the status bar and cards.

    Args:
        name: what is measured, for assistive technology.
        width: px.
    """

    def __init__(self, name: str, *, width: int = 56, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setFixedSize(width, 6)
        self.setAccessibleName(name)

    def set_share(self, share: float, words: str = "") -> None:
        """`share` is 0 to 1; `words` say it for assistive technology."""
        self._share = min(1.0, max(0.0, share))
        self.setAccessibleDescription(words or f"{round(self._share * 100)} %")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill="surface", border="field", radius=2)
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        width = inside.width() * self._share
        left = inside.left()
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = inside.right() - width
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(appearance.color("text_2")))
        painter.drawRect(QRectF(left, inside.top(), width, inside.height()))
        painter.end()


class ProgressLine(QWidget):
    """A 4 px line that fills; where the total is not known, a fixed first third says only that work goes on."""

    def __init__(
        self, name: str, *, width: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._share: float | None = 0.0
        self.setFixedHeight(4)
        if width is not None:
            self.setFixedWidth(width)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def share(self) -> float | None:
        """0 to 1, or None: not known."""
        return self._share

    def set_share(self, share: float | None) -> None:
        """0 to 1, or None: not known."""
        self._share = None if share is None else min(1.0, max(0.0, share))
        said = "" if self._share is None else f"{int(self._share * 100)} %"
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw_progress(painter, self.rect(), self._share)
        painter.end()


def draw_progress(
    painter: QPainter, rect: QRect, share: float | None, *, moving: bool = True
) -> None:
    """A 4 px line in the middle of a rectangle, filled as far as `share` says; None: a first third in grey.

    Args:
        moving: filled in the accent; what rests is grey.
    """
    area = QRectF(paint.centered(rect, rect.width(), 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(appearance.color("line"))
    painter.drawRoundedRect(area, 2, 2)
    width = area.width() * (0.33 if share is None else share)
    if width > 0:
        left = area.left()
        if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = area.right() - width
        painter.setBrush(appearance.color("accent" if share is not None and moving else "field"))
        painter.drawRoundedRect(QRectF(left, area.top(), width, area.height()), 2, 2)
