"""What a GGUF model needs: the engine's own answer, or the closed form's where there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from steelyard.base.errors import SteelyardError
from steelyard.base.progress import Reporter
from steelyard.fit.dimensions import dimensions_of
from steelyard.fit.dry import ask_engine, judged_copies
from steelyard.fit.errors import NotEstimable
from steelyard.fit.formula import (
    compute_bytes,
    context_cells,
    layer_kv_bytes,
    output_bytes,
    weights_bytes,
)
from steelyard.fit.needs import DeviceNeed, Need, Question, usual_context
from steelyard.fit.placement import MAIN_MEMORY, device_of_tensor, devices_of_layers
from steelyard.formats.errors import FileUnreadable
from steelyard.formats.gguf_header import GgufHeader
from steelyard.formats.gguf_shards import read_model
from steelyard.machine.report import Gpu
from steelyard.runtime.errors import (
    EngineMissing,
    EngineRefusedModel,
    WorkerDied,
    WorkerFailed,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from steelyard.runtime.records import DeviceLoad, DryLoad

_NO_ANSWER = (
    EngineMissing,
    EngineRefusedModel,
    WorkerDied,
    WorkerFailed,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
"""Ways a dry load ends that leave the question open, so that the closed form must do."""

_ENGINE_NAME = re.compile(r"([A-Za-z]+)(\d+)")
_BACKENDS = {"CUDA": "cuda", "ROCM": "amdgpu"}


def gguf_need(path: Path, asked: Question, gpus: Sequence[Gpu], report: Reporter) -> Need:
    """Ask the engine; where it cannot answer, compute, and say why.

    Args:
        path: the model, or any part of it.
        gpus: of a probe.

    Raises:
        NotEstimable: there are no weights, or neither can tell.
        As `gguf_shards.read_model`, for the file itself.
        Cancelled: called off.
    """
    report("reading", 0, None, unit="items", detail=path.name)
    try:
        with judged_copies(path) as headers:
            return _asked(headers, _settled(asked, headers, path), gpus, report)
    except (OSError, FileUnreadable) as error:
        # No place for a copy. If it is the file itself that cannot be read, this says so again.
        headers = read_model(path)
        return _computed(headers, _settled(asked, headers, path), gpus, _why(error))


def _settled(asked: Question, headers: Sequence[GgufHeader], path: Path) -> Question:
    """The question with a context length in it."""
    if not any(header.tensors for header in headers):
        raise NotEstimable(
            f"{path.name} has no weights, so it cannot be run.",
            next_step="Choose the file that holds the model itself.",
            missing="tensors",
        )
    tokens = asked.context_tokens or usual_context(headers[0].context_length)
    return replace(asked, context_tokens=tokens)


def _asked(
    headers: Sequence[GgufHeader], question: Question, gpus: Sequence[Gpu], report: Reporter
) -> Need:
    try:
        load = ask_engine(headers, question, report)
    except _NO_ANSWER as error:
        return _computed(headers, question, gpus, _why(error))
    if question.gpu_layers and not load.exact:
        why = "The engine tells exact sizes per device only on Linux, so this was computed."
        return _computed(headers, question, gpus, why)
    return _as_told(load, headers, question, gpus)


def _why(error: Exception) -> str:
    if isinstance(error, EngineRefusedModel):
        said = error.facts.get("engine_words")
        words = f" It says: {said[0]}" if isinstance(said, list) and said else ""
        return f"llama.cpp would not load this model, so its need was computed.{words}"
    words = error.message if isinstance(error, SteelyardError) else f"{error}."
    return f"The engine could not be asked, so this was computed. {words}"


def _as_told(
    load: DryLoad, headers: Sequence[GgufHeader], question: Question, gpus: Sequence[Gpu]
) -> Need:
    sizes = [tensor.size_bytes for header in headers for tensor in header.tensors]
    notes = []
    if not load.exact:
        notes.append(
            f"KV cache and compute are as the engine prints them, within {load.precision_bytes:,} bytes."
        )
    if question.gpu_layers and all(device.kind == "cpu" for device in load.devices):
        notes.append("The engine as built here uses no graphics processor: nothing was offloaded.")
    return Need(
        context_tokens=load.context_tokens,
        trained_context_tokens=load.trained_context_tokens or None,
        devices=tuple(_device(device, weights_bytes(sizes), gpus) for device in load.devices),
        source="engine",
        notes=tuple(notes),
    )


def _device(device: DeviceLoad, all_weights_bytes: int, gpus: Sequence[Gpu]) -> DeviceNeed:
    told = device.weights_bytes
    return DeviceNeed(
        name=device.name,
        kind=device.kind,
        weights_bytes=all_weights_bytes if told is None else told,
        kv_bytes=device.kv_bytes,
        compute_bytes=device.compute_bytes,
        output_bytes=device.output_bytes,
        gpu=_gpu_of(device.name, gpus) if device.kind == "gpu" else None,
    )


def _gpu_of(name: str, gpus: Sequence[Gpu]) -> int | None:
    """The engine numbers its devices by backend (`CUDA1`); the probe lists them in the driver's order."""
    found = _ENGINE_NAME.fullmatch(name)
    if found is None:
        return None
    backend = _BACKENDS.get(found[1].upper())
    family = [i for i, gpu in enumerate(gpus) if backend in (None, gpu.backend)]
    number = int(found[2])
    return family[number] if number < len(family) else None


def _computed(
    headers: Sequence[GgufHeader], question: Question, gpus: Sequence[Gpu], why: str
) -> Need:
    dimensions = dimensions_of(headers[0])
    free = [gpu.free_bytes or 0 for gpu in gpus]
    layers = devices_of_layers(len(dimensions.layers), question.gpu_layers, free)
    tensors = [tensor for header in headers for tensor in header.tensors]
    compute = compute_bytes(dimensions, question.context_tokens)

    def share(device: int) -> DeviceNeed:
        here = device == MAIN_MEMORY
        mine = [layer for layer, on in zip(dimensions.layers, layers, strict=False) if on == device]
        held = [t.size_bytes for t in tensors if device_of_tensor(t, layers) == device]
        return DeviceNeed(
            name="CPU" if here else gpus[device].name,
            kind="cpu" if here else "gpu",
            weights_bytes=weights_bytes(held),
            kv_bytes=sum(
                layer_kv_bytes(layer, question.context_tokens, question.kv_type, question.sequences)
                for layer in mine
            ),
            compute_bytes=compute,
            output_bytes=output_bytes(dimensions, question.sequences) if here else 0,
            gpu=None if here else device,
        )

    return Need(
        context_tokens=context_cells(question.context_tokens),
        trained_context_tokens=dimensions.trained_context_tokens,
        devices=tuple(share(device) for device in sorted({MAIN_MEMORY, *layers})),
        source="formula",
        notes=(why, *dimensions.notes),
    )
