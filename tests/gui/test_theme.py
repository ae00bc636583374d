"""Colours hold their contrast, in both themes, on every ground they are used on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

import steelyard.gui
from steelyard.gui import icons
from steelyard.gui.drawings import CHIPS, ICONS, MARKS
from steelyard.gui.theme import appearance
from steelyard.gui.theme.stylesheet import stylesheet
from steelyard.gui.theme.tokens import DARK, LIGHT, Tokens
from steelyard.gui.widgets import marks

TEXT = (
    *[
        ("text", ground)
        for ground in ("bg", "surface", "sunken", "rail", "accent_tint", "grey_tint")
    ],
    *[
        ("text_2", ground)
        for ground in ("bg", "surface", "sunken", "rail", "accent_tint", "grey_tint")
    ],
    *[("text_3", ground) for ground in ("bg", "surface", "sunken", "rail", "accent_tint")],
    *[(f"{mood}", f"{mood}_tint") for mood in ("green", "amber", "red", "blue")],
    *[
        (mood, ground)
        for mood in ("green", "amber", "red", "blue")
        for ground in ("surface", "accent_tint")
    ],
    *[("text", f"{mood}_tint") for mood in ("green", "amber", "red", "blue")],
    *[("text_2", f"{mood}_tint") for mood in ("green", "amber", "red", "blue")],
    ("on_accent", "accent"),
    ("accent_text", "surface"),
    ("accent_text", "bg"),
    ("accent_text", "accent_tint"),
)
MARKED = (
    *[("accent", ground) for ground in ("bg", "surface", "rail", "accent_tint")],
    *[("field", ground) for ground in ("bg", "surface", "accent_tint")],
    *[(f"series_{part}", "surface") for part in ("weights", "kv", "compute")],
)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize(("tone", "ground"), TEXT)
def test_text_has_a_contrast_of_four_and_a_half(tokens: Tokens, tone: str, ground: str) -> None:
    assert contrast(getattr(tokens, tone), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize(("tone", "ground"), MARKED)
def test_marks_have_a_contrast_of_three(tokens: Tokens, tone: str, ground: str) -> None:
    assert contrast(getattr(tokens, tone), getattr(tokens, ground)) >= 3.0


def test_only_tokens_name_colours() -> None:
    root = Path(steelyard.gui.__file__).parent
    colour = re.compile(r"#[0-9A-Fa-f]{6}\b|QColor\(\s*[\"'0-9]|GlobalColor\.(?!transparent)")
    named = [
        f"{path.relative_to(root)}: {found.group()}"
        for path in root.rglob("*.py")
        if path.name != "tokens.py"
        for found in colour.finditer(
            re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.S)
        )
    ]
    assert named == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_stylesheet_has_no_gap_left(tokens: Tokens) -> None:
    text = stylesheet(tokens)
    assert "$" not in text
    assert text.count("{") == text.count("}")


def _ink(draw: object, size: int, scale: int) -> QImage:
    image = QImage(size * scale, size * scale, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw(painter, QRect(0, 0, size, size))  # type: ignore[operator]
    painter.end()
    return image


def _dark(image: QImage) -> set[tuple[int, int]]:
    """Pixels that are ink to somebody who sees no colour, on the surface of the light theme."""
    page = QImage(image.size(), QImage.Format.Format_ARGB32)
    page.fill(appearance.color("surface"))
    painter = QPainter(page)
    painter.drawImage(0, 0, image)
    painter.end()
    grey = page.convertToFormat(QImage.Format.Format_Grayscale8)
    return {
        (x, y)
        for x in range(grey.width())
        for y in range(grey.height())
        if grey.pixelColor(x, y).red() < 170
    }


def _painted(image: QImage) -> set[tuple[int, int]]:
    return {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 127
    }


@pytest.mark.parametrize("name", sorted(ICONS))
@pytest.mark.parametrize("scale", [1, 2])
def test_every_icon_draws_something_in_its_colour(name: str, scale: int) -> None:
    image = _ink(lambda p, r: icons.paint(p, name, r, "red"), 16, scale)
    painted = _painted(image)
    assert len(painted) >= 3 * scale
    x, y = max(painted, key=lambda at: image.pixelColor(*at).alpha())
    shown = image.pixelColor(x, y)
    assert abs(shown.red() - appearance.color("red").red()) < 12
    assert abs(shown.blue() - appearance.color("red").blue()) < 12


@pytest.mark.parametrize("size", [14, 16])
def test_state_marks_differ_without_colour(size: int) -> None:
    shapes = {
        state: frozenset(_dark(_ink(lambda p, r, s=state: icons.paint_mark(p, s, r), size, 1)))
        for state in MARKS
    }
    for first, one in shapes.items():
        for second, other in shapes.items():
            if first < second:
                assert len(one ^ other) > 12, f"{first} and {second} look alike"


def test_not_mentioned_never_looks_like_yes() -> None:
    yes = _painted(_ink(lambda p, r: icons.paint_mark(p, "yes", r), 16, 1))
    silent = _painted(_ink(lambda p, r: icons.paint_mark(p, "not-mentioned", r), 16, 1))
    assert len(silent) < len(yes) / 2
    assert marks.state_tone("not-mentioned") != marks.state_tone("yes")


def test_chip_symbols_draw() -> None:
    for verdict in CHIPS:
        image = _ink(lambda p, r, v=verdict: icons.paint_chip_symbol(p, v, r, "text"), 12, 1)
        assert len(_painted(image)) >= 4


def test_a_theme_change_reaches_widgets_at_once(qapp: QApplication) -> None:
    from steelyard.gui.widgets.buttons import Button

    button = Button("Import", icon="import", kind="primary")
    button.resize(button.sizeHint())
    light = button.grab().toImage().pixelColor(4, 16).name()
    appearance.apply(qapp, "dark")
    try:
        dark = button.grab().toImage().pixelColor(4, 16).name()
    finally:
        appearance.apply(qapp, "light")
    assert (light, dark) == (LIGHT.accent.lower(), DARK.accent.lower())
