"""State marks and trust marks: one of eight silhouettes, and always a word beside it.

States by their names in results: `yes`, `conditional`, `no`, `not-mentioned`, `not-known`; for trust facts and the log
also `pending`, `refused` and `begun`. *Not mentioned* never looks like *Yes*: dashed, grey, a dash.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.names import plain_tooltip
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import Tone

STATES = ("yes", "conditional", "no", "not-mentioned", "not-known", "pending", "refused", "begun")

_TONES: dict[str, Tone] = {
    "yes": "green",
    "conditional": "amber",
    "no": "red",
    "not-mentioned": "text_2",
    "not-known": "blue",
    "pending": "amber",
    "refused": "amber",
    "begun": "text_3",
}
_QUIET = frozenset({"yes", "conditional", "not-mentioned", "not-known"})
_GAP = 6


def state_word(state: str) -> str:
    """What a state is called, for people."""
    words = {
        "yes": QCoreApplication.translate("Marks", "Yes"),
        "conditional": QCoreApplication.translate("Marks", "With conditions"),
        "no": QCoreApplication.translate("Marks", "No"),
        "not-mentioned": QCoreApplication.translate("Marks", "Not mentioned"),
        "not-known": QCoreApplication.translate("Marks", "Not known"),
        "pending": QCoreApplication.translate("Marks", "Pending"),
        "refused": QCoreApplication.translate("Marks", "Refused"),
        "begun": QCoreApplication.translate("Marks", "Begun"),
    }
    return words[state]


def state_tone(state: str) -> Tone:
    """The colour of a state's word in a license grid."""
    return _TONES[state]


def trust_tone(state: str) -> Tone:
    """The colour of a trust word: grey unless the fact needs action."""
    return "text_2" if state in _QUIET else _TONES[state]


def width_of(word: str, *, glyph: int, weight: int) -> int:
    """Width of glyph, gap and word, px."""
    return glyph + (_GAP + fonts.width(fonts.font(13, weight), word) if word else 0)


def draw(
    painter: QPainter,
    rect: QRect,
    state: str,
    word: str,
    *,
    glyph: int = 14,
    tone: Tone = "text_2",
    weight: int = fonts.REGULAR,
    size: int = 13,
) -> None:
    """Glyph and word into a rectangle, from its leading side, shortened where it does not fit."""
    mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    strip = paint.Strip(rect, mirrored=mirrored)
    icons.paint_mark(painter, state, paint.centered(strip.take(glyph, _GAP), glyph, glyph))
    paint.text(painter, strip.rest(), word, face=fonts.font(size, weight), tone=tone)


class _Mark(QLabel):
    """Draws a mark; for assistive technology it is a label that reads its word."""

    def __init__(
        self,
        state: str,
        word: str,
        *,
        glyph: int,
        tone: Tone,
        weight: int,
        size: int,
        about: str,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._state, self._glyph, self._weight, self._size = state, glyph, weight, size
        self._tone: Tone = tone
        self._about = about
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(word)
        self._name()

    @property
    def state(self) -> str:
        """The state's name."""
        return self._state

    def _name(self) -> None:
        said = self.text() or state_word(self._state)
        self.setAccessibleName(f"{self._about}: {said}" if self._about else said)

    def sizeHint(self) -> QSize:
        face = fonts.font(self._size, self._weight)
        words = _GAP + fonts.width(face, self.text()) + 1 if self.text() else 0
        return QSize(self._glyph + words, 20 if self._size > 11 else 16)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._glyph, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_whole()

    def _tell_whole(self) -> None:
        fits = self.sizeHint().width() <= self.width()
        self.setToolTip("" if fits else plain_tooltip(self.text()))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        draw(
            painter,
            self.rect(),
            self._state,
            self.text(),
            glyph=self._glyph,
            tone=self._tone,
            weight=self._weight,
            size=self._size,
        )
        painter.end()


class StateMark(_Mark):
    """16 px glyph and a medium word in the state's colour: license answers, verdicts in words.

    Args:
        state: one of `STATES`.
        word: instead of the state's own word; may be from outside.
        about: what the state is of, for assistive technology ("Commercial use").
        small: 11 px type.
    """

    def __init__(
        self,
        state: str,
        word: str | None = None,
        *,
        about: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            state,
            state_word(state) if word is None else word,
            glyph=14 if small else 16,
            tone=state_tone(state),
            weight=fonts.MEDIUM,
            size=11 if small else 13,
            about=about,
            parent=parent,
        )

    def set_state(self, state: str, word: str | None = None) -> None:
        """Show another state."""
        self._state, self._tone = state, state_tone(state)
        self.setText(state_word(state) if word is None else word)
        self._name()
        self._tell_whole()
        self.updateGeometry()
        self.update()


class TrustMark(_Mark):
    """14 px glyph and a word that is grey unless the fact needs action."""

    def __init__(
        self, state: str, word: str, *, about: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(
            state,
            word,
            glyph=14,
            tone=trust_tone(state),
            weight=fonts.REGULAR,
            size=13,
            about=about,
            parent=parent,
        )

    def set_state(self, state: str, word: str) -> None:
        """Show another state."""
        self._state, self._tone = state, trust_tone(state)
        self.setText(word)
        self._name()
        self._tell_whole()
        self.updateGeometry()
        self.update()
