"""Names that are not what they look like are said to be so; ordinary names of any language are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.catalog.appearances import warning_for


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("meta-llama/\u202eB8-amalL", "U+202E"),
        ("Qwen/Qwen3\u200b-8B", "U+200B"),
        ("a\x1b[31mb", "U+001B"),
        ("meta-llаma/Llama", "Cyrillic and Latin"),
        ("gооgle", "Cyrillic and Latin"),
        ("αpple", "Greek and Latin"),
        ("Ԛԝе/х", "Cyrillic letters that look like Latin"),
        ("ΟΡΕΝ", "Greek letters that look like Latin"),
        ("mistralаi", "Cyrillic and Latin"),
    ],
)
def test_false_names_are_said(name: str, part: str) -> None:
    assert part in warning_for(name)
    assert part in warning_for("plain/name", "", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Qwen/Qwen3-8B",
        "Müller/Größe",
        "ялоза/Яндекс-модель",
        "Ελληνικό-μοντέλο",
        "通义千问/Qwen通义",
        "日本語LLMモデル",
        "한국어Model",
        "हिन्दी-मॉडल",
        "ｆｕｌｌ",
        "naïve_β-2",
        "<b>html</b> & <img src=x>",
    ],
)
def test_ordinary_names_are_not(name: str) -> None:
    assert warning_for(name) == ""


@given(st.text(max_size=40))
def test_any_name_has_a_warning_or_none(name: str) -> None:
    found = warning_for(name)
    assert found == "" or (found.startswith("The name") and found.isprintable())
