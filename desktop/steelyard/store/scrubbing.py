"""Scrubbing: reading the store through in the background, so that a bad disk is noticed before a load is.

Whoever was not verified for longest comes first, so a scrub that is called off goes on where it stopped. It
works on a thread of its own at the lowest priority for processor and disk, and rests while anything else is at
work here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from steelyard.base.clock import iso_utc
from steelyard.base.errors import NotFound
from steelyard.base.progress import CancelToken, Reporter
from steelyard.store.index import Entry, Place
from steelyard.store.store import Store

REST_S = 0.25
"""How long to rest before looking again whether other work is done."""

LOOK_EVERY_S = 0.25
"""How long to go on without looking; asking may cost a few system calls."""

# linux/ioprio.h: class 3 is served when nobody else asks for the disk.
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_IOPRIO_IDLE = 3 << 13
_NICEST = 19


@dataclass(frozen=True)
class Scrubbed:
    """What one scrub did.

    Attributes:
        models: how many were read through.
        damaged: names of those that were not as admitted; they are quarantined now.
        remaining: how many are still due.
    """

    models: int
    checked_bytes: int
    damaged: tuple[str, ...]
    remaining: int


def due(store: Store, before: datetime) -> tuple[Entry, ...]:
    """Models in the store that were last verified by then, longest ago first; never comes before all."""
    limit = iso_utc(before)
    found = [
        entry
        for entry in store.index.all()
        if entry.place is Place.STORE and (entry.model.last_verified_at or "") <= limit
    ]
    return tuple(sorted(found, key=lambda entry: entry.model.last_verified_at or ""))


def scrub(
    store: Store,
    before: datetime,
    report: Reporter,
    *,
    max_bytes: int = 0,
    busy: Callable[[], bool] = lambda: False,
) -> Scrubbed:
    """Verify what was last verified by then, giving way while `busy` says so.

    Args:
        before: no later than now, so that what this scrub verified is not due any more.
        max_bytes: begin no further model after so much; 0: no limit.
        busy: whether other work is going on that should have the machine.

    Raises:
        Cancelled: at once, also in the middle of a file; what was verified before is recorded.
        StoreAway: the store went away.
    """
    with ThreadPoolExecutor(1, "scrub", initializer=_step_back) as thread:
        work = thread.submit(_scrub, store, before, report, max_bytes, busy)
        return work.result()


def _scrub(
    store: Store,
    before: datetime,
    report: Reporter,
    max_bytes: int,
    busy: Callable[[], bool],
) -> Scrubbed:
    yielding = _Yielding(report, busy)
    models, checked_bytes, damaged = 0, 0, list[str]()
    for entry in due(store, before):
        if max_bytes and checked_bytes >= max_bytes:
            break
        try:
            outcome = store.verify(entry.model, yielding)
        except NotFound:
            continue  # removed in the meantime
        now = store.index.by_digest(entry.model.digest)
        if now is None or now.place is not Place.STORE:
            continue
        models += 1
        checked_bytes += outcome.checked_bytes
        if not outcome.ok:
            damaged.append(entry.model.name)
    return Scrubbed(models, checked_bytes, tuple(damaged), len(due(store, before)))


class _Yielding(Reporter):
    """A reporter that rests between two pieces of a file while other work is going on."""

    def __init__(self, report: Reporter, busy: Callable[[], bool]) -> None:
        super().__init__(None, report.cancel)
        self._report = report
        self._busy = busy
        self._looked_s = float("-inf")

    def __call__(
        self,
        stage: str,
        done: int,
        total: int | None = None,
        unit: str = "bytes",
        detail: str = "",
    ) -> None:
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            while self._busy():
                self._report("waiting", done, total, unit, detail)
                rest(self.cancel)
            self._looked_s = time.monotonic()
        self._report(stage, done, total, unit, detail)


def rest(cancel: CancelToken) -> None:
    """Wait a moment.

    Raises:
        Cancelled: the work was called off meanwhile.
    """
    cancel.wait(REST_S)
    cancel.check()


def _step_back() -> None:
    """Give this thread the lowest priority there is. It ends with the scrub: nobody need raise it again.

    Where the system has no such thing for threads, giving way to other work must do.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICEST)
    number = _IOPRIO_SET.get(platform.machine())
    if number is not None:
        # 1: a process or thread; 0: this one.
        ctypes.CDLL(None).syscall(number, 1, 0, _IOPRIO_IDLE)
