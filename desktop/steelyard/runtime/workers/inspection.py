"""The inspect worker: reads files that nobody trusts yet, and asks the engine without running a model.

Its operations are asked in fresh processes (`runtime.inspection`), so that one file can neither hurt nor
colour the judgement of the next.
"""

from __future__ import annotations

from pathlib import Path

from steelyard.base.errors import Json, UsageError
from steelyard.runtime.job import Job, Operations


def operations() -> Operations:
    """What an inspect worker can do. Each imports what it needs when it is asked."""
    return {
        "ping": _ping,
        "scan": _scan,
        "engine_devices": _engine_devices,
        "dry_load": _dry_load,
    }


def _ping(params: dict[str, Json], job: Job) -> Json:
    """The parameters, back."""
    job.check()
    return params


def _scan(params: dict[str, Json], job: Job) -> Json:
    """`ModelFacts` of a file or folder, as JSON."""
    from steelyard.formats import model_facts  # noqa: PLC0415  # only this operation needs it

    path = params.get("path")
    if not isinstance(path, str):
        raise UsageError("A scan needs a path.")
    job.emit({"stage": "scan"})
    facts: Json = model_facts.scan(Path(path)).as_json()
    return facts


def _engine_devices(_params: dict[str, Json], _job: Job) -> Json:
    """ggml's device list."""
    from steelyard.runtime.workers.llama_library import devices  # noqa: PLC0415  # loads the engine

    return devices()


def _dry_load(params: dict[str, Json], job: Job) -> Json:
    """What llama.cpp would allocate."""
    # The library first: it says in words when the engine is not installed.
    from steelyard.runtime.workers import llama_library  # noqa: F401, PLC0415  # loads the engine
    from steelyard.runtime.workers.dry_load import dry_load  # noqa: PLC0415  # loads the engine

    job.emit({"stage": "dry_load"})
    return dry_load(params)
