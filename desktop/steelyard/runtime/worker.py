"""The process on the other end of the pipe: `python -m steelyard.runtime.worker KIND`.

Frames come in on standard input and go out on what was standard output; libraries that print go to
standard error, so they cannot garble a frame. Operations run one after another on the main thread;
a second thread listens, so that a cancel is heard while one runs. When the pipe closes, so does the process.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import queue
import sys
import threading
import traceback
from typing import BinaryIO, NoReturn

from steelyard.base.errors import Cancelled, Json, SteelyardError, UsageError
from steelyard.runtime.confinement import confine
from steelyard.runtime.errors import FrameError, WorkerFailed, WorkerOutOfMemory, error_to_json
from steelyard.runtime.job import Job, Operations
from steelyard.runtime.protocol import encode_frame, read_frame

KINDS = {
    "inspect": "steelyard.runtime.workers.inspection",
    "llama": "steelyard.runtime.workers.llama",
    "transformers": "steelyard.runtime.workers.transformers_engine",
}
"""Kind to module; the module's `operations()` is called once, when the first request arrives."""

EXIT_GARBLED = 3
"""Exit status after input that is not the protocol: the parent is not one of ours."""

EXIT_DEAF = 4
"""Exit status when requests can no longer be read, for want of memory or by a bug."""


class _Server:
    """Reads requests, runs them, writes answers."""

    def __init__(self, kind: str, requests: BinaryIO, answers: int, confinement: str) -> None:
        self._kind = kind
        self._requests = requests
        self._answers = answers
        self._confinement = confinement
        self._write_lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._waiting: queue.SimpleQueue[tuple[Job, dict[str, Json]]] = queue.SimpleQueue()
        self._running: int | None = None
        self._jobs_lock = threading.Lock()
        self._operations: Operations | None = None

    def serve(self) -> NoReturn:
        """Work until the pipe closes."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        while True:
            job, params = self._waiting.get()
            with self._jobs_lock:
                if job.number not in self._jobs:
                    continue  # cancelled before its turn, and answered
                self._running = job.number
            answer = self._answer(job, params)
            with self._jobs_lock:
                self._running = None
                del self._jobs[job.number]
            self._send({"id": job.number, **answer})

    def _answer(self, job: Job, params: dict[str, Json]) -> dict[str, Json]:
        try:
            return {"ok": True, "result": self._perform(job, params)}
        except SteelyardError as error:
            return _refusal(error)
        # SystemError is what Python says when it had no memory left to make an exception with.
        except (MemoryError, SystemError):
            return _refusal(
                WorkerOutOfMemory(
                    "There was not enough memory for this.",
                    next_step="Close other programs, or choose a smaller model or a shorter context.",
                    stage=job.op,
                )
            )
        # The outermost loop of this process: the parent must hear of a bug, not see a dead pipe.
        except Exception as error:  # noqa: BLE001
            return _refusal(
                WorkerFailed(
                    f"The worker met an unexpected {type(error).__name__}.",
                    next_step="Please report this with the facts shown.",
                    exception=repr(error)[:500],
                    traceback=traceback.format_exc()[-4000:],
                )
            )

    def _perform(self, job: Job, params: dict[str, Json]) -> Json:
        job.check()
        if job.op == "hello":
            return {
                "pid": os.getpid(),
                "kind": self._kind,
                "confinement": self._confinement,
                "python": platform.python_version(),
            }
        if self._operations is None:
            self._operations = importlib.import_module(KINDS[self._kind]).operations()
        handler = self._operations.get(job.op)
        if handler is None:
            raise UsageError(f"The {self._kind} worker knows no operation {job.op!r}.", op=job.op)
        return handler(params, job)

    def _listen(self) -> NoReturn:
        status = EXIT_DEAF
        try:
            while (frame := read_frame(self._requests)) is not None:
                self._accept(frame)
            # The parent is gone or has closed us. Nothing here is worth a tidy end: it frees all memory.
            status = 0
        except FrameError as error:
            sys.stderr.write(f"{error.message}\n")
            status = EXIT_GARBLED
        except MemoryError:
            sys.stderr.write("MemoryError\n")
        finally:
            # However listening ends: a worker that does not listen would never be heard of again.
            os._exit(status)

    def _accept(self, frame: dict[str, Json]) -> None:
        op, params = frame.get("op"), frame.get("params")
        if not isinstance(op, str) or not isinstance(params, dict):
            raise FrameError("A request has no operation or no parameters.")
        if op == "cancel":
            self._cancel(params.get("id"))
            return
        number = frame.get("id")
        if not isinstance(number, int):
            raise FrameError("A request has no number.")
        job = Job(number, op, lambda event: self._send({"id": number, "event": event}))
        with self._jobs_lock:
            self._jobs[number] = job
        self._waiting.put((job, params))

    def _cancel(self, number: Json) -> None:
        with self._jobs_lock:
            job = self._jobs.get(number) if isinstance(number, int) else None
            if job is None:
                return  # it has finished; its answer is on the way
            waiting = job.number != self._running
            if waiting:
                del self._jobs[job.number]
        job.cancel()
        if waiting:
            error = Cancelled("Cancelled before it began. Nothing was changed.")
            self._send({"id": job.number, **_refusal(error)})

    def _send(self, frame: dict[str, Json]) -> None:
        data = memoryview(encode_frame(frame))
        with self._write_lock:
            try:
                while data:
                    data = data[os.write(self._answers, data) :]
            except BrokenPipeError:
                os._exit(0)


def _refusal(error: SteelyardError) -> dict[str, Json]:
    return {"ok": False, "error": error_to_json(error)}


def _take_standard_streams() -> tuple[BinaryIO, int]:
    """Keep the pipes for frames; give libraries an empty input, and standard error to print on."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return requests, answers


def main(arguments: list[str]) -> NoReturn:
    """Run a worker. `arguments` are what follows the module's name, or `--worker` when frozen."""
    parser = argparse.ArgumentParser(prog="steelyard worker")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--parent", type=int)
    parser.add_argument("--address-space-bytes", type=int)
    options = parser.parse_args(arguments)
    requests, answers = _take_standard_streams()
    level = confine(
        parent=options.parent if os.name == "posix" else None,
        address_space_bytes=options.address_space_bytes,
    )
    _Server(options.kind, requests, answers, level).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
