"""Checking the whole log: every line, every link, every recorded hash, and where the first fault lies."""

from __future__ import annotations

import time
from dataclasses import dataclass

from steelyard.audit.entry import Entry, read_line
from steelyard.audit.errors import LogDamaged
from steelyard.audit.log import AuditLog
from steelyard.audit.merkle import HASH_BYTES, leaf_hash, root_hash
from steelyard.base.errors import MalformedInput
from steelyard.base.progress import Reporter


@dataclass(frozen=True)
class Problem:
    """The first fault. `kind` is `edited`, `cut`, `order`, `torn`, `leaves` or `head`."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class LogReport:
    """Outcome of a verification. `root` is `sha256:` of the tree over the entries that were read."""

    ok: bool
    entries: int
    root: str
    problem: Problem | None
    elapsed_s: float


def verify(log: AuditLog, report: Reporter | None = None) -> LogReport:
    """Read everything and compare three records of every hash: the line, the next line's `previous`,
    and `leaves.bin`; then the number of entries with the head.

    Raises:
        OSError: the folder cannot be read.
        Cancelled: the reporter's token was cancelled.
    """
    report = report or Reporter()
    started = time.perf_counter()
    leaves = _recorded_leaves(log)
    problem, hashes = _check_lines(log, leaves, report)
    if problem is None or _was_being_recorded(log, problem, leaves, hashes):
        problem = _check_ends(log, leaves, hashes)
    return LogReport(
        ok=problem is None,
        entries=len(hashes),
        root=f"sha256:{root_hash(hashes).hex()}",
        problem=problem,
        elapsed_s=time.perf_counter() - started,
    )


def _recorded_leaves(log: AuditLog) -> list[bytes]:
    try:
        data = log.leaves_file.read_bytes()
    except FileNotFoundError:
        return []
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def _check_lines(
    log: AuditLog, leaves: list[bytes], report: Reporter
) -> tuple[Problem | None, list[bytes]]:
    hashes: list[bytes] = []
    try:
        total = log.entries_file.stat().st_size
    except FileNotFoundError:
        total = 0
    done = 0
    previous = ""
    suspect: Problem | None = None
    for number, line in enumerate(log.lines(), start=1):
        done += len(line) + 1
        report("verifying", done, total)
        try:
            entry = read_line(line)
        except MalformedInput as error:
            return suspect or Problem(number, "edited", error.message), hashes
        agrees = entry.previous == previous
        if suspect is not None:
            # The entry before differs from its recorded hash. If this one names the hash it has,
            # the record was changed; otherwise the entry was.
            record = Problem(suspect.seq, "leaves", "the record of its hash was changed")
            return (record if agrees else suspect), hashes
        differs = number <= len(leaves) and leaf_hash(line) != leaves[number - 1]
        problem = _misplaced(number, entry)
        if problem is None and not agrees:
            problem = (
                Problem(number, "edited", _OTHER_HASH)
                if differs or number == 1
                else Problem(number - 1, "edited", "the next entry names another hash for it")
            )
        if problem is not None:
            return problem, hashes
        if differs:
            suspect = Problem(number, "edited", _OTHER_HASH)
        hashes.append(leaf_hash(line))
        previous = entry.leaf
    return suspect, hashes


_OTHER_HASH = "its hash is not the one that was recorded"


def _was_being_recorded(
    log: AuditLog, problem: Problem, leaves: list[bytes], hashes: list[bytes]
) -> bool:
    """True if the last entry's hash is half written, because the process died before the head named it."""
    if problem.detail != _OTHER_HASH or not problem.seq == len(leaves) == len(hashes):
        return False
    try:
        head_count, _ = log.head()
    except LogDamaged:
        return False
    return head_count == problem.seq - 1


def _misplaced(number: int, entry: Entry) -> Problem | None:
    if entry.seq == number:
        return None
    kind = "cut" if entry.seq > number else "order"
    return Problem(number, kind, f"entry {entry.seq} stands where {number} was written")


def _check_ends(log: AuditLog, leaves: list[bytes], hashes: list[bytes]) -> Problem | None:
    count = len(hashes)
    try:
        head_count, head_leaf = log.head()
    except LogDamaged as error:
        return Problem(count, "head", error.message)
    if count < head_count or count < len(leaves):
        return Problem(count + 1, "cut", f"{max(head_count, len(leaves))} entries were written")
    torn = _torn_bytes(log)
    if torn:
        return Problem(
            count + 1, "torn", f"{torn} bytes of an unfinished entry follow the last one"
        )
    # One entry may be ahead of its records: the process died in between, and the next append mends it.
    if count > head_count + 1 or count > len(leaves) + 1:
        return Problem(head_count + 1, "head", "entries follow that the head does not know")
    if head_count and head_leaf != f"sha256:{hashes[head_count - 1].hex()}":
        return Problem(head_count, "edited", "the head names another hash for it")
    return None


def _torn_bytes(log: AuditLog) -> int:
    try:
        size = log.entries_file.stat().st_size
    except FileNotFoundError:
        return 0
    return size - sum(len(line) + 1 for line in log.lines())
