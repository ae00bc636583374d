"""A child process with frames on its pipes: started, listened to, written to, ended. Knows no requests.

Three threads stand beside each process, so that no caller ever waits on a pipe: one reads frames, one
writes, one keeps the last lines of standard error. They end with the process.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from steelyard.base.errors import Json
from steelyard.runtime.errors import FrameCutOff, FrameError
from steelyard.runtime.protocol import read_frame

KEPT_LINES = 200
LINE_LIMIT_BYTES = 1000
END_GRACE_S = 2.0
"""How long a process may live on after it closed its output."""

OnFrame = Callable[[dict[str, Json]], None]


class WorkerProcess:
    """One process. `on_frame` and `on_end` are called on its reading thread.

    Attributes:
        start_problem: why it could not be started, or None.
        garbled: what was wrong with a frame, or empty. The process has then been killed.
        status: as `Popen.returncode`, once it has ended.
    """

    def __init__(self, name: str, *, on_frame: OnFrame, on_end: Callable[[], None]) -> None:
        self._name = name
        self._on_frame = on_frame
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._guard = threading.Lock()
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._attendant: threading.Thread | None = None
        self.start_problem: OSError | None = None
        self.garbled = ""
        self.status: int | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it; returns before it runs.

        The kernel ends a worker when the *thread* that started it ends. So the thread that starts it is
        the one that reads from it, which lives exactly as long.
        """
        self._attendant = threading.Thread(
            target=self._attend,
            args=(list(command), dict(environment)),
            name=f"{self._name} reader",
            daemon=True,
        )
        self._attendant.start()

    @property
    def pid(self) -> int:
        """The process id; 0 before it runs, or if it could not be started."""
        return self._process.pid if self._process else 0

    @property
    def gone(self) -> bool:
        """True once it has ended, or could not be started."""
        return self.status is not None or self.start_problem is not None

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The newest lines of its standard error, printable characters only."""
        return tuple(self._lines)

    def send(self, frame: bytes) -> None:
        """Hand over bytes to write. Never blocks; lost if the process is gone."""
        self._outbox.put(frame)

    def close_input(self) -> None:
        """Close its standard input once everything handed over is written."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End it and the processes it started. Harmless when it has ended, or does not run yet."""
        with self._guard:
            self._killed = True
            process = self._process
        if process is not None:
            _kill_group(process)

    def join(self, timeout_s: float) -> bool:
        """Wait until it has ended and all is tidied up; False if that took longer."""
        if self._attendant is None or self._attendant is threading.current_thread():
            return True
        self._attendant.join(timeout_s)
        return not self._attendant.is_alive()

    def _attend(self, command: list[str], environment: dict[str, str]) -> None:
        try:
            process = _spawn(command, environment)
        except OSError as error:
            self.start_problem = error
            self._on_end()
            return
        with self._guard:
            self._process = process
            killed_already = self._killed
        if killed_already:
            _kill_group(process)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        writer = self._beside(self._write, process.stdin)
        listener = self._beside(self._keep_lines, process.stderr)
        self._read(process, process.stdout)
        status = _reap(process)
        self._outbox.put(None)
        listener.join(END_GRACE_S)
        writer.join(END_GRACE_S)
        process.stdout.close()
        self.status = status
        self._on_end()

    def _beside(self, work: Callable[[BinaryIO], None], stream: object) -> threading.Thread:
        thread = threading.Thread(
            target=work, args=(stream,), name=f"{self._name} pipe", daemon=True
        )
        thread.start()
        return thread

    def _read(self, process: subprocess.Popen[bytes], stream: object) -> None:
        try:
            while (frame := read_frame(stream)) is not None:  # type: ignore[arg-type]  # IO[bytes]
                self._on_frame(frame)
        except FrameCutOff as error:
            # Whoever dies in the middle of a frame has not garbled it; whoever ends well has.
            self.garbled = error.message if _reap(process) == 0 else ""
        except FrameError as error:
            self.garbled = error.message
            _kill_group(process)

    def _write(self, stream: BinaryIO) -> None:
        try:
            with stream:
                while (data := self._outbox.get()) is not None:
                    stream.write(data)
                    stream.flush()
        except OSError:
            pass  # the process has ended; the reading thread says so

    def _keep_lines(self, stream: BinaryIO) -> None:
        with stream:
            while line := stream.readline(LINE_LIMIT_BYTES):
                text = line.decode("utf-8", "replace").strip()
                self._lines.append("".join(c if c.isprintable() else " " for c in text))


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
        return process.wait(END_GRACE_S)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        return process.wait()
