"""The head of model detail: name, tags, facts and buttons; the same for a stored model and for a catalog entry."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from steelyard.gui.names import display_name
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import MARGIN
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.chips import Tag
from steelyard.gui.widgets.labels import Elided
from steelyard.gui.widgets.layouts import clear, column, row

_GAP = 12


class ModelHeader(QWidget):
    """Two lines. The last button is the primary one."""

    def __init__(self, *buttons: Button) -> None:
        super().__init__()
        self._name = Elided("", size=20, weight=fonts.SEMIBOLD)
        self._tags = row(gap=8)
        self._shown_tags: list[Tag] = []
        self._buttons = buttons
        self._facts = row(gap=16)
        self._note = Elided("", size=11, tone="text_2")
        self._note.hide()
        below = row(gap=16)
        below.addLayout(self._facts, 1)
        below.addWidget(self._note)
        heading = row(gap=_GAP)
        heading.addWidget(self._name)
        heading.addLayout(self._tags)
        heading.addStretch(1)
        for button in buttons:
            heading.addWidget(button)
        self.setLayout(column(heading, below, gap=4, margins=(24, 14, 24, 10)))

    def start(self, name: str) -> None:
        """Another model, of which nothing but the name is known yet."""
        self._name.setText(display_name(name))
        self._shown_tags = []
        clear(self._tags)
        clear(self._facts)

    def show_model(self, name: str, tags: Iterable[str], facts: Iterable[QWidget]) -> None:
        """Name, short facts in boxes (empty ones are left out), and the line below."""
        self.start(name)
        for word in tags:
            if word:
                self._shown_tags.append(Tag(display_name(word)))
                self._tags.addWidget(self._shown_tags[-1])
        for fact in facts:
            self._facts.addWidget(fact)
        self._facts.addStretch(1)
        self._fit_tags()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tags()

    def _fit_tags(self) -> None:
        """Where it is narrow, tags go before the name loses a letter."""
        buttons = sum(b.sizeHint().width() + _GAP for b in self._buttons if not b.isHidden())
        room = self.width() - 2 * MARGIN - buttons - self._name.sizeHint().width()
        for tag in self._shown_tags:
            room -= tag.sizeHint().width() + _GAP
            tag.setVisible(room >= 0)

    def say(self, words: str) -> None:
        """A few words below the buttons: why one of them cannot be pressed; empty for none."""
        self._note.setText(words)
        self._note.setVisible(bool(words))
