"""Loaded models of this process: one worker each, kept until unloaded, dropped when it dies.

A worker serves one caller at a time; a second one waits and can be called off while it waits.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from steelyard.base.progress import Reporter
from steelyard.runtime.engine import Engine
from steelyard.runtime.records import LoadRequest
from steelyard.store.leases import Lease

_LOOK_S = 0.05


@dataclass
class _Slot:
    request: LoadRequest
    engine: Engine | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    keep: bool = False
    lease: Lease | None = None

    def end(self) -> None:
        """End the worker, then let go of the files it had open."""
        engine, self.engine = self.engine, None
        lease, self.lease = self.lease, None
        if engine is not None:
            engine.close()
        if lease is not None:
            lease.release()


class EnginePool:
    """Engines by model digest."""

    def __init__(self) -> None:
        self._slots: dict[str, _Slot] = {}
        self._guard = threading.Lock()

    def loaded(self) -> frozenset[str]:
        """Digests of the models an engine holds now."""
        with self._guard:
            return frozenset(
                digest
                for digest, slot in self._slots.items()
                if slot.engine is not None and slot.engine.alive
            )

    @contextlib.contextmanager
    def use(
        self,
        digest: str,
        request: LoadRequest,
        report: Reporter,
        *,
        keep: bool,
        lease: Callable[[], Lease],
    ) -> Iterator[Engine]:
        """Lend the engine of a model, loading it first if need be.

        A request for another context length loads the model anew. Without `keep`, and unless someone
        else keeps it, the worker is ended afterwards.

        Args:
            lease: takes a lease of the model's files; held from before they are opened until the worker
                has ended.

        Raises:
            SteelyardError: as `Engine.load` does.
            Cancelled: while waiting for the turn or while loading.
        """
        with self._guard:
            slot = self._slots.setdefault(digest, _Slot(request))
            slot.users += 1
            slot.keep |= keep
        try:
            self._wait_for_turn(slot, report)
            try:
                yield self._ready(slot, request, report, lease)
            finally:
                slot.turn.release()
        finally:
            self._give_back(digest, slot)

    @staticmethod
    def _wait_for_turn(slot: _Slot, report: Reporter) -> None:
        while not slot.turn.acquire(timeout=_LOOK_S):
            report("waiting", 0, None, "items")

    @staticmethod
    def _ready(
        slot: _Slot, request: LoadRequest, report: Reporter, lease: Callable[[], Lease]
    ) -> Engine:
        engine = slot.engine
        if engine is not None and engine.alive and slot.request == request:
            return engine
        slot.end()
        slot.lease = lease()
        engine = Engine.load(request, report)
        slot.engine, slot.request = engine, request
        return engine

    def _give_back(self, digest: str, slot: _Slot) -> None:
        with self._guard:
            slot.users -= 1
            alive = slot.engine is not None and slot.engine.alive
            if slot.users or (slot.keep and alive):
                return
            if self._slots.get(digest) is slot:
                del self._slots[digest]
        slot.end()

    def unload(self, digest: str) -> bool:
        """End a model's worker now, also in the middle of an answer. False when none was loaded."""
        with self._guard:
            slot = self._slots.pop(digest, None)
        if slot is None or slot.engine is None:
            return False
        slot.end()
        return True

    def close(self) -> None:
        """End all workers."""
        for digest in list(self._slots):
            self.unload(digest)
