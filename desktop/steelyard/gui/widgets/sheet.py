"""A larger dialog over its window: a title, content that may be long, and a foot with one primary button at its end."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.labels import Label, title
from steelyard.gui.widgets.layouts import Rule, holder, row

_ROUND = 48
"""Room left of the window around the sheet, px."""


class Sheet(QDialog):
    """Does not block: open it with `open()`. Escape closes it. Fill `body`; put buttons into `foot`.

    Args:
        parent: its window.
        headline: the title; plain text.
        width, height: wanted, px; less where the window is smaller.
    """

    def __init__(
        self, parent: QWidget, headline: str, *, width: int = 720, height: int = 560
    ) -> None:
        super().__init__(parent)
        self._wanted = (width, height)
        self.setWindowTitle(headline)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(headline)
        self.headline: Label = title(headline)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(24, 12, 24, 16)
        self.body.setSpacing(12)
        self.close_button = Button(QCoreApplication.translate("Sheet", "Close"))
        self.close_button.clicked.connect(self.reject)
        self.foot: QHBoxLayout = row(None, self.close_button, gap=12, margins=(24, 12, 24, 12))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(holder(row(self.headline, None, margins=(24, 20, 24, 4))))
        outer.addLayout(self.body, 1)
        outer.addWidget(Rule())
        outer.addLayout(self.foot)

    def add_buttons(self, *buttons: QWidget) -> None:
        """Put buttons at the end of the foot, after Close."""
        for button in buttons:
            self.foot.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def add_to_foot_start(self, *widgets: QWidget) -> None:
        """Put something at the foot's beginning."""
        for place, widget in enumerate(widgets):
            self.foot.insertWidget(place, widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        parent = self.parentWidget()
        around = parent.window() if parent is not None else None
        width, height = self._wanted
        if around is not None:
            width = min(width, around.width() - 2 * _ROUND)
            height = min(height, around.height() - 2 * _ROUND)
        self.setMaximumHeight(height)
        self.resize(width, height)
