"""Empty pages, which say what belongs here and offer one action; and the structure shown while something loads."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui import paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import ROW
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.labels import Label, Paragraph
from steelyard.gui.widgets.layouts import Icon


class EmptyState(QWidget):
    """Centred at a third of the height, 360 wide: line icon, title, one sentence, one button.

    Args:
        icon: its name; drawn at 32 px.
        title: what belongs here.
        words: one sentence.
        button: the one next action; None for none.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        words: str,
        button: Button | None = None,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QWidget()
        column.setMaximumWidth(360)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        center = Qt.AlignmentFlag.AlignHCenter
        inner.addWidget(Icon(icon, size=32, tone="text_3"), 0, center)
        inner.addSpacing(12)
        headline = Label(title, size=16, weight=fonts.SEMIBOLD)
        inner.addWidget(headline, 0, center)
        inner.addSpacing(4)
        sentence = Paragraph(words)
        sentence.setAlignment(center)
        inner.addWidget(sentence)
        if button is not None:
            inner.addSpacing(16)
            inner.addWidget(button, 0, center)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(column, 1000)  # 360 wide where there is room, else what there is
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(2)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)


class Skeleton(QWidget):
    """Rows of quiet blocks where rows will be; nothing moves.

    Args:
        rows: how many.
        columns: share of the width of each block, for each column.
    """

    def __init__(
        self,
        rows: int = 6,
        columns: tuple[float, ...] = (0.6, 0.4, 0.7, 0.5, 0.3),
        *,
        row_height: int = ROW,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows, self._columns, self._row_height = rows, columns, row_height
        self.setFixedHeight(rows * row_height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(QCoreApplication.translate("Skeleton", "Loading"))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        width = (self.width() - 32) / len(self._columns)
        for number in range(self._rows):
            top = number * self._row_height
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(appearance.color("grey_tint"))
            for place, share in enumerate(self._columns):
                # Every other row is a little shorter, as words are.
                used = (width - 16) * share * (1.0 if number % 2 == 0 else 0.8)
                left = 16 + place * width
                if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                    left = self.width() - left - used
                y = top + (self._row_height - 10) / 2
                painter.drawRoundedRect(QRectF(left, y, used, 10), 3, 3)
            if number < self._rows - 1:
                paint.rule(
                    painter, 0, top + self._row_height - 1, self.width(), top + self._row_height - 1
                )
        painter.end()
