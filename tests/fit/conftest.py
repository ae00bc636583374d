"""One inspect worker for a whole test run, and a machine of a given size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steelyard.machine.report import Memory
from steelyard.runtime import wire
from steelyard.runtime.records import DryLoad
from steelyard.runtime.supervisor import Worker

GIB = 1024**3

AskWorker = Callable[..., DryLoad]


@pytest.fixture(scope="session")
def ask_worker() -> Iterator[AskWorker]:
    """Dry loads in one process, one after the other."""
    worker = Worker.start("inspect")

    def ask(
        path: Path,
        context_tokens: int,
        kv_type: str = "f16",
        sequences: int = 1,
        gpu_layers: int = 0,
    ) -> DryLoad:
        params = {
            "path": str(path),
            "context_tokens": context_tokens,
            "kv_type": kv_type,
            "sequences": sequences,
            "gpu_layers": gpu_layers,
        }
        return wire.dry_load_from_json(worker.call("dry_load", params, timeout_s=60))

    yield ask
    worker.close()


@pytest.fixture
def big_machine() -> Memory:
    """64 GiB, 60 of them free."""
    return Memory(64 * GIB, 60 * GIB, 0, 0)
