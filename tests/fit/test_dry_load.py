"""The dry load: llama.cpp's own numbers, from a header alone, in little time and memory."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from fit.conftest import AskWorker
from fit.model_headers import gemma3_12b, mamba2_370m
from formats.gguf_builder import Q4_K, llama_8b_header, tiny_llama
from steelyard.fit.estimate import ask_fit
from steelyard.fit.formula import CELLS_ROUNDED_TO, KV_TYPES, MICRO_BATCH_TOKENS
from steelyard.machine.report import Memory
from steelyard.runtime import wire
from steelyard.runtime.errors import EngineMissing, EngineRefusedModel
from steelyard.runtime.launch import worker_environment
from steelyard.runtime.supervisor import Worker

MIB = 2**20

on_linux = pytest.mark.skipif(
    platform.system() != "Linux", reason="exact sizes are read from libstdc++'s map, on Linux"
)


@pytest.fixture(scope="module")
def llama_8b(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Llama-3.1-8B's header with its 128,256 tokens, in F16: 16 GB that are not there."""
    path = llama_8b_header().write(tmp_path_factory.mktemp("8b") / "8b.gguf")
    assert path.stat().st_size > 16_000_000_000
    return path


@pytest.mark.parametrize(("kv_type", "mib"), [("f16", 1024), ("q8_0", 544), ("q4_0", 288)])
def test_an_8bs_cache_at_8192_tokens_is_what_llama_cpp_logs(
    llama_8b: Path, ask_worker: AskWorker, kv_type: str, mib: int
) -> None:
    load = ask_worker(llama_8b, 8192, kv_type)
    assert [size.mib for size in load.printed if size.what == "context"] == [mib]
    assert sum(device.kv_bytes for device in load.devices) == mib * MIB
    assert load.vocabulary == 128_256
    assert load.trained_context_tokens == 131_072


@on_linux
def test_sizes_are_exact_bytes(llama_8b: Path, ask_worker: AskWorker) -> None:
    load = ask_worker(llama_8b, 8192)
    assert load.exact
    assert load.precision_bytes == 0
    (device,) = load.devices
    # 8,030,261,248 weights at two bytes; the 266,240 of the norms take four.
    assert device.weights_bytes == 2 * 8_030_261_248 + 2 * 266_240
    assert device.kv_bytes == 1_073_741_824
    assert device.output_bytes == 128_256 * 4
    printed = [size.mib for size in load.printed if size.what == "compute"]
    assert [round(device.compute_bytes / MIB, 2)] == printed


def test_the_context_is_rounded_as_the_engine_rounds_it(
    llama_8b: Path, ask_worker: AskWorker
) -> None:
    assert ask_worker(llama_8b, 8000).context_tokens == 8192
    assert ask_worker(llama_8b, 1).context_tokens == CELLS_ROUNDED_TO


def test_every_sequence_has_a_context_of_its_own(llama_8b: Path, ask_worker: AskWorker) -> None:
    one, four = (ask_worker(llama_8b, 4096, sequences=count) for count in (1, 4))
    assert four.context_tokens == one.context_tokens == 4096
    assert four.devices[0].kv_bytes == 4 * one.devices[0].kv_bytes
    assert four.devices[0].output_bytes == 4 * one.devices[0].output_bytes


def test_sliding_windows_are_not_kept_in_full(tmp_path: Path, ask_worker: AskWorker) -> None:
    load = ask_worker(gemma3_12b().write(tmp_path / "gemma.gguf"), 32_768)
    assert load.devices[0].kv_bytes == 2528 * MIB  # 12,288 MiB if they were


def test_recurrent_state_does_not_grow_with_the_context(
    tmp_path: Path, ask_worker: AskWorker
) -> None:
    path = mamba2_370m().write(tmp_path / "mamba.gguf")
    short, long = (ask_worker(path, tokens).devices[0].kv_bytes for tokens in (512, 65_536))
    assert short == long == 48 * 4 * (3 * (2048 + 2 * 128) + 128 * 2048)


@on_linux
def test_repacked_weights_are_counted(tmp_path: Path, ask_worker: AskWorker) -> None:
    # llama.cpp's own summary leaves out the weights it rearranges for the processor.
    path = llama_8b_header(2048, weight_type=Q4_K, file_type=15).write(tmp_path / "q4.gguf")
    told = ask_worker(path, 512).devices[0].weights_bytes
    header_bytes = path.stat().st_size - told if told else 0
    assert 0 < header_bytes < MIB


def test_a_header_the_engine_does_not_know_is_refused_in_its_words(
    tmp_path: Path, ask_worker: AskWorker
) -> None:
    path = tmp_path / "new.gguf"
    path.write_bytes(tiny_llama(general__architecture="not-yet-invented"))
    with pytest.raises(EngineRefusedModel) as caught:
        ask_worker(path, 512)
    assert "unknown model architecture: 'not-yet-invented'" in str(
        caught.value.facts["engine_words"]
    )


def test_the_closed_form_knows_the_runtimes_parameters() -> None:
    # In a process of its own: the parameters' module imports the engine.
    code = (
        "from steelyard.runtime.workers import llama_parameters as p;"
        "print(p.CELLS_ROUNDED_TO, p.MICRO_BATCH_TOKENS, *p.KV_TYPES)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=worker_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(CELLS_ROUNDED_TO), str(MICRO_BATCH_TOKENS), *KV_TYPES]


def test_without_exact_sizes_the_printed_ones_are_told_with_their_grain(
    llama_8b: Path, ask_worker: AskWorker
) -> None:
    # As on a system whose C++ library keeps its maps another way.
    code = (
        "import json, platform, sys; platform.system = lambda: 'Other';"
        "from steelyard.runtime.workers.dry_load import dry_load;"
        "print(json.dumps(dry_load({'path': sys.argv[1], 'context_tokens': 8192})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(llama_8b)],
        env=worker_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rough = wire.dry_load_from_json(json.loads(done.stdout))
    assert not rough.exact
    assert rough.precision_bytes == MIB // 100
    assert rough.devices[0].weights_bytes is None
    assert rough.devices[0].kv_bytes == 1024 * MIB
    told = ask_worker(llama_8b, 8192).devices[0]
    assert abs(rough.devices[0].compute_bytes - told.compute_bytes) <= rough.precision_bytes
    assert rough.devices[0].output_bytes == told.output_bytes


def test_without_the_engine_it_says_so(llama_8b: Path, tmp_path: Path) -> None:
    absent = tmp_path / "llama_cpp" / "__init__.py"
    absent.parent.mkdir()
    absent.write_text("raise ImportError('not here')\n")
    search = os.pathsep.join([str(tmp_path), worker_environment().get("PYTHONPATH", "")])
    worker = Worker.start("inspect", environment={"PYTHONPATH": search})
    try:
        with pytest.raises(EngineMissing):
            worker.call("dry_load", {"path": str(llama_8b), "context_tokens": 512}, timeout_s=60)
    finally:
        worker.close()


@pytest.mark.skipif(platform.system() != "Linux", reason="peak memory is read from /proc")
def test_an_8bs_dry_load_takes_under_300_mb(llama_8b: Path) -> None:
    worker = Worker.start("inspect")
    try:
        params = {"path": str(llama_8b), "context_tokens": 8192}
        worker.call("dry_load", params, timeout_s=60)
        status = Path(f"/proc/{worker.pid}/status").read_text()
    finally:
        worker.close()
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    assert peak_kib * 1024 < 300_000_000


@pytest.mark.skipif(
    platform.system() == "Windows", reason="a child's time is counted on POSIX only"
)
def test_an_8bs_whole_answer_takes_under_3_s(llama_8b: Path, big_machine: Memory) -> None:
    # Everything counts: reading and copying the header, starting a worker, asking it. Processor time of
    # this process and the worker's, one after the other, since the clock also counts whatever else the
    # machine is busy with; tests/benchmarks/bench_fit.py takes it by the clock.
    fastest_s = min(processor_time_s(llama_8b, big_machine) for _ in range(2))
    assert fastest_s < 3


def processor_time_s(path: Path, memory: Memory) -> float:
    before = os.times()
    answer = ask_fit(path, target="8b", context_tokens=8192, memory=memory)
    after = os.times()
    assert answer.source == "engine"
    own_s = after.user - before.user + after.system - before.system
    workers_s = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    assert workers_s > 0.1
    return own_s + workers_s
