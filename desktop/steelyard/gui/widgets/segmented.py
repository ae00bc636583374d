"""A row of exclusive choices, 32 px high (28 small), each a word, perhaps with an icon and a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from steelyard.gui import icons, paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import CONTROL, RADIUS, Tone


@dataclass(frozen=True)
class Choice:
    """One choice: its key, its word, and perhaps a count and an icon."""

    key: str
    text: str
    count: str = ""
    icon: str | None = None


class _Segment(QRadioButton):
    """One choice, announced as a radio button. `stepped`: an arrow asks for the next (1) or the one before (-1)."""

    stepped = Signal(int)

    def __init__(self, choice: Choice, *, first: bool, last: bool, height: int) -> None:
        super().__init__(choice.text)
        self.choice = choice
        self._first, self._last = first, last
        self._count = choice.count
        self.setFixedHeight(height)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()

    def set_count(self, count: str) -> None:
        self._count = count
        self._name()
        self.updateGeometry()
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.choice.text} {self._count}".strip())

    def sizeHint(self) -> QSize:
        # Always as wide as when chosen, so that nothing jumps.
        width = 24 + fonts.width(fonts.font(13, fonts.SEMIBOLD), self.choice.text)
        if self._count:
            width += 6 + fonts.width(fonts.font(11), self._count)
        if self.choice.icon:
            width += 14 + 6
        return QSize(width + (0 if self._last else 1), self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        steps = {
            Qt.Key.Key_Right: 1 if forward else -1,
            Qt.Key.Key_Left: -1 if forward else 1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)

    def hitButton(self, position: object) -> bool:
        return True

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        chosen = self.isChecked()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        inside = self.rect().adjusted(0, 1, 0, -1)
        if chosen or self.underMouse():
            left, right = (self._last, self._first) if mirrored else (self._first, self._last)
            paint.one_sided_box(
                painter,
                inside.adjusted(1 if left else 0, 0, -1 if right else 0, 0),
                fill=appearance.color("accent_tint" if chosen else "sunken"),
                left=left,
                right=right,
                radius=RADIUS - 1,
            )
        if not self._last:
            x = 0 if mirrored else self.width() - 1
            paint.rule(painter, x, 1, x, self.height() - 2)
        face = fonts.font(13, fonts.SEMIBOLD if chosen else fonts.REGULAR)
        needed = fonts.width(face, self.choice.text)
        needed += 6 + fonts.width(fonts.font(11), self._count) if self._count else 0
        needed += 20 if self.choice.icon else 0
        strip = paint.Strip(self.rect(), mirrored=mirrored)
        strip.take(max(0, (self.width() - needed) // 2))
        if self.choice.icon:
            place = paint.centered(strip.take(14, 6), 14, 14)
            icons.paint(painter, self.choice.icon, place, "text" if chosen else "text_2")
        tone = paint_tone(chosen, self.isEnabled())
        words = strip.take(fonts.width(face, self.choice.text), 6)
        paint.text(painter, words, self.choice.text, face=face, tone=tone)
        if self._count:
            paint.text(painter, strip.rest(), self._count, face=fonts.font(11), tone="text_3")
        painter.end()


def paint_tone(chosen: bool, enabled: bool) -> Tone:
    """Colour of a choice's word."""
    if not enabled:
        return "text_3"
    return "text" if chosen else "text_2"


class Segmented(QWidget):
    """Exclusive choices.

    Args:
        choices: in order.
        name: what is chosen, for assistive technology.
        chosen: key of the first choice in force; the first one when empty.
        small: 28 px high.

    Signals:
        chosen_changed(str): the key, when the person chose another.
    """

    chosen_changed = Signal(str)

    def __init__(
        self,
        choices: Sequence[Choice],
        name: str,
        *,
        chosen: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._segments: dict[str, _Segment] = {}
        self._group = QButtonGroup(self)
        height = 28 if small else CONTROL
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for number, choice in enumerate(choices):
            segment = _Segment(
                choice, first=number == 0, last=number == len(choices) - 1, height=height
            )
            segment.stepped.connect(self._step)
            self._segments[choice.key] = segment
            self._group.addButton(segment)
            layout.addWidget(segment)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._quiet = False
        self.choose(chosen or choices[0].key)
        self._group.buttonToggled.connect(self._toggled)

    @property
    def chosen(self) -> str:
        """The key of the choice in force."""
        button = self._group.checkedButton()
        return button.choice.key if isinstance(button, _Segment) else ""

    def choose(self, key: str) -> None:
        """Choose without a signal."""
        self._quiet = True
        self._segments[key].setChecked(True)
        self._quiet = False

    def set_count(self, key: str, count: str) -> None:
        """Change the count of one choice."""
        self._segments[key].set_count(count)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        paint.box(painter, self.rect(), fill="surface", border="field")
        painter.end()

    def _step(self, step: int) -> None:
        order = list(self._segments.values())
        place = next((n for n, segment in enumerate(order) if segment.isChecked()), 0)
        chosen = order[(place + step) % len(order)]
        chosen.setChecked(True)
        chosen.setFocus(Qt.FocusReason.TabFocusReason)

    def _toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked and not self._quiet and isinstance(button, _Segment):
            self.chosen_changed.emit(button.choice.key)
