"""The parent's side of a worker: start it, ask it, call a request off, end it.

Whatever the worker does (dies, hangs, floods, answers garbage, eats all memory) becomes one typed error
of `runtime.errors` for each request under way; the parent stays up. Requests carry numbers, so any number
may be under way; the worker decides in which order it works.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.base.progress import CancelToken
from steelyard.runtime import failure
from steelyard.runtime.errors import FrameError, WorkerDied, error_from_json
from steelyard.runtime.launch import worker_command, worker_environment
from steelyard.runtime.process import WorkerProcess
from steelyard.runtime.protocol import encode_frame

CANCEL_POLL_S = 0.02
"""How often a waiting call looks at its cancel token."""

CANCEL_GRACE_S = 2.0
"""How long a worker may take to stop after a cancel before it is ended."""

CLOSE_GRACE_S = 2.0
HELLO_TIMEOUT_S = 60.0
"""A cold disk and a virus scanner can make a first start slow; after that it is a tenth of a second."""

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

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.confinement = "none"
        self._changed = threading.Condition()
        self._calls: dict[int, _Call] = {}
        self._issued = 0
        self._last_heard_s = time.monotonic()
        self._ended_for = ""
        self._kills_before = failure.kernel_kills()
        self._process = WorkerProcess(
            f"{kind} worker", on_frame=self._deliver, on_end=self._wake_callers
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
        worker = cls(kind)
        worker._process.start(command, worker_environment(extra=environment))
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
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True until the process has ended or was told to."""
        with self._changed:
            return not self._process.gone and not self._ended_for

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The newest lines of its standard error."""
        return self._process.last_lines

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
        call = self._begin(op)
        try:
            self._process.send(encode_frame({"id": call.number, "op": op, "params": params}))
            reply = self._await_reply(call, timeout_s, on_event, cancel)
        except BaseException:
            self._call_off(call)
            raise
        finally:
            with self._changed:
                del self._calls[call.number]
                self._changed.notify_all()
        if reply.get("ok") is True:
            return reply.get("result")
        raise error_from_json(cast("dict[str, Json]", reply["error"]))

    def kill(self) -> None:
        """End the process at once. Requests under way raise `WorkerDied`. Harmless when it has ended."""
        self._end("killed")
        self._process.join(CLOSE_GRACE_S)

    def close(self) -> None:
        """Let the process end by closing its input; end it if it does not. Memory is back on return."""
        with self._changed:
            self._ended_for = self._ended_for or "closed"
        self._process.close_input()
        if not self._process.join(CLOSE_GRACE_S):
            self.kill()

    # -- a request, on the caller's thread --------------------------------------------------------------

    def _begin(self, op: str) -> _Call:
        with self._changed:
            self._issued += 1
            call = _Call(self._issued, stage=op, started_s=time.monotonic())
            self._calls[call.number] = call
        return call

    def _await_reply(
        self, call: _Call, timeout_s: float, on_event: OnEvent | None, cancel: CancelToken | None
    ) -> dict[str, Json]:
        give_up_s: float | None = None
        while True:
            wait_s = self._silent_since_s(call) + timeout_s - time.monotonic()
            self._wait(call, min(wait_s, CANCEL_POLL_S) if cancel else wait_s)
            # Before the events: what comes in between is then seen in the next round.
            gone, reply = self._process.gone, call.reply
            for event in self._take_events(call):
                if on_event is not None:
                    on_event(event)
            if reply is not None:
                return reply
            if gone:
                raise self._failure(call)
            now_s = time.monotonic()
            if cancel is not None and cancel.cancelled and give_up_s is None:
                give_up_s = now_s + CANCEL_GRACE_S
                self._send_cancel(call)
            if give_up_s is not None and now_s > give_up_s:
                self._end("cancelled")
                raise _stopped_by_force()
            if now_s > self._silent_since_s(call) + timeout_s:
                self._end("timed-out")
                raise failure.timed_out(self.kind, timeout_s, self.last_lines, call.stage)

    def _silent_since_s(self, call: _Call) -> float:
        return max(self._last_heard_s, call.started_s)

    def _wait(self, call: _Call, wait_s: float) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: call.events or call.reply is not None or self._process.gone, max(wait_s, 0)
            )

    def _take_events(self, call: _Call) -> list[dict[str, Json]]:
        with self._changed:
            events = list(call.events)
            call.events.clear()
            self._changed.notify_all()
        stages = [event["stage"] for event in events if isinstance(event.get("stage"), str)]
        call.stage = cast("str", stages[-1]) if stages else call.stage
        return events

    def _call_off(self, call: _Call) -> None:
        """The caller is leaving: have the worker stop, and end it if it does not."""
        give_up_s = time.monotonic() + CANCEL_GRACE_S
        if call.reply is None and self.alive:
            self._send_cancel(call)
        while call.reply is None and self.alive:
            self._wait(call, give_up_s - time.monotonic())
            self._take_events(call)
            if time.monotonic() > give_up_s:
                self._end("cancelled")

    def _send_cancel(self, call: _Call) -> None:
        self._process.send(encode_frame({"op": "cancel", "params": {"id": call.number}}))

    def _failure(self, call: _Call) -> SteelyardError:
        if self._process.start_problem is not None:
            return failure.not_started(self.kind, self._process.start_problem)
        if self._ended_for:
            return WorkerDied(
                f"The {self.kind} worker was ended while this request was under way.",
                next_step="Load the model again.",
                stage=call.stage,
                ended_for=self._ended_for,
            )
        if self._process.garbled:
            return failure.garbled(self.kind, self._process.garbled, self.last_lines, call.stage)
        return failure.died(
            self.kind,
            self._process.status or 0,
            self.last_lines,
            call.stage,
            kernel_killed=failure.kernel_kills() > self._kills_before,
        )

    def _end(self, why: str) -> None:
        with self._changed:
            self._ended_for = self._ended_for or why
            self._changed.notify_all()
        self._process.kill()

    # -- on the process's reading thread ----------------------------------------------------------------

    def _wake_callers(self) -> None:
        with self._changed:
            self._changed.notify_all()

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


def _stopped_by_force() -> Cancelled:
    return Cancelled(
        "Stopped. The worker did not let go by itself and was ended.",
        next_step="Load the model again to go on.",
        worker_ended=True,
    )
