"""The dry load's answer against a real load of the same file: what llama.cpp prints, and its exact bytes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fit.conftest import AskWorker
from fit.model_headers import attention_model
from formats.gguf_builder import Q4_K, SparseModel, tiny_llama
from steelyard.base.paths import resource
from steelyard.runtime.launch import worker_environment

_LOAD = """
import json, sys
from dataclasses import asdict
import llama_cpp
from steelyard.runtime.workers import llama_parameters
from steelyard.runtime.workers.llama_breakdown import SizeLog, exact_sizes

path, context_tokens, kv_type, sequences = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
log = SizeLog()
with log.listening():
    model = llama_cpp.llama_model_load_from_file(
        path.encode(), llama_parameters.model_params(use_mmap=False)
    )
    context = llama_cpp.llama_init_from_model(
        model,
        llama_parameters.context_params(
            context_tokens=context_tokens, kv_type=kv_type, sequences=sequences
        ),
    )
exact = exact_sizes(context, log)
print(json.dumps({
    "printed": [asdict(size) for size in log.sizes],
    "exact": None if exact is None else [asdict(size) for size in exact],
}))
"""


def load_really(path: Path, context_tokens: int, kv_type: str, sequences: int) -> dict[str, Any]:
    """Load a model with the runtime's own parameters, weights, cache and all, and see what it took."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path), str(context_tokens), kv_type, str(sequences)],
        env=worker_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def small_llama() -> SparseModel:
    """Rows of 512, so that llama.cpp rearranges the Q4_K weights for the processor."""
    return attention_model(
        "llama",
        layers=3,
        width=512,
        feed_forward=1536,
        heads=8,
        kv_heads=4,
        head_length=64,
        weight_type=Q4_K,
    )


def small_gemma3() -> SparseModel:
    """Sliding windows on five of six layers."""
    return attention_model(
        "gemma3",
        layers=7,
        width=256,
        feed_forward=768,
        heads=4,
        kv_heads=2,
        head_length=64,
        keys={"attention.sliding_window": 512},
    )


def compare(
    ask_worker: AskWorker, path: Path, context_tokens: int, kv_type: str, sequences: int
) -> None:
    dry = ask_worker(path, context_tokens, kv_type, sequences)
    real = load_really(path, context_tokens, kv_type, sequences)
    printed = [{"what": s.what, "where": s.where, "mib": s.mib} for s in dry.printed]
    assert printed
    assert printed == real["printed"]
    assert dry.exact == (real["exact"] is not None)
    if real["exact"] is not None:
        (device,) = dry.devices
        assert device.weights_bytes == sum(size["weights_bytes"] for size in real["exact"])
        assert device.kv_bytes == sum(size["context_bytes"] for size in real["exact"])
        assert device.compute_bytes == sum(size["compute_bytes"] for size in real["exact"])


@pytest.mark.parametrize("make", [small_llama, small_gemma3])
@pytest.mark.parametrize(
    ("context_tokens", "kv_type", "sequences"), [(2048, "f16", 1), (3000, "q8_0", 2)]
)
def test_a_dry_load_says_what_a_real_one_takes(
    tmp_path: Path,
    ask_worker: AskWorker,
    make: Callable[[], SparseModel],
    context_tokens: int,
    kv_type: str,
    sequences: int,
) -> None:
    path = make().write(tmp_path / "model.gguf")
    compare(ask_worker, path, context_tokens, kv_type, sequences)


def test_a_tiny_model_too(tmp_path: Path, ask_worker: AskWorker) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(tiny_llama())
    compare(ask_worker, path, 128, "f16", 1)


def test_a_trained_model_too(shared_folder: Path, ask_worker: AskWorker) -> None:
    compare(ask_worker, shared_folder / "models" / "stories260K-F32.gguf", 512, "f16", 1)


def test_the_starter_model_too(ask_worker: AskWorker) -> None:
    files = sorted(resource("starter").rglob("*.gguf"))
    if not files:
        pytest.skip("the starter model has not been made yet (resources/starter/recipe)")
    for path in files:
        compare(ask_worker, path, 512, "f16", 1)


@pytest.mark.skipif(platform.system() != "Linux", reason="resident memory is read from /proc")
def test_what_is_told_is_what_the_process_takes(tmp_path: Path, ask_worker: AskWorker) -> None:
    # A cache of 96 MiB, filled by llama.cpp when it is made: two contexts, one 96 MiB larger.
    path = attention_model(
        "llama", layers=12, width=512, feed_forward=1024, heads=16, kv_heads=16, head_length=64
    ).write(tmp_path / "model.gguf")
    sizes = [ask_worker(path, tokens).devices[0] for tokens in (256, 2048 + 256)]
    told = [device.kv_bytes + device.compute_bytes for device in sizes]
    taken = [peak_bytes(path, tokens) for tokens in (256, 2048 + 256)]
    assert sizes[1].kv_bytes - sizes[0].kv_bytes == 96 * 2**20
    assert taken[1] - taken[0] == pytest.approx(told[1] - told[0], rel=0.15)


def peak_bytes(path: Path, context_tokens: int) -> int:
    code = _LOAD + "\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(context_tokens), "f16", "1"],
        env=worker_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1]) * 1024
