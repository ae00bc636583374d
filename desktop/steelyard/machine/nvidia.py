"""NVIDIA graphics processors, through the driver's management library (NVML, `libnvidia-ml.so.1`).

The library is foreign code that may be absent, mismatched, slow or wrong. Whatever it does short of
crashing ends in a report: what it would not tell is None, and a sentence says so.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from steelyard.machine.report import Gpu

DEADLINE_S = 3.0
"""How long the driver may take. Without its persistence daemon it wakes every card first: 1 to 2 s."""

_MOST_GPUS = 256
_MOST_MEMORY_BYTES = 2**50

Found = tuple[tuple[Gpu, ...], tuple[str, ...]]


def read_nvidia(root: Path = Path("/"), deadline_s: float = DEADLINE_S) -> Found:
    """The NVIDIA graphics processors, and sentences for what could not be read.

    Memory is asked by version 2 of NVML's call, which does not count the driver's own reserve as used.
    Cards split into instances (MIG) are listed instance by instance. A card that shares the machine's
    memory does not tell its own: its bytes are None, and main memory is what counts.

    Args:
        root: where `proc` lies, to tell a machine without a driver from one with a broken installation.
        deadline_s: after this long without an answer the driver is given up on.
    """
    answers: queue.SimpleQueue[Found] = queue.SimpleQueue()

    def ask() -> None:
        answers.put(_ask_driver(root))

    # A thread that hangs in the driver cannot be ended; it is left behind and ends with the process.
    threading.Thread(target=ask, name="nvml", daemon=True).start()
    try:
        return answers.get(timeout=deadline_s)
    except queue.Empty:
        return (), (f"The NVIDIA driver did not answer within {deadline_s:g} s.",)


def _ask_driver(root: Path) -> Found:
    import pynvml  # noqa: PLC0415  # 30 ms, and most machines have no such driver

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:
        if (root / "proc/driver/nvidia/version").exists():
            return (), (
                "An NVIDIA driver is loaded, but its management library (libnvidia-ml.so.1) is missing.",
            )
        return (), ()
    except pynvml.NVMLError as error:
        return (), (f"The NVIDIA driver cannot be used: {_words(error)}.",)
    try:
        return _read_all(pynvml)
    finally:
        _or_none(pynvml, pynvml.nvmlShutdown)


def _read_all(nvml: ModuleType) -> Found:
    problems: list[str] = []
    driver = str(_or_none(nvml, nvml.nvmlSystemGetDriverVersion) or "")
    try:
        count = nvml.nvmlDeviceGetCount()
    except nvml.NVMLError as error:
        return (), (f"The NVIDIA driver does not tell its devices: {_words(error)}.",)
    if not 0 <= count <= _MOST_GPUS:
        return (), (f"The NVIDIA driver claims {count} devices, which cannot be.",)
    gpus = []
    for index in range(count):
        try:
            card = nvml.nvmlDeviceGetHandleByIndex(index)
        except nvml.NVMLError as error:
            problems.append(f"NVIDIA device {index} does not answer: {_words(error)}.")
            continue
        gpus += [_read_one(nvml, part, driver, index, problems) for part in _parts(nvml, card)]
    return tuple(gpus), tuple(problems)


def _parts(nvml: ModuleType, card: Any) -> Iterator[Any]:
    """The card itself, or its instances where it is split."""
    mode = _or_none(nvml, nvml.nvmlDeviceGetMigMode, card)
    if mode is None or mode[0] != nvml.NVML_DEVICE_MIG_ENABLE:
        yield card
        return
    for index in range(_or_none(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, card) or 0):
        instance = _or_none(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, card, index)
        if instance is not None:  # slots that hold no instance answer "not found"
            yield instance


def _read_one(nvml: ModuleType, handle: Any, driver: str, index: int, problems: list[str]) -> Gpu:
    name = str(_or_none(nvml, nvml.nvmlDeviceGetName, handle) or f"NVIDIA device {index}")
    total, free = _memory(nvml, handle, name, problems)
    return Gpu(name, "cuda", total, free, driver, _used_by(nvml, handle))


def _memory(
    nvml: ModuleType, handle: Any, name: str, problems: list[str]
) -> tuple[int | None, int | None]:
    try:
        info = _memory_info(nvml, handle)
    except nvml.NVMLError_NotSupported:
        problems.append(
            f"{name} does not tell its memory. It probably shares the machine's: main memory counts."
        )
        return None, None
    except nvml.NVMLError as error:
        problems.append(f"The memory of {name} cannot be read: {_words(error)}.")
        return None, None
    total, free = int(info.total), int(info.free)
    if not 0 < total <= _MOST_MEMORY_BYTES or free > total:
        problems.append(
            f"The driver says {name} has {free} of {total} bytes free, which cannot be. It is not believed."
        )
        return None, None
    return total, free


def _memory_info(nvml: ModuleType, handle: Any) -> Any:
    try:
        return nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
    except nvml.NVMLError_FunctionNotFound:  # drivers before 510
        return nvml.nvmlDeviceGetMemoryInfo(handle)


def _used_by(nvml: ModuleType, handle: Any) -> tuple[str, ...]:
    """`name (pid)` of the processes that hold memory on it, most first; empty where it is not told."""
    held: dict[int, int] = {}
    for ask in (
        nvml.nvmlDeviceGetComputeRunningProcesses,
        nvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        for process in _or_none(nvml, ask, handle) or []:
            held[process.pid] = max(held.get(process.pid, 0), process.usedGpuMemory or 0)
    return tuple(f"{_process_name(pid)} ({pid})" for pid in sorted(held, key=lambda p: -held[p]))


def _process_name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except (psutil.Error, ValueError):
        return "a process not visible from here"


def _or_none(nvml: ModuleType, ask: Callable[..., Any], *args: Any) -> Any:
    """What the driver answers, or None: for facts the report can do without."""
    try:
        return ask(*args)
    except (nvml.NVMLError, UnicodeDecodeError):
        return None


def _words(error: Exception) -> str:
    return str(error).strip().rstrip(".")
