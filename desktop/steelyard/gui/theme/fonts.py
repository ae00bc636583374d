"""Type: Inter where it is installed, else the system's face; tabular figures; sizes in px."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

REGULAR, MEDIUM, SEMIBOLD = 400, 500, 600
_WEIGHTS = {
    REGULAR: QFont.Weight.Normal,
    MEDIUM: QFont.Weight.Medium,
    SEMIBOLD: QFont.Weight.DemiBold,
}
_TRACKING_PX = {16: -0.1, 20: -0.2}
"""Titles are set a little tighter."""


@lru_cache(maxsize=64)
def font(size: int = 13, weight: int = REGULAR, *, tracking: float | None = None) -> QFont:
    """The face of the window.

    Args:
        size: px: 11, 13, 16 or 20.
        weight: 400, 500 or 600.
        tracking: extra space between letters in px; the size's own when None.

    Returns:
        A shared font; copy it before changing it.
    """
    made = QFont()
    made.setFamilies(["Inter", QGuiApplication.font().family()])
    made.setPixelSize(size)
    made.setWeight(_WEIGHTS[weight])
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    space = _TRACKING_PX.get(size, 0.0) if tracking is None else tracking
    if space:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, space)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setFeature(QFont.Tag("calt"), 0)
    return made


@lru_cache(maxsize=8)
def mono(size: int = 11) -> QFont:
    """The fixed-width face, for digests and templates only."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setFamilies(["DejaVu Sans Mono", *made.families()])
    made.setPixelSize(size)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, -0.1)
    return made


def width(face: QFont, text: str) -> int:
    """How many px a line of text takes, rounded up."""
    return math.ceil(QFontMetricsF(face).horizontalAdvance(text))
