"""Names and paths: what every platform can hold, and nothing else (THREATS 24, 49, 52)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.store.errors import InvalidName, UnsafePath
from steelyard.store.names import (
    NAME_CHARS,
    check_name,
    check_path,
    check_paths,
    fold,
    name_from,
    with_suffix,
)


@pytest.mark.parametrize("name", ["llama-3.1-8b-Q4_K_M", "a", "7b", "x" * NAME_CHARS])
def test_ordinary_names_are_taken_as_they_are(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "-flag",
        "trailing.",
        "trailing ",
        "a b",
        "a/b",
        "a\\b",
        "C:",
        "file:stream",
        "CON",
        "con.gguf",
        "Lpt1.txt",
        "NUL",
        "naïve",
        "x" * (NAME_CHARS + 1),
        "a\x00b",
        "a\nb",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_names_some_platform_cannot_hold_are_refused(name: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        check_name(name)
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Qwen2.5 0.5B Instruct", "Qwen2.5-0.5B-Instruct"),
        ("../../etc/passwd", "etc-passwd"),
        ("Modèle très bon", "Modele-tres-bon"),
        ("模型", "model"),
        ("CON", "model-CON"),
        ("...", "model"),
        ("a" * 300, "a" * NAME_CHARS),
    ],
)
def test_a_name_is_made_from_any_text(text: str, name: str) -> None:
    assert name_from(text) == name


@given(st.text(max_size=300))
def test_every_text_gives_a_valid_name(text: str) -> None:
    name = name_from(text)
    assert check_name(name) == name
    assert len(with_suffix(name, "quarantined-0123abcd")) <= NAME_CHARS


@pytest.mark.parametrize(
    "path",
    [
        "config.json",
        "model-00001-of-00002.safetensors",
        "sub/dir/file.gguf",
        "Größe.gguf",
        "模型.gguf",
    ],
)
def test_ordinary_paths_are_taken_as_they_are(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "a/./b",
        "a/",
        "a\\..\\b",
        "C:/x",
        "x.gguf:stream",
        "CON",
        "sub/aux.json",
        "COM¹.txt",
        "dot.",
        "dir./x",
        "space ",
        " space",
        "tab\t",
        "nul\x00",
        "line\u2028",
        "bidi\u202egguf.exe",
        "zero\u200bwidth",
        "a?b",
        "lone\ud800",
        unicodedata.normalize("NFD", "é.gguf"),
        "x" * 201,
        "/".join(["dir"] * 80),
    ],
)
def test_paths_that_leave_the_folder_or_deceive_are_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        check_path(path)


@pytest.mark.parametrize(
    "paths",
    [
        ("README.md", "readme.md"),
        ("straße.txt", "STRASSE.txt"),
        ("a", "a/b"),
        ("a/b", "A"),
        ("x.gguf", "x.gguf"),
    ],
)
def test_paths_that_collide_on_some_platform_are_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(UnsafePath):
        check_paths(paths)


@given(st.lists(st.text(min_size=1, max_size=30), max_size=6))
def test_whatever_passes_stays_inside_and_is_distinct(paths: list[str]) -> None:
    try:
        checked = check_paths(paths)
    except UnsafePath:
        return
    assert len({fold(path) for path in checked}) == len(paths)
    for path in checked:
        assert not path.startswith("/")
        assert not {"..", ".", ""} & set(path.split("/"))
        assert not set(path) & set('\\:*?"<>|\x00\r\n')
