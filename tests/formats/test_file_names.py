"""What a file's name says of a model: parts, stems, quantizations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.formats.file_names import gguf_sets, quantization_of, safetensors_weights


@pytest.mark.parametrize(
    ("name", "quantization"),
    [
        ("Qwen3-8B-Q4_K_M.gguf", "Q4_K_M"),
        ("qwen3-8b-q4_k_m.gguf", "Q4_K_M"),
        ("Qwen3-8B-UD-Q2_K_XL.gguf", "Q2_K_XL"),
        ("phi-4-IQ4_XS.gguf", "IQ4_XS"),
        ("model.i1-IQ3_XXS.gguf", "IQ3_XXS"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("gpt-oss-120b-MXFP4_MOE", "MXFP4_MOE"),
        ("llama-fp16.gguf", "F16"),
        ("Q8_0/model-Q8_0-00001-of-00002.gguf", "Q8_0"),
        ("Qwen3-30B-A3B-FP8", "FP8"),
        ("Q4-model-F16.gguf", "F16"),
        ("BitNet-TQ2_0.gguf", "TQ2_0"),
        ("FAQ4You.gguf", ""),
        ("model.gguf", ""),
        ("", ""),
    ],
)
def test_a_quantization_is_read_from_a_name(name: str, quantization: str) -> None:
    assert quantization_of(name) == quantization


def test_parts_of_one_model_are_one_set_and_projectors_are_none() -> None:
    sets = gguf_sets(["b-00002-of-00002.gguf", "b-00001-of-00002.gguf", "a.gguf", "mmproj-a.gguf"])
    assert [(s.stem, len(s.parts)) for s in sets] == [("a", 1), ("b", 2)]


def test_the_weights_are_those_transformers_loads() -> None:
    names = ["consolidated.safetensors", "model-00001-of-00001.safetensors", "sub/x.safetensors"]
    assert safetensors_weights(names) == ("model-00001-of-00001.safetensors",)
    assert safetensors_weights(names[:1]) == ("consolidated.safetensors",)


@given(st.text("qQ48_KMiIfF16bB.-/ü", max_size=40))
def test_any_name_has_a_quantization_or_none(name: str) -> None:
    assert quantization_of(name) in name.upper().replace("FP", "F") or not quantization_of(name)
