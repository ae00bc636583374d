"""The closed form beside the engine's own numbers, and what it makes of headers nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fit.conftest import AskWorker
from fit.model_headers import MODELS, attention_model, gemma3_12b, mamba2_370m
from formats.gguf_builder import ARRAY, BOOL, UINT32, Typed, build_header
from steelyard.base.errors import MalformedInput
from steelyard.fit.dimensions import Dimensions, Layer, dimensions_of
from steelyard.fit.errors import NotEstimable
from steelyard.fit.formula import (
    KV_TYPES,
    compute_bytes,
    layer_kv_bytes,
    output_bytes,
    weights_bytes,
)
from steelyard.formats.gguf import read_header

MIB = 2**20
COMPUTE_TOLERANCE = 0.05
"""Of the engine's compute buffer; the other three parts must be exact."""


def kv_bytes(dimensions: Dimensions, context: int, kv_type: str = "f16", sequences: int = 1) -> int:
    return sum(layer_kv_bytes(layer, context, kv_type, sequences) for layer in dimensions.layers)


@pytest.mark.parametrize("context_tokens", [512, 8192, 32_768])
@pytest.mark.parametrize("name", MODELS)
def test_it_agrees_with_the_engine(
    tmp_path: Path, ask_worker: AskWorker, name: str, context_tokens: int
) -> None:
    header = read_header(MODELS[name]().write(tmp_path / "model.gguf"))
    dimensions = dimensions_of(header)
    (told,) = ask_worker(header.path, context_tokens).devices
    assert kv_bytes(dimensions, context_tokens) == told.kv_bytes
    assert output_bytes(dimensions, 1) == told.output_bytes
    sizes = [tensor.size_bytes for tensor in header.tensors]
    assert told.weights_bytes in (None, weights_bytes(sizes))
    estimated = compute_bytes(dimensions, context_tokens)
    assert estimated == pytest.approx(told.compute_bytes, rel=COMPUTE_TOLERANCE)


@pytest.mark.parametrize("kv_type", KV_TYPES)
def test_cache_types_and_sequences_agree_with_the_engine(
    tmp_path: Path, ask_worker: AskWorker, kv_type: str
) -> None:
    header = read_header(gemma3_12b().write(tmp_path / "model.gguf"))
    told = ask_worker(header.path, 16_384, kv_type, sequences=3).devices[0]
    assert kv_bytes(dimensions_of(header), 16_384, kv_type, 3) == told.kv_bytes


def test_recurrent_state_agrees_with_the_engine(tmp_path: Path, ask_worker: AskWorker) -> None:
    header = read_header(mamba2_370m().write(tmp_path / "model.gguf"))
    told = ask_worker(header.path, 4096, sequences=2).devices[0]
    assert kv_bytes(dimensions_of(header), 4096, sequences=2) == told.kv_bytes


def test_latent_attention_keeps_keys_only(tmp_path: Path) -> None:
    # DeepSeek-V2-Lite: 27 layers, 512 + 64 kept per token: 243 MiB at 8192 tokens.
    model = attention_model(
        "deepseek2",
        layers=27,
        width=2048,
        feed_forward=10_944,
        heads=16,
        kv_heads=1,
        head_length=576,
        keys={
            "attention.value_length": 512,
            "attention.key_length_mla": 192,
            "attention.value_length_mla": 128,
        },
    )
    dimensions = dimensions_of(read_header(model.write(tmp_path / "model.gguf")))
    assert kv_bytes(dimensions, 8192) == 243 * MIB


def test_the_headers_own_window_pattern_counts(tmp_path: Path) -> None:
    pattern = Typed(ARRAY, [True, True, False, True], BOOL)
    keys = {"attention.sliding_window": 512, "attention.sliding_window_pattern": pattern}
    dimensions = small(tmp_path, keys)
    assert [layer.window for layer in dimensions.layers] == [512, 512, None, 512]
    assert dimensions.notes == ()


def test_windows_nobody_knows_the_place_of_are_counted_in_full_and_said(tmp_path: Path) -> None:
    dimensions = small(tmp_path, {"attention.sliding_window": 512})
    assert [layer.window for layer in dimensions.layers] == [None] * 4
    assert "512 tokens" in dimensions.notes[0]


def test_layers_may_have_different_numbers_of_heads(tmp_path: Path) -> None:
    keys = {"attention.head_count_kv": Typed(ARRAY, [2, 0, 1, 0], UINT32)}
    dimensions = small(tmp_path, keys)
    assert [layer.key_width for layer in dimensions.layers] == [128, 0, 64, 0]


def test_only_active_experts_are_computed(tmp_path: Path) -> None:
    keys = {"expert_count": 64, "expert_used_count": 4, "expert_feed_forward_length": 300}
    assert small(tmp_path, keys | {"feed_forward_length": 800}).feed_forward == 1200


def small(tmp_path: Path, keys: dict[str, object]) -> Dimensions:
    """A four-layer model of an architecture no engine knows yet."""
    model = attention_model(
        "novel",
        layers=4,
        width=256,
        feed_forward=512,
        heads=4,
        kv_heads=2,
        head_length=64,
        keys=keys,
    )
    return dimensions_of(read_header(model.write(tmp_path / "small.gguf")))


def test_a_header_without_dimensions_is_not_estimated(tmp_path: Path) -> None:
    path = tmp_path / "empty.gguf"
    path.write_bytes(build_header({"general.architecture": "novel"}))
    with pytest.raises(NotEstimable) as caught:
        dimensions_of(read_header(path))
    assert caught.value.facts["missing"] == "novel.embedding_length"


_number = st.one_of(
    st.integers(0, 2**32 - 1),
    st.floats(allow_nan=True, width=32),
    st.lists(st.integers(0, 2**31), max_size=5),
    st.lists(st.floats(width=32), max_size=5),
    st.text(max_size=3),
)
_KEYS = [
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.sliding_window", "attention.sliding_window_pattern", "feed_forward_length",
    "expert_used_count", "expert_feed_forward_length", "ssm.inner_size", "ssm.state_size",
    "full_attention_interval",
]  # fmt: skip


@given(values=st.dictionaries(st.sampled_from(_KEYS), _number))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nonsense_dimensions_never_crash_and_never_count_below_zero(
    tmp_path: Path, values: dict[str, object]
) -> None:
    base: dict[str, object] = {"novel.block_count": 3, "novel.embedding_length": 64}
    path = tmp_path / "odd.gguf"
    path.write_bytes(
        build_header(
            {"general.architecture": "novel"}
            | base
            | {f"novel.{key}": value for key, value in values.items() if value != []}
        )
    )
    try:
        header = read_header(path)
    except MalformedInput:
        return
    dimensions = dimensions_of(header)
    assert kv_bytes(dimensions, 4096) >= 0
    assert compute_bytes(dimensions, 4096) > 0


@given(
    width=st.integers(1, 4096),
    window=st.none() | st.integers(1, 10_000),
    contexts=st.tuples(st.integers(1, 200_000), st.integers(1, 200_000)),
    kv_type=st.sampled_from(KV_TYPES),
)
@settings(deadline=None)
def test_a_longer_context_never_needs_less(
    width: int, window: int | None, contexts: tuple[int, int], kv_type: str
) -> None:
    layer = Layer(width, width, window)
    short, long = sorted(contexts)
    assert layer_kv_bytes(layer, short, kv_type, 1) <= layer_kv_bytes(layer, long, kv_type, 1)
