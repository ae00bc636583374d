"""Asks the engine, on this side of the pipe: a private sparse copy of the header, and a worker to load it.

The engine never sees the file itself, only a header our own reader has judged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.fit.needs import Question
from steelyard.formats.gguf import write_sparse_twin
from steelyard.formats.gguf_header import GgufHeader
from steelyard.formats.gguf_shards import is_split, read_model, shard_paths
from steelyard.runtime.inspection import dry_load
from steelyard.runtime.records import DryLoad


@contextmanager
def judged_copies(path: Path) -> Iterator[tuple[GgufHeader, ...]]:
    """Copies of a model's headers, all parts in order, that last as long as the context.

    Args:
        path: the model, or any part of it.

    Yields:
        The judged headers; each one's `path` is its copy, which has the original's size but no data.

    Raises:
        As `gguf_shards.read_model`; FileUnreadable and OSError also when there is no place for a copy.
    """
    with tempfile.TemporaryDirectory(prefix="steelyard-fit-") as name:
        folder = Path(name)
        only = write_sparse_twin(path, folder / "model.gguf")
        if not is_split(only):
            yield (only,)
            return
        originals = read_model(path)
        # llama.cpp finds the other parts by the first one's name; nothing else of their names is kept.
        copies = shard_paths(folder / f"model-00001-of-{len(originals):05}.gguf")
        yield tuple(
            write_sparse_twin(original.path, copy)
            for original, copy in zip(originals, copies, strict=True)
        )


def ask_engine(headers: Sequence[GgufHeader], question: Question, report: Reporter) -> DryLoad:
    """What llama.cpp would allocate for the model whose (copied) headers these are.

    Raises:
        EngineMissing, EngineRefusedModel, WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled:
            as `inspection.dry_load`.
        Cancelled: called off.
    """
    report("asking", 0, None, unit="items")
    return dry_load(
        headers[0].path,
        context_tokens=question.context_tokens,
        kv_type=question.kv_type,
        sequences=question.sequences,
        gpu_layers=question.gpu_layers,
        cancel=report.cancel,
    )
