"""A digest: shortened in the middle, whole on hover, focus and copy."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from steelyard.gui.figures import short_digest
from steelyard.gui.widgets.buttons import IconButton
from steelyard.gui.widgets.labels import Label
from steelyard.gui.widgets.layouts import row

_SAID_MS = 1500


class DigestLabel(QWidget):
    """`sha256:9c41e07b…52ad` and a button that copies all of it.

    Args:
        digest: the whole digest.
        what: what it is the digest of, for assistive technology.
    """

    def __init__(self, digest: str, what: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digest = ""
        self._what = what
        self._label = Label(size=11, tone="text_2", mono=True)
        self._copy = IconButton(
            "copy", QCoreApplication.translate("Digest", "Copy the digest"), icon_px=12
        )
        self._copy.setFixedSize(20, 20)
        self._copy.clicked.connect(self._to_clipboard)
        self.setLayout(row(self._label, self._copy, gap=2))
        self.set_digest(digest)

    @property
    def digest(self) -> str:
        """The whole digest."""
        return self._digest

    def set_digest(self, digest: str) -> None:
        """Show another."""
        self._digest = digest
        self._label.setText(short_digest(digest))
        self._label.setAccessibleName(digest)
        self.setToolTip(digest)
        self._copy.setToolTip(digest)
        self._copy.setAccessibleDescription(f"{self._what} {digest}".strip())

    def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self._digest)
        self._copy.set_icon("tick")
        QTimer.singleShot(_SAID_MS, self._copy, lambda: self._copy.set_icon("copy"))
