"""Whether a model fits this machine, at a context length: the way into this room."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.fit.described import Described, described_need
from steelyard.fit.errors import ContextImpossible, KvTypeUnknown
from steelyard.fit.formula import KV_TYPES
from steelyard.fit.gguf_need import gguf_need
from steelyard.fit.needs import DeviceNeed, Need, Question
from steelyard.fit.report import DeviceFit, FitReport
from steelyard.fit.verdict import judge
from steelyard.formats.errors import AmbiguousModel
from steelyard.formats.gguf_shards import shard_paths
from steelyard.machine.report import Gpu, Memory


def ask_fit(
    path: Path,
    *,
    target: str,
    context_tokens: int = 0,
    kv_type: str = "f16",
    sequences: int = 1,
    gpu_layers: int = 0,
    memory: Memory,
    gpus: Sequence[Gpu] = (),
    report: Reporter | None = None,
) -> FitReport:
    """What a model would take here, and whether that is free now.

    Args:
        path: a GGUF file (any part of a split one; its weights are not read and may be a hole), a folder
            that holds just one such model, or a folder in Hugging Face layout.
        target: the name to report it under.
        context_tokens: for each sequence; 0 takes what the model was trained for, at most 8192.
        kv_type: `f16`, `q8_0` or `q4_0`.
        sequences: conversations at a time, each with a context of its own.
        gpu_layers: layers to offload, the output layer counted; 0 none, -1 all.
        memory, gpus: of a probe made just now.

    Returns:
        A report with source `engine`, or `formula` and a note that says why.

    Raises:
        MalformedInput: the file is not what it claims to be; the code says how.
        NotFound, OutOfResources: there is no such file, or it cannot be read.
        NotEstimable: the engine cannot tell, and the header does not say enough.
        KvTypeUnknown, ContextImpossible: the question makes no sense.
        Cancelled: called off.
    """
    started_s = time.perf_counter()
    _check(context_tokens, kv_type, sequences)
    asked = Question(context_tokens, kv_type, sequences, gpu_layers)
    need = _need(path, asked, gpus, report or Reporter())
    return _judged(need, asked, target=target, memory=memory, gpus=gpus, started_s=started_s)


def ask_fit_of_described(
    described: Described,
    *,
    target: str,
    context_tokens: int = 0,
    kv_type: str = "f16",
    sequences: int = 1,
    memory: Memory,
) -> FitReport:
    """The same of a model that is not here: of its size and dimensions, as a catalog tells them.

    Args:
        described: what the catalog says.
        target, context_tokens, kv_type, sequences, memory: as in `ask_fit`; no layer is offloaded.

    Returns:
        A report with source `formula` and a note that says so.

    Raises:
        NotEstimable: a dimension is missing.
        KvTypeUnknown, ContextImpossible: the question makes no sense.
    """
    started_s = time.perf_counter()
    _check(context_tokens, kv_type, sequences)
    asked = Question(context_tokens, kv_type, sequences, 0)
    need = described_need(described, asked)
    return _judged(need, asked, target=target, memory=memory, gpus=(), started_s=started_s)


def _judged(
    need: Need,
    asked: Question,
    *,
    target: str,
    memory: Memory,
    gpus: Sequence[Gpu],
    started_s: float,
) -> FitReport:
    devices = tuple(_beside_what_is_free(device, memory, gpus) for device in need.devices)
    sharing = frozenset(
        device.name
        for device in need.devices
        if device.kind == "gpu" and _own_memory(device, gpus) is None
    )
    verdict = judge(devices, sharing)
    return FitReport(
        target=target,
        context_tokens=need.context_tokens,
        trained_context_tokens=need.trained_context_tokens,
        kv_type=asked.kv_type,
        sequences=asked.sequences,
        weights_bytes=sum(device.weights_bytes for device in devices),
        kv_bytes=sum(device.kv_bytes for device in devices),
        compute_bytes=sum(device.compute_bytes for device in devices),
        output_bytes=sum(device.output_bytes for device in devices),
        total_bytes=sum(device.needed_bytes for device in devices),
        available_bytes=verdict.available_bytes,
        reserve_bytes=verdict.reserve_bytes,
        margin_bytes=verdict.margin_bytes,
        fits=verdict.fits,
        source=need.source,
        devices=devices,
        elapsed_s=time.perf_counter() - started_s,
        notes=(*need.notes, *_notes(need, asked.context_tokens, sharing, memory)),
    )


def _need(path: Path, asked: Question, gpus: Sequence[Gpu], report: Reporter) -> Need:
    file = _only_gguf(path) if path.is_dir() else path
    if file is None:
        from steelyard.fit.folder_need import folder_need  # noqa: PLC0415  # most targets are files

        return folder_need(path, asked)
    return gguf_need(file, asked, gpus, report)


def _only_gguf(folder: Path) -> Path | None:
    """The GGUF model a folder holds, or None: it is in another layout, or has none."""
    files = tuple(sorted(folder.glob("*.gguf")))
    if (folder / "config.json").is_file() or not files:
        return None
    if len(files) > 1 and shard_paths(files[0]) != files:
        raise AmbiguousModel(
            f"{folder.name} holds several models.",
            next_step="Give the path of one of them.",
            path=str(folder),
            candidates=[file.name for file in files[:20]],
        )
    return files[0]


def _check(context_tokens: int, kv_type: str, sequences: int) -> None:
    if context_tokens < 0 or sequences < 1:
        raise ContextImpossible(
            "A context needs at least one token and one sequence.",
            next_step="Give positive numbers, or leave the context out to take the model's own.",
            context_tokens=context_tokens,
            sequences=sequences,
        )
    if kv_type not in KV_TYPES:
        raise KvTypeUnknown(
            f"{kv_type!r} is not a type for the KV cache.",
            next_step=f"Choose one of {', '.join(KV_TYPES)}.",
            kv_type=kv_type,
        )


def _beside_what_is_free(need: DeviceNeed, memory: Memory, gpus: Sequence[Gpu]) -> DeviceFit:
    total, free = _own_memory(need, gpus) or (memory.total_bytes, memory.available_bytes)
    return DeviceFit(
        name=need.name,
        kind=need.kind,
        weights_bytes=need.weights_bytes,
        kv_bytes=need.kv_bytes,
        compute_bytes=need.compute_bytes,
        output_bytes=need.output_bytes,
        available_bytes=free,
        total_bytes=total,
    )


def _own_memory(need: DeviceNeed, gpus: Sequence[Gpu]) -> tuple[int, int] | None:
    """Total and free bytes of a GPU's own memory, or None: it shares main memory, or the probe knows none."""
    gpu = gpus[need.gpu] if need.gpu is not None else None
    if gpu is None or gpu.total_bytes is None or gpu.free_bytes is None:
        return None
    return gpu.total_bytes, gpu.free_bytes


def _notes(need: Need, asked: int, sharing: frozenset[str], memory: Memory) -> list[str]:
    notes = []
    trained = need.trained_context_tokens
    if trained and asked > trained:
        notes.append(
            f"The model was trained for {trained:,} tokens. Engines here do not load it with more."
        )
    if sharing:
        notes.append(f"{', '.join(sorted(sharing))} is counted as sharing main memory.")
    if memory.limited_by:
        notes.append(f"Memory is limited by {memory.limited_by}.")
    return notes
