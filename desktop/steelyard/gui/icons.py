"""Icons and marks in the colours of the theme, drawn from our own paths and kept by name, size, colour and scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from steelyard.gui.drawings import BRAND, CHIPS, ICONS, MARKS, MIRRORED
from steelyard.gui.theme import appearance
from steelyard.gui.theme.tokens import DARK, LIGHT, Tokens, Tone

_STROKES = (
    'fill="none" stroke="currentColor" stroke-width="{width}" '
    'stroke-linecap="round" stroke-linejoin="round"'
)


def names() -> tuple[str, ...]:
    """Every icon there is."""
    return tuple(ICONS)


def paint(painter: QPainter, name: str, rect: QRect, tone: Tone = "text_2") -> None:
    """Draw an icon into a square; one that points along the line is mirrored from right to left."""
    mirrored = name in MIRRORED and painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    drawing = pixmap(name, rect.width(), tone, _scale(painter), mirrored=mirrored)
    painter.drawPixmap(rect.topLeft(), drawing)


def paint_mark(painter: QPainter, state: str, rect: QRect) -> None:
    """Draw a state mark: `yes`, `conditional`, `no`, `not-mentioned`, `not-known`, `pending`, `refused`, `begun`."""
    painter.drawPixmap(
        rect.topLeft(), _mark(state, rect.width(), appearance.tokens().name, _scale(painter))
    )


def paint_chip_symbol(painter: QPainter, verdict: str, rect: QRect, tone: Tone) -> None:
    """Draw the symbol of `PASS`, `WARN`, `FAIL` or `NOT RUN`."""
    colour = appearance.tokens().value(tone)
    painter.drawPixmap(rect.topLeft(), _chip(verdict, rect.width(), colour, _scale(painter)))


def paint_brand(painter: QPainter, rect: QRect, tone: Tone = "accent") -> None:
    """Draw the steelyard."""
    colour = appearance.tokens().value(tone)
    painter.drawPixmap(rect.topLeft(), _brand(rect.width(), colour, _scale(painter)))


def pixmap(
    name: str, size: int, tone: Tone, scale: float = 1.0, *, mirrored: bool = False
) -> QPixmap:
    """An icon as a pixmap of `size` logical px at `scale` device px each."""
    return _icon(name, size, appearance.tokens().value(tone), scale, mirrored)


def icon(name: str, tone: Tone = "text_2") -> QIcon:
    """A QIcon for menus and the like; made for the theme in force, so make it anew when that changes."""
    made = QIcon()
    for scale in (1.0, 2.0):
        made.addPixmap(pixmap(name, 16, tone, scale))
    return made


def application_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128):
        made.addPixmap(_brand(size, LIGHT.accent, 1.0))
    return made


def _scale(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatio() if device else 1.0


def _render(body: str, box: int, size: int, scale: float, mirrored: bool = False) -> QPixmap:
    document = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box} {box}">{body}</svg>'
    renderer = QSvgRenderer(QByteArray(document.encode()))
    side = max(1, round(size * scale))
    drawing = QPixmap(side, side)
    drawing.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if mirrored:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawing.setDevicePixelRatio(scale)
    return drawing


@lru_cache(maxsize=512)
def _icon(name: str, size: int, colour: str, scale: float, mirrored: bool) -> QPixmap:
    # QSvgRenderer draws `currentColor` black, so the colour is written in.
    # Large icons (empty pages) keep a fine line.
    strokes = _STROKES.format(width=1.4 if size < 24 else 0.9)
    body = f"<g {strokes}>{ICONS[name]}</g>".replace("currentColor", colour)
    return _render(body, 16, size, scale, mirrored)


@lru_cache(maxsize=128)
def _mark(state: str, size: int, theme: str, scale: float) -> QPixmap:
    return _render(_toned(MARKS[state], DARK if theme == "dark" else LIGHT), 16, size, scale)


@lru_cache(maxsize=64)
def _chip(verdict: str, size: int, colour: str, scale: float) -> QPixmap:
    return _render(CHIPS[verdict].replace("currentColor", colour), 12, size, scale)


@lru_cache(maxsize=16)
def _brand(size: int, colour: str, scale: float) -> QPixmap:
    return _render(BRAND.replace("currentColor", colour), 24, size, scale)


def _toned(body: str, tokens: Tokens) -> str:
    return body.format_map({name: getattr(tokens, name) for name in tokens.__dataclass_fields__})
