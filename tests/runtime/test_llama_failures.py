"""The llama.cpp worker killed, stopped, starved and called off at every stage: typed, and the next one works."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steelyard.base.errors import Cancelled, Json, MalformedInput, NotFound
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.runtime import wire
from steelyard.runtime.engine import Engine
from steelyard.runtime.errors import (
    ContextTooLong,
    EngineRefusedModel,
    WorkerDied,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from steelyard.runtime.records import GenerationRequest, LoadRequest, Sampling
from steelyard.runtime.supervisor import CANCEL_GRACE_S, Worker

LONG_PROMPT = "word " * 700
"""About 3,500 tokens: seven batches."""

STAGES = ["load", "warm-up", "generate", "prefill", "decode"]


def long_request(prompt: str = "word", max_tokens: int = 3000) -> GenerationRequest:
    return GenerationRequest(prompt=prompt, sampling=Sampling(temperature=0, max_tokens=max_tokens))


@pytest.fixture
def slow_engine(slow_model: Path) -> Iterator[Engine]:
    loaded = Engine.load(LoadRequest(slow_model, threads=1), Reporter())
    yield loaded
    loaded.kill()


def at_stage(stage: str, act: Callable[[], None]) -> Callable[[dict[str, Json]], None]:
    """A listener that acts once, at the first sign that the stage has begun."""
    acted: list[bool] = []

    def listen(event: dict[str, Json]) -> None:
        if event.get("stage") == stage and not acted:
            acted.append(True)
            act()

    return listen


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "generate"])
def test_sigkill_at_each_stage_is_a_typed_error_and_the_next_engine_works(
    stage: str, slow_model: Path, starter: Path, start: Callable[..., Worker]
) -> None:
    worker = start("llama")
    kill = at_stage(stage, lambda: os.kill(worker.pid, signal.SIGKILL))
    load = wire.load_request_to_json(LoadRequest(slow_model, threads=1))
    request = wire.generation_request_to_json(long_request(LONG_PROMPT))
    if stage == "decode":
        request = wire.generation_request_to_json(long_request())
    with pytest.raises(WorkerDied) as caught:
        worker.call("load", load, timeout_s=120, on_event=kill)
        worker.call("generate", request, timeout_s=120, on_event=kill)
    assert caught.value.facts["signal"] == "SIGKILL"
    # On a busy machine the worker may get a little further before the signal arrives.
    assert caught.value.facts["stage"] in STAGES[STAGES.index(stage) :]
    assert not worker.alive
    again = Engine.load(LoadRequest(starter, threads=1), Reporter())
    try:
        assert again.generate(long_request("Once", max_tokens=4)).completion_tokens == 4
    finally:
        again.close()


def test_sigkill_in_the_middle_of_an_answer_through_the_engine(
    slow_engine: Engine, kill: Callable[[int], None]
) -> None:
    with pytest.raises(WorkerDied):
        slow_engine.generate(long_request(), on_text=lambda _: kill(slow_engine.pid))
    assert not slow_engine.alive
    with pytest.raises(WorkerDied):
        slow_engine.generate(long_request())


def test_a_stopped_worker_is_noticed_and_ended(slow_model: Path) -> None:
    engine = Engine.load(LoadRequest(slow_model, threads=1), Reporter(), silence_s=60)
    engine._silence_s = 0.3
    os.kill(engine.pid, signal.SIGSTOP)
    with pytest.raises(WorkerTimedOut):
        engine.generate(long_request())
    assert not engine.alive


def test_closing_in_the_middle_of_an_answer_frees_the_worker(slow_engine: Engine) -> None:
    with pytest.raises(WorkerDied) as caught:
        slow_engine.generate(long_request(), on_text=lambda _: slow_engine.kill())
    assert caught.value.facts["ended_for"] == "killed"
    with pytest.raises(ProcessLookupError):
        os.kill(slow_engine.pid, 0)


def test_cancel_while_loading(slow_model: Path) -> None:
    token = CancelToken()

    def listen(progress: Progress) -> None:
        if progress.total:
            token.cancel()

    began_s = time.monotonic()
    with pytest.raises(Cancelled):
        Engine.load(LoadRequest(slow_model, threads=1), Reporter(listen, token))
    assert time.monotonic() - began_s < 30


@pytest.mark.parametrize("stage", ["prefill", "decode"])
def test_cancel_is_quick_and_the_model_stays_loaded(
    stage: str, slow_model: Path, start: Callable[..., Worker]
) -> None:
    worker, token = start("llama"), CancelToken()
    worker.call(
        "load", wire.load_request_to_json(LoadRequest(slow_model, threads=1)), timeout_s=120
    )
    called_off_s: list[float] = []

    def call_off() -> None:
        called_off_s.append(time.monotonic())
        token.cancel()

    result = worker.call(
        "generate",
        wire.generation_request_to_json(
            long_request(LONG_PROMPT if stage == "prefill" else "word")
        ),
        timeout_s=120,
        on_event=at_stage(stage, call_off),
        cancel=token,
    )
    took_s = time.monotonic() - called_off_s[0]
    answer = wire.generation_from_json(result)
    assert answer.finish_reason == "cancelled"
    assert answer.completion_tokens < 100
    # Else the worker would have been ended, and nothing returned.
    assert took_s < CANCEL_GRACE_S
    after = worker.call(
        "generate", wire.generation_request_to_json(long_request(max_tokens=3)), timeout_s=120
    )
    assert wire.generation_from_json(after).token_ids == (0, 0, 0)


def test_what_was_computed_before_a_cancel_does_not_change_the_next_answer(starter: Path) -> None:
    engine = Engine.load(LoadRequest(starter, threads=1), Reporter())
    try:
        request = long_request("Once upon a time", max_tokens=40)
        fresh = engine.generate(request)
        token = CancelToken()
        engine.generate(
            long_request("Once upon a day " * 8, max_tokens=200),
            on_text=lambda _: token.cancel(),
            cancel=token,
        )
        assert engine.generate(request).token_ids == fresh.token_ids
    finally:
        engine.close()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Engine.load(LoadRequest(tmp_path / "none.gguf"), Reporter())


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all" * 100])
def test_a_file_that_is_no_model_is_refused_in_the_engines_words(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(EngineRefusedModel) as caught:
        Engine.load(LoadRequest(path), Reporter())
    assert isinstance(caught.value, MalformedInput)
    assert caught.value.facts["engine_words"]


def test_a_truncated_model_is_refused(starter: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    data = starter.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(EngineRefusedModel):
        Engine.load(LoadRequest(path), Reporter())


def test_an_assertion_in_the_engine_is_a_typed_error_with_its_words(
    probe: Callable[..., Worker], starter: Path
) -> None:
    with pytest.raises(WorkerDied) as caught:
        probe().call("assert_in_engine", {"path": str(starter)}, timeout_s=60)
    assert caught.value.facts["signal"] == "SIGABRT"
    assert "GGML_ASSERT" in str(caught.value.facts["last_lines"])


def test_a_context_longer_than_trained_for_is_refused_with_both_numbers(slow_model: Path) -> None:
    with pytest.raises(ContextTooLong) as caught:
        Engine.load(LoadRequest(slow_model, context_tokens=4097), Reporter())
    assert caught.value.facts == {"context_tokens": 4097, "trained_context_tokens": 4096}


def test_a_prompt_longer_than_the_context_is_refused_with_the_numbers(starter: Path) -> None:
    engine = Engine.load(LoadRequest(starter, context_tokens=256, threads=1), Reporter())
    try:
        with pytest.raises(ContextTooLong) as caught:
            engine.generate(long_request("word " * 1000))
        facts = caught.value.facts
        assert isinstance(facts["prompt_tokens"], int)
        assert facts["prompt_tokens"] > 256
        assert facts["context_tokens"] == 256
        assert engine.generate(long_request("word", max_tokens=2)).completion_tokens == 2
    finally:
        engine.close()


def test_a_full_context_ends_the_answer_and_says_so(slow_model: Path) -> None:
    engine = Engine.load(LoadRequest(slow_model, context_tokens=256, threads=1), Reporter())
    try:
        answer = engine.generate(long_request("word " * 49, max_tokens=1000))
        assert answer.finish_reason == "context"
        # The last token of the answer need not be put into the context.
        assert answer.prompt_tokens + answer.completion_tokens == 256 + 1
        assert answer.completion_tokens < 30
    finally:
        engine.close()


@pytest.fixture(scope="module")
def roomy_mib(slow_model: Path) -> int:
    """Virtual memory of a worker with the slow model and a small context."""
    engine = Engine.load(LoadRequest(slow_model, context_tokens=256, threads=1), Reporter())
    pages = int(Path(f"/proc/{engine.pid}/statm").read_text().split()[0])
    engine.close()
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024**2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is set on Linux only")
@pytest.mark.parametrize("extra_mib", [-30, -15, 0, 8, 16, 32])
def test_whatever_allocation_fails_it_is_out_of_memory(
    extra_mib: int, roomy_mib: int, slow_model: Path
) -> None:
    """ggml and libstdc++ each say it differently, some by aborting.

    Less than this and the interpreter itself fails, half-way through loading its libraries.
    A context of 4096 tokens takes at least 48 MiB more than one of 256.
    """
    with pytest.raises(WorkerOutOfMemory):
        Engine.load(
            LoadRequest(slow_model, context_tokens=4096, threads=1),
            Reporter(),
            address_space_bytes=(roomy_mib + extra_mib) * 1024**2,
        )
