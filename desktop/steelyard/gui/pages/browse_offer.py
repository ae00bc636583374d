"""What Browse offers when a path, an address or a reference stands in its field: to import it, or to open it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal

from steelyard.gui.frame.reference import Pasted, classify
from steelyard.gui.names import display_name
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Panel
from steelyard.gui.widgets.labels import Elided
from steelyard.gui.widgets.layouts import Icon, column, holder, row


class Offer(Panel):
    """A line below the field, with one button; hidden while plain words are typed.

    Signals:
        import_asked(object): a `Path` to take in.
        open_asked(str): a reference or address whose model should be shown.
    """

    import_asked = Signal(object)
    open_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(fill="accent_tint", border="accent")
        self._pasted = Pasted("words", "")
        self._icon = Icon("import", tone="text")
        self._headline = Elided("", weight=fonts.SEMIBOLD)
        self._words = Elided("", size=11, tone="text_2")
        self._button = Button("", kind="primary")
        self._button.clicked.connect(self.take)
        line = row(gap=12, margins=(16, 8, 12, 8))
        line.addWidget(self._icon)
        line.addWidget(holder(column(self._headline, self._words, gap=0)), 1)
        line.addWidget(self._button)
        self.setLayout(line)
        self.hide()

    @property
    def made(self) -> bool:
        """Something is offered."""
        return self._pasted.kind in ("path", "reference")

    def look_at(self, text: str) -> None:
        """Look at what stands in the field."""
        self._pasted = classify(text)
        self.setVisible(self.made)
        if not self.made:
            return
        shown = display_name(self._pasted.text)
        if self._pasted.kind == "path":
            self._icon.set_icon("import")
            self._headline.setText(self.tr("On this machine: {0}").format(shown))
            self._words.setText(
                self.tr("It is copied, hashed and checked; nothing is moved, no network is used.")
            )
            self._button.setText(self.tr("Import"))
            self._button.set_icon("import")
        else:
            self._icon.set_icon("globe")
            self._headline.setText(self.tr("A reference: {0}").format(shown))
            self._words.setText(
                self.tr(
                    "Opening shows what is known of it here; a source is asked only if you say so."
                )
            )
            self._button.setText(self.tr("Open"))
            self._button.set_icon("open")
        self._button.updateGeometry()
        self.setAccessibleName(self._headline.text())
        self.setAccessibleDescription(self._words.text())

    def take(self) -> None:
        """Do what is offered."""
        if self._pasted.kind == "path":
            self.import_asked.emit(Path(self._pasted.text))
        elif self._pasted.kind == "reference":
            self.open_asked.emit(self._pasted.text)
