"""The one place that owns worker threads: the window asks here, and hears the answer in its own thread.

Two kinds of work. `ask` is for operations that only read: a small pool, no trace in the task list. `act` is for what
changes something or takes long: it returns a `Job` with progress, speed, time left and `cancel()`, shown in the task
list. Every callback runs in the main thread; events are gathered and delivered at most 30 times a second, so that
500 pieces of text a second do not stall the window.

Threads reach the main thread through one bridge object only: a plain function connected across threads would run in
the worker thread.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.errors import InternalError
from steelyard.gui.job import Job

log = logging.getLogger(__name__)

READERS = 3
ACTORS = 4
DELIVERIES_PER_S = 30

OnResult = Callable[[Any], None]
OnError = Callable[[SteelyardError], None]
OnEvent = Callable[[Any], None]


class App(Protocol):
    """What the window needs of the service: `steelyard.service.Steelyard`."""

    def run(
        self,
        request: Any,
        *,
        emit: Callable[[Any], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Any:
        """Carry out a request; raises `SteelyardError`."""

    def close(self) -> None:
        """Let go of everything it holds."""


@dataclass
class _Task:
    """One call in flight, between the threads."""

    request: object
    token: CancelToken
    on_result: OnResult | None
    on_error: OnError | None
    on_event: OnEvent | None = None
    owner: QObject | None = None
    job: Job | None = None
    dropped: bool = False


@dataclass(frozen=True)
class _Delivery:
    """Something a worker thread hands over. `kind`: started, event, result or error."""

    task: _Task
    kind: str
    value: Any = None


class _Bridge(QObject):
    """Lives in the main thread; worker threads emit `woken`, its slot runs in the main thread."""

    woken = Signal()

    def __init__(self, deliver: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._deliver = deliver
        self.woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _on_woken(self) -> None:
        self._deliver()


class JobRunner(QObject):
    """Runs requests against the service.

    Args:
        app: the opened service, or a function that opens it; then it is opened in a thread at once, requests wait
            for it, and it is closed by `close`.

    Signals:
        opened(): the service is there.
        open_failed(object): it could not be opened; the `SteelyardError`.
        job_added(object): a `Job` began.
        job_changed(object): a `Job` has new progress or state.
        settled(object): a `Job` ended; pages refresh on it.
    """

    opened = Signal()
    open_failed = Signal(object)
    job_added = Signal(object)
    job_changed = Signal(object)
    settled = Signal(object)

    def __init__(self, app: App | Callable[[], App], *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: deque[_Delivery] = deque()
        self._lock = threading.Lock()
        self._awake = False
        self._closed = False
        self._jobs: list[Job] = []
        self._live: dict[int, _Task] = {}
        self._latest: dict[tuple[int, str], _Task] = {}
        self._bridge = _Bridge(self._woken, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._drain)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="ask")
        self._actors = ThreadPoolExecutor(ACTORS, thread_name_prefix="act")
        self._owns_app = callable(app)
        self._app: Future[App] = Future()
        if not callable(app):
            self._app.set_result(app)
        else:
            opening = _Task(None, CancelToken(), self._on_opened, self.open_failed.emit)
            self._live[id(opening)] = opening
            self._actors.submit(self._open, app, opening)

    # ------------------------------------------------------------------ for pages

    def ask(
        self,
        request: object,
        on_result: OnResult,
        on_error: OnError | None = None,
        *,
        owner: QObject | None = None,
        replaces: str = "",
    ) -> None:
        """Carry out a request that only reads.

        Args:
            request: a request of the service; or a function that makes it, called in the worker thread, for
                callers that must not import the service before the first paint.
            on_result, on_error: called in the main thread; errors without `on_error` are logged.
            owner: nothing is called once this object is gone.
            replaces: of requests with the same owner and word only the last one's answer arrives (a slider's).
        """
        task = _Task(request, CancelToken(), on_result, on_error, owner=owner)
        if replaces:
            key = (id(owner), replaces)
            if (older := self._latest.get(key)) is not None:
                older.dropped = True
                older.token.cancel()
            self._latest[key] = task
        self._submit(self._readers, task)

    def consult(
        self,
        question: Callable[[Any], Any],
        on_result: OnResult,
        on_error: OnError | None = None,
        *,
        owner: QObject | None = None,
    ) -> None:
        """Ask the opened service something that is no operation: `question(service)`, in a worker thread."""
        if self._closed:
            return
        task = _Task(question, CancelToken(), on_result, on_error, owner=owner)
        self._live[id(task)] = task
        self._readers.submit(self._consult, question, task)

    def act(
        self,
        request: object,
        *,
        title: str,
        on_event: OnEvent | None = None,
        on_result: OnResult | None = None,
        on_error: OnError | None = None,
        owner: QObject | None = None,
        listed: bool = True,
    ) -> Job:
        """Carry out a request that changes something or takes long.

        Args:
            title: for the task list.
            on_event: `Progress`, `TextDelta` and `RowFinished`; neighbouring text is joined, of several progress
                events the last one arrives.
            on_result, on_error: called once, when it has ended; `on_error` gets `Cancelled` too.
            owner: nothing is called once this object is gone; the job itself goes on.
            listed: shown in the task list.
        """
        job = Job(title, request, listed=listed, parent=self)
        self._jobs.append(job)
        job.changed.connect(lambda: self.job_changed.emit(job))
        task = _Task(request, job.token, on_result, on_error, on_event, owner, job)
        self.job_added.emit(job)
        self._submit(self._actors, task)
        return job

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Those that are shown, oldest first."""
        return tuple(job for job in self._jobs if job.listed)

    @property
    def busy(self) -> bool:
        """A job waits or runs."""
        return any(job.active for job in self._jobs)

    def forget(self, job: Job) -> None:
        """Take an ended job off the list."""
        if not job.active and job in self._jobs:
            self._jobs.remove(job)
            self.job_changed.emit(job)
            job.deleteLater()

    def close(self, wait_s: float = 30.0) -> None:
        """Cancel what runs, wait for the threads, and close the service if it was opened here."""
        if self._closed:
            return
        self._closed = True
        for task in list(self._live.values()):
            task.token.cancel()
        for pool in (self._readers, self._actors):
            pool.shutdown(wait=False, cancel_futures=True)
        ender = threading.Thread(target=self._end_pools, daemon=True)
        ender.start()
        ender.join(wait_s)
        self._queue.clear()
        if self._owns_app and self._app.done() and self._app.exception() is None:
            self._app.result().close()

    def _end_pools(self) -> None:
        self._readers.shutdown(wait=True)
        self._actors.shutdown(wait=True)

    # ------------------------------------------------------------------ in worker threads

    def _submit(self, pool: ThreadPoolExecutor, task: _Task) -> None:
        if self._closed:
            return
        self._live[id(task)] = task
        pool.submit(self._carry_out, task)

    def _open(self, opener: Callable[[], App], task: _Task) -> None:
        outcome = self._guarded(opener, task)
        if isinstance(outcome, SteelyardError):
            self._app.set_exception(outcome)
            self._hand_over(_Delivery(task, "error", outcome))
        else:
            self._app.set_result(outcome)
            self._hand_over(_Delivery(task, "result", None))

    def _carry_out(self, task: _Task) -> None:
        self._hand_over(_Delivery(task, "started"))
        outcome = self._guarded(lambda: self._run(task), task)
        kind = "error" if isinstance(outcome, SteelyardError) else "result"
        self._hand_over(_Delivery(task, kind, outcome))

    def _run(self, task: _Task) -> object:
        app = self._app.result()
        task.token.check()
        request = task.request() if callable(task.request) else task.request
        return app.run(
            request,
            emit=lambda event: self._hand_over(_Delivery(task, "event", event)),
            cancel=task.token,
        )

    def _consult(self, question: Callable[[Any], Any], task: _Task) -> None:
        outcome = self._guarded(lambda: question(self._app.result()), task)
        kind = "error" if isinstance(outcome, SteelyardError) else "result"
        self._hand_over(_Delivery(task, kind, outcome))

    @staticmethod
    def _guarded(work: Callable[[], Any], task: _Task) -> Any:
        """The result, or the error as a value. The outermost loop of this process's threads."""
        try:
            return work()
        except SteelyardError as error:
            return error
        except CancelledError:
            return Cancelled("Cancelled before it began. Nothing was changed.")
        except Exception as error:
            log.exception("%s failed", type(task.request).__name__)
            return InternalError(
                f"Steelyard made a mistake ({type(error).__name__}: {error}). "
                "What was complete before is kept.",
                next_step="Report it with the details on the terminal.",
                kind=type(error).__name__,
            )

    def _hand_over(self, delivery: _Delivery) -> None:
        with self._lock:
            self._queue.append(delivery)
            wake, self._awake = not self._awake, True
        if wake and not self._closed:
            self._bridge.woken.emit()

    # ------------------------------------------------------------------ in the main thread

    def _woken(self) -> None:
        with self._lock:
            urgent = any(delivery.kind in ("result", "error") for delivery in self._queue)
        if urgent:
            self._drain()
        elif not self._timer.isActive():
            self._timer.start(1000 // DELIVERIES_PER_S)

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            waiting = list(self._queue)
            self._queue.clear()
            self._awake = False
        for delivery in _joined(waiting):
            if not self._closed:
                self._deliver(delivery)

    def _deliver(self, delivery: _Delivery) -> None:
        task, job = delivery.task, delivery.task.job
        if delivery.kind == "started":
            if job is not None:
                job.state = "running"
                job.changed.emit()
            return
        heard = not task.dropped and (task.owner is None or isValid(task.owner))
        if delivery.kind == "event":
            if job is not None and isinstance(delivery.value, Progress):
                job.take_progress(delivery.value)
            if heard and task.on_event is not None:
                task.on_event(delivery.value)
            return
        self._live.pop(id(task), None)
        self._latest = {key: held for key, held in self._latest.items() if held is not task}
        if job is not None:
            _settle(job, delivery)
        if heard:
            _answer(task, delivery)
        if job is not None:
            job.changed.emit()
            job.ended.emit()
            self.settled.emit(job)
            if not job.listed:
                self.forget(job)

    def _on_opened(self, _: object) -> None:
        self.opened.emit()


def _settle(job: Job, delivery: _Delivery) -> None:
    if delivery.kind == "result":
        job.state, job.result = "done", delivery.value
        return
    job.error = delivery.value
    if isinstance(delivery.value, Cancelled):
        job.state = "paused" if job.pause_asked else "cancelled"
    else:
        job.state = "failed"


def _answer(task: _Task, delivery: _Delivery) -> None:
    if delivery.kind == "result":
        if task.on_result is not None:
            task.on_result(delivery.value)
    elif task.on_error is not None:
        task.on_error(delivery.value)
    elif task.job is None:
        log.warning("%s: %s", type(task.request).__name__, delivery.value)


def _joined(deliveries: list[_Delivery]) -> list[_Delivery]:
    """Of neighbouring progress events of one task the last; neighbouring text of one task joined."""
    kept: list[_Delivery] = []
    for delivery in deliveries:
        last = kept[-1] if kept else None
        same = (
            last is not None
            and last.task is delivery.task
            and last.kind == delivery.kind == "event"
        )
        if same and last is not None:
            merged = _merged(last.value, delivery.value)
            if merged is not None:
                kept[-1] = _Delivery(delivery.task, "event", merged)
                continue
        kept.append(delivery)
    return kept


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, Progress) and isinstance(second, Progress):
        return second
    # A TextDelta: named by shape, since importing the service here would cost every start.
    text = getattr(first, "text", None)
    alike = type(first) is type(second) and isinstance(text, str) and hasattr(first, "thinking")
    if alike and first.thinking == second.thinking:
        return type(first)(text + second.text, first.thinking)
    return None
