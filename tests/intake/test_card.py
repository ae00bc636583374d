"""The model card's front matter: what it says of license and ancestry, and nothing it cannot be held to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.intake.card import LIST_ITEMS, VALUE_CHARS, Card, parse_card, read_card


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("---\nlicense: mit\n---\n# x", Card("mit", 2)),
        ("\ufeff---\r\ntags:\r\n- a\r\nlicense: 'apache-2.0'\r\n---\r\n", Card("apache-2.0", 4)),
        ("---\nlicense: mit # chosen\n...\n", Card("mit", 2)),
        ('---\nlicense: "gemma"\nbase_model: a/b\n---\n', Card("gemma", 2, ("a/b",))),
        (
            "---\nlicense: other\nlicense_name: llama3.1\nlicense_link: x\n---\n",
            Card("other: llama3.1", 2),
        ),
        ("---\nlicense_name: llama3.1\n---\n", Card("llama3.1", 2)),
        (
            "---\nbase_model:\n- a/b\n- c/d\nlicense:\n- mit\n---\n",
            Card("mit", 5, ("a/b", "c/d")),
        ),
        ("---\nbase_model: [a/b, 'c/d']\n---\n", Card(None, None, ("a/b", "c/d"))),
        ("---\nlicense: mit\nlicense: gpl-3.0\n---\n", Card("mit", 2)),
        ("---\nmodel:\n  license: mit\n---\n", Card()),
        ("# Title\n---\nlicense: mit\n---\n", Card()),
        ("---\nlicense: mit\n", Card()),
        ("", Card()),
    ],
)
def test_front_matter_is_read_as_publishers_write_it(text: str, card: Card) -> None:
    assert parse_card(text) == card


def test_values_have_limits_and_no_control_characters() -> None:
    card = parse_card(
        "---\nlicense: " + "x" * 5000 + "\nbase_model:\n" + "- a\x1b[31m/b\n" * 500 + "---\n"
    )
    assert len(card.license or "") == VALUE_CHARS
    assert card.base_models == ("a[31m/b",) * LIST_ITEMS


def test_a_card_that_is_not_text_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"\xff\xfe" + bytes(range(256)) * 1000)
    assert read_card(tmp_path / "README.md") == Card()


@given(st.text(max_size=300))
def test_no_text_is_an_error(text: str) -> None:
    card = parse_card(f"---\n{text}\n---\n")
    assert card.license is None or (card.license.isprintable() and len(card.license) < 500)
