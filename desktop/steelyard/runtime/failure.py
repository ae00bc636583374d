"""Why a worker is gone, in words and facts: from its exit status, its last lines, and the kernel's count.

A worker that asked for more memory than there is looks different each time: an exception, an assertion
in C++, or a kill by the kernel. All become `WorkerOutOfMemory`.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from pathlib import Path

from steelyard.base.errors import SteelyardError
from steelyard.runtime.errors import (
    WorkerDied,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerTimedOut,
)

LAST_LINES = 20
"""How much of a worker's standard error goes into an error's facts."""

_NO_MEMORY = re.compile(
    r"std::bad_alloc|MemoryError|[Cc]annot allocate memory|not enough memory|[Oo]ut of memory"
    r"|failed to allocate|unable to allocate|alloc_buffer: failed|can't allocate memory"
    r"|Memory allocation still failed|insufficient memory|failed to map segment"
    r"|can't start new thread",
)
"""As libstdc++, Python, libc, ggml, torch and OpenBLAS put it."""

LESS_MEMORY = (
    "Choose a smaller model, a shorter context or a smaller KV type, or close other programs."
)

_STAGES = {
    "start": "starting",
    "hello": "starting",
    "load": "loading the model",
    "warm-up": "warming up",
    "generate": "taking up a request",
    "prefill": "reading the prompt",
    "decode": "answering",
    "scan": "reading the file",
    "dry_load": "asking what the model needs",
    "benchmark": "measuring",
    "tokenize": "splitting text into tokens",
    "render": "applying the chat template",
    "engine_devices": "listing devices",
}


def says_no_memory(lines: Sequence[str]) -> bool:
    """True if a line is how a library says that an allocation failed."""
    return any(_NO_MEMORY.search(line) for line in lines)


def kernel_kills() -> int:
    """How many processes the kernel has ended for want of memory, ever; 0 where it does not tell."""
    try:
        text = Path("/proc/vmstat").read_text(encoding="ascii")
    except OSError:
        return 0
    match = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
    return int(match.group(1)) if match else 0


def not_started(kind: str, problem: OSError) -> WorkerDied:
    """The error for a process that could not even be started."""
    return WorkerDied(
        f"The {kind} worker could not be started: {problem.strerror or problem}.",
        next_step="Install Steelyard again.",
        stage="start",
    )


def died(
    kind: str, status: int, lines: Sequence[str], stage: str, *, kernel_killed: bool
) -> SteelyardError:
    """The error for a process that ended by itself.

    Args:
        status: as `Popen.returncode`: negative is a signal.
        kernel_killed: the kernel's count of memory kills rose while the worker lived.
    """
    doing = _STAGES.get(stage, stage)
    tail = list(lines[-LAST_LINES:])
    if says_no_memory(tail) or (status == -signal_number("SIGKILL") and kernel_killed):
        return WorkerOutOfMemory(
            f"The {kind} worker ran out of memory while {doing}. Everything else keeps working.",
            next_step=LESS_MEMORY,
            stage=stage,
            exit_status=status,
            last_lines=list(tail),
        )
    next_step = "Try again. If it happens again, the facts shown say what the engine wrote last."
    if status < 0:
        name = _signal_name(-status)
        return WorkerDied(
            f"The {kind} worker was ended by {name} while {doing}. Everything else keeps working.",
            next_step=next_step,
            stage=stage,
            signal=name,
            last_lines=list(tail),
        )
    return WorkerDied(
        f"The {kind} worker ended with status {status} while {doing}. Everything else keeps working.",
        next_step=next_step,
        stage=stage,
        exit_status=status,
        last_lines=list(tail),
    )


def timed_out(kind: str, silent_s: float, lines: Sequence[str], stage: str) -> WorkerTimedOut:
    """The error for a process that said nothing for `silent_s` and was ended for it."""
    doing = _STAGES.get(stage, stage)
    return WorkerTimedOut(
        f"The {kind} worker said nothing for {silent_s:.0f} s while {doing} and was ended.",
        next_step="Try again; a smaller model or a shorter prompt answers sooner.",
        stage=stage,
        silent_s=round(silent_s, 3),
        last_lines=list(lines[-LAST_LINES:]),
    )


def garbled(kind: str, reason: str, lines: Sequence[str], stage: str) -> WorkerGarbled:
    """The error for a process that sent something other than the protocol and was ended for it."""
    return WorkerGarbled(
        f"The {kind} worker sent something that is not an answer and was ended. {reason}",
        next_step="Try again. If it happens again, do not trust this model file.",
        stage=stage,
        last_lines=list(lines[-LAST_LINES:]),
    )


def signal_number(name: str) -> int:
    """The number of a signal, 0 where the platform has no such signal."""
    return int(getattr(signal, name, 0))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
