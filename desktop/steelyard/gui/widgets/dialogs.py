"""A question before something that cannot be taken back. It never blocks: the answer arrives through a function."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.labels import Paragraph, title
from steelyard.gui.widgets.layouts import row


class Question(QDialog):
    """A title, what will happen, what is kept, and two buttons; Escape says no.

    Args:
        parent: the widget that asks.
        headline: the question.
        words: what happens and what is kept.
        yes: the word for doing it ("Remove").
        on_yes: called when the person said yes.
        no: the word for leaving it; "Cancel" when empty.
        other: a third way, between the two: its word and what it does.
    """

    def __init__(
        self,
        parent: QWidget,
        headline: str,
        words: str,
        yes: str,
        on_yes: Callable[[], None],
        *,
        extra: QWidget | None = None,
        no: str = "",
        other: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(headline)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(440)
        self._on_yes = on_yes
        self.yes_button = Button(yes, kind="primary")
        self.no_button = Button(no or self.tr("Cancel"))
        self.yes_button.clicked.connect(self.accept)
        self.no_button.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(title(headline))
        layout.addWidget(Paragraph(words))
        if extra is not None:
            layout.addSpacing(4)
            layout.addWidget(extra)
        layout.addSpacing(12)
        layout.addLayout(row(None, *self._choices(other), gap=12))
        self.accepted.connect(self._said_yes)
        self.no_button.setDefault(True)

    def _choices(self, other: tuple[str, Callable[[], None]] | None) -> list[QWidget]:
        self.other_button: Button | None = None
        if other is None:
            return [self.no_button, self.yes_button]
        word, do = other
        self.other_button = Button(word)
        self.other_button.clicked.connect(do)
        self.other_button.clicked.connect(self.reject)
        self.setFixedWidth(560)
        return [self.no_button, self.other_button, self.yes_button]

    def _said_yes(self) -> None:
        self._on_yes()


def ask(
    parent: QWidget,
    headline: str,
    words: str,
    yes: str,
    on_yes: Callable[[], None],
    *,
    extra: QWidget | None = None,
    no: str = "",
    other: tuple[str, Callable[[], None]] | None = None,
) -> Question:
    """Open the question and return at once."""
    question = Question(parent, headline, words, yes, on_yes, extra=extra, no=no, other=other)
    question.open()
    return question
