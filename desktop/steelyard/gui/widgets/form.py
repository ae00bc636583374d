"""A dialog with fields: it stays open, with what was typed, until what it asked for has succeeded."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.fields import Labelled, TextField
from steelyard.gui.widgets.labels import Paragraph, title
from steelyard.gui.widgets.layouts import row


class FormDialog(QDialog):
    """A title, a sentence, labelled fields, and two buttons; Return submits, Escape leaves.

    Args:
        parent: the widget that asks.
        headline: what is made or changed.
        words: what it does, and what is kept where.
        yes: the word for doing it ("Add").

    Signals:
        submitted(): the person pressed it. Then call `succeed` or `fail`.
    """

    submitted = Signal()

    def __init__(self, parent: QWidget, headline: str, words: str, yes: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(headline)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(520)
        self.yes_button = Button(yes, kind="primary")
        self.yes_button.setDefault(True)
        self.yes_button.clicked.connect(self._submit)
        no = Button(self.tr("Cancel"))
        no.setAutoDefault(False)
        no.clicked.connect(self.reject)
        self._banner = Banner("red")
        self._banner.hide()
        self._fields = QVBoxLayout()
        self._fields.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(title(headline))
        layout.addWidget(Paragraph(words))
        layout.addSpacing(8)
        layout.addLayout(self._fields)
        layout.addSpacing(4)
        layout.addWidget(self._banner)
        layout.addSpacing(8)
        layout.addLayout(row(None, no, self.yes_button, gap=12))

    def add(self, label: str, field: QWidget, help_text: str = "") -> Labelled:
        """A field with its label (`&` marks its key) and a line of help below."""
        made = Labelled(label, field, help_text)
        self._fields.addWidget(made)
        return made

    def say(self, words: str) -> None:
        """Something about what was typed cannot be right; nothing was asked."""
        self._banner.say("amber", words)
        self._banner.show()
        self.yes_button.setEnabled(True)

    def fail(self, error: SteelyardError) -> None:
        """It did not succeed: say why, keep what was typed."""
        self._banner.say_error(error)
        self._banner.show()
        self.yes_button.setEnabled(True)

    def succeed(self) -> None:
        """It is done."""
        self.accept()

    def _submit(self) -> None:
        self._banner.hide()
        self.yes_button.setEnabled(False)
        self.submitted.emit()


class PathField(QWidget):
    """A field for a path with a button that chooses one.

    Args:
        choose: what the button opens: `file`, `folder` or `save`.
        caption: of the dialog it opens.
    """

    def __init__(self, choose: str, caption: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose, self._caption = choose, caption
        self.field = TextField()
        self._button = Button(self.tr("Choose…"))
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self._open)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field, 1)
        layout.addWidget(self._button)
        self.setFocusProxy(self.field)

    def setAccessibleName(self, name: str) -> None:
        """Name the field inside, which is what has the keyboard, and the button by what it chooses."""
        super().setAccessibleName(name)
        self.field.setAccessibleName(name)
        self._button.setAccessibleDescription(name)

    def set_choosable(self, choosable: bool) -> None:
        """Show the button or not (an address cannot be chosen)."""
        self._button.setVisible(choosable)

    @property
    def text(self) -> str:
        """What stands in the field, trimmed."""
        return self.field.text().strip()

    @property
    def path(self) -> Path | None:
        """As a path, or None: the field is empty."""
        return Path(self.text).expanduser() if self.text else None

    def _open(self) -> None:
        dialog = QFileDialog(self, self._caption)
        if self._choose == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        elif self._choose == "save":
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            dialog.selectFile(self.text)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.field.setText)
        dialog.open()
