"""Banners: what happened, in one bold sentence, what it means, and what to do; never only a colour."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from steelyard.base.errors import ExitCode, SteelyardError
from steelyard.gui import icons, paint
from steelyard.gui.theme.tokens import Tone
from steelyard.gui.widgets.labels import Paragraph
from steelyard.gui.widgets.layouts import column, row

Mood = Literal["green", "amber", "red", "blue"]
_GROUNDS: dict[str, Tone] = {
    "green": "green_tint",
    "amber": "amber_tint",
    "red": "red_tint",
    "blue": "blue_tint",
}


class _Symbol(QWidget):
    def __init__(self, mood: Mood) -> None:
        super().__init__()
        self.mood: Mood = mood
        self.setFixedSize(18, 18)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        area = (
            paint.centered(self.rect(), 18, 18)
            if self.mood in ("green", "red")
            else (paint.centered(self.rect(), 16, 16))
        )
        if self.mood == "green":
            icons.paint_mark(painter, "yes", area)
        elif self.mood == "red":
            icons.paint_mark(painter, "no", area)
        else:
            icons.paint(painter, "warn" if self.mood == "amber" else "info", area, self.mood)
        painter.end()


class Banner(QWidget):
    """Tint, border in the semantic colour, symbol, bold first sentence, then the consequence; actions at the end.

    Args:
        mood: `green`, `amber`, `red` or `blue` (information).
        headline: one bold sentence.
        words: what it means and the next step; may be from outside.
        more: a quieter second line.
        actions: buttons or links.
    """

    def __init__(
        self,
        mood: Mood = "blue",
        headline: str = "",
        words: str = "",
        *,
        more: str = "",
        actions: tuple[QWidget, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mood: Mood = mood
        self._symbol = _Symbol(mood)
        self._words = Paragraph(tone="text")
        self._more = Paragraph(tone="text_2")
        self.buttons: QHBoxLayout = row(*actions, gap=12)
        texts = column(self._words, self._more, gap=0)
        layout = row(margins=(17, 10, 17, 10), gap=12)
        layout.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(texts, 1)
        layout.addLayout(self.buttons)
        self.setLayout(layout)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.say(mood, headline, words, more=more)

    def say(self, mood: Mood, headline: str, words: str = "", *, more: str = "") -> None:
        """Say something else."""
        self._mood = self._symbol.mood = mood
        self._words.set_text(words, lead=headline)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.setAccessibleName(headline)
        self.setAccessibleDescription(f"{words} {more}".strip())
        self.update()
        self._symbol.update()

    def say_error(self, error: SteelyardError) -> None:
        """Show an error: what happened, what was kept, the next step. Refusals and cancelling are not red."""
        self.say(mood_of(error), error.message, error.next_step)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill=_GROUNDS[self._mood], border=self._mood)
        painter.end()


def mood_of(error: SteelyardError) -> Mood:
    """Amber for a refusal, blue for what the person called off, red for the rest."""
    if error.exit_code == ExitCode.REFUSED_BY_POLICY:
        return "amber"
    return "blue" if error.exit_code == ExitCode.CANCELLED else "red"


def error_headline(error: SteelyardError) -> str:
    """Two or three words for an error's kind, for lists."""
    if error.exit_code == ExitCode.REFUSED_BY_POLICY:
        return QCoreApplication.translate("Banner", "Refused")
    if error.exit_code == ExitCode.CANCELLED:
        return QCoreApplication.translate("Banner", "Cancelled")
    return QCoreApplication.translate("Banner", "Failed")
