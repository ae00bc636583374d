"""Names from outside show what is in them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.gui.names import display_name, menu_text, plain_tooltip


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Qwen3 8B", "Qwen3 8B"),
        ("model\u202egguf.exe", "model⟨U+202E⟩gguf.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("l\u0430ma", "l\u0430⟨U+0430⟩ma"),
        ("two\nlines", "two lines"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("\uff21dmin", "\uff21⟨U+FF21⟩dmin"),
        ("em\u2003space", "em⟨U+2003⟩space"),
        ("soft\u00adhyphen", "soft⟨U+00AD⟩hyphen"),
        ("isolate\u2066x\u2069", "isolate⟨U+2066⟩x⟨U+2069⟩"),
    ],
)
def test_what_deceives_is_written_out(raw: str, shown: str) -> None:
    assert display_name(raw) == shown


@pytest.mark.parametrize(
    "name",
    [
        "Модель для русского",
        "Größe übrig",
        "模型 八十亿",
        "نموذج",
        "Ελληνικό μοντέλο",
        "café",
        "हिन्दी",
    ],
)
def test_ordinary_words_in_any_script_stay_as_they_are(name: str) -> None:
    assert display_name(name) == name


def test_a_word_wholly_of_look_alikes_is_marked() -> None:
    assert "⟨U+0430⟩" in display_name("\u0430\u0440\u0440")


def test_a_pile_of_marks_is_written_out() -> None:
    assert "⟨U+0301⟩" in display_name("a" + "\u0301" * 8)


@given(st.text(max_size=60))
def test_nothing_hidden_is_left(text: str) -> None:
    for char in display_name(text):
        assert unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")


@given(st.text(max_size=60))
def test_markup_has_no_power_in_tooltips_and_menus(text: str) -> None:
    inside = plain_tooltip(text).removeprefix("<span>").removesuffix("</span>")
    assert "<" not in inside
    assert menu_text(text).count("&") == 2 * text.count("&")
