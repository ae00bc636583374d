"""Whether a model fits: the whole answer, its verdict, and how it ends when the engine cannot say."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import pytest

from fit.model_headers import attention_model, llama_1b
from formats.gguf_builder import (
    F16,
    INT32,
    UINT16,
    SparseModel,
    Tensor,
    Typed,
    bpe_vocabulary,
    llama_tensors,
    sparse_model,
    tiny_llama,
)
from steelyard.base.errors import Cancelled, ExitCode
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.fit.errors import ContextImpossible, KvTypeUnknown, NotEstimable
from steelyard.fit.estimate import ask_fit
from steelyard.fit.report import FitReport
from steelyard.fit.verdict import reserve_bytes
from steelyard.formats.errors import (
    AmbiguousModel,
    FileMissing,
    GgufMalformed,
    ShardMissing,
    Truncated,
)
from steelyard.machine.report import Gpu, Memory

GIB = 1024**3


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(tiny_llama())
    return path


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go for the length of a test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_engine_answers_and_the_parts_add_up(tmp_path: Path, big_machine: Memory) -> None:
    path = llama_1b().write(tmp_path / "1b.gguf")
    fit = ask_fit(path, target="one", context_tokens=4096, memory=big_machine)
    assert (fit.source, fit.target, fit.context_tokens) == ("engine", "one", 4096)
    parts = (fit.weights_bytes, fit.kv_bytes, fit.compute_bytes, fit.output_bytes)
    assert all(part > 0 for part in parts)
    assert fit.total_bytes == sum(parts) == sum(device.needed_bytes for device in fit.devices)
    assert fit.kv_bytes == 4096 * 16 * 2 * 8 * 64 * 2
    assert fit.margin_bytes == fit.available_bytes - fit.total_bytes - fit.reserve_bytes
    assert fit.available_bytes == big_machine.available_bytes
    assert fit.fits
    assert fit.notes == ()


def test_the_verdict_is_against_what_is_free_not_what_is_there(
    small_model: Path, big_machine: Memory
) -> None:
    fit = ask_fit(small_model, target="m", memory=big_machine)
    enough = fit.total_bytes + fit.reserve_bytes
    just = dataclasses.replace(big_machine, available_bytes=enough)
    short = dataclasses.replace(big_machine, available_bytes=enough - 1)
    assert (ask_fit(small_model, target="m", memory=just).margin_bytes, True) == (0, True)
    refused = ask_fit(small_model, target="m", memory=short)
    assert (refused.fits, refused.margin_bytes) == (False, -1)


def test_without_a_context_the_models_own_is_taken(small_model: Path, big_machine: Memory) -> None:
    fit = ask_fit(small_model, target="m", memory=big_machine)
    assert (fit.context_tokens, fit.trained_context_tokens) == (256, 128)  # cells come in 256s


def test_without_a_context_a_long_one_is_not_assumed(tmp_path: Path, big_machine: Memory) -> None:
    path = llama_1b().write(tmp_path / "1b.gguf")
    fit = ask_fit(path, target="m", memory=big_machine)
    assert (fit.context_tokens, fit.trained_context_tokens) == (8192, 131_072)


def test_more_context_than_trained_for_is_said(small_model: Path, big_machine: Memory) -> None:
    fit = ask_fit(small_model, target="m", context_tokens=4096, memory=big_machine)
    assert any("trained for 128 tokens" in note for note in fit.notes)


def test_a_limit_on_this_process_is_said(small_model: Path) -> None:
    memory = Memory(4 * GIB, 4 * GIB, 0, 0, limited_by="cgroup v2, /box")
    fit = ask_fit(small_model, target="m", memory=memory)
    assert "Memory is limited by cgroup v2, /box." in fit.notes


def test_nothing_is_left_in_the_temporary_folder(
    small_model: Path, big_machine: Memory, temporary_folder: Path
) -> None:
    ask_fit(small_model, target="m", memory=big_machine)
    assert list(temporary_folder.iterdir()) == []


def test_called_off_while_asking_it_leaves_nothing(
    small_model: Path, big_machine: Memory, temporary_folder: Path
) -> None:
    cancel = CancelToken()

    def listen(progress: Progress) -> None:
        if progress.stage == "asking":
            cancel.cancel()

    report = Reporter(listen, cancel)
    with pytest.raises(Cancelled):
        ask_fit(small_model, target="m", memory=big_machine, report=report)
    assert list(temporary_folder.iterdir()) == []


# ------------------------------------------------------------------ the engine cannot say


def test_an_architecture_the_engine_does_not_know_is_computed_and_said(
    tmp_path: Path, big_machine: Memory
) -> None:
    path = novel().write(tmp_path / "novel.gguf")
    fit = ask_fit(path, target="m", context_tokens=1024, memory=big_machine)
    assert fit.source == "formula"
    assert fit.notes[0].startswith("llama.cpp would not load this model")
    assert "unknown model architecture: 'novel'" in fit.notes[0]
    assert fit.kv_bytes == 1024 * 8 * (4 * 64 + 4 * 64) * 2
    assert fit.total_bytes == sum(device.needed_bytes for device in fit.devices)


def test_an_assertion_in_the_engine_ends_the_worker_and_nothing_else(
    tmp_path: Path, big_machine: Memory
) -> None:
    # Experts, none of them used: llama.cpp's GGML_ASSERT aborts the process.
    path = tmp_path / "assert.gguf"
    path.write_bytes(tiny_llama(llama__expert_count=4))
    fit = ask_fit(path, target="m", memory=big_machine)
    assert fit.source == "formula"
    assert fit.notes[0].startswith("The engine could not be asked")
    assert fit.total_bytes > 0


def test_no_place_for_temporary_files_is_no_end(
    small_model: Path, big_machine: Memory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    fit = ask_fit(small_model, target="m", memory=big_machine)
    assert fit.source == "formula"
    assert "No such file or directory" in fit.notes[0]


def test_a_header_neither_can_read_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    path = sparse_model({"general.architecture": "novel"}, [Tensor("a.weight", (32, 2))]).write(
        tmp_path / "bare.gguf"
    )
    with pytest.raises(NotEstimable) as caught:
        ask_fit(path, target="m", memory=big_machine)
    assert caught.value.exit_code is ExitCode.MALFORMED_INPUT


# ------------------------------------------------------------------ files and questions that are wrong


def test_a_file_without_weights_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    metadata = {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.embedding_length": 64,
        **bpe_vocabulary(1024, 50),
    }
    path = sparse_model(metadata, []).write(tmp_path / "vocabulary.gguf")
    with pytest.raises(NotEstimable) as caught:
        ask_fit(path, target="m", memory=big_machine)
    assert "no weights" in caught.value.message


def test_a_cut_file_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(tiny_llama()[:200])
    with pytest.raises(Truncated):
        ask_fit(path, target="m", memory=big_machine)


def test_another_kind_of_file_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    path = tmp_path / "text.gguf"
    path.write_text("Dear reader, this is no model.\n" * 9)
    with pytest.raises(GgufMalformed):
        ask_fit(path, target="m", memory=big_machine)


def test_no_file_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    with pytest.raises(FileMissing):
        ask_fit(tmp_path / "nothing.gguf", target="m", memory=big_machine)


@pytest.mark.parametrize(("context_tokens", "sequences"), [(-1, 1), (512, 0)])
def test_a_context_that_cannot_be_is_a_usage_error(
    small_model: Path, big_machine: Memory, context_tokens: int, sequences: int
) -> None:
    with pytest.raises(ContextImpossible) as caught:
        ask_fit(
            small_model,
            target="m",
            context_tokens=context_tokens,
            sequences=sequences,
            memory=big_machine,
        )
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_cache_type_that_is_not_offered_is_a_usage_error(
    small_model: Path, big_machine: Memory
) -> None:
    with pytest.raises(KvTypeUnknown):
        ask_fit(small_model, target="m", kv_type="q3_k", memory=big_machine)


# ------------------------------------------------------------------ split models and graphics processors


def test_a_split_model_needs_what_the_whole_one_needs(tmp_path: Path, big_machine: Memory) -> None:
    whole = split_llama(tmp_path / "whole", parts=1)
    part = split_llama(tmp_path / "parts", parts=3)
    one = ask_fit(whole, target="m", context_tokens=512, memory=big_machine)
    three = ask_fit(part, target="m", context_tokens=512, memory=big_machine)
    assert one.source == three.source == "engine"
    assert three.devices == one.devices


def test_a_folder_with_one_model_is_that_model(tmp_path: Path, big_machine: Memory) -> None:
    part = split_llama(tmp_path / "parts", parts=2)
    fit = ask_fit(part.parent, target="m", context_tokens=512, memory=big_machine)
    assert (fit.source, fit.context_tokens) == ("engine", 512)
    (part.parent / "another.gguf").write_bytes(tiny_llama())
    with pytest.raises(AmbiguousModel):
        ask_fit(part.parent, target="m", memory=big_machine)


def test_a_missing_part_is_a_typed_error(tmp_path: Path, big_machine: Memory) -> None:
    part = split_llama(tmp_path, parts=3)
    part.with_name("m-00002-of-00003.gguf").unlink()
    with pytest.raises(ShardMissing):
        ask_fit(part, target="m", memory=big_machine)


def test_layers_computed_for_a_gpu_are_judged_on_it(tmp_path: Path, big_machine: Memory) -> None:
    path = novel().write(tmp_path / "novel.gguf")
    gpu = Gpu("Card", "cuda", 8 * GIB, 7 * GIB, "999")

    def ask(gpu: Gpu, gpu_layers: int) -> FitReport:
        return ask_fit(
            path,
            target="m",
            context_tokens=1024,
            gpu_layers=gpu_layers,
            memory=big_machine,
            gpus=[gpu],
        )

    nothing, half, everything = (ask(gpu, layers) for layers in (0, 5, -1))
    assert [d.name for d in nothing.devices] == ["CPU"]
    assert [(d.name, d.kind) for d in half.devices] == [("CPU", "cpu"), ("Card", "gpu")]
    assert half.devices[0].kv_bytes == half.devices[1].kv_bytes == nothing.kv_bytes // 2
    assert half.weights_bytes == everything.weights_bytes == nothing.weights_bytes
    assert everything.devices[0].kv_bytes == 0
    assert everything.devices[1].available_bytes == 7 * GIB

    full = dataclasses.replace(gpu, free_bytes=100 * 2**20)
    refused = ask(full, -1)
    assert not refused.fits
    assert refused.margin_bytes < 0
    assert not any("sharing" in note for note in refused.notes)


def novel() -> SparseModel:
    """An architecture no engine knows yet: eight layers."""
    return attention_model(
        "novel", layers=8, width=256, feed_forward=512, heads=4, kv_heads=4, head_length=64
    )


def split_llama(folder: Path, *, parts: int) -> Path:
    """A two-layer model in the given number of parts; returns the first."""
    folder.mkdir(exist_ok=True)
    tensors = llama_tensors(
        layers=2, width=256, feed_forward=512, key_value=128, vocab=1024, weight_type=F16
    )
    metadata = {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.context_length": 4096,
        "llama.embedding_length": 256,
        "llama.feed_forward_length": 512,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 64,
        **bpe_vocabulary(1024, 50),
    }
    if parts == 1:
        return sparse_model(metadata, tensors).write(folder / "m.gguf")
    for number in range(parts):
        keys = {
            "split.no": Typed(UINT16, number),
            "split.count": Typed(UINT16, parts),
            "split.tensors.count": Typed(INT32, len(tensors)),
        }
        first = metadata if number == 0 else {}
        sparse_model(first | keys, tensors[number::parts]).write(
            folder / f"m-{number + 1:05}-of-{parts:05}.gguf"
        )
    return folder / f"m-00001-of-{parts:05}.gguf"


def test_the_reserve_is_stated_in_the_report(small_model: Path, big_machine: Memory) -> None:
    fit = ask_fit(small_model, target="m", memory=big_machine)
    assert fit.reserve_bytes == reserve_bytes(big_machine.total_bytes) == int(0.05 * 64 * GIB)
