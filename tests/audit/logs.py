"""Logs with entries, checkpoints and keys, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.entry import Event, Outcome
from steelyard.audit.log import AuditLog
from steelyard.audit.verification import verify_files
from steelyard.signing.own_keys import OwnKeys

START = datetime(2026, 11, 25, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, step: timedelta) -> None:
        self.now += step


def event(number: int) -> Event:
    """An event about a model of its own."""
    digest = f"sha256:{number:064x}"
    return Event(
        "model.verify",
        Outcome.DONE,
        {"name": f"model-{number}", "digest": digest},
        {"n": number},
        "c",
        "p",
        "a@b",
    )


def fill(log: AuditLog, count: int) -> None:
    """Add this many events, numbered from what is there."""
    first = log.count()
    for start in range(first, first + count, 200):
        log.append_all([event(n) for n in range(start, min(start + 200, first + count))])


def opened(root: Path, *, clock: SetClock | None = None, copies: Path | None = None) -> Checkpoints:
    """A log under `root` with its checkpoints; opening the same root again is another process's view."""
    folder = root / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    clock = clock or SetClock()
    log = AuditLog(folder, clock)
    made = Checkpoints(log, OwnKeys(root / "keys"), clock, copies=copies)
    log.after_append = made.after_append
    return made


def edits_of_entry(log: AuditLog, seq: int, values: Iterable[int]) -> None:
    """Each byte of one entry, its line end included, changed by each of these bit patterns."""
    original = log.entries_file.read_bytes()
    lines = original.splitlines(keepends=True)
    start = sum(map(len, lines[: seq - 1]))
    patterns = list(values)
    for position in range(start, start + len(lines[seq - 1])):
        for pattern in patterns:
            changed = bytearray(original)
            changed[position] ^= pattern
            log.entries_file.write_bytes(changed)
            problem = verify_files(log.folder).problem
            assert problem is not None, (position, pattern)
            assert problem.seq == seq, (position, pattern, problem)
    log.entries_file.write_bytes(original)
    assert verify_files(log.folder).ok
