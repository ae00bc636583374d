"""Whether a name may not be what it looks like, said in words (THREATS 75).

Three things are looked for, after Unicode Technical Standard 39 ("Unicode Security Mechanisms"): characters that
reorder or hide text, a word that mixes scripts that are not written together (UTS 39 section 5.2, "highly
restrictive"), and a word wholly of letters from another script that all have a Latin double (whole-script
confusables, section 4). Nothing is corrected or rejected: a name is data, and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
)
"""Scripts one language writes in one word (UTS 39, Table 1)."""

_LATIN_DOUBLES = frozenset(
    "аАвВеЕзкКмМнНоОрРсСтТуУхХіІјЈѕЅһԁԚԛԜԝҮүӏ"  # Cyrillic
    "αΑβΒγεΕΖηΗιΙκΚΜνΝοΟρΡτΤυΥχΧω"  # Greek
    "օսոհցզքԼՕՍ"  # Armenian
    "ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏔᏃ"  # Cherokee
)
"""Letters that a Latin one is commonly taken for; a hand-made part of UTS 39's confusables."""

_WORD = re.compile(r"[^\W_]+")
_NAMES = {"CJK": "HAN", "IDEOGRAPHIC": "HAN", "KATAKANA-HIRAGANA": "KATAKANA"}


@lru_cache(maxsize=4096)
def warning_for(*texts: str) -> str:
    """One sentence about the first thing found in a reference, title or publisher; empty: nothing."""
    for shown in texts:
        if shown.isascii() and shown.isprintable():
            continue
        if found := _hidden(shown) or _mixed(shown):
            return found
    return ""


def _hidden(shown: str) -> str:
    for char in shown:
        code = f"U+{ord(char):04X}"
        if char in _DIRECTION:
            return f"The name has a character that changes the direction of text ({code})."
        if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
            return f"The name has a character that is not shown ({code})."
    return ""


def _mixed(shown: str) -> str:
    for word in _WORD.findall(shown):
        letters = [char for char in word if char.isalpha()]
        scripts = {script for char in letters if (script := _script(char))}
        if len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER):
            listed = " and ".join(sorted(name.capitalize() for name in scripts))
            return f"The name mixes letters of different scripts in one word ({listed})."
        if (
            len(letters) > 1
            and "LATIN" not in scripts
            and all(char in _LATIN_DOUBLES for char in letters)
        ):
            script = next(iter(scripts), "").capitalize()
            return f"The name is written in {script} letters that look like Latin ones."
    return ""


def _script(char: str) -> str:
    """The script's name as the character's own name begins; empty for signs that belong to none.

    The standard library has no script property; names begin with it for every script in use here. Letters of a
    compatibility form (fullwidth, mathematical) count as what they stand for.
    """
    plain = unicodedata.normalize("NFKC", char)[:1]
    if plain.isascii():
        return "LATIN" if plain.isalpha() else ""
    first = unicodedata.name(plain, "").split(" ", maxsplit=1)[0]
    return "" if first in ("MODIFIER", "MICRO", "OHM") else _NAMES.get(first, first)
