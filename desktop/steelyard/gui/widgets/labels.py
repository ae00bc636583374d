"""Words: labels in the four sizes with the mock's line heights, always plain text.

`Label` is one line; `Elided` shortens itself to the room it has; `Paragraph` wraps with a line height of its own.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from steelyard.gui import paint
from steelyard.gui.names import plain_tooltip
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import LINE_HEIGHTS, Tone


class Label(QLabel):
    """One line of plain text.

    Args:
        text: shown as it is; markup has no power here.
        size: 11, 13, 16 or 20 px; sets the line height.
        weight: 400, 500 or 600.
        tone: colour.
        mono: the fixed-width face.
        selectable: text can be marked and copied, by keyboard too.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: int = 13,
        weight: int = fonts.REGULAR,
        tone: Tone = "text",
        mono: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._tone: Tone = tone
        self._face: QFont = fonts.mono(size) if mono else fonts.font(size, weight)
        self.setFont(self._face)
        self.setMinimumHeight(LINE_HEIGHTS[size])
        self.setProperty("tone", tone)
        self.setText(text)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    @property
    def tone(self) -> Tone:
        """The colour's name."""
        return self._tone

    def set_tone(self, tone: Tone) -> None:
        """Change the colour."""
        if tone == self._tone:
            return
        self._tone = tone
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.update()

    def set_weight(self, weight: int) -> None:
        """Change the weight."""
        self._face = fonts.font(self._face.pixelSize(), weight)
        self.setFont(self._face)


class Elided(Label):
    """One line that shortens itself; the whole text is in the tooltip while it does not fit.

    Args:
        mode: where to shorten; see `Label` for the rest.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: int = 13,
        weight: int = fonts.REGULAR,
        tone: Tone = "text",
        mono: bool = False,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, size=size, weight=weight, tone=tone, mono=mono, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Set the text and look again whether it fits."""
        super().setText(text)
        self._tell_whole()

    def minimumSizeHint(self) -> QSize:
        """Room for the dots at least."""
        return QSize(fonts.width(self._face, "…") + 8, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return QSize(fonts.width(self._face, self.text()) + 1, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        end = bool(self.alignment() & Qt.AlignmentFlag.AlignRight)
        paint.text(
            painter,
            self.contentsRect(),
            self.text(),
            face=self._face,
            tone=self._tone,
            align=paint.TRAILING if end else paint.LEADING,
            elide=self._mode,
        )
        painter.end()

    def _tell_whole(self) -> None:
        fits = fonts.width(self._face, self.text()) <= self.width()
        self.setToolTip("" if fits else plain_tooltip(self.text()))


class Paragraph(Label):
    """Plain text that wraps, with its own line height.

    Args:
        lead: a semibold first sentence before the text.
        line_height: px; the size's own when None (22 for answers in Chat).
        max_lines: more are cut off with dots; None for all. See `Label` for the rest.
    """

    def __init__(
        self,
        text: str = "",
        *,
        lead: str = "",
        size: int = 13,
        weight: int = fonts.REGULAR,
        tone: Tone = "text_2",
        mono: bool = False,
        line_height: int | None = None,
        max_lines: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self._line_height = line_height or LINE_HEIGHTS[size]
        self._max_lines = max_lines
        self._lead = ""
        self._measured = ("", "", fonts.REGULAR)
        self._heights: dict[int, int] = {}
        super().__init__("", size=size, weight=weight, tone=tone, mono=mono, parent=parent)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_text(text, lead=lead)

    def set_text(self, text: str, *, lead: str = "") -> None:
        """Change the text and the semibold sentence before it."""
        self._lead = lead
        self.setText(f"{lead} {text}".strip() if lead else text)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        # Layouts ask for many widths again and again, of every paragraph on the page when one of them grows.
        if self._measured != (said := (self.text(), self._lead, int(self._face.weight()))):
            self._measured = said
            self._heights.clear()
        if width not in self._heights:
            self._heights[width] = self._laid_out(width).lineCount() * self._line_height
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """At most 480 px wide, as high as it then is."""
        natural = max(fonts.width(self._bold(), line) for line in self.text().split("\n"))
        width = min(480, natural + 2)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self._line_height)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        area = self.contentsRect()
        painter.setPen(appearance.color(self._tone))
        metrics = QFontMetricsF(self._face)
        lead = round((self._line_height - metrics.ascent() - metrics.descent()) / 2)
        self._laid_out(area.width()).draw(painter, QPointF(area.left(), area.top() + lead))
        painter.end()

    def _bold(self) -> QFont:
        return fonts.font(self._face.pixelSize(), fonts.SEMIBOLD) if self._lead else self._face

    def _laid_out(self, width: int) -> QTextLayout:
        text = self.text().replace("\n", "\u2028")
        layout = self._lines(text, width)
        if self._max_lines is None or layout.lineCount() <= self._max_lines:
            return layout
        cut = layout.lineAt(self._max_lines - 1).textStart()
        units = text.encode("utf-16-le", "surrogatepass")  # Qt counts in UTF-16 units
        kept, rest = (
            part.decode("utf-16-le", "replace") for part in (units[: 2 * cut], units[2 * cut :])
        )
        rest = rest.replace("\u2028", " ")
        last = QFontMetricsF(self._face).elidedText(rest, Qt.TextElideMode.ElideRight, width - 1)
        return self._lines(kept + last, width)

    def _lines(self, text: str, width: int) -> QTextLayout:
        layout = QTextLayout(text, self._face)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(paint.direction_of(text))
        option.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        )
        if self.alignment() & Qt.AlignmentFlag.AlignHCenter:
            option.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.setTextOption(option)
        if self._lead:
            strong = QTextLayout.FormatRange()
            strong.start, strong.length = 0, len(self._lead.encode("utf-16-le")) // 2
            strong.format.setFont(self._bold())
            layout.setFormats([strong])
        layout.beginLayout()
        height = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, height))
            height += self._line_height
        layout.endLayout()
        return layout


def title(text: str, size: int = 16) -> Label:
    """A title: 16 or 20 px semibold; 13 for the head of a group."""
    return Label(text, size=size, weight=fonts.SEMIBOLD)


def small(text: str = "", tone: Tone = "text_2", weight: int = fonts.REGULAR) -> Label:
    """11 px."""
    return Label(text, size=11, tone=tone, weight=weight)


def field_label(text: str, buddy: QWidget | None = None) -> Label:
    """The 11 px medium label above a field; give the field as its buddy."""
    made = Label(text, size=11, tone="text_2", weight=fonts.MEDIUM)
    if buddy is not None:
        made.setBuddy(buddy)
        if not buddy.accessibleName():
            buddy.setAccessibleName(text.replace("&", ""))
    return made
