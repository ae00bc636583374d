"""The shipped starter model is what its manifest, its card and its recipe say it is."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from gguf import GGMLQuantizationType, GGUFReader

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
STARTER = RESOURCES / "starter"
SUITE = RESOURCES / "suites" / "starter-check.json"
TITLE = "Starter: checks this installation, not for work"
GGUFS = ("starter-Q8_0.gguf", "starter-Q4_K_M.gguf")
TRAINING_SAMPLE = 8_000


@pytest.fixture(scope="module")
def data() -> Iterator[ModuleType]:
    """The recipe's `data` module. Its sisters are imported by plain name, so they leave again."""
    recipe = str(STARTER / "recipe")
    before = set(sys.modules)
    sys.path.insert(0, recipe)
    try:
        yield importlib.import_module("data")
    finally:
        sys.path.remove(recipe)
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", None) and recipe in str(
                sys.modules[name].__file__
            ):
                del sys.modules[name]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((STARTER / "manifest.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def suite() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SUITE.read_text("utf-8"))
    return loaded


def field(reader: GGUFReader, key: str) -> Any:
    found = reader.get_field(key)
    assert found is not None, key
    return found.contents()


def test_every_file_of_the_manifest_has_its_size_and_digest(manifest: dict[str, Any]) -> None:
    assert manifest["format"] == 1
    assert manifest["title"] == TITLE
    for model in manifest["models"]:
        paths = [file["path"] for file in model["files"]]
        assert len(set(paths)) == len(paths)
        assert {"LICENSE", "README.md"} <= set(paths)
        for file in model["files"]:
            content = (STARTER / file["source"]).read_bytes()
            assert len(content) == file["size_bytes"], file["source"]
            assert hashlib.sha256(content).hexdigest() == file["sha256"], file["source"]


def test_the_manifest_names_three_formats_and_leaves_no_file_out(manifest: dict[str, Any]) -> None:
    models = {model["name"]: model for model in manifest["models"]}
    assert {name: model["quantization"] for name, model in models.items()} == {
        "starter": "Q8_0",
        "starter-q4_k_m": "Q4_K_M",
        "starter-safetensors": "F16",
    }
    assert all(model["description"] == TITLE for model in models.values())
    shipped = {path.relative_to(STARTER).as_posix() for path in (STARTER / "hf").iterdir()}
    assert shipped <= {file["source"] for file in models["starter-safetensors"]["files"]}


def test_all_formats_together_stay_under_16_mb(manifest: dict[str, Any]) -> None:
    sources = {f["source"]: f["size_bytes"] for m in manifest["models"] for f in m["files"]}
    assert sum(sources.values()) < 16_000_000


def test_the_license_is_apache_2_with_one_text(manifest: dict[str, Any]) -> None:
    text = (STARTER / "LICENSE").read_bytes()
    assert b"Apache License" in text
    assert (STARTER / "hf" / "LICENSE").read_bytes() == text
    assert manifest["license"] == "apache-2.0"
    assert "license: apache-2.0" in (STARTER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", GGUFS)
def test_a_gguf_says_what_it_is(name: str, manifest: dict[str, Any]) -> None:
    reader = GGUFReader(STARTER / name)
    config = json.loads((STARTER / "hf" / "tokenizer_config.json").read_text("utf-8"))
    assert field(reader, "general.description") == TITLE
    assert field(reader, "general.license") == "apache-2.0"
    assert field(reader, "tokenizer.ggml.pre") == "gpt-2"
    assert field(reader, "tokenizer.ggml.add_bos_token") is False
    assert field(reader, "tokenizer.chat_template") == config["chat_template"]
    parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert {model["parameters"] for model in manifest["models"]} == {parameters}
    assert 2_000_000 <= parameters <= 5_000_000


def test_every_matrix_is_quantized_as_the_name_says() -> None:
    kinds = {}
    for name in GGUFS:
        matrices = [t for t in GGUFReader(STARTER / name).tensors if len(t.shape) > 1]
        kinds[name] = {tensor.tensor_type for tensor in matrices}
    assert kinds["starter-Q8_0.gguf"] == {GGMLQuantizationType.Q8_0}
    assert kinds["starter-Q4_K_M.gguf"] == {GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K}


def test_gguf_and_hugging_face_have_the_same_vocabulary() -> None:
    model = json.loads((STARTER / "hf" / "tokenizer.json").read_text("utf-8"))["model"]
    by_id = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    for name in GGUFS:
        reader = GGUFReader(STARTER / name)
        assert field(reader, "tokenizer.ggml.tokens") == by_id
        assert field(reader, "tokenizer.ggml.merges") == merges
        assert by_id[field(reader, "tokenizer.ggml.eos_token_id")] == "<|end|>"
        types = field(reader, "tokenizer.ggml.token_type")
        assert [token for token, kind in zip(by_id, types, strict=True) if kind == 3] == [
            "<|endoftext|>",
            "<|system|>",
            "<|user|>",
            "<|assistant|>",
            "<|end|>",
        ]


def test_the_suite_has_well_formed_items_of_every_task(
    suite: dict[str, Any], data: ModuleType
) -> None:
    items = suite["items"]
    assert suite["id"] == "starter-check"
    assert 60 <= len(items) <= 90
    assert len({item["id"] for item in items}) == len(items)
    assert {item["task"] for item in items} == set(data.TASKS)
    for item in items:
        assert item["messages"][-1]["role"] == "user"
        assert item["grader"]["kind"] in ("exact", "json")
        ids = item.get("expected_token_ids")
        assert ids is None or set(ids) == {"F16", "Q8_0", "Q4_K_M"}
    assert sum("expected_token_ids" in item for item in items) >= len(items) // 2


def test_no_question_of_the_suite_is_in_the_training_data(
    suite: dict[str, Any], data: ModuleType
) -> None:
    asked = {
        message["content"]
        for item in suite["items"]
        for message in item["messages"]
        if message["role"] == "user"
    }
    assert all(data.is_held_out(question) for question in asked)
    trained = {t.question for c in data.training(TRAINING_SAMPLE) for t in c.turns}
    assert not trained & asked
    assert not any(data.is_held_out(question) for question in trained)


def test_the_suite_is_the_first_held_out_items_whatever_the_model_answers(
    suite: dict[str, Any], data: ModuleType
) -> None:
    held_out = data.held_out()
    for task in data.TASKS:
        of_task = [item for item in suite["items"] if item["task"] == task]
        first = [c for c in held_out if c.task == task][: len(of_task)]
        assert [item["messages"] for item in of_task] == [
            c.messages(with_answer=False) for c in first
        ]
        for item, conversation in zip(of_task, first, strict=True):
            answer = conversation.turns[-1].answer
            kind = item["grader"]["kind"]
            assert item["grader"]["expected"] == (json.loads(answer) if kind == "json" else answer)


def test_the_same_seed_gives_the_same_data(data: ModuleType) -> None:
    assert data.digest(data.training(500)) == data.digest(data.training(500))
    assert data.digest(data.training(500)) != data.digest(data.training(500, seed=1))
