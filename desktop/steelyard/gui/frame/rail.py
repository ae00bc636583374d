"""The left rail: icon and word, in groups named by purpose; icons alone in a narrow window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.pages.page import PageSpec
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import RAIL, RAIL_NARROW, TOP_BAR, Tone
from steelyard.gui.widgets.layouts import Rule

_GROUPS = ("acquire", "use", "prove")


class _Brand(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(TOP_BAR)
        self.narrow = False

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        area = self.rect() if self.narrow else self.rect().adjusted(10, 0, -10, 0)
        strip = paint.Strip(area, mirrored=mirrored)
        place = area if self.narrow else strip.take(24, 10)
        icons.paint_brand(painter, paint.centered(place, 24, 24))
        if not self.narrow:
            face = fonts.font(16, fonts.SEMIBOLD, tracking=-0.2)
            paint.text(painter, strip.rest(), "Steelyard", face=face)
        painter.end()


class _GroupTitle(QWidget):
    def __init__(self, text: str, *, first: bool) -> None:
        super().__init__()
        self._text, self._first = text, first
        self.narrow = False
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        self.narrow = narrow
        self.setFixedHeight((0 if self._first else 13) if narrow else 36)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        if self.narrow:
            if not self._first:
                paint.rule(painter, 6, 6, self.width() - 6, 6)
        else:
            area = QRect(10, self.height() - 20, self.width() - 20, 16)
            face = fonts.font(11, fonts.MEDIUM, tracking=0.6)
            paint.text(painter, area, self._text, face=face, tone="text_3")
        painter.end()


class NavItem(QAbstractButton):
    """One entry: 32 px; the one in force is semibold with a 3 px bar at its edge."""

    def __init__(self, spec: PageSpec, key: str) -> None:
        super().__init__()
        self.spec = spec
        self._narrow = False
        self._count = ""
        self._key = key
        self.setText(spec.title())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def set_narrow(self, narrow: bool) -> None:
        """Icon alone."""
        self._narrow = narrow
        words = f"{self.text()}  {self._key}".strip()
        self.setToolTip(words if narrow else "")
        self.update()

    def set_count(self, count: int) -> None:
        """A number at the end: how many wait there. 0 shows none."""
        self._count = str(count) if count else ""
        self._name()
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.text()}, {self._count}" if self._count else self.text())
        self.setAccessibleDescription(self._key)

    def sizeHint(self) -> QSize:
        return QSize(32 if self._narrow else 120, 32)

    def nextCheckState(self) -> None:
        """The window says which one is in force, not the click."""

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
        if chosen:
            paint.box(painter, self.rect(), fill="surface", border="line")
            bar = QRect(0, 8, 3, self.height() - 16)
            if mirrored:
                bar.moveRight(self.width() - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(appearance.color("accent"))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        elif self.underMouse():
            paint.box(painter, self.rect(), fill="bg")
        tone: Tone = "accent" if chosen else "text_2"
        if self._narrow:
            icons.paint(
                painter, self.spec.icon or self.spec.id, paint.centered(self.rect(), 16, 16), tone
            )
            painter.end()
            return
        strip = paint.Strip(self.rect().adjusted(10, 0, -10, 0), mirrored=mirrored)
        place = paint.centered(strip.take(16, 10), 16, 16)
        icons.paint(painter, self.spec.icon or self.spec.id, place, tone)
        if self._count:
            end = strip.take_end(fonts.width(fonts.font(11), self._count), 8)
            paint.text(painter, end, self._count, face=fonts.font(11), tone="text_3")
        face = fonts.font(13, fonts.SEMIBOLD if chosen else fonts.REGULAR)
        words_tone: Tone = "text" if chosen else "text_2"
        paint.text(painter, strip.rest(), self.text(), face=face, tone=words_tone)
        painter.end()


class Rail(QWidget):
    """Signals: `asked(str)`: the person wants the page with this id."""

    asked = Signal(str)

    def __init__(self, specs: Sequence[PageSpec], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pages"))
        self._items: dict[str, NavItem] = {}
        self._titles: list[_GroupTitle] = []
        self._brand = _Brand()
        self._box = layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 9, 8)
        layout.setSpacing(0)
        layout.addWidget(self._brand)
        words = {
            "acquire": self.tr("ACQUIRE"),
            "use": self.tr("USE"),
            "prove": self.tr("PROVE"),
        }
        number = 0
        for group in (*_GROUPS, "foot"):
            members = [spec for spec in specs if spec.group == group]
            if group == "foot":
                layout.addStretch(1)
                layout.addWidget(Rule())
                layout.addSpacing(8)
            elif members:
                title = _GroupTitle(words[group], first=not self._titles)
                self._titles.append(title)
                layout.addWidget(title)
            for spec in members:
                number += 1
                item = NavItem(spec, f"Ctrl+{number}" if number <= 9 else "")
                item.clicked.connect(self._on_clicked)
                self._items[spec.id] = item
                layout.addWidget(item)
                layout.addSpacing(2)
        self.set_narrow(False)

    @property
    def order(self) -> tuple[str, ...]:
        """Ids from top to bottom: what Ctrl+1 to Ctrl+9 go to."""
        return tuple(self._items)

    def light(self, page: str) -> None:
        """Show which entry is in force."""
        for name, item in self._items.items():
            item.setChecked(name == page)

    def set_narrow(self, narrow: bool) -> None:
        """Icons alone, or with words."""
        self.setFixedWidth(RAIL_NARROW if narrow else RAIL)
        margin = 12 if narrow else 8
        self._box.setContentsMargins(margin, 0, margin + 1, 8)
        self._brand.narrow = narrow
        self._brand.update()
        for title in self._titles:
            title.set_narrow(narrow)
        for item in self._items.values():
            item.set_narrow(narrow)

    def item(self, page: str) -> NavItem:
        """The entry of a page."""
        return self._items[page]

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        painter.fillRect(self.rect(), appearance.color("rail"))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = 0 if mirrored else self.width() - 1
        paint.rule(painter, x, 0, x, self.height())
        painter.end()

    def _on_clicked(self) -> None:
        item = self.sender()
        if isinstance(item, NavItem):
            self.asked.emit(item.spec.id)
