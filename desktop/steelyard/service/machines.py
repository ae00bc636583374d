"""This machine, and what fits it."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.errors import NotFound, SteelyardError, UsageError
from steelyard.fit.report import FitReport
from steelyard.machine.probe import probe
from steelyard.machine.report import MachineReport
from steelyard.service.operation import Context, operation
from steelyard.service.requests import AskFit, ProbeMachine

if TYPE_CHECKING:
    from steelyard.fit.described import Described


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
    """A dry load at this context length, against the memory that is available now; of a catalog entry that
    is not here, a formula's answer.

    Raises:
        NotFound: neither a model in the store, nor a file, nor a variant of known size in the catalog.
        NotEstimable: the catalog lacks a dimension.
        MalformedInput: the file's header is not acceptable.
    """
    from steelyard.fit.estimate import (  # noqa: PLC0415  # readers of headers: only when asked
        ask_fit,
        ask_fit_of_described,
    )

    found = _target(context, request)
    machine = probe(context.installation.home.store)
    if isinstance(found, Path):
        return ask_fit(
            found,
            target=request.target,
            context_tokens=request.context_tokens,
            kv_type=request.kv_type,
            sequences=request.sequences,
            memory=machine.memory,
            gpus=machine.gpus,
            report=context.report,
        )
    return ask_fit_of_described(
        found,
        target=request.target,
        context_tokens=request.context_tokens,
        kv_type=request.kv_type,
        sequences=request.sequences,
        memory=machine.memory,
    )


def _target(context: Context, request: AskFit) -> Path | Described:
    if not request.target.strip():
        raise UsageError(
            "Nothing was named.",
            next_step="Name a model in the store, or give the path of a GGUF file.",
        )
    store = context.installation.store
    try:
        return store.main_file(store.get(request.target))
    except NotFound:
        path = Path(request.target).expanduser()
        if path.exists():
            return path
    return _described(context, request)


def _described(context: Context, request: AskFit) -> Described:
    """The variant of a catalog entry that the target names, or the only one there is."""
    from steelyard.catalog.detail import find_entry  # noqa: PLC0415  # as in `ask`
    from steelyard.fit.described import Described  # noqa: PLC0415  # as in `ask`

    target = request.target.strip()
    try:
        found = find_entry(context.installation.catalog.index, request.entry or target)
    except NotFound:
        raise NotFound(
            f"{target} is neither a model in the store, nor a file, nor in the catalog.",
            next_step="See steelyard model list and steelyard catalog search, or give the path of a file.",
            target=target,
        ) from None
    variants = [variant for _, variant in found.variants]
    named = target.partition("@")[0].partition(":")[2].casefold()
    wanted = [
        variant
        for variant in variants
        if variant.reference.casefold() == target.casefold()
        or (named and named in (variant.label.casefold(), variant.quantization.casefold()))
    ]
    chosen = wanted or (variants if len(variants) == 1 and not named else [])
    if not chosen:
        raise NotFound(
            f"{target} names none of the variants that are known of it.",
            next_step=f"Name one of {', '.join(variant.label for variant in variants[:12])}: "
            f"{found.best.record.reference}:VARIANT.",
            target=target,
        )
    if chosen[0].size_bytes is None:
        raise NotFound(
            f"The size of {target} is not known here.",
            next_step="Ask its source: steelyard catalog refresh --reference "
            f"{found.best.record.reference}.",
            target=target,
        )
    record = found.best.record
    return Described(
        record.dimensions, chosen[0].size_bytes, record.architecture, record.context_length
    )
