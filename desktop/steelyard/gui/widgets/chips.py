"""Chips and tags: verdicts, *not measured*, short facts, the A and B of a comparison, keys."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import CHIP, RADIUS_SMALL, Tone

VERDICTS = ("PASS", "WARN", "FAIL", "NOT RUN")
_TONES: dict[str, tuple[Tone, Tone | None]] = {
    "PASS": ("green", "green_tint"),
    "WARN": ("amber", "amber_tint"),
    "FAIL": ("red", "red_tint"),
    "NOT RUN": ("text_2", None),
}
_TRACKING = 0.2


def verdict_word(verdict: str) -> str:
    """The verdict as it stands on the chip."""
    words = {
        "PASS": QCoreApplication.translate("Chips", "PASS"),
        "WARN": QCoreApplication.translate("Chips", "WARN"),
        "FAIL": QCoreApplication.translate("Chips", "FAIL"),
        "NOT RUN": QCoreApplication.translate("Chips", "NOT RUN"),
    }
    return words[verdict]


def verdict_width(word: str) -> int:
    """Width of a verdict chip, px."""
    return 5 + 12 + 5 + fonts.width(fonts.font(11, fonts.SEMIBOLD, tracking=_TRACKING), word) + 7


def draw_verdict(painter: QPainter, rect: QRect, verdict: str, word: str) -> int:
    """A verdict chip at the leading side of a rectangle, vertically centred. Returns its width, px."""
    tone, ground = _TONES[verdict]
    width = min(verdict_width(word), rect.width())
    strip = paint.Strip(rect, mirrored=_mirrored(painter))
    chip = paint.centered(strip.take(width), width, CHIP)
    if ground:
        paint.box(painter, chip, fill=ground, radius=RADIUS_SMALL)
    else:
        paint.box(painter, chip, border="field", radius=RADIUS_SMALL, dashed=True)
    inside = paint.Strip(chip.adjusted(5, 0, -5, 0), mirrored=_mirrored(painter))
    icons.paint_chip_symbol(painter, verdict, paint.centered(inside.take(12, 5), 12, 12), tone)
    face = fonts.font(11, fonts.SEMIBOLD, tracking=_TRACKING)
    paint.text(painter, inside.rest(), word, face=face, tone=tone)
    return width


def missing_width(words: str) -> int:
    """Width of a not-measured chip, px."""
    return 6 + 10 + 5 + fonts.width(fonts.font(11, fonts.MEDIUM), words) + 6


def draw_missing(painter: QPainter, rect: QRect, words: str) -> int:
    """A not-measured chip at the leading side of a rectangle. Returns its width, px."""
    width = min(missing_width(words), rect.width())
    strip = paint.Strip(rect, mirrored=_mirrored(painter))
    chip = paint.centered(strip.take(width), width, CHIP)
    paint.box(painter, chip, border="field", radius=RADIUS_SMALL, dashed=True)
    inside = paint.Strip(chip.adjusted(6, 0, -4, 0), mirrored=_mirrored(painter))
    place = paint.centered(inside.take(10, 5), 10, 10)
    icons.paint_chip_symbol(painter, "NOT RUN", place, "text_2")
    paint.text(painter, inside.rest(), words, face=fonts.font(11, fonts.MEDIUM), tone="text_2")
    return width


def tag_width(words: str, *, accent: bool = False) -> int:
    """Width of a tag, px."""
    face = fonts.font(11, fonts.SEMIBOLD if accent else fonts.REGULAR)
    return 14 + fonts.width(face, words)


def draw_tag(painter: QPainter, rect: QRect, words: str, *, accent: bool = False) -> int:
    """A tag at the leading side of a rectangle. Returns its width, px."""
    width = min(tag_width(words, accent=accent), rect.width())
    height = min(CHIP, rect.height())
    strip = paint.Strip(rect, mirrored=_mirrored(painter))
    chip = paint.centered(strip.take(width), width, height)
    paint.box(
        painter,
        chip,
        fill="accent_tint" if accent else "surface",
        border="accent" if accent else "line",
        radius=RADIUS_SMALL,
    )
    paint.text(
        painter,
        chip.adjusted(7, 0, -7, 0),
        words,
        face=fonts.font(11, fonts.SEMIBOLD if accent else fonts.REGULAR),
        tone="accent_text" if accent else "text_2",
    )
    return width


def _mirrored(painter: QPainter) -> bool:
    return painter.layoutDirection() == Qt.LayoutDirection.RightToLeft


class _Painted(QLabel):
    """A label that draws itself; assistive technology reads its text."""

    def __init__(self, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class VerdictChip(_Painted):
    """PASS, WARN, FAIL on their tints; NOT RUN dashed without one. Always with its symbol.

    Args:
        verdict: one of `VERDICTS`.
        text: instead of the verdict's own word.
    """

    def __init__(
        self, verdict: str, text: str | None = None, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(verdict_word(verdict) if text is None else text, parent)
        self._verdict = verdict

    def set_verdict(self, verdict: str, text: str | None = None) -> None:
        """Show another verdict."""
        self._verdict = verdict
        self.setText(verdict_word(verdict) if text is None else text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(verdict_width(self.text()), CHIP)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw_verdict(painter, self.rect(), self._verdict, self.text())
        painter.end()


class MissingChip(_Painted):
    """Dashed, a dash and words; stands where a number would stand. "not measured" when no words are given."""

    def __init__(self, text: str | None = None, *, parent: QWidget | None = None) -> None:
        words = QCoreApplication.translate("Chips", "not measured") if text is None else text
        super().__init__(words, parent)

    def sizeHint(self) -> QSize:
        return QSize(missing_width(self.text()), CHIP)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw_missing(painter, self.rect(), self.text())
        painter.end()


class Tag(_Painted):
    """A short fact in a hairline box; `accent` for *Recommended* and *counts*; `low` is 16 px high."""

    def __init__(
        self,
        text: str,
        *,
        accent: bool = False,
        low: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._accent, self._low = accent, low

    def sizeHint(self) -> QSize:
        return QSize(tag_width(self.text(), accent=self._accent), 16 if self._low else CHIP)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw_tag(painter, self.rect(), self.text(), accent=self._accent)
        painter.end()


class Badge(_Painted):
    """A or B of a comparison: A filled, B outlined; the same on every page."""

    def __init__(self, letter: str, *, parent: QWidget | None = None) -> None:
        super().__init__(letter, parent)

    def sizeHint(self) -> QSize:
        return QSize(18, 18)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        filled = self.text() == "A"
        if filled:
            paint.box(painter, self.rect(), fill="text_2", radius=RADIUS_SMALL)
        else:
            paint.box(painter, self.rect(), border="text_2", radius=RADIUS_SMALL, width=1.5)
        paint.text(
            painter,
            self.rect(),
            self.text(),
            face=fonts.font(11, fonts.SEMIBOLD),
            tone="surface" if filled else "text",
            align=paint.CENTER,
        )
        painter.end()


class Key(_Painted):
    """A key to press, such as Ctrl+K."""

    def sizeHint(self) -> QSize:
        return QSize(fonts.width(fonts.font(11), self.text()) + 12, 18)

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw_key(painter, self.rect(), self.text())
        painter.end()


def draw_key(painter: QPainter, rect: QRect, text: str) -> None:
    """A key filling a rectangle."""
    paint.box(painter, rect, fill="sunken", border="line", radius=RADIUS_SMALL)
    paint.text(painter, rect, text, face=fonts.font(11), tone="text_3", align=paint.CENTER)
