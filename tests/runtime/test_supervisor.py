"""Whatever a worker does, its callers get one typed error each, and the parent stays up."""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable

import pytest

from steelyard.base.errors import Cancelled, ExitCode, Json, UsageError
from steelyard.base.progress import CancelToken
from steelyard.runtime.errors import (
    WorkerDied,
    WorkerFailed,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from steelyard.runtime.protocol import FRAME_LIMIT_BYTES
from steelyard.runtime.supervisor import EVENTS_AHEAD, Worker

Start = Callable[..., Worker]
Scripted = Callable[[str], Worker]


def worker_threads() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t.name.startswith("inspect worker")}


def test_a_request_is_answered(start: Start) -> None:
    worker = start()
    params: dict[str, Json] = {"text": "Grüße 🌍", "list": [1, 2.5, None]}
    assert worker.call("ping", params, timeout_s=30) == params
    assert worker.alive


def test_closing_ends_the_process_and_its_threads(start: Start) -> None:
    # Another test's worker may still be on its way out.
    before = worker_threads()
    worker = start()
    worker.close()
    assert not worker.alive
    assert worker_threads() <= before
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)
    with pytest.raises(WorkerDied):
        worker.call("ping", {}, timeout_s=30)


def test_a_program_that_is_not_there(start: Start) -> None:
    with pytest.raises(WorkerDied) as caught:
        start(command=["/nonexistent/program"])
    assert caught.value.facts["stage"] == "start"
    assert caught.value.exit_code is ExitCode.OUT_OF_RESOURCES


def test_a_worker_that_exits_before_it_says_hello(start: Start) -> None:
    script = "import sys; sys.exit('cannot find my library')"
    with pytest.raises(WorkerDied) as caught:
        start(command=[sys.executable, "-c", script])
    assert caught.value.facts["exit_status"] == 1
    assert caught.value.facts["last_lines"] == ["cannot find my library"]


def test_a_worker_that_never_says_hello(start: Start) -> None:
    with pytest.raises(WorkerTimedOut):
        start(command=[sys.executable, "-c", "import time; time.sleep(600)"], hello_timeout_s=0.2)


def test_death_by_signal_names_the_signal_the_stage_and_the_last_words(scripted: Scripted) -> None:
    worker = scripted(
        "r = read(); send({'id': r['id'], 'event': {'stage': 'prefill'}})\n"
        "print('GGML_ASSERT(x > 0) failed', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGABRT)"
    )
    with pytest.raises(WorkerDied) as caught:
        worker.call("generate", {}, timeout_s=30)
    assert caught.value.facts["signal"] == "SIGABRT"
    assert caught.value.facts["stage"] == "prefill"
    assert caught.value.facts["last_lines"] == ["GGML_ASSERT(x > 0) failed"]
    assert "reading the prompt" in caught.value.message
    assert not worker.alive


def test_an_exit_in_the_middle_of_a_request(scripted: Scripted) -> None:
    with pytest.raises(WorkerDied) as caught:
        scripted("read(); sys.exit(9)").call("load", {}, timeout_s=30)
    assert caught.value.facts["exit_status"] == 9


@pytest.mark.parametrize(
    "words",
    [
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 42",
        "MemoryError",
    ],
)
def test_a_death_for_want_of_memory_is_told_apart(scripted: Scripted, words: str) -> None:
    worker = scripted(
        f"read(); print({words!r}, file=sys.stderr, flush=True); os.kill(os.getpid(), signal.SIGABRT)"
    )
    with pytest.raises(WorkerOutOfMemory) as caught:
        worker.call("load", {}, timeout_s=30)
    assert caught.value.facts["last_lines"] == [words]


def test_silence_ends_the_worker(scripted: Scripted) -> None:
    worker = scripted(
        "r = read(); send({'id': r['id'], 'event': {'stage': 'decode'}}); time.sleep(600)"
    )
    with pytest.raises(WorkerTimedOut) as caught:
        worker.call("generate", {}, timeout_s=0.2)
    assert caught.value.facts["stage"] == "decode"
    assert not worker.alive


def test_events_keep_a_slow_worker_alive(scripted: Scripted) -> None:
    worker = scripted(
        "r = read()\n"
        "for n in range(30): time.sleep(0.05); send({'id': r['id'], 'event': {'n': n}})\n"
        "send({'id': r['id'], 'ok': True, 'result': 'done'})"
    )
    heard: list[Json] = []
    result = worker.call("load", {}, timeout_s=1.0, on_event=lambda event: heard.append(event["n"]))
    assert result == "done"
    assert heard == list(range(30))


def test_a_stopped_process_times_out(start: Start) -> None:
    worker = start()
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(WorkerTimedOut):
        worker.call("ping", {}, timeout_s=0.2)
    assert not worker.alive


def test_a_request_larger_than_the_pipe_to_a_stopped_process_does_not_block(start: Start) -> None:
    worker = start()
    os.kill(worker.pid, signal.SIGSTOP)
    began_s = time.monotonic()
    with pytest.raises(WorkerTimedOut):
        worker.call("ping", {"text": "x" * 5_000_000}, timeout_s=0.2)
    assert time.monotonic() - began_s < 5


@pytest.mark.parametrize(
    "garbage",
    [
        "out.write(b'Loading model...\\n' * 10)",
        "out.write(bytes(range(256)) * 50)",
        "send([1, 2, 3])",
        "send({'id': 999, 'ok': True, 'result': 1})",
        "send({'id': 'two', 'ok': True, 'result': 1})",
        "send({'id': 2, 'ok': 'yes'})",
        "send({'id': 2})",
        "out.write(b'\\x00\\x00\\x10\\x00{')",  # cut off, and then a good end
        "out.write(b'\\x00\\x00\\x00\\x05nope!')",
    ],
)
def test_garbage_is_told_apart_from_death(scripted: Scripted, garbage: str) -> None:
    worker = scripted(f"read(); {garbage}; out.flush(); sys.exit(0)")
    with pytest.raises(WorkerGarbled):
        worker.call("generate", {}, timeout_s=30)
    assert not worker.alive


def test_a_frame_over_the_limit_is_not_read(scripted: Scripted) -> None:
    head = struct.pack(">I", FRAME_LIMIT_BYTES + 1)
    worker = scripted(f"read(); out.write({head!r})\nwhile True: out.write(b'x' * 65536)")
    with pytest.raises(WorkerGarbled):
        worker.call("generate", {}, timeout_s=30)


def test_a_flood_of_events_waits_for_a_slow_caller(scripted: Scripted) -> None:
    worker = scripted(
        "r = read()\n"
        f"for n in range({EVENTS_AHEAD} * 5): send({{'id': r['id'], 'event': {{'n': n}}}})\n"
        "send({'id': r['id'], 'ok': True, 'result': 'done'})"
    )
    heard: list[Json] = []

    def slowly(event: dict[str, Json]) -> None:
        heard.append(event["n"])
        if len(heard) % 1000 == 1:
            assert len(next(iter(worker._calls.values())).events) <= EVENTS_AHEAD

    assert worker.call("generate", {}, timeout_s=30, on_event=slowly) == "done"
    assert heard == list(range(EVENTS_AHEAD * 5))


def test_a_flood_on_standard_error_is_cut_to_the_last_lines(scripted: Scripted) -> None:
    worker = scripted(
        "read()\nfor n in range(5000): print('line', n, 'x' * 2000, file=sys.stderr)\nsys.exit(1)"
    )
    with pytest.raises(WorkerDied) as caught:
        worker.call("load", {}, timeout_s=30)
    lines = caught.value.facts["last_lines"]
    assert isinstance(lines, list)
    assert len(lines) == 20
    assert all(len(str(line)) <= 1000 for line in lines)


def test_control_characters_of_a_worker_do_not_reach_a_terminal(scripted: Scripted) -> None:
    worker = scripted(r"read(); sys.stderr.write('\x1b[31mred\x07\u202e\n'); sys.exit(1)")
    with pytest.raises(WorkerDied) as caught:
        worker.call("load", {}, timeout_s=30)
    assert caught.value.facts["last_lines"] == [" [31mred  "]


def test_cancel_is_heard_and_the_worker_lives(probe: Callable[..., Worker]) -> None:
    worker, token = probe(), CancelToken()
    with pytest.raises(Cancelled):
        worker.call("wait", {}, timeout_s=30, on_event=lambda _: token.cancel(), cancel=token)
    assert worker.call("ping", {"a": 1}, timeout_s=30) == {"a": 1}


def test_cancel_of_a_worker_that_does_not_listen_ends_it(
    probe: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steelyard.runtime.supervisor.CANCEL_GRACE_S", 0.2)
    worker, token = probe(), CancelToken()
    with pytest.raises(Cancelled) as caught:
        worker.call("ignore", {}, timeout_s=30, on_event=lambda _: token.cancel(), cancel=token)
    assert caught.value.facts["worker_ended"] is True
    assert not worker.alive


def test_a_request_cancelled_before_its_turn_does_not_hurt_the_one_under_way(
    probe: Callable[..., Worker],
) -> None:
    worker = probe()
    first, second = CancelToken(), CancelToken()
    outcomes: list[str] = []
    begun = threading.Event()

    def long_request() -> None:
        try:
            worker.call("wait", {}, timeout_s=30, on_event=lambda _: begun.set(), cancel=first)
        except Cancelled:
            outcomes.append("first cancelled")

    thread = threading.Thread(target=long_request)
    thread.start()
    assert begun.wait(30)
    second.cancel()
    with pytest.raises(Cancelled):
        worker.call("ping", {}, timeout_s=30, cancel=second)
    assert outcomes == []
    first.cancel()
    thread.join(30)
    assert outcomes == ["first cancelled"]
    assert worker.alive


def test_what_a_listener_raises_calls_the_request_off_and_comes_out(
    probe: Callable[..., Worker],
) -> None:
    worker = probe()

    def closed_window(_event: dict[str, Json]) -> None:
        raise RuntimeError("the window is closed")

    with pytest.raises(RuntimeError, match="the window is closed"):
        worker.call("wait", {}, timeout_s=30, on_event=closed_window)
    assert worker.call("ping", {}, timeout_s=30) == {}


def test_a_bug_in_an_operation_is_an_answer_not_a_death(probe: Callable[..., Worker]) -> None:
    worker = probe()
    with pytest.raises(WorkerFailed) as caught:
        worker.call("bug", {}, timeout_s=30)
    assert caught.value.exit_code is ExitCode.INTERNAL
    assert "ZeroDivisionError" in str(caught.value.facts["traceback"])
    assert worker.call("ping", {}, timeout_s=30) == {}


def test_an_unknown_operation_is_refused(start: Start) -> None:
    with pytest.raises(UsageError):
        start().call("fly", {}, timeout_s=30)


def test_many_threads_may_ask_one_worker(start: Start) -> None:
    worker = start()
    answers: dict[int, Json] = {}

    def ask(number: int) -> None:
        answers[number] = worker.call("ping", {"n": number}, timeout_s=30)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert answers == {number: {"n": number} for number in range(16)}


def test_events_all_arrive_before_the_result(probe: Callable[..., Worker]) -> None:
    worker = probe()
    for _ in range(50):
        heard: list[Json] = []
        worker.call(
            "stream", {"count": 20}, timeout_s=30, on_event=lambda e, h=heard: h.append(e["number"])
        )
        assert heard == list(range(20))
