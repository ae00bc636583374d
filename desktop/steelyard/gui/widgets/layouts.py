"""Rows and columns with the window's spacing, and the note at the foot of a page."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.theme.tokens import NEAR, Tone
from steelyard.gui.widgets.labels import Elided

Item: TypeAlias = "QWidget | QLayout | int | None"
"""A widget, a layout, extra px, or None: room that stretches."""


def row(
    *items: Item, gap: int = NEAR, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Side by side, vertically centred. `margins`: left, top, right, bottom."""
    made = QHBoxLayout()
    _fill(made, items, gap, margins)
    return made


def column(
    *items: Item, gap: int = NEAR, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """One below the other. `margins`: left, top, right, bottom."""
    made = QVBoxLayout()
    _fill(made, items, gap, margins)
    return made


def _fill(
    layout: QBoxLayout,
    items: tuple[Item, ...],
    gap: int,
    margins: tuple[int, int, int, int],
) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        elif isinstance(layout, QHBoxLayout) and not _grows_down(item):
            layout.addWidget(item, 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            layout.addWidget(item)


def _grows_down(widget: QWidget) -> bool:
    flag = QSizePolicy.PolicyFlag.ExpandFlag
    return bool(QSizePolicy.PolicyFlag(widget.sizePolicy().verticalPolicy().value) & flag)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; widgets disappear at once and are deleted when it is safe."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def holder(layout: QLayout) -> QWidget:
    """A plain widget around a layout."""
    made = QWidget()
    made.setLayout(layout)
    return made


class Rule(QWidget):
    """A hairline, across by default."""

    def __init__(self, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._upright = upright
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        if self._upright:
            paint.rule(painter, 0, 0, 0, self.height())
        else:
            paint.rule(painter, 0, 0, self.width(), 0)
        painter.end()


class Icon(QWidget):
    """An icon that says nothing by itself."""

    def __init__(
        self, name: str, *, size: int = 16, tone: Tone = "text_2", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._tone = name, tone
        self.setFixedSize(size, size)

    def set_icon(self, name: str, tone: Tone | None = None) -> None:
        """Change the icon."""
        self._name = name
        self._tone = tone or self._tone
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        icons.paint(painter, self._name, self.rect(), self._tone)
        painter.end()


class Note(QWidget):
    """The line at the foot of a page: 11 px; says where the numbers come from. What comes after None is at the end."""

    def __init__(
        self, *parts: str | QWidget | None, icon: str | None = "info", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._layout = row(gap=16)
        self.setLayout(self._layout)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon = icon
        self.set_parts(*parts)

    def set_parts(self, *parts: str | QWidget | None) -> None:
        """Say something else."""
        while (item := self._layout.takeAt(0)) is not None:
            if widget := item.widget():
                widget.setParent(None)
                widget.deleteLater()
        if self._icon:
            self._layout.addWidget(Icon(self._icon, size=14))
        stretched = False
        for part in parts:
            if part is None:
                self._layout.addStretch(1)
                stretched = True
            else:
                widget = Elided(part, size=11, tone="text_2") if isinstance(part, str) else part
                self._layout.addWidget(widget)
        if not stretched:
            self._layout.addStretch(1)
