"""Asks the engine, on this side of the pipe: a private sparse copy of the header, and a worker to load it.

The engine never sees the file itself, only a header our own reader has judged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.fit.needs import Question
from steelyard.formats.gguf import write_sparse_twin
from steelyard.formats.gguf_header import GgufHeader
from steelyard.formats.gguf_shards import shard_paths
from steelyard.runtime.inspection import dry_load
from steelyard.runtime.records import DryLoad


def ask_engine(headers: Sequence[GgufHeader], question: Question, report: Reporter) -> DryLoad:
    """What llama.cpp would allocate for a model.

    Args:
        headers: of all its parts, in order.

    Raises:
        EngineMissing, EngineRefusedModel, WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled:
            as `inspection.dry_load`.
        FileUnreadable: the copy could not be made, or the file went away since its header was read.
        OSError: there is no place for temporary files.
        Cancelled: called off.
    """
    with tempfile.TemporaryDirectory(prefix="steelyard-fit-") as folder:
        twins = _names(Path(folder), len(headers))
        for header, twin in zip(headers, twins, strict=True):
            report("reading", 0, None, unit="items", detail=header.path.name)
            write_sparse_twin(header.path, twin)
        report("asking", 0, None, unit="items")
        return dry_load(
            twins[0],
            context_tokens=question.context_tokens,
            kv_type=question.kv_type,
            sequences=question.sequences,
            gpu_layers=question.gpu_layers,
            cancel=report.cancel,
        )


def _names(folder: Path, parts: int) -> tuple[Path, ...]:
    """llama.cpp finds the other parts by the first one's name; nothing else of their names is kept."""
    if parts == 1:
        return (folder / "model.gguf",)
    return shard_paths(folder / f"model-00001-of-{parts:05}.gguf")
