"""Checking the whole log: every line, every link, every recorded hash, every checkpoint, and where the first
fault lies.

An entry whose hash is the recorded one, and which stands in its place, is the entry that was written; it is not
parsed again. That is what lets a million entries be checked in seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from steelyard.audit.entry import Entry, read_line
from steelyard.audit.files import Head, LogFiles
from steelyard.audit.merkle import HASH_BYTES, leaf_hash
from steelyard.audit.tiles import Tiles, TreeBuilder
from steelyard.base.errors import MalformedInput
from steelyard.base.progress import Reporter

MAX_BEHIND = 4_096
"""How many entries the records of hashes may be behind after a crash or a power cut; they are flushed far more
often than that."""

_UNWRITTEN = bytes(HASH_BYTES)
_REPORT_EVERY = 256
_END = re.compile(
    rb',"previous":"((?:sha256:[0-9a-f]{64})?)","seq":([1-9][0-9]*),"time":"[^"\\]*","v":1\}\Z'
)


@dataclass(frozen=True)
class Problem:
    """The first fault. `kind` is `edited`, `cut`, `order`, `torn`, `leaves`, `head` or `checkpoint`."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class LogReport:
    """Outcome of a verification.

    Attributes:
        root: `sha256:` of the tree over the entries that were read.
        last: leaf hash of the last of them; empty when there is none.
        recorded: of how many entries from the first on the hash is recorded.
        tiles_fit: whether the stored subtree roots are those of the entries.
    """

    ok: bool
    entries: int
    root: str
    problem: Problem | None
    elapsed_s: float
    last: str = ""
    recorded: int = 0
    tiles_fit: bool = True


@dataclass
class _Reading:
    """What is known so far while the lines go by."""

    tree: TreeBuilder
    previous: str = ""
    recorded: int = 0
    tiles_fit: bool = True
    suspect: Problem | None = None
    states: dict[int, tuple[str, bytes]] = field(default_factory=dict)


def verify_files(
    folder: Path,
    report: Reporter | None = None,
    *,
    checkpoints: Mapping[int, bytes] | None = None,
) -> LogReport:
    """Read everything and compare three records of every hash: the line, the next line's `previous`, and
    `leaves.bin`; then the number of entries with the head, and the root at each checkpoint's size with its own.

    Args:
        checkpoints: roots by size, of checkpoints whose signature was checked.

    Raises:
        OSError: the folder cannot be read.
        Cancelled: the reporter's token was cancelled.
    """
    started = time.perf_counter()
    files, tiles = LogFiles(folder), Tiles(folder)
    # Others may write meanwhile: what was recorded before the reading must be there, what comes later may be.
    written = _written(files, tiles)
    reading = _Reading(TreeBuilder())
    tiles_check = _TilesCheck(tiles, reading)
    reading.tree = TreeBuilder(tiles_check.see)
    wanted = dict(checkpoints or {})
    head_entries = written[0].entries if written[0] else 0
    states = {*wanted, head_entries}
    problem = _check_lines(files, tiles, reading, states, report or Reporter())
    if problem is None:
        problem = _check_checkpoints(wanted, reading)
    if problem is None:
        problem = _check_ends(files, written, reading)
    return LogReport(
        ok=problem is None,
        entries=reading.tree.size,
        root=f"sha256:{reading.tree.root().hex()}",
        problem=problem,
        elapsed_s=time.perf_counter() - started,
        last=reading.previous,
        recorded=reading.recorded,
        tiles_fit=reading.tiles_fit,
    )


class _TilesCheck:
    """Compares the subtree roots that come by with the stored ones."""

    def __init__(self, tiles: Tiles, reading: _Reading) -> None:
        self._stored = [tiles.hashes(level) for level in range(8)]
        self._reading = reading

    def see(self, level: int, _index: int, root: bytes) -> None:
        stored = next(self._stored[level], None) if level < len(self._stored) else None
        if stored is not None and stored != root:
            self._reading.tiles_fit = False


def _check_lines(
    files: LogFiles,
    tiles: Tiles,
    reading: _Reading,
    states: Collection[int],
    report: Reporter,
) -> Problem | None:
    total, done = files.size(), 0
    stored = tiles.hashes(0)
    for number, line in enumerate(files.lines(), start=1):
        done += len(line) + 1
        if number % _REPORT_EVERY == 1:
            report("verifying", done, total)
        leaf = leaf_hash(line)
        recorded = next(stored, _UNWRITTEN)
        if leaf == recorded and reading.recorded == number - 1:
            reading.recorded = number
        problem = _check_line(number, line, leaf, recorded, reading)
        if problem is not None:
            return problem
        reading.tree.add(leaf)
        reading.previous = f"sha256:{leaf.hex()}"
        if number in states:
            reading.states[number] = (reading.previous, reading.tree.root())
    report("verifying", total, total)
    return reading.suspect


def _check_line(
    number: int, line: bytes, leaf: bytes, recorded: bytes, reading: _Reading
) -> Problem | None:
    if leaf == recorded and reading.suspect is None:
        end = _END.search(line, max(0, len(line) - 256))
        if end and end[1] == reading.previous.encode("ascii") and int(end[2]) == number:
            return None
    try:
        entry = read_line(line)
    except MalformedInput as error:
        return reading.suspect or Problem(number, "edited", error.message)
    agrees = entry.previous == reading.previous
    if reading.suspect is not None:
        # The entry before differs from its recorded hash. If this one names the hash it has,
        # the record was changed; otherwise the entry was.
        seq = reading.suspect.seq
        record = Problem(seq, "leaves", "the record of its hash was changed")
        return record if agrees else reading.suspect
    differs = recorded not in (leaf, _UNWRITTEN)
    problem = _misplaced(number, entry)
    if problem is None and not agrees:
        problem = (
            Problem(number, "edited", _OTHER_HASH)
            if differs or number == 1
            else Problem(number - 1, "edited", "the next entry names another hash for it")
        )
    if problem is None and differs:
        reading.suspect = Problem(number, "edited", _OTHER_HASH)
    return problem


_OTHER_HASH = "its hash is not the one that was recorded"


def _misplaced(number: int, entry: Entry) -> Problem | None:
    if entry.seq == number:
        return None
    kind = "cut" if entry.seq > number else "order"
    return Problem(number, kind, f"entry {entry.seq} stands where {number} was written")


def _check_checkpoints(wanted: Mapping[int, bytes], reading: _Reading) -> Problem | None:
    sound = 0
    for size in sorted(wanted):
        if size > reading.tree.size:
            detail = f"a checkpoint over {size} entries was made"
            return Problem(reading.tree.size + 1, "cut", detail)
        if reading.states[size][1] != wanted[size]:
            detail = f"entries up to {size} are not those the checkpoint was made over"
            return Problem(sound + 1, "checkpoint", detail)
        sound = size
    return None


def _written(files: LogFiles, tiles: Tiles) -> tuple[Head | None, int, str]:
    """The head, the number of recorded hashes, and what is wrong with the head."""
    try:
        return files.read_head(), tiles.count(), ""
    except MalformedInput as error:
        return None, tiles.count(), error.message


def _check_ends(
    files: LogFiles, written: tuple[Head | None, int, str], reading: _Reading
) -> Problem | None:
    count = reading.tree.size
    head, hashes, wrong = written
    if head is None:
        return Problem(count, "head", wrong)
    expected = max(head.entries, hashes)
    if count < expected:
        return Problem(count + 1, "cut", f"{expected} entries were written")
    torn = files.torn_bytes()
    if torn:
        return Problem(
            count + 1, "torn", f"{torn} bytes of an unfinished entry follow the last one"
        )
    if head.entries and head.leaf != reading.states[head.entries][0]:
        return Problem(head.entries, "edited", "the head names another hash for it")
    # The records may be behind the entries: the process died in between, and the next append mends it.
    if count > head.entries + MAX_BEHIND and count > files.read_head().entries + MAX_BEHIND:
        return Problem(head.entries + 1, "head", "entries follow that the head does not know")
    return None
