"""Fields: one line of text, numbers with a unit, many lines, and the label that belongs to each."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from steelyard.gui import icons, paint
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import CONTROL, Tone
from steelyard.gui.widgets.labels import Elided, field_label


class TextField(QLineEdit):
    """One line, 32 px high.

    Args:
        placeholder: shown while empty; not a label.
        name: accessible name, where no label is its buddy.
        icon: drawn at the leading edge.
        width: px, or None: takes what there is.
        mono: the fixed-width face, for digests.
    """

    def __init__(
        self,
        placeholder: str = "",
        *,
        name: str = "",
        icon: str | None = None,
        width: int | None = None,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFont(fonts.mono(11) if mono else fonts.font())
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        if icon:
            self.setTextMargins(24, 0, 0, 0)
        if width is not None:
            self.setFixedWidth(width)
        self.setFixedHeight(CONTROL)

    def set_wrong(self, wrong: bool) -> None:
        """Give it a red border; say beside it what is wrong."""
        self.setProperty("wrong", wrong)
        self.style().unpolish(self)
        self.style().polish(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._icon:
            return
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        strip = paint.Strip(self.rect().adjusted(10, 0, -10, 0), mirrored=mirrored)
        icons.paint(painter, self._icon, paint.centered(strip.take(16), 16, 16), "text_3")
        painter.end()


class _Digits(QLineEdit):
    """The line edit inside a number field: it is the box, and draws the unit behind the digits."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit
        self.setFont(fonts.font())
        room = fonts.width(fonts.font(), unit) + 8 if unit else 0
        self.setTextMargins(8, 0, 9 + room, 0)
        # Inside a spin box a stylesheet's box would be the spin box's; ours is painted below instead.
        self.setStyleSheet("QLineEdit { background: transparent; border: 0; padding: 0; }")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        on = self.isEnabled()
        ground: Tone = "surface" if on else "sunken"
        paint.box(painter, self.rect(), fill=ground, border="field" if on else "line")
        area = self.rect().adjusted(11, 0, -11, 0)
        paint.text(painter, area, self._unit, tone="text_3", align=paint.TRAILING)
        painter.end()
        super().paintEvent(event)


def _dress(spin: QSpinBox | QDoubleSpinBox, width: int, name: str, unit: str) -> None:
    spin.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # digits run so in every language
    spin.setFrame(False)
    spin.setLineEdit(_Digits(unit))
    spin.setFont(fonts.font())
    spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    spin.setGroupSeparatorShown(True)
    spin.setFixedSize(width, CONTROL)
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(name)
    spin.setAccessibleDescription(unit)


class NumberField(QSpinBox):
    """A whole number, right-aligned, with separators; arrow keys change it, the wheel does not.

    Args:
        low, high: bounds.
        value: at first.
        unit: drawn behind the number ("tokens").
        width: px.
    """

    def __init__(
        self,
        low: int,
        high: int,
        value: int,
        *,
        name: str = "",
        unit: str = "",
        step: int = 1,
        width: int = 84,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        _dress(self, width, name, unit)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setValue(value)

    def setAccessibleName(self, name: str) -> None:
        """Name the field and the line edit inside it, which is what has the keyboard."""
        super().setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class DecimalField(QDoubleSpinBox):
    """A number with decimals; see `NumberField`."""

    def __init__(
        self,
        low: float,
        high: float,
        value: float,
        *,
        name: str = "",
        unit: str = "",
        step: float = 0.1,
        places: int = 2,
        width: int = 84,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        _dress(self, width, name, unit)
        self.setDecimals(places)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Without zeros nobody needs, but with one decimal."""
        text = QLocale().toString(value, "f", self.decimals())
        point = QLocale().decimalPoint()
        while text.endswith("0") and not text.endswith(point + "0"):
            text = text[:-1]
        return text

    def setAccessibleName(self, name: str) -> None:
        """Name the field and the line edit inside it, which is what has the keyboard."""
        super().setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class TextArea(QPlainTextEdit):
    """Many lines of plain text; grows with its content from `rows` to `most_rows`. Tab leaves it.

    Args:
        framed: with the border of a field; without, it lies inside a box of ours (a composer).
        mono: the fixed-width face.
        submit_on_return: Return emits `submitted`, Shift+Return breaks the line.

    Signals:
        submitted(): Return was pressed (only with `submit_on_return`).
    """

    submitted = Signal()

    def __init__(
        self,
        placeholder: str = "",
        *,
        name: str = "",
        rows: int = 1,
        most_rows: int = 8,
        framed: bool = True,
        mono: bool = False,
        submit_on_return: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows, self._most = rows, most_rows
        self._submit = submit_on_return
        self.setProperty("framed", framed)
        self.setProperty("bare", not framed)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setFont(fonts.mono() if mono else fonts.font())
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wants = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self._submit and wants and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())

    def _fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        lines = max(1, round(self.document().size().height()))
        shown = min(max(self._rows, lines), self._most)
        extra = 14 if self.property("framed") else 6
        height = max(CONTROL if self.property("framed") else 24, shown * line + extra)
        policy = (
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > self._most
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.setVerticalScrollBarPolicy(policy)
        if height != self.height():
            self.setFixedHeight(height)


class Labelled(QWidget):
    """A field with its label above and perhaps a line of help below; the label is the field's buddy.

    Args:
        label: `&` marks its key.
        field: the control.
        help_text: 11 px below.
    """

    def __init__(
        self, label: str, field: QWidget, help_text: str = "", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        field.setAccessibleName(label.replace("&", ""))
        layout.addWidget(field_label(label, field))
        layout.addWidget(field)
        if help_text:
            layout.addWidget(Elided(help_text, size=11, tone="text_2"))
            field.setAccessibleDescription(help_text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
