"""What the inspect worker is asked, from the parent's side.

Every question gets a fresh process: a file from outside may end it, and llama.cpp may abort it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.errors import Json
from steelyard.base.progress import CancelToken, Reporter
from steelyard.machine.report import EngineDevice
from steelyard.runtime import wire
from steelyard.runtime.errors import FrameError, WorkerGarbled
from steelyard.runtime.records import DryLoad
from steelyard.runtime.supervisor import Worker

if TYPE_CHECKING:
    from steelyard.formats.model_facts import ModelFacts

SCAN_LIMIT_BYTES = 2 * 1024**3
"""Virtual memory a scan may take (Linux). Headers are some megabytes; what needs more is an attack."""

SCAN_TIMEOUT_S = 60.0
DEVICES_TIMEOUT_S = 60.0
DRY_LOAD_TIMEOUT_S = 120.0
"""A GPU driver that wakes up can take several seconds; so can a vocabulary of a quarter million."""


def scan_in_worker(path: Path, report: Reporter) -> ModelFacts:
    """Judge a `.gguf` file, or a folder in Hugging Face layout, in a process that may die of it.

    Raises:
        MalformedInput: the file or folder is not what it claims to be; the code says how.
        WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled: the scan did not end well.
        Cancelled: the reporter's token was cancelled.
    """
    from steelyard.formats.model_facts import ModelFacts  # noqa: PLC0415  # brings the readers with it

    report("scanning", 0, None, unit="items", detail=path.name)
    value = _ask(
        "scan",
        {"path": str(path.absolute())},
        timeout_s=SCAN_TIMEOUT_S,
        address_space_bytes=SCAN_LIMIT_BYTES,
        cancel=report.cancel,
    )
    if not isinstance(value, dict):
        raise _no_answer()
    return ModelFacts.from_json(value)


def engine_devices(cancel: CancelToken | None = None) -> tuple[EngineDevice, ...]:
    """The devices llama.cpp itself sees, the processor included.

    Raises:
        EngineMissing: llama-cpp-python is not installed or does not load.
        WorkerDied, WorkerTimedOut, WorkerGarbled: a driver took the process down, or hangs.
    """
    value = _ask("engine_devices", {}, timeout_s=DEVICES_TIMEOUT_S, cancel=cancel)
    if not isinstance(value, list):
        raise _no_answer()
    try:
        return tuple(wire.engine_device_from_json(item) for item in value)
    except FrameError as error:
        raise _no_answer() from error


def dry_load(
    path: Path,
    *,
    context_tokens: int,
    kv_type: str = "f16",
    sequences: int = 1,
    gpu_layers: int = 0,
    cancel: CancelToken | None = None,
) -> DryLoad:
    """Ask llama.cpp what it would allocate for a GGUF file, which may be a header on a sparse file.

    Args:
        context_tokens: for each sequence, at least 1.
        kv_type: `f16`, `q8_0` or `q4_0`.
        gpu_layers: as `LoadRequest.gpu_layers`.

    Raises:
        EngineMissing: llama-cpp-python is not installed.
        EngineRefusedModel: llama.cpp would not load it.
        WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled: it took the process down.
    """
    params: dict[str, Json] = {
        "path": str(path.absolute()),
        "context_tokens": context_tokens,
        "kv_type": kv_type,
        "sequences": sequences,
        "gpu_layers": gpu_layers,
    }
    value = _ask("dry_load", params, timeout_s=DRY_LOAD_TIMEOUT_S, cancel=cancel)
    try:
        return wire.dry_load_from_json(value)
    except FrameError as error:
        raise _no_answer() from error


def confinement_level() -> str:
    """What a worker of this machine reaches: `namespace`, `seccomp` or `none`.

    Raises:
        WorkerDied, WorkerTimedOut, WorkerGarbled: it did not come up.
    """
    worker = Worker.start("inspect")
    try:
        return worker.confinement
    finally:
        worker.close()


def _ask(
    op: str,
    params: dict[str, Json],
    *,
    timeout_s: float,
    address_space_bytes: int | None = None,
    cancel: CancelToken | None = None,
) -> Json:
    worker = Worker.start("inspect", address_space_bytes=address_space_bytes, cancel=cancel)
    try:
        return worker.call(op, params, timeout_s=timeout_s, cancel=cancel)
    finally:
        worker.close()


def _no_answer() -> WorkerGarbled:
    return WorkerGarbled(
        "The inspect worker sent an answer of another form than agreed.",
        next_step="Install Steelyard again, so that all its parts are of one version.",
    )
