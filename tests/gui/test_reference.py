"""What is pasted into the search field is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.gui.frame.reference import classify, named


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("owner/name", "reference"),
        ("Qwen/Qwen3-8B-GGUF:Qwen3-8B-Q4_K_M.gguf@main", "reference"),
        ("https://hub.example/owner/name", "reference"),
        ("sha256:" + "0a" * 32, "digest"),
        ("llama briefs", "words"),
        ("", "words"),
        ("a/b/c", "words"),
        ("/nowhere/at/all.gguf", "words"),
        ("https://", "words"),
        ("http://[broken", "words"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert classify(text).kind == kind


def test_a_path_counts_only_if_something_is_there(tmp_path: Path) -> None:
    file = tmp_path / "a model.gguf"
    file.touch()
    assert classify(f'  "{file}" ').text == str(file)
    assert classify(file.as_uri()).kind == "path"
    assert classify(str(tmp_path)).kind == "path"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("owner/name", ("owner/name", "", "")),
        ("owner/name:file.gguf@main", ("owner/name", "file.gguf", "main")),
        ("https://hub.example/owner/name", ("owner/name", "", "")),
        ("https://hub.example/owner/name/tree/main", ("owner/name", "", "main")),
        (
            "https://hub.example/owner/name/resolve/main/sub/f.gguf?download=1",
            ("owner/name", "sub/f.gguf", "main"),
        ),
        ("https://hub.example", ("https://hub.example", "", "")),
        ("/data/models/one", ("/data/models/one", "", "")),
        ("https://[broken/owner/name", ("https://[broken/owner/name", "", "")),
    ],
)
def test_a_reference_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    found = named(text)
    assert (found.repository, found.file, found.revision) == parts
