"""Work runs in threads, is heard in the main thread, can be stopped, and leaves no thread behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from gui.service_stand_in import Service
from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import Progress
from steelyard.gui.errors import InternalError
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.service.operation import RowFinished, TextDelta


@dataclass(frozen=True)
class Look:
    """A request that reads."""

    number: int = 0


@dataclass(frozen=True)
class Change:
    """A request that lasts."""


MAIN = threading.main_thread()


def test_an_answer_arrives_in_the_main_thread(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    service.on(Look, lambda request, *_: request.number * 2)
    heard: list[tuple[int, threading.Thread]] = []
    runner.ask(Look(21), lambda result: heard.append((result, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(42, MAIN)]
    assert len(service.threads) == 1
    assert MAIN.name not in service.threads


def test_an_error_arrives_typed_and_a_mistake_as_internal(
    qtbot: QtBot, service: Service, runner: JobRunner, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[SteelyardError] = []
    runner.ask(Look(), lambda _: None, errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1)
    assert errors[0].code == "not-found"

    def broken(*_: object) -> None:
        raise KeyError("lost")

    service.on(Look, broken)
    runner.ask(Look(), lambda _: None, errors.append)
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert isinstance(errors[1], InternalError)
    assert errors[1].facts["kind"] == "KeyError"
    assert "Look failed" in caplog.text


def test_a_job_tells_its_progress_and_its_end(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    go_on = threading.Event()

    def work(_: Change, emit: Callable[[Any], None], __: object) -> str:
        emit(Progress("hashing", 1 << 30, 4 << 30))
        go_on.wait(10)
        return "done"

    service.on(Change, work)
    results: list[str] = []
    job = runner.act(Change(), title="Import", on_result=results.append)
    assert runner.jobs == (job,)
    assert runner.busy
    qtbot.waitUntil(lambda: job.share == 0.25)
    assert job.state == "running"
    with qtbot.waitSignal(runner.settled):
        go_on.set()
    assert (job.state, job.result, results) == ("done", "done", ["done"])
    assert job.share == 1.0
    assert not runner.busy
    runner.forget(job)
    assert runner.jobs == ()


def test_cancel_reaches_the_work_and_is_not_a_failure(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    started = threading.Event()

    def work(_: Change, __: object, cancel: Any) -> None:
        started.set()
        while True:
            cancel.check()

    service.on(Change, work)
    errors: list[SteelyardError] = []
    job = runner.act(Change(), title="Long", on_error=errors.append)
    assert started.wait(10)
    with qtbot.waitSignal(runner.settled):
        job.cancel()
    assert job.state == "cancelled"
    assert [type(error) for error in errors] == [Cancelled]


def test_many_pieces_of_text_arrive_joined_whole_and_in_order(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    def write(_: Change, emit: Callable[[Any], None], __: object) -> str:
        for number in range(5000):
            emit(TextDelta(f"{number} ", thinking=number < 1000))
        emit(RowFinished("row"))
        emit(TextDelta("end"))
        return "written"

    service.on(Change, write)
    events: list[Any] = []
    with qtbot.waitSignal(runner.settled):
        runner.act(Change(), title="Write", on_event=events.append)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == "".join(f"{n} " for n in range(5000)) + "end"
    thinking = "".join(e.text for e in events if isinstance(e, TextDelta) and e.thinking)
    assert thinking == "".join(f"{n} " for n in range(1000))
    assert isinstance(events[-2], RowFinished)
    assert len(events) < 500


def test_writing_fast_does_not_stall_the_window(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    stop = threading.Event()

    def write(_: Change, emit: Callable[[Any], None], __: object) -> None:
        while not stop.wait(0.002):
            emit(TextDelta("word "))

    service.on(Change, write)
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(10)
    calls: list[object] = []
    job = runner.act(Change(), title="Write", on_event=calls.append)
    qtbot.waitUntil(lambda: beats >= 40, timeout=10_000)
    with qtbot.waitSignal(job.ended):
        stop.set()
    # 30 deliveries a second at most: 40 beats of 10 ms are 0.4 s on an idle machine.
    assert 0 < len(calls) <= beats + 5


def test_of_a_sliders_questions_only_the_last_is_answered(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    first_in, let_go = threading.Event(), threading.Event()

    def answer(request: Look, _: object, cancel: Any) -> int:
        if request.number == 1:
            first_in.set()
            let_go.wait(10)
            cancel.check()
        return request.number

    service.on(Look, answer)
    owner = QObject()
    heard: list[int] = []
    runner.ask(Look(1), heard.append, owner=owner, replaces="fit")
    assert first_in.wait(10)
    runner.ask(Look(2), heard.append, owner=owner, replaces="fit")
    qtbot.waitUntil(lambda: heard == [2])
    let_go.set()
    done: list[int] = []
    runner.ask(Look(3), done.append)
    qtbot.waitUntil(lambda: done == [3])
    assert heard == [2]


def test_nothing_is_called_once_the_owner_is_gone(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    wait = threading.Event()
    service.on(Look, lambda *_: wait.wait(10))
    owner = QObject()
    heard: list[object] = []
    runner.ask(Look(), heard.append, owner=owner)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    wait.set()
    service.on(Change, lambda *_: None)
    with qtbot.waitSignal(runner.settled):
        runner.act(Change(), title="After")
    assert heard == []


def test_a_request_can_be_made_in_the_worker_thread(
    qtbot: QtBot, service: Service, runner: JobRunner
) -> None:
    made_in: list[threading.Thread] = []

    def make() -> Look:
        made_in.append(threading.current_thread())
        return Look(5)

    service.on(Look, lambda request, *_: request.number)
    heard: list[int] = []
    runner.ask(make, heard.append)
    qtbot.waitUntil(lambda: heard == [5])
    assert made_in[0] is not MAIN


def test_closing_stops_what_runs_and_ends_every_thread(qtbot: QtBot, service: Service) -> None:
    runner = JobRunner(service)
    started = threading.Event()

    def work(_: Change, __: object, cancel: Any) -> None:
        started.set()
        while True:
            cancel.check()

    service.on(Change, work)
    job = runner.act(Change(), title="Long")
    assert started.wait(10)
    runner.close(wait_s=10)
    assert job.token.cancelled
    assert not [t for t in threading.enumerate() if t.name.startswith(("ask", "act"))]
    assert not service.closed


def test_a_service_opened_here_is_closed_here_and_questions_wait_for_it(
    qtbot: QtBot, service: Service
) -> None:
    gate = threading.Event()

    def opener() -> Service:
        gate.wait(10)
        return service

    service.on(Look, lambda *_: "answer")
    runner = JobRunner(opener)
    heard: list[str] = []
    runner.ask(Look(), heard.append)
    with qtbot.waitSignal(runner.opened):
        gate.set()
    qtbot.waitUntil(lambda: heard == ["answer"])
    runner.close(wait_s=10)
    assert service.closed


def test_a_service_that_does_not_open_is_said_and_every_question_fails_with_it(
    qtbot: QtBot,
) -> None:
    gate = threading.Event()

    def opener() -> Service:
        gate.wait(10)
        raise SteelyardError("The data folder is in use.", next_step="Close the other window.")

    runner = JobRunner(opener)
    errors: list[SteelyardError] = []
    runner.ask(Look(), lambda _: None, errors.append)
    with qtbot.waitSignal(runner.open_failed) as caught:
        gate.set()
    assert caught.args is not None
    assert caught.args[0].message == "The data folder is in use."
    qtbot.waitUntil(lambda: len(errors) == 1)
    runner.close(wait_s=10)


def test_a_job_tells_speed_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("steelyard.gui.job.time.monotonic", lambda: now[0])
    owner = QObject()
    job = Job("Fetch", Change(), listed=True, parent=owner)
    job.take_progress(Progress("fetching", 0, 1000))
    assert job.left_s is None
    now[0] = 2.0
    job.take_progress(Progress("fetching", 200, 1000))
    now[0] = 4.0
    job.take_progress(Progress("fetching", 400, 1000))
    assert job.per_s == pytest.approx(100)
    assert job.left_s == pytest.approx(6)
