"""Models and workers for the runtime's tests: real files, real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formats.gguf_builder import bpe_vocabulary, llama_tensors, sparse_model
from steelyard.base.progress import Reporter
from steelyard.runtime.engine import Engine
from steelyard.runtime.launch import worker_command
from steelyard.runtime.records import LoadRequest
from steelyard.runtime.supervisor import Worker

HERE = Path(__file__).resolve().parent
STARTER = HERE.parents[1] / "resources" / "starter" / "starter-Q8_0.gguf"
F16 = 1


def sigkill(pid: int) -> None:
    """End a process as an administrator would; harmless when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def kill() -> Callable[[int], None]:
    return sigkill


@pytest.fixture(scope="session")
def starter() -> Path:
    return STARTER


@pytest.fixture(scope="session")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """26 million parameters, all zero, a hole on disk: long enough at work to be killed at any stage.

    Its greedy answer is the first token over and over, which is the byte 0.
    """
    vocabulary = 1024
    model = sparse_model(
        {
            "general.architecture": "llama",
            "general.name": "slow",
            "general.file_type": 1,
            "llama.block_count": 8,
            "llama.context_length": 4096,
            "llama.embedding_length": 512,
            "llama.feed_forward_length": 1408,
            "llama.attention.head_count": 8,
            "llama.attention.head_count_kv": 4,
            "llama.attention.layer_norm_rms_epsilon": 1e-5,
            "llama.rope.dimension_count": 64,
            **bpe_vocabulary(vocabulary, 500),
        },
        llama_tensors(
            layers=8,
            width=512,
            feed_forward=1408,
            key_value=256,
            vocab=vocabulary,
            weight_type=F16,
        ),
    )
    return model.write(tmp_path_factory.mktemp("models") / "slow.gguf")


@pytest.fixture(scope="module")
def engine(starter: Path) -> Iterator[Engine]:
    """The starter model, loaded once for a module's tests."""
    loaded = Engine.load(LoadRequest(starter, threads=1), Reporter())
    yield loaded
    loaded.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    """Starts workers and ends them after the test."""
    started: list[Worker] = []

    def begin(kind: str = "inspect", **options: object) -> Worker:
        worker = Worker.start(kind, **options)  # type: ignore[arg-type]  # passed through
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()


@pytest.fixture
def probe(start: Callable[..., Worker]) -> Callable[..., Worker]:
    """Starts our own worker module with the operations of `probe_operations`."""

    def begin(*arguments: str) -> Worker:
        command = [
            part if part != "steelyard.runtime.worker" else str(HERE / "probe_worker.py")
            for part in worker_command("inspect")
            if part != "-m"
        ]
        return start(command=[*command, *arguments])

    return begin


@pytest.fixture
def scripted(start: Callable[..., Worker]) -> Callable[[str], Worker]:
    """Starts a worker that answers `hello` and then runs the given lines of Python.

    `send(frame)`, `read()`, `out` (raw output) and `sys`, `os`, `signal`, `time` are at hand.
    """

    def begin(lines: str) -> Worker:
        return start(command=[sys.executable, str(HERE / "scripted_worker.py"), lines])

    return begin
