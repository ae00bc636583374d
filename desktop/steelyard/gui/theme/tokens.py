"""Every colour and length of the window. Two sets of colours, one set of lengths; all drawing takes them from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Tone: TypeAlias = Literal[
    "bg",
    "rail",
    "surface",
    "sunken",
    "desk",
    "line",
    "field",
    "text",
    "text_2",
    "text_3",
    "accent",
    "on_accent",
    "accent_text",
    "accent_tint",
    "green",
    "green_tint",
    "amber",
    "amber_tint",
    "red",
    "red_tint",
    "blue",
    "blue_tint",
    "grey_tint",
    "series_weights",
    "series_kv",
    "series_compute",
]
"""The name of a colour: a field of `Tokens`."""


@dataclass(frozen=True)
class Tokens:
    """One theme's colours, `#RRGGBB`.

    Attributes:
        bg, rail, surface, sunken, desk: grounds: page, left rail and status bar, cards and fields,
            table headers, behind a page of paper.
        line: hairlines; decoration only, no meaning rests on it.
        field: borders of fields and buttons, dashed marks; 3:1 on its grounds.
        text, text_2, text_3: body, secondary, hints; 4.5:1 on every ground they are used on.
        accent, on_accent: the one primary button, selection bar, focus.
        accent_text, accent_tint: links and tags; selected rows.
        green, amber, red, blue and their tints: only ever beside a symbol and a word.
        grey_tint: the reader's own message in Chat.
        series_*: parts of a bar, never a verdict.
    """

    name: Literal["light", "dark"]
    bg: str
    rail: str
    surface: str
    sunken: str
    desk: str
    line: str
    field: str
    text: str
    text_2: str
    text_3: str
    accent: str
    on_accent: str
    accent_text: str
    accent_tint: str
    green: str
    green_tint: str
    amber: str
    amber_tint: str
    red: str
    red_tint: str
    blue: str
    blue_tint: str
    grey_tint: str
    series_weights: str
    series_kv: str
    series_compute: str

    def value(self, tone: Tone) -> str:
        """The colour of a tone, `#RRGGBB`."""
        colour: str = getattr(self, tone)
        return colour


LIGHT = Tokens(
    name="light",
    bg="#F6F4F0",
    rail="#EEEBE5",
    surface="#FFFFFF",
    sunken="#F8F6F2",
    desk="#E9E5DE",
    line="#DFDBD3",
    field="#8C867B",
    text="#23201B",
    text_2="#575147",
    text_3="#6B655A",
    accent="#8A6D1D",
    on_accent="#FFFFFF",
    accent_text="#755B12",
    accent_tint="#F5EEDB",
    green="#2A6A3D",
    green_tint="#E6F0E7",
    amber="#9A4A05",
    amber_tint="#FBECD9",
    red="#A3261F",
    red_tint="#F9E5E2",
    blue="#22588E",
    blue_tint="#E4EDF6",
    grey_tint="#EFECE6",
    series_weights="#57524A",
    series_kv="#AB872A",
    series_compute="#6E8CA0",
)

DARK = Tokens(
    name="dark",
    bg="#1B1916",
    rail="#151311",
    surface="#24211E",
    sunken="#201E1A",
    desk="#12110F",
    line="#3A362F",
    field="#847D71",
    text="#EDE9E1",
    text_2="#BDB6AA",
    text_3="#A09A8D",
    accent="#D9B44A",
    on_accent="#1B1916",
    accent_text="#E2C264",
    accent_tint="#383020",
    green="#84C794",
    green_tint="#233126",
    amber="#F0A26D",
    amber_tint="#3B2B1F",
    red="#F2938A",
    red_tint="#3E2725",
    blue="#90BDEB",
    blue_tint="#222E3A",
    grey_tint="#302C27",
    series_weights="#A39C90",
    series_kv="#D9B44A",
    series_compute="#6C93AE",
)

UNIT = 4
NEAR = 8
"""Between related things."""
APART = 16
"""Between groups; padding of a card."""
MARGIN = 24
"""Around a page."""
RADIUS = 6
"""Boxes, buttons, fields."""
RADIUS_SMALL = 4
"""Chips, tags, check boxes."""
RADIUS_BAR = 2
"""Segments of bars."""
CONTROL = 32
CONTROL_SMALL = 24
CHIP = 20
ROW = 32
GROUP_ROW = 28
CARD_HEADER = 40
TAB_BAR = 36
RAIL = 184
RAIL_NARROW = 56
TOP_BAR = 56
STATUS_BAR = 28

LINE_HEIGHTS = {11: 16, 13: 20, 16: 24, 20: 28}
"""Line height in px by text size in px."""
