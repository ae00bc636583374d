"""The parent's side of a worker: start it, ask it, call a request off, end it.

Whatever the worker does (dies, hangs, floods, answers garbage, eats all memory) becomes one typed error
of `runtime.errors` for each request under way; the parent stays up. Requests carry numbers, so any number
may be under way; the worker decides in which order it works.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.base.progress import CancelToken
from steelyard.runtime import failure
from steelyard.runtime.errors import FrameError, WorkerDied, error_from_json
from steelyard.runtime.launch import worker_command, worker_environment
from steelyard.runtime.protocol import encode_frame, read_frame

CANCEL_POLL_S = 0.02
"""How often a waiting call looks at its cancel token."""

CANCEL_GRACE_S = 2.0
"""How long a worker may take to stop after a cancel before it is ended."""

CLOSE_GRACE_S = 2.0
HELLO_TIMEOUT_S = 60.0
"""A cold disk and a virus scanner can make a first start slow; after that it is a tenth of a second."""

KEPT_LINES = 200
LINE_LIMIT_BYTES = 1000
EVENTS_AHEAD = 1000
"""Events a caller has not taken yet, before the pipe is left to fill: a flood then waits."""

OnEvent = Callable[[dict[str, Json]], None]


@dataclass
class _Call:
    """A request under way. Guarded by the worker's condition."""

    number: int
    stage: str
    started_s: float
    events: deque[dict[str, Json]] = field(default_factory=deque)
    reply: dict[str, Json] | None = None


class Worker:
    """A running worker process. Made by `Worker.start`; usable from any thread."""

    def __init__(self, kind: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.kind = kind
        self.confinement = "none"
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._status: int | None = None
        self._garbled = ""
        self._ended_for = ""
        self._start_problem: OSError | None = None
        self._calls: dict[int, _Call] = {}
        self._issued = 0
        self._last_heard_s = time.monotonic()
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._kills_before = failure.kernel_kills()
        # The kernel ends the worker when the *thread* that started it ends, so that thread must be one
        # that lives as long as the worker: the one that reads its answers.
        self._attendant = threading.Thread(
            target=self._attend,
            args=(list(command), dict(environment)),
            name=f"{kind}-worker",
            daemon=True,
        )

    @classmethod
    def start(
        cls,
        kind: str,
        *,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
        address_space_bytes: int | None = None,
        hello_timeout_s: float = HELLO_TIMEOUT_S,
        cancel: CancelToken | None = None,
    ) -> Worker:
        """Start a worker and wait until it answers.

        Args:
            kind: `inspect`, `llama` or `transformers`.
            environment: variables to add to the few a worker gets.
            command: what to run instead of our own worker module.
            address_space_bytes: its limit of virtual memory (Linux).

        Raises:
            WorkerDied, WorkerTimedOut, WorkerGarbled, WorkerOutOfMemory: it did not come up.
            Cancelled: `cancel` was raised meanwhile.
        """
        command = command or worker_command(kind, address_space_bytes=address_space_bytes)
        worker = cls(kind, command, worker_environment(extra=environment))
        worker._attendant.start()
        try:
            hello = worker.call("hello", {}, timeout_s=hello_timeout_s, cancel=cancel)
        except BaseException:
            worker.kill()
            raise
        level = hello.get("confinement") if isinstance(hello, dict) else None
        worker.confinement = level if isinstance(level, str) else "none"
        return worker

    @property
    def pid(self) -> int:
        """The process id; 0 if it could not be started."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """True until the process has ended or was told to."""
        with self._changed:
            return self._status is None and not self._ended_for and self._start_problem is None

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The newest lines of its standard error."""
        return tuple(self._lines)

    def call(
        self,
        op: str,
        params: dict[str, Json],
        *,
        timeout_s: float,
        on_event: OnEvent | None = None,
        cancel: CancelToken | None = None,
    ) -> Json:
        """Ask for an operation and wait for its result.

        Args:
            timeout_s: the longest silence. Every event or answer of this worker, also to another request,
                starts the count again.
            on_event: called on this thread with each event. What it raises calls the request off, and
                comes out of here.
            cancel: when raised, the worker is told; if it has not answered after `CANCEL_GRACE_S`, it is
                ended. A worker may answer a cancelled request with a result (what it had so far).

        Raises:
            WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled: the worker is gone.
            Cancelled: called off.
            SteelyardError: whatever the operation itself refused with.
        """
        data_for = self._begin(op)
        call = data_for
        try:
            self._outbox.put(encode_frame({"id": call.number, "op": op, "params": params}))
            return self._result(self._await_reply(call, timeout_s, on_event, cancel))
        except BaseException:
            if call.reply is None and self.alive:
                self._call_off(call)
            raise
        finally:
            with self._changed:
                del self._calls[call.number]
                self._changed.notify_all()

    def kill(self) -> None:
        """End the process at once. Requests under way raise `WorkerDied`. Harmless when it has ended."""
        self._end("killed")
        self._join()

    def close(self) -> None:
        """Let the process end by closing its input; end it if it does not. Memory is back on return."""
        with self._changed:
            self._ended_for = self._ended_for or "closed"
        self._outbox.put(None)
        self._attendant.join(CLOSE_GRACE_S)
        if self._attendant.is_alive():
            self._end("closed")
        self._join()

    # -- a request ------------------------------------------------------------------------------------

    def _begin(self, op: str) -> _Call:
        with self._changed:
            self._issued += 1
            call = _Call(self._issued, stage=op, started_s=time.monotonic())
            self._calls[call.number] = call
        return call

    def _await_reply(
        self, call: _Call, timeout_s: float, on_event: OnEvent | None, cancel: CancelToken | None
    ) -> dict[str, Json]:
        cancelled_at_s: float | None = None
        while True:
            silent_until_s = max(self._last_heard_s, call.started_s) + timeout_s
            wait_s = silent_until_s - time.monotonic()
            events, reply, gone = self._next(call, min(wait_s, CANCEL_POLL_S) if cancel else wait_s)
            for event in events:
                self._note_stage(call, event)
                if on_event is not None:
                    on_event(event)
            if reply is not None:
                return reply
            if gone and not events:
                raise self._failure(call)
            now_s = time.monotonic()
            if cancel is not None and cancel.cancelled:
                if cancelled_at_s is None:
                    cancelled_at_s = now_s
                    self._send_cancel(call)
                elif now_s - cancelled_at_s > CANCEL_GRACE_S:
                    self._end("cancelled")
                    raise _stopped_by_force()
            elif now_s > max(self._last_heard_s, call.started_s) + timeout_s:
                self._end("timed-out")
                raise failure.timed_out(self.kind, timeout_s, self.last_lines, call.stage)

    def _next(
        self, call: _Call, wait_s: float
    ) -> tuple[list[dict[str, Json]], dict[str, Json] | None, bool]:
        """Events taken, the reply once all events are taken, and whether the worker is gone."""
        with self._changed:
            self._changed.wait_for(
                lambda: call.events or call.reply is not None or self._gone(), max(wait_s, 0)
            )
            events = list(call.events)
            call.events.clear()
            self._changed.notify_all()
            return events, call.reply, self._gone()

    def _note_stage(self, call: _Call, event: dict[str, Json]) -> None:
        stage = event.get("stage")
        if isinstance(stage, str):
            call.stage = stage

    def _call_off(self, call: _Call) -> None:
        self._send_cancel(call)
        with self._changed:
            while self._changed.wait_for(
                lambda: call.events or call.reply is not None or self._gone(), CANCEL_GRACE_S
            ):
                if call.reply is not None or self._gone():
                    return
                call.events.clear()
                self._changed.notify_all()
        self._end("cancelled")

    def _send_cancel(self, call: _Call) -> None:
        self._outbox.put(encode_frame({"op": "cancel", "params": {"id": call.number}}))

    def _result(self, reply: dict[str, Json]) -> Json:
        if reply.get("ok") is True:
            return reply.get("result")
        raise error_from_json(cast("dict[str, Json]", reply["error"]))

    def _failure(self, call: _Call) -> SteelyardError:
        lines = self.last_lines
        if self._start_problem is not None:
            return WorkerDied(
                f"The {self.kind} worker could not be started: {self._start_problem}.",
                next_step="Install Steelyard again.",
                stage="start",
            )
        if self._garbled:
            return failure.garbled(self.kind, self._garbled, lines, call.stage)
        if self._ended_for == "timed-out":
            return failure.timed_out(self.kind, 0, lines, call.stage)
        if self._ended_for:
            return WorkerDied(
                f"The {self.kind} worker was ended while this request was under way.",
                next_step="Load the model again.",
                stage=call.stage,
                ended_for=self._ended_for,
            )
        return failure.died(
            self.kind,
            self._status or 0,
            lines,
            call.stage,
            kernel_killed=failure.kernel_kills() > self._kills_before,
        )

    # -- the process ----------------------------------------------------------------------------------

    def _gone(self) -> bool:
        return self._status is not None or self._start_problem is not None

    def _attend(self, command: list[str], environment: dict[str, str]) -> None:
        """Start the process, pass on what it says, and note how it ended."""
        try:
            process = _spawn(command, environment)
        except OSError as error:
            with self._changed:
                self._start_problem = error
                self._changed.notify_all()
            return
        with self._changed:
            self._process = process
            ended_already = bool(self._ended_for)
        if ended_already:
            _kill_group(process)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        writer = threading.Thread(target=self._write, args=(process.stdin,), daemon=True)
        listener = threading.Thread(target=self._keep_lines, args=(process.stderr,), daemon=True)
        writer.start()
        listener.start()
        self._read(process)
        status = _reap(process)
        listener.join(CLOSE_GRACE_S)
        self._outbox.put(None)
        writer.join(CLOSE_GRACE_S)
        process.stdout.close()
        with self._changed:
            self._status = status
            self._changed.notify_all()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        stream = cast("BinaryIO", process.stdout)
        try:
            while (frame := read_frame(stream)) is not None:
                self._deliver(frame)
        except FrameError as error:
            # A process that was ended may leave half a frame; that is not its fault.
            if process.poll() is None or process.returncode >= 0:
                self._garbled = error.message
                _kill_group(process)

    def _deliver(self, frame: dict[str, Json]) -> None:
        number, event = frame.get("id"), frame.get("event")
        if not isinstance(number, int) or not 0 < number <= self._issued:
            raise FrameError("An answer belongs to no request.")
        with self._changed:
            self._last_heard_s = time.monotonic()
            call = self._calls.get(number)
            if call is None:
                return  # the caller has left
            if isinstance(event, dict):
                self._changed.wait_for(
                    lambda: (
                        len(call.events) < EVENTS_AHEAD
                        or bool(self._ended_for)
                        or number not in self._calls
                    )
                )
                call.events.append(event)
            elif frame.get("ok") is True or isinstance(frame.get("error"), dict):
                call.reply = frame
            else:
                raise FrameError("An answer is neither an event, a result nor an error.")
            self._changed.notify_all()

    def _write(self, stream: BinaryIO) -> None:
        try:
            while (data := self._outbox.get()) is not None:
                stream.write(data)
                stream.flush()
        except OSError:
            pass  # the process has ended; whoever waits hears of it from the attendant
        finally:
            try:
                stream.close()
            except OSError:
                pass  # what was buffered for a dead process is of no use

    def _keep_lines(self, stream: BinaryIO) -> None:
        with stream:
            while line := stream.readline(LINE_LIMIT_BYTES):
                text = line.decode("utf-8", "replace").strip()
                self._lines.append("".join(c if c.isprintable() else " " for c in text))

    def _end(self, why: str) -> None:
        with self._changed:
            self._ended_for = self._ended_for or why
            process = self._process
            self._changed.notify_all()
        if process is not None:
            _kill_group(process)

    def _join(self) -> None:
        if self._attendant.ident is not None:
            self._attendant.join(CLOSE_GRACE_S + CANCEL_GRACE_S)


def _spawn(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=Path(os.sep).resolve(),
        # Ctrl-C in a terminal is for the parent, which then tells its workers.
        start_new_session=True,
        creationflags=flags,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended in this moment


def _reap(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process whose output has ended; one that lives on without it is of no use."""
    try:
        return process.wait(CLOSE_GRACE_S)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        return process.wait()


def _stopped_by_force() -> Cancelled:
    return Cancelled(
        "Stopped. The worker did not let go by itself and was ended.",
        next_step="Load the model again to go on.",
        worker_ended=True,
    )
