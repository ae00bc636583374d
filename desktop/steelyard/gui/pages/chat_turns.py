"""The turns of a conversation: what the person wrote, and answers as they are written."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import visible_text
from steelyard.gui.pages import thinking
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button, IconButton
from steelyard.gui.widgets.cards import Card, Panel
from steelyard.gui.widgets.labels import Elided, Paragraph, small
from steelyard.gui.widgets.layouts import Rule, clear, column, holder, row
from steelyard.service import requests as ask

LINE_HEIGHT = 22


class WrittenText(QWidget):
    """Text that grows: lines that are complete keep their widgets, only the last one changes."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._lines: list[Paragraph] = []

    def set_text(self, text: str) -> None:
        """Show this text; cheap when it only got longer."""
        lines = visible_text(text).split("\n")
        for place, line in enumerate(lines):
            if place == len(self._lines):
                label = Paragraph(tone="text", line_height=LINE_HEIGHT)
                self._lines.append(label)
                self._column.addWidget(label)
            if self._lines[place].text() != line:
                self._lines[place].setText(line)
        for label in self._lines[len(lines) :]:
            label.hide()
            label.deleteLater()
        del self._lines[len(lines) :]


class PersonTurn(Panel):
    """What the person wrote, and a button to write it anew from here."""

    edit_asked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(fill="grey_tint", border=None)
        self.text = text
        edit = IconButton("pencil", self.tr("Edit and ask again"))
        edit.clicked.connect(self.edit_asked)
        words = WrittenText()
        words.set_text(text)
        head = row(small(self.tr("You"), tone="text_2"), None, edit)
        self.setLayout(column(head, words, gap=2, margins=(16, 8, 12, 12)))
        self.setAccessibleName(self.tr("You: {0}").format(text))


class AnswerTurn(Card):
    """An answer: its model, a collapsed thinking part, the text, its figures, what can be done with it."""

    again_asked = Signal()
    branch_asked = Signal()

    def __init__(self, model: str) -> None:
        super().__init__(model, border="accent")
        self.text = ""
        self._state = small(self.tr("waiting"), tone="accent_text")
        self.add_to_header(self._state)
        self._thinking_button = Button(self.tr("Thinking"), icon="right", small=True)
        self._thinking_button.setCheckable(True)
        self._thinking_button.toggled.connect(self._fold)
        self._thinking = WrittenText()
        self._thinking.hide()
        self._thinking_button.hide()
        self._words = WrittenText()
        self._problem = Banner("red")
        self._problem.hide()
        inner = column(
            row(self._thinking_button, None),
            self._thinking,
            self._words,
            self._problem,
            gap=8,
            margins=(16, 12, 16, 12),
        )
        self.body.addLayout(inner)
        self._figures = Elided("", size=11, tone="text_2")
        self._foot = holder(self._make_foot())
        self._foot.hide()
        self.body.addWidget(self._foot)

    def _make_foot(self) -> QVBoxLayout:
        copy = IconButton("copy", self.tr("Copy the answer"))
        again = IconButton("refresh", self.tr("Answer again"))
        branch = IconButton("branch", self.tr("Go on from here"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        again.clicked.connect(self.again_asked)
        branch.clicked.connect(self.branch_asked)
        line = row(gap=4, margins=(16, 6, 12, 6))
        line.addWidget(self._figures, 1)
        for button in (copy, again, branch):
            line.addWidget(button)
        return column(Rule(), line, gap=0)

    def _fold(self, shown: bool) -> None:
        self._thinking.setVisible(shown)
        self._thinking_button.set_icon("down" if shown else "right")

    def say_state(self, words: str) -> None:
        """What is going on before the first word: loading, reading the prompt."""
        self._state.setText(words)

    def add_text(self, text: str) -> None:
        """More of the answer arrived."""
        self.text += text
        self._state.setText(self.tr("writing"))
        self._show_text()

    def _show_text(self) -> None:
        parts = thinking.split(self.text)
        self._thinking_button.setVisible(bool(parts.thinking))
        if parts.thinking:
            self._thinking.set_text(parts.thinking)
        self._words.set_text(parts.answer)

    def finish(self, answer: ask.Completion) -> None:
        """The answer is complete."""
        self.text = answer.text
        self._show_text()
        reason = {
            "length": self.tr("cut at the longest answer"),
            "context": self.tr("the context is full"),
        }.get(answer.finish_reason, "")
        words = [
            self.tr("{0} tokens/s").format(figures.decimal(answer.tokens_per_s)),
            self.tr("first token {0}").format(figures.duration(answer.time_to_first_token_s)),
            self.tr("{0} tokens").format(figures.count(answer.completion_tokens)),
            self.tr("seed {0}").format(answer.seed),
        ]
        self._figures.setText(" · ".join([*words, *filter(None, [reason])]))
        self._end(self.tr("done"))

    def stop(self) -> None:
        """The person stopped it; what was written stays."""
        self._figures.setText(self.tr("Stopped. What was written is kept on this page."))
        self._end(self.tr("stopped"))

    def fail(self, error: SteelyardError) -> None:
        """It failed; what was written stays, with the reason below."""
        self._problem.say_error(error)
        self._problem.show()
        self._figures.setText("")
        self._end(self.tr("failed"))

    def _end(self, state: str) -> None:
        self._state.setText(state)
        self._state.set_tone("text_2")
        self.set_border("line")
        self._foot.show()
        said = QAccessibleAnnouncementEvent(self, f"{self.accessibleName()}: {state}")
        QAccessible.updateAccessibility(said)


class Conversation(QWidget):
    """The turns, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[PersonTurn | AnswerTurn] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._column.addStretch(1)

    def add(self, turn: PersonTurn | AnswerTurn) -> None:
        """One more turn at the end."""
        self.turns.append(turn)
        self._column.insertWidget(self._column.count() - 1, turn)

    def cut(self, turn: PersonTurn | AnswerTurn) -> None:
        """Take away this turn and all after it."""
        place = self.turns.index(turn)
        for gone in self.turns[place:]:
            gone.hide()
            gone.deleteLater()
        del self.turns[place:]

    def empty(self) -> None:
        """Take away all turns."""
        self.turns.clear()
        clear(self._column)
        self._column.addStretch(1)
