"""This machine, and what fits it."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from steelyard.base.errors import NotFound, SteelyardError, UsageError
from steelyard.fit.report import FitReport
from steelyard.machine.probe import probe
from steelyard.machine.report import MachineReport
from steelyard.service.operation import Context, operation
from steelyard.service.requests import AskFit, ProbeMachine


@operation("machine.probe", summary="What this machine has, and what the engine sees of it")
def probe_machine(context: Context, request: ProbeMachine) -> MachineReport:
    """Processor, memory, disks, GPUs; with `engine`, the inference engine's own device list."""
    started = time.perf_counter()
    report = probe(context.installation.home.store)
    if request.engine:
        from steelyard.runtime.inspection import engine_devices  # noqa: PLC0415  # starts a worker

        try:
            report = dataclasses.replace(report, engine_devices=engine_devices())
        except SteelyardError as error:
            report = dataclasses.replace(report, engine_problem=error.diagnosis())
    return dataclasses.replace(report, elapsed_s=time.perf_counter() - started)


@operation("fit.ask", summary="What a model needs in memory here, asked of the engine")
def ask(context: Context, request: AskFit) -> FitReport:
    """A dry load at this context length, against the memory that is available now.

    Raises:
        NotFound: neither a model in the store nor a file.
        MalformedInput: the file's header is not acceptable.
    """
    from steelyard.fit.estimate import ask_fit  # noqa: PLC0415  # readers of headers: only when asked

    path = _target(context, request.target)
    machine = probe(context.installation.home.store)
    return ask_fit(
        path,
        target=request.target,
        context_tokens=request.context_tokens,
        kv_type=request.kv_type,
        sequences=request.sequences,
        memory=machine.memory,
        gpus=machine.gpus,
        report=context.report,
    )


def _target(context: Context, target: str) -> Path:
    if not target.strip():
        raise UsageError(
            "Nothing was named.",
            next_step="Name a model in the store, or give the path of a GGUF file.",
        )
    store = context.installation.store
    try:
        return store.main_file(store.get(target))
    except NotFound:
        path = Path(target).expanduser()
        if path.exists():
            return path
        raise NotFound(
            f"{target} is neither a model in the store nor a file.",
            next_step="See steelyard model list, or give the path of a GGUF file.",
            target=target,
        ) from None
