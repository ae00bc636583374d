"""Buttons: outlined, primary (one per page), flat, and links. They paint themselves, so icons follow the theme.

A click does not move the keyboard's place; Tab reaches every one of them.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QWidget

from steelyard.gui import icons, paint
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.theme.tokens import CONTROL, CONTROL_SMALL, RADIUS, Tone

Kind = Literal["outlined", "primary", "flat"]


class Button(QPushButton):
    """A button 32 px high, or 24 when small.

    Args:
        text: the word on it; `&` marks its key. Empty for an icon alone; then give `name`.
        icon: name of an icon, or None.
        kind: `outlined`, `primary` (filled with the accent: one per page) or `flat`.
        small: 24 px high, 11 px type.
        name: accessible name and tooltip; needed when there is no text.
        icon_px: side of the icon, where 16 (small: 14) is too large.
    """

    def __init__(
        self,
        text: str = "",
        *,
        icon: str | None = None,
        kind: Kind = "outlined",
        small: bool = False,
        name: str = "",
        icon_px: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon = icon
        self._icon_size = icon_px or (14 if small else 16)
        self._kind: Kind = kind
        self._small = small
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        weight = fonts.SEMIBOLD if kind == "primary" else fonts.MEDIUM
        self.setFont(fonts.font(11 if small else 13, weight))
        if kind == "primary":
            self.setProperty("ringTone", "text")
        if name:
            self.setAccessibleName(name)
            if not text:
                self.setToolTip(name)

    @property
    def kind(self) -> Kind:
        """`outlined`, `primary` or `flat`."""
        return self._kind

    def set_icon(self, icon: str | None) -> None:
        """Change the icon."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: Kind) -> None:
        """Change the kind, for a button that follows a state (Send becomes Stop)."""
        self._kind = kind
        weight = fonts.SEMIBOLD if kind == "primary" else fonts.MEDIUM
        self.setFont(fonts.font(11 if self._small else 13, weight))
        self.setProperty("ringTone", "text" if kind == "primary" else None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = CONTROL_SMALL if self._small else CONTROL
        if not self.text():
            return QSize(height, height)
        width = 2 * self._padding() + fonts.width(self.font(), self._words())
        if self._icon:
            width += self._icon_px() + self._gap()
        if self.menu():
            width += 12 + self._gap()
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses it, as Space does; Qt by itself lets it do so in dialogs only."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        if not self.isEnabled():
            painter.setOpacity(0.5 if self._kind == "primary" else 0.6)
        self._paint_ground(painter)
        tone = self._tone()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        words = self._words()
        content = (fonts.width(self.font(), words) if words else 0) + (
            self._icon_px() if self._icon else 0
        )
        content += self._gap() if self._icon and words else 0
        content += 12 + self._gap() if self.menu() and words else 0
        start = max(0 if not words else self._padding(), (self.width() - content) // 2)
        strip = paint.Strip(self.rect(), mirrored=mirrored)
        strip.take(start)
        if self._icon:
            side = self._icon_px()
            place = strip.take(side, self._gap() if words else 0)
            icons.paint(painter, self._icon, paint.centered(place, side, side), self._icon_tone())
        if words:
            room = fonts.width(self.font(), words)
            paint.text(painter, strip.take(room, self._gap()), words, face=self.font(), tone=tone)
        if self.menu() and words:
            icons.paint(painter, "down", paint.centered(strip.take(12), 12, 12), self._icon_tone())
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def _paint_ground(self, painter: QPainter) -> None:
        down = self.isDown() or self.isChecked()
        hover = self.underMouse() and self.isEnabled()
        if self._kind == "primary":
            paint.box(painter, self.rect(), fill="accent")
            if hover or down:
                shade = appearance.color("text" if appearance.tokens().name == "light" else "bg")
                painter.setOpacity(0.18 if down else 0.09)
                path_fill = self.rect()
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(shade)
                painter.drawRoundedRect(path_fill, RADIUS, RADIUS)
                painter.setOpacity(1.0)
        elif self._kind == "outlined":
            fill: Tone = "accent_tint" if down else "sunken" if hover else "surface"
            paint.box(painter, self.rect(), fill=fill, border="field")
        elif down or hover:
            paint.box(painter, self.rect(), fill="accent_tint" if down else "grey_tint")

    def _words(self) -> str:
        return self.text().replace("&&", "\0").replace("&", "").replace("\0", "&")

    def _tone(self) -> Tone:
        if self._kind == "primary":
            return "on_accent"
        return "text_2" if self._kind == "flat" else "text"

    def _icon_tone(self) -> Tone:
        return "on_accent" if self._kind == "primary" else "text_2"

    def _icon_px(self) -> int:
        return self._icon_size

    def _gap(self) -> int:
        return 6 if self._small else 8

    def _padding(self) -> int:
        if self._small or self._kind == "flat":
            return 9
        return 17 if self._kind == "primary" else 13


class IconButton(Button):
    """A square button with an icon alone; `name` says what it does."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        kind: Kind = "flat",
        small: bool = True,
        icon_px: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            icon=icon, kind=kind, small=small, name=name, icon_px=icon_px, parent=parent
        )


class Link(QAbstractButton):
    """Underlined words that do something; never opens anything outside by itself."""

    def __init__(self, text: str, *, size: int = 13, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setFont(fonts.font(size))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ringRadius", 2)

    def sizeHint(self) -> QSize:
        return QSize(
            fonts.width(self.font(), self.text()), 20 if self.font().pixelSize() > 11 else 16
        )

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        tone: Tone = "accent_text" if self.isEnabled() else "text_3"
        area = QRect(self.rect())
        drawn = paint.text(painter, area, self.text(), face=self.font(), tone=tone)
        below = area.center().y() + self.font().pixelSize() // 2 + 1
        left = area.left()
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = area.right() - drawn + 1
        paint.rule(painter, left, below, left + drawn - 2, below, tone)
        painter.end()
