"""The catalog that comes with the program: every row accounts for itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from steelyard.base.paths import resource
from steelyard.licenses.library import explain
from steelyard.licenses.tags import known_id

DOCUMENT: dict[str, Any] = json.loads(resource("catalog", "families.json").read_text("utf-8"))
MODELS: list[dict[str, Any]] = DOCUMENT["models"]
MORE: list[dict[str, Any]] = DOCUMENT["more"]
REFERENCES = [row["reference"] for row in MODELS]

NOT_BY_TAG = {
    # The tag says less than the repository's own files do.
    "CohereLabs/aya-expanse-8b", "CohereLabs/c4ai-command-r-v01", "CohereLabs/c4ai-command-r7b-12-2024",
    "MiniMaxAI/MiniMax-M2", "deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-0528",
    "deepseek-ai/DeepSeek-V3", "moonshotai/Kimi-K2-Instruct", "openai/gpt-oss-120b", "openai/gpt-oss-20b",
    "tiiuae/Falcon3-1B-Instruct", "tiiuae/Falcon3-7B-Instruct",
}  # fmt: skip

KNOWN_TOTALS = {
    # As their publishers state them, from sources other than the dimensions.
    "meta-llama/Llama-3.1-8B-Instruct": 8_030_261_248,
    "meta-llama/Llama-3.1-405B-Instruct": 405_853_388_800,
    "mistralai/Mixtral-8x7B-Instruct-v0.1": 46_702_792_704,
    "google/gemma-2-27b-it": 27_227_128_320,
    "Qwen/Qwen3-235B-A22B": 235_093_634_560,
    "openai/gpt-oss-20b": 20_914_757_184,
    "deepseek-ai/DeepSeek-V2-Lite-Chat": 15_706_484_224,
    "allenai/OLMoE-1B-7B-0125-Instruct": 6_919_161_856,
}


def attention(kind: str, d: dict[str, int]) -> int:
    """Weights of one layer's attention, its own norms and biases included."""
    embedding, query = d["embedding"], d["heads"] * d["head_length"]
    key_value = d["kv_heads"] * d["head_length"]
    if kind == "deepseek2":
        rope, latent = d["rope_length"], d["kv_lora"]
        key, value = d["nope_length"], d["value_length"]
        heads, low = d["heads"], d.get("q_lora", 0)
        asked = heads * (rope + key)
        queries = embedding * low + low + low * asked if low else embedding * asked
        compressed = embedding * (latent + rope) + latent
        return queries + compressed + latent * heads * (key + value) + heads * value * embedding
    weights = 2 * embedding * query + 2 * embedding * key_value
    biases = {"qwen2": query + 2 * key_value, "chatglm": query + 2 * key_value}
    biases["gpt-oss"] = query + 2 * key_value + embedding + d["heads"]  # output bias and sinks
    norms = dict.fromkeys(("qwen3", "qwen3moe", "gemma3"), 2 * d["head_length"])
    norms |= dict.fromkeys(("olmo2", "olmoe", "minimax-m2"), query + key_value)
    return weights + biases.get(kind, 0) + norms.get(kind, 0)


def mixture(kind: str, d: dict[str, int], experts: int) -> int:
    """Weights of one layer's router and of so many of its experts."""
    embedding, width = d["embedding"], d["expert_feed_forward"]
    each = 3 * embedding * width
    router = embedding * d["experts"]
    if kind == "gpt-oss":
        each += 2 * width + embedding
        router += d["experts"]
    if kind == "minimax-m2" or d.get("router_bias"):
        router += d["experts"]
    return experts * each + router + 3 * embedding * d.get("shared_expert_feed_forward", 0)


def count(kind: str, d: dict[str, int], experts: int | None = None) -> int:
    """Different weights of a transformer of these dimensions; of `experts` experts a layer where given."""
    embedding, layers = d["embedding"], d["layers"]
    if kind == "bert":
        block = 4 * (embedding**2 + embedding) + 2 * embedding * d["feed_forward"]
        block += d["feed_forward"] + embedding + 4 * embedding
        tables = (d["vocabulary"] + d["positions"] + 2) * embedding + 2 * embedding
        return tables + layers * block + embedding**2 + embedding
    tables = d["vocabulary"] * embedding * (1 if d.get("tied_embeddings") else 2)
    norms = {"gemma2": 4, "gemma3": 4, "glm4": 4, "command-r": 1, "cohere2": 1}.get(kind, 2)
    total = tables + embedding + layers * (attention(kind, d) + norms * embedding)
    dense = d.get("dense_layers", 0) if "experts" in d else layers
    total += dense * 3 * embedding * d["feed_forward"]
    if "experts" in d:
        used = d["experts"] if experts is None else experts
        total += (layers - dense) * mixture(kind, d, used)
    return total


def test_there_are_enough_careful_rows_and_no_row_twice() -> None:
    assert DOCUMENT["format"] == 1
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", DOCUMENT["as_of"])
    assert len(MODELS) >= 60
    every = [row["reference"].lower() for row in (*MODELS, *MORE)]
    assert len(set(every)) == len(every)
    assert len({row["family"] for row in MODELS}) >= 20


@pytest.mark.parametrize("row", MODELS, ids=REFERENCES)
def test_parameters_follow_from_the_dimensions(row: dict[str, Any]) -> None:
    kind, dimensions = row["architecture"], row["dimensions"]
    assert row["parameters"] == count(kind, dimensions)
    used = dimensions.get("experts_used")
    expected = count(kind, dimensions, used) if used else None
    assert row["active_parameters"] == expected


@pytest.mark.parametrize(("reference", "total"), KNOWN_TOTALS.items())
def test_the_count_is_the_publishers(reference: str, total: int) -> None:
    row = next(row for row in MODELS if row["reference"] == reference)
    assert row["parameters"] == total


@pytest.mark.parametrize("row", MODELS, ids=REFERENCES)
def test_a_careful_row_is_whole(row: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", row["reference"])
    assert row["publisher"] == row["reference"].split("/")[0]
    assert row["title"]
    assert row["task"] in ("text-generation", "image-text-to-text", "feature-extraction")
    assert 256 <= row["context_length"] <= 1 << 20
    assert re.fullmatch(r"20\d\d-\d\d", row["released"] or "2000-01")
    for name in (*row["base_models"], *row["gguf_repositories"]):
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", name)
    explain(row["license_id"])
    if row["reference"] not in NOT_BY_TAG:
        assert known_id(row["declared_license"]) == row["license_id"]


@pytest.mark.parametrize("row", MORE, ids=[row["reference"] for row in MORE])
def test_a_further_row_accounts_for_its_parameters_and_claims_nothing_else(
    row: dict[str, Any],
) -> None:
    d = row["dimensions"]
    rough = d["layers"] * (
        2 * d["embedding"] * d["heads"] * d["head_length"]
        + 2 * d["embedding"] * d["kv_heads"] * d["head_length"]
        + 3 * d["embedding"] * d["feed_forward"]
    ) + d["vocabulary"] * d["embedding"] * (1 if d.get("tied_embeddings") else 2)
    assert rough == pytest.approx(row["parameters"], rel=0.005)
    assert not {"context_length", "license_id", "declared_license", "base_models"} & set(row)
