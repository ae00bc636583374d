"""What comes from outside is bounded, and what was kept is read back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.conftest import record
from steelyard.catalog import records as bounds
from steelyard.catalog.needs import fits, formula_bytes, needed_bytes
from steelyard.catalog.records import Record

GIB = 1024**3
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(anything)
def test_anything_from_outside_is_bounded(value: Any) -> None:
    assert len(bounds.text(value, 5)) <= 5
    bounds.text(value, 50).encode()
    assert "\0" not in bounds.text(value, 50)
    count = bounds.number(value)
    assert count is None or 0 <= count <= bounds.MOST_BYTES
    assert len(bounds.texts(value, 5, 3)) <= 3
    assert all(isinstance(item, int) for item in bounds.numbers(value).values())


def test_half_characters_become_storable() -> None:
    assert bounds.text("a\ud800\0b", 10).encode() == "a?\ufffdb".encode()


def test_a_record_is_read_back_as_it_was() -> None:
    told = record(
        "a/b", 1, 2, downloads=0, gated=True, dimensions={"layers": 3}, tags=("x",), complete=True
    )
    kept = json.loads(json.dumps(told.as_json()))
    assert Record.from_json(kept) == told
    assert "parameters" not in kept


def test_memory_is_weights_cache_and_compute() -> None:
    qwen3_8b = {
        "layers": 36,
        "kv_heads": 8,
        "head_length": 128,
        "embedding": 4096,
        "vocabulary": 151936,
    }
    cache = 36 * 8192 * 2 * 2 * 8 * 128
    compute = 4 * 512 * (151936 + 2 * 4096)
    assert needed_bytes(5 * GIB, qwen3_8b) == 5 * GIB + cache + compute
    assert needed_bytes(5 * GIB, qwen3_8b, 4096) == 5 * GIB + cache // 2 + compute
    latent = {"layers": 27, "kv_lora": 512, "rope_length": 64}
    assert needed_bytes(GIB, latent) - GIB == 27 * 8192 * 2 * 576 + 300 * 1024**2
    assert formula_bytes(8_000_000_000, "Q4_K_M") == 4_890_000_000
    assert formula_bytes(8, "IQ9") is None


@pytest.mark.parametrize(
    ("needed_gib", "available_gib", "word"),
    [(4, 8, "yes"), (6, 8, "tight"), (7.5, 8, "no"), (None, 8, ""), (4, None, "")],
)
def test_little_room_is_tight(needed_gib: Any, available_gib: Any, word: str) -> None:
    needed = None if needed_gib is None else int(needed_gib * GIB)
    assert fits(needed, None if available_gib is None else available_gib * GIB) == word
