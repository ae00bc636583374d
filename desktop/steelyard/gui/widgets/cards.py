"""Cards: surface, hairline, round corners; with a header or without; and the bar of what is selected."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui import paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import APART, CARD_HEADER, RADIUS, Tone
from steelyard.gui.widgets.labels import Elided, Label
from steelyard.gui.widgets.layouts import Rule, row


class _Corner(QWidget):
    """Covers one square corner of a card's content with the ground behind the card and its round border."""

    def __init__(self, card: Card, which: int) -> None:
        super().__init__(card)
        self._card, self._which = card, which
        self.setFixedSize(RADIUS, RADIUS)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def place(self) -> None:
        """Go to the corner and lie on top."""
        x = 0 if self._which in (0, 2) else self._card.width() - RADIUS
        y = 0 if self._which in (0, 1) else self._card.height() - RADIUS
        self.move(x, y)
        self.raise_()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        whole = QRectF(self._card.rect()).translated(-self.x(), -self.y())
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        inside = QPainterPath()
        inside.addRoundedRect(whole, RADIUS, RADIUS)
        painter.fillPath(outside.subtracted(inside), appearance.color(self._card.ground))
        painter.setPen(QPen(appearance.color(self._card.border), 1))
        half = whole.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(half, RADIUS - 0.5, RADIUS - 0.5)
        painter.end()


class Card(QFrame):
    """A box on a page. Add content to `body`, a vertical layout without margins.

    Args:
        title: header of 40 px; None for none.
        note: 11 px beside the title.
        padded: 16 px around the body's content.
        border: colour of the border: `accent` for what is at work, `amber` for a warning.
        ground: the colour the card lies on, for its corners.
    """

    def __init__(
        self,
        title: str | None = None,
        *,
        note: str = "",
        padded: bool = False,
        border: Tone = "line",
        ground: Tone = "bg",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.border: Tone = border
        self.ground: Tone = ground
        self._corners = [_Corner(self, which) for which in range(4)]
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.header: QHBoxLayout | None = None
        self._title: Label | None = None
        self._note: Elided | None = None
        if title is not None:
            outer.addWidget(self._make_header(title, note))
            outer.addWidget(Rule())
            self.setAccessibleName(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        if padded:
            self.body.setContentsMargins(APART, 12, APART, 12)
        outer.addLayout(self.body, 1)

    def _make_header(self, title: str, note: str) -> QWidget:
        head = QWidget()
        head.setFixedHeight(CARD_HEADER - 1)
        self._title = Label(title, weight=fonts.SEMIBOLD)
        self._note = Elided(note, size=11, tone="text_2")
        self.header = row(self._title, self._note, None, margins=(APART, 0, APART, 0))
        head.setLayout(self.header)
        return head

    def add_to_header(self, *widgets: QWidget) -> None:
        """Put widgets at the end of the header."""
        if self.header is None:
            raise ValueError("this card has no header")
        for widget in widgets:
            self.header.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_title(self, title: str, note: str | None = None) -> None:
        """Change the header's words."""
        if self._title is not None:
            self._title.setText(title)
            self.setAccessibleName(title)
        if note is not None and self._note is not None:
            self._note.setText(note)

    def set_border(self, border: Tone) -> None:
        """Change the border's colour."""
        self.border = border
        self.update()
        for corner in self._corners:
            corner.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill="surface", border=self.border)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for corner in self._corners:
            corner.place()

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildAdded and not isinstance(event.child(), _Corner):
            for corner in getattr(self, "_corners", []):
                corner.raise_()


class Panel(QFrame):
    """A box in any colours, without corners to keep: wells, selection bars, the reader's own message."""

    def __init__(
        self,
        *,
        fill: Tone | None = "surface",
        border: Tone | None = "line",
        dashed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fill: Tone | None = fill
        self._border: Tone | None = border
        self._dashed = dashed

    def set_look(self, fill: Tone | None, border: Tone | None, *, dashed: bool = False) -> None:
        """Change the colours."""
        self._fill, self._border, self._dashed = fill, border, dashed
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill=self._fill, border=self._border, dashed=self._dashed)
        painter.end()


class SelectionBar(Panel):
    """What is selected and what can be done with it; none of its buttons is primary.

    Put buttons into `buttons`.
    """

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(fill="accent_tint", border="accent", parent=parent)
        self.setFixedHeight(48)
        self._count = Label(weight=fonts.SEMIBOLD)
        self._words = Elided(tone="text_2")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.buttons = row(gap=12)
        layout = row(self._count, margins=(APART + 1, 0, APART + 1, 0), gap=12)
        layout.addWidget(self._words, 1)
        layout.addLayout(self.buttons)
        self.setLayout(layout)

    def set_words(self, count: str, words: str) -> None:
        """ "2 selected", and which."""
        self._count.setText(count)
        self._words.setText(words)


def draw_passage(painter: QPainter, rect: QRect) -> None:
    """The ground of a passage that is meant: tint and a 3 px bar in the accent at the leading edge."""
    painter.fillRect(rect, appearance.color("accent_tint"))
    bar = QRect(rect.left(), rect.top(), 3, rect.height())
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        bar.moveRight(rect.right())
    painter.fillRect(bar, appearance.color("accent"))
