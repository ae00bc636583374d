"""Text from outside, made safe to show: hidden characters and look-alike letters are written out.

Everything here returns plain text, or text in which markup has no power.
"""

from __future__ import annotations

import html
import re
import unicodedata

_LOOK_ALIKES = frozenset(
    # Cyrillic
    "абвеіјкмнорсѕтухцԁԛԝһӏѵѡ"
    "АВЕЅІЈКМНОРСТУХҮԌԜ"
    # Greek
    "αγικνορτυχω"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
    # Latin letters that pass for others, Armenian, Cherokee
    "ıɑɡ"
    "ոսօցզ"
    "ᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ"
)
_WORD = re.compile(r"[^\W_]+")
_MARKS_IN_A_ROW = 2
_HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}


def display_name(text: str) -> str:
    """A name from outside as it can be trusted to look.

    Control, direction-changing, invisible and unassigned characters, unusual spaces and piles of combining
    marks become `⟨U+202E⟩`; a letter of another script that passes for a Latin one is followed by its code point.
    Line ends become spaces. Ordinary text in any script is returned unchanged.
    """
    if text.isascii() and text.isprintable():
        return text  # what most names are, and tables show thousands of them
    flat = re.sub(r"[\r\n\t]+", " ", text)
    return "".join(_written_out(_mark_look_alikes(flat)))


def visible_text(text: str) -> str:
    """Running text from outside (answers, cards, prompts) with hidden and direction-changing characters written out.

    Unlike `display_name` it keeps line ends and tabs and says nothing of look-alikes, which are ordinary in prose.
    """
    return "\n".join(
        "\t".join("".join(_written_out(part)) for part in line.split("\t"))
        for line in text.replace("\r\n", "\n").split("\n")
    )


def _mark_look_alikes(text: str) -> str:
    def word(match: re.Match[str]) -> str:
        letters = match.group()
        strange = [c for c in letters if _passes_for_latin(c)]
        # A word all in one other script is a word of that script, unless every letter passes for Latin.
        suspicious = strange and (
            any(c.isascii() and c.isalpha() for c in letters)
            or all(_passes_for_latin(c) or c.isdigit() for c in letters)
        )
        if not suspicious:
            return letters
        return "".join(f"{c}{_code(c)}" if _passes_for_latin(c) else c for c in letters)

    return _WORD.sub(word, text)


def _passes_for_latin(char: str) -> bool:
    return (
        char in _LOOK_ALIKES or "\uff01" <= char <= "\uff5e" or "\U0001d400" <= char <= "\U0001d7ff"
    )


def _written_out(text: str) -> list[str]:
    if text.isascii() and text.isprintable():
        return [text]
    shown: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = category in _HIDDEN or (category == "Zs" and char not in " \u00a0\u202f")
        blank = char in "\u115f\u1160\u3164\uffa0\u2800\u034f"
        shown.append(_code(char) if hidden or blank or marks > _MARKS_IN_A_ROW else char)
    return shown


def _code(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"


def plain_tooltip(text: str) -> str:
    """Text for `setToolTip`, where Qt would otherwise guess whether it is markup."""
    return f"<span>{html.escape(text)}</span>" if text else ""


def menu_text(text: str) -> str:
    """Text for a menu entry or a button, where `&` would become a shortcut."""
    return text.replace("&", "&&")
