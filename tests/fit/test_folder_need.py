"""Models in Hugging Face layout: computed from config.json and the safetensors headers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from steelyard.fit.errors import NotEstimable
from steelyard.fit.estimate import ask_fit
from steelyard.fit.folder_need import RUNTIME_BYTES, dimensions_of_config
from steelyard.formats.errors import NotAModel, SafetensorsMalformed, TooLarge
from steelyard.formats.hf_config import read_folder
from steelyard.machine.report import Memory

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
    "vocab_size": 100,
    "max_position_embeddings": 2048,
}
_BYTES = {"F32": 4, "BF16": 2}


def safetensors(tensors: dict[str, tuple[int, ...]], dtype: str) -> bytes:
    """A whole file of zeros."""
    header, offset = {}, 0
    for name, (rows, columns) in tensors.items():
        end = offset + rows * columns * _BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": [rows, columns], "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(offset)


def folder(path: Path, *, dtype: str = "BF16", **changes: Any) -> Path:
    path.mkdir(exist_ok=True)
    (path / "config.json").write_text(json.dumps(CONFIG | changes))
    (path / "model.safetensors").write_bytes(safetensors({"a": (100, 64), "b": (64, 64)}, dtype))
    return path


@pytest.mark.parametrize("dtype", ["BF16", "F32"])
def test_each_part_is_computed(tmp_path: Path, big_machine: Memory, dtype: str) -> None:
    model = folder(tmp_path / "model", dtype=dtype)
    fit = ask_fit(model, target="m", context_tokens=1000, sequences=2, memory=big_machine)
    size = _BYTES[dtype]
    assert fit.source == "formula"
    assert fit.weights_bytes == (100 * 64 + 64 * 64) * size
    assert fit.kv_bytes == 2 * 1000 * 2 * (32 + 32) * size
    assert fit.compute_bytes == RUNTIME_BYTES + 1000 * (3 * 128 + 4 * 64) * size
    assert fit.output_bytes == 2 * 100 * 4
    assert fit.trained_context_tokens == 2048
    assert "computed" in fit.notes[0]


def test_without_a_context_the_models_own_is_taken(tmp_path: Path, big_machine: Memory) -> None:
    fit = ask_fit(folder(tmp_path / "model"), target="m", memory=big_machine)
    assert fit.context_tokens == 2048


def test_weights_in_several_files_are_added_up(tmp_path: Path, big_machine: Memory) -> None:
    model = folder(tmp_path / "model")
    (model / "model.safetensors").unlink()
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    for tensor, name in names.items():
        (model / name).write_bytes(safetensors({tensor: (10, 64)}, "BF16"))
    (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    fit = ask_fit(model, target="m", memory=big_machine)
    assert fit.weights_bytes == 2 * 10 * 64 * 2


def windows(path: Path, **changes: Any) -> list[int | None]:
    config = read_folder(folder(path, sliding_window=512, **changes)).config
    return [layer.window for layer in dimensions_of_config(config).layers]


def test_layers_with_a_window_keep_the_window(tmp_path: Path) -> None:
    kinds = ["sliding_attention", "full_attention"]
    assert windows(tmp_path / "a", layer_types=kinds) == [512, None]
    assert windows(tmp_path / "b", use_sliding_window=False) == [None, None]
    assert windows(tmp_path / "c") == [512, 512]


def test_the_text_part_of_a_model_that_also_sees_is_what_counts(tmp_path: Path) -> None:
    text = CONFIG | {"head_dim": 32}
    model = folder(tmp_path / "model", text_config=text)
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(
        json.dumps({key: value for key, value in config.items() if key not in CONFIG})
    )
    dimensions = dimensions_of_config(read_folder(model).config)
    assert (dimensions.embedding, dimensions.layers[0].key_width) == (64, 2 * 32)


def test_gpt_2_names_are_known(tmp_path: Path) -> None:
    model = folder(tmp_path / "model")
    values = {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257}
    (model / "config.json").write_text(json.dumps(values))
    dimensions = dimensions_of_config(read_folder(model).config)
    assert len(dimensions.layers) == 12
    assert dimensions.layers[0].key_width == 768
    assert dimensions.feed_forward == 4 * 768
    assert dimensions.trained_context_tokens == 1024


def test_a_claim_of_a_billion_layers_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    model = folder(tmp_path / "model", num_hidden_layers=10**9)
    with pytest.raises(TooLarge):
        ask_fit(model, target="m", memory=big_machine)


def test_what_the_other_engine_does_not_do_is_said(tmp_path: Path, big_machine: Memory) -> None:
    model = folder(tmp_path / "model")
    fit = ask_fit(model, target="m", kv_type="q8_0", gpu_layers=-1, memory=big_machine)
    assert len(fit.notes) == 3


@pytest.mark.parametrize("missing", ["hidden_size", "num_hidden_layers"])
def test_a_missing_dimension_is_a_typed_error(
    tmp_path: Path, big_machine: Memory, missing: str
) -> None:
    model = folder(tmp_path / "model", **{missing: None})
    with pytest.raises(NotEstimable):
        ask_fit(model, target="m", memory=big_machine)


def test_a_folder_without_a_model_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    with pytest.raises(NotAModel):
        ask_fit(tmp_path, target="m", memory=big_machine)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(NotAModel):
        ask_fit(tmp_path, target="m", memory=big_machine)


def test_malformed_weights_are_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    model = folder(tmp_path / "model")
    data = (model / "model.safetensors").read_bytes()
    (model / "model.safetensors").write_bytes(data + b"more")
    with pytest.raises(SafetensorsMalformed):
        ask_fit(model, target="m", memory=big_machine)
