"""A flag that a computation in C looks at without calling back into Python.

ggml asks an abort callback after each node of its graph, some hundred times per token. A Python function
there would take the interpreter's lock each time. libc's `strlen` has the right shape instead: given a
pointer, it answers 0 (go on) for an empty string and 1 (stop) once its first byte was set.
"""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Any

from steelyard.runtime.job import Job


class AbortFlag:
    """Raised by the thread that hears a cancel, read by the computing ones."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)
        self._job: Job | None = None
        self._lock = threading.Lock()
        self._libc = ctypes.CDLL("msvcrt" if os.name == "nt" else None)

    def callback(self, kind: Any) -> Any:
        """`strlen` as a C function pointer of type `kind` (`bool (*)(void *)`)."""
        return ctypes.cast(self._libc.strlen, kind)

    @property
    def data(self) -> ctypes.c_void_p:
        """The pointer to hand to the callback. Valid as long as this object."""
        return ctypes.cast(self._text, ctypes.c_void_p)

    def arm(self, job: Job) -> None:
        """From now on only `job`'s cancel raises the flag; lower it."""
        with self._lock:
            self._job = job
            self._text[0] = b"\0"
        job.on_cancel(lambda: self._raise_for(job))

    def _raise_for(self, job: Job) -> None:
        with self._lock:
            if self._job is job:
                self._text[0] = b"\1"
