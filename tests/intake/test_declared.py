"""The declared digests beside held bytes: read back as written, and nothing at all where they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.intake import declared


def test_what_was_declared_is_read_back(tmp_path: Path) -> None:
    said = {"a.gguf": "sha256:" + "0" * 64, "sub/b.json": "git:" + "1" * 40}
    declared.keep(tmp_path, said)
    assert declared.read(tmp_path) == said


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1}', b"\xff" * 9])
def test_what_is_no_record_says_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "declared.json").write_bytes(data)
    assert declared.read(tmp_path) == {}


def test_a_folder_that_is_gone_says_nothing_and_takes_nothing(tmp_path: Path) -> None:
    declared.keep(tmp_path / "gone", {"a": "sha256:" + "0" * 64})
    assert declared.read(tmp_path / "gone") == {}
