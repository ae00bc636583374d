"""Which theme is in force, and the one place that changes it.

Drawing code asks `color(tone)` each time it paints, so a change reaches everything with the next repaint; nothing
keeps a colour of its own.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication

from steelyard.gui.theme.palette import palette
from steelyard.gui.theme.stylesheet import stylesheet
from steelyard.gui.theme.tokens import DARK, LIGHT, Tokens, Tone


class _InForce:
    """The theme in force and what was asked for: `system`, `light` or `dark`."""

    tokens: Tokens = LIGHT
    choice: str = "system"


def tokens() -> Tokens:
    """The colours in force."""
    return _InForce.tokens


def choice() -> str:
    """What was asked for: `system`, `light` or `dark`."""
    return _InForce.choice


@lru_cache(maxsize=128)
def _color(value: str) -> QColor:
    return QColor(value)


def color(tone: Tone) -> QColor:
    """The colour of a tone in the theme in force. Callers must not change it."""
    return _color(_InForce.tokens.value(tone))


def apply(app: QApplication, theme: str = "system") -> None:
    """Dress the application: `system` follows the desktop where it tells and is light where it does not.

    Args:
        app: the application; its style must be Fusion.
        theme: `system`, `light` or `dark`; anything else counts as `system`.
    """
    _InForce.choice = theme if theme in ("light", "dark") else "system"
    _InForce.tokens = _resolve(_InForce.choice)
    app.setPalette(palette(_InForce.tokens))
    app.setStyleSheet(stylesheet(_InForce.tokens))


def follow_system(app: QApplication) -> None:
    """Apply again whenever the desktop changes between light and dark."""

    def changed() -> None:
        if _InForce.choice == "system" and _resolve("system") is not _InForce.tokens:
            apply(app, "system")

    QGuiApplication.styleHints().colorSchemeChanged.connect(changed)


def _resolve(theme: str) -> Tokens:
    if theme == "system":
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if theme == "dark" else LIGHT
