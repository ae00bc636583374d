"""Says, while something is held over the window, what dropping it does, or why it cannot be taken in."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from steelyard.gui import icons, paint
from steelyard.gui.frame.dropped import Dropped
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import Tone


class DropHint(QWidget):
    """Covers the window while it is shown."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._headline = ""
        self._lines: tuple[str, ...] = ()
        self._icon = "import"
        self._usable = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def headline(self) -> str:
        """What it says."""
        return self._headline

    def show_for(self, dropped: Dropped) -> None:
        """Say what these are."""
        self._icon = "import" if dropped.paths("model") else "scan"
        self._say(dropped.headline, (dropped.names, dropped.explained), dropped.usable)

    def show_for_address(self) -> None:
        """Say where an address belongs."""
        translate = QCoreApplication.translate
        said = translate("Dropped", "Press Ctrl+K and paste the address there to look it up.")
        self._say(translate("Dropped", "An address is not a file"), (said,), False)

    def _say(self, headline: str, lines: tuple[str, ...], usable: bool) -> None:
        self._headline, self._usable = headline, usable
        self._lines = tuple(line for line in lines if line)
        self.setAccessibleName(headline)
        self.setAccessibleDescription(" ".join(self._lines))
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        painter.setOpacity(0.92)
        painter.fillRect(self.rect(), appearance.color("bg"))
        painter.setOpacity(1.0)
        area = self.rect().adjusted(16, 16, -16, -16)
        border: Tone = "accent" if self._usable else "amber"
        paint.box(painter, area, border=border, width=2, dashed=True, radius=10)
        middle = area.center()
        place = QRect(middle.x() - 16, middle.y() - 52, 32, 32)
        if self._usable:
            icons.paint(painter, self._icon, place, "accent")
        else:
            icons.paint_mark(painter, "refused", place)
        line = QRect(area.left() + 24, middle.y() - 8, area.width() - 48, 24)
        face = fonts.font(16, fonts.SEMIBOLD)
        paint.text(painter, line, self._headline, face=face, align=paint.CENTER)
        for number, words in enumerate(self._lines):
            below = line.translated(0, 28 + 22 * number)
            tone: Tone = "text" if number == 0 and len(self._lines) > 1 else "text_2"
            paint.text(painter, below, words, tone=tone, align=paint.CENTER)
        painter.end()
