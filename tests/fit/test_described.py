"""Memory of a model that is not here: as published figures say, and as its own header would."""

from __future__ import annotations

import pytest

from steelyard.fit.described import Described, described_need, dimensions_of_described
from steelyard.fit.errors import KvTypeUnknown, NotEstimable
from steelyard.fit.estimate import ask_fit_of_described
from steelyard.fit.needs import Question
from steelyard.machine.report import Memory

MIB = 1024**2
LLAMA_8B = {
    "layers": 32, "embedding": 4096, "heads": 32, "kv_heads": 8, "head_length": 128,
    "feed_forward": 14336, "vocabulary": 128256,
}  # fmt: skip


def kv_mib(described: Described, tokens: int, kv_type: str = "f16") -> float:
    need = described_need(described, Question(tokens, kv_type, 1, 0))
    return need.devices[0].kv_bytes / MIB


@pytest.mark.parametrize(("kv_type", "mib"), [("f16", 1024), ("q8_0", 544), ("q4_0", 288)])
def test_an_8b_keeps_what_the_engine_keeps(kv_type: str, mib: int) -> None:
    # facts: measured with llama.cpp 0.3.36 at 8k
    assert kv_mib(Described(LLAMA_8B, 0, "llama", 131072), 8192, kv_type) == mib


def test_latent_attention_keeps_one_vector() -> None:
    lite = {"layers": 27, "embedding": 2048, "heads": 16, "kv_lora": 512, "rope_length": 64}
    assert kv_mib(Described(lite, 0, "deepseek2"), 8192) == 243


def test_windows_are_counted_where_the_architecture_tells_which_layers_have_them() -> None:
    gemma = {
        "layers": 48, "embedding": 3840, "heads": 16, "kv_heads": 8, "head_length": 256, "window": 1024,
    }  # fmt: skip
    assert kv_mib(Described(gemma, 0, "gemma3"), 32768) == pytest.approx(2528, rel=0.02)
    unknown = dimensions_of_described(Described(gemma, 0, "new-kind"))
    assert {layer.window for layer in unknown.layers} == {None}
    assert "all are counted" in unknown.notes[0]


def test_the_report_says_formula_and_judges_against_what_is_free() -> None:
    memory = Memory(16 << 30, 8 << 30, 0, 0)
    report = ask_fit_of_described(
        Described(LLAMA_8B, 4_920_000_000, "llama", 131072),
        target="meta-llama/x:Q4_K_M.gguf",
        memory=memory,
    )
    assert report.source == "formula"
    assert report.context_tokens == 8192
    assert report.fits
    assert "its catalog entry says" in report.notes[0]
    small = Memory(16 << 30, 5 << 30, 0, 0)
    tight = ask_fit_of_described(Described(LLAMA_8B, 4_920_000_000), target="x", memory=small)
    assert not tight.fits


@pytest.mark.parametrize("missing", ["layers", "embedding", "heads"])
def test_what_is_not_told_is_not_guessed(missing: str) -> None:
    told = {k: v for k, v in LLAMA_8B.items() if k != missing}
    with pytest.raises(NotEstimable):
        described_need(Described(told, 0), Question(0, "f16", 1, 0))


def test_absurd_figures_from_outside_end_early() -> None:
    with pytest.raises(NotEstimable):
        dimensions_of_described(Described({**LLAMA_8B, "layers": 10**9}, 0))
    with pytest.raises(KvTypeUnknown):
        described_need(Described(LLAMA_8B, 0), Question(0, "q2", 1, 0))
