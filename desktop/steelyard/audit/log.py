"""The log itself: entries are appended, durable before the call returns, and never written again.

One writer at a time across processes; who waits is written together with the others, under one flush. Three
records of every entry's hash exist (its own line, the next line's `previous`, `leaves.bin`), so that a change is
not only found but placed. If the file was touched by anyone else since our own last write, all of it is checked
before anything is added; damage other than a torn last line makes the log read-only until a check finds it whole.
"""

from __future__ import annotations

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steelyard.audit.entry import Entry, Event, Outcome, make_entry, read_line
from steelyard.audit.errors import LogDamaged, LogNotWritable, NoSuchEntry
from steelyard.audit.files import Damage, Head, LogFiles
from steelyard.audit.merkle import leaf_hash
from steelyard.audit.tiles import WIDTH, Tiles
from steelyard.audit.verification import LogReport, verify_files
from steelyard.base import durable
from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.base.errors import MalformedInput, SteelyardError
from steelyard.base.lock import data_lock
from steelyard.base.progress import Reporter

MAX_GROUP = 256
"""Most entries under one flush."""


@dataclass(eq=False)
class _Waiting:
    """A call that waits for its entries to be on disk. `called` is set when they are, or when it is this call's
    turn to write for everyone who waits."""

    events: Sequence[Event]
    entries: list[Entry] = field(default_factory=list)
    error: SteelyardError | None = None
    done: bool = False
    called: threading.Event = field(default_factory=threading.Event)


class AuditLog:
    """The log in one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self.folder = folder
        self.files = LogFiles(folder)
        self.tiles = Tiles(folder)
        self._clock = clock
        self._guard = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._writing = False
        self._known: Head | None = None
        self._flushed = 0
        self.after_append: Callable[[int], None] | None = None
        """Called with the number of entries after some were added, outside every lock."""

    @property
    def entries_file(self) -> Path:
        """The lines, one an entry."""
        return self.files.entries

    @property
    def leaves_file(self) -> Path:
        """Leaf hashes, 32 bytes each, in order."""
        return self.tiles.file(0)

    @property
    def head_file(self) -> Path:
        """How many entries there are and the last one's leaf hash."""
        return self.files.head

    def append(self, event: Event) -> Entry:
        """Write one entry and wait until it is on disk.

        Raises:
            LogDamaged: the log is not what was written; nothing is appended.
            LogNotWritable: the disk refused; nothing is appended.
            OutOfResources: another process held the log for too long, or the folder is away.
        """
        return self.append_all([event])[0]

    def append_all(self, events: Sequence[Event]) -> list[Entry]:
        """Write several entries under one flush, in order and with nothing between them.

        Raises:
            As `append`; then none of them was written.
        """
        waiting = _Waiting(events)
        with self._guard:
            self._queue.append(waiting)
            first, self._writing = not self._writing, True
        if not first:
            self._wait(waiting)
        if not waiting.done:
            self._write_group()
        if waiting.error is not None:
            raise copy.copy(waiting.error)
        if self.after_append is not None and waiting.entries:
            self.after_append(waiting.entries[-1].seq)
        return waiting.entries

    def _wait(self, waiting: _Waiting) -> None:
        """Until the entries are written or it is this call's turn; whoever is interrupted leaves the line."""
        try:
            waiting.called.wait()
        except BaseException:
            with self._guard:
                if waiting in self._queue:
                    self._queue.remove(waiting)
                    if waiting.called.is_set():
                        self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Call the next in line to write. The caller holds the guard."""
        self._writing = bool(self._queue)
        if self._queue:
            self._queue[0].called.set()

    def _write_group(self) -> None:
        """Write for everyone who waits by now, this call among them, and hand on to the next who came since."""
        with self._guard:
            group = [self._queue.popleft()]
            count = len(group[0].events)
            while self._queue and count + len(self._queue[0].events) <= MAX_GROUP:
                group.append(self._queue.popleft())
                count += len(group[-1].events)
        try:
            with data_lock(self.folder):
                self._append_locked(group)
        except OSError as error:
            self._known = None
            self._fail(group, _not_writable(error, self.folder))
        except SteelyardError as error:
            self._fail(group, error)
        except BaseException:
            self._fail(
                group, LogNotWritable("The log's writer was interrupted. Nothing was recorded.")
            )
            raise
        finally:
            for waiting in group:
                waiting.done = True
                waiting.called.set()
            with self._guard:
                self._hand_on()

    @staticmethod
    def _fail(group: Sequence[_Waiting], error: SteelyardError) -> None:
        for waiting in group:
            waiting.error = error

    def _append_locked(self, group: Sequence[_Waiting]) -> None:
        head = self._head_now()
        lines: list[Entry] = []
        time = iso_utc(self._clock())
        if torn := self._torn_bytes:
            self._torn_bytes = 0
            first = make_entry(
                head.entries + 1, time, noted("audit.recovered", torn_bytes=torn), head.leaf
            )
            lines.append(first)
            head = Head(first.seq, first.leaf)
        for waiting in group:
            for event in waiting.events:
                entry = make_entry(head.entries + 1, time, event, head.leaf)
                head = Head(entry.seq, entry.leaf)
                lines.append(entry)
                waiting.entries.append(entry)
        try:
            self._write(lines)
        except BaseException:
            for waiting in group:
                waiting.entries.clear()
            raise

    _torn_bytes = 0

    def _write(self, entries: Sequence[Entry]) -> None:
        first, last = entries[0].seq, entries[-1].seq
        data = b"".join(entry.line + b"\n" for entry in entries)
        with self.files.entries.open("ab", buffering=0) as stream:
            before = stream.seek(0, os.SEEK_END)
            try:
                _write_all(stream.fileno(), data)
                _flush(stream.fileno())
            except OSError:
                # Whoever waits is told that nothing was recorded, so nothing may stay.
                stream.truncate(before)
                raise
        leaves = [bytes.fromhex(entry.leaf.removeprefix("sha256:")) for entry in entries]
        self.tiles.write_leaves(first - 1, leaves)
        self._known = Head(last, entries[-1].leaf, self.files.stamp())
        flush = last // WIDTH > self._flushed // WIDTH
        if last // WIDTH > (first - 1) // WIDTH:
            self.tiles.complete()
        if flush:
            self.tiles.sync()
            self._flushed = last
        self.files.write_head(self._known, flush=flush)

    def _head_now(self) -> Head:
        """Where the log stands, from memory or the head record where the file is as we left it, else from a
        check of all of it."""
        damage = self.files.damage()
        if damage is not None:
            raise self._damage(damage)
        known, stamp = self._known, self.files.stamp()
        if known is not None and stamp and known.stamp == stamp:
            return known
        if not stamp:
            return self._first_head(known)
        try:
            head = self.files.read_head()
        except MalformedInput as error:
            raise self.found(Damage(0, "head", error.message)) from error
        if known is not None and head.entries < known.entries:
            gone = "entries this process wrote are gone"
            raise self.found(Damage(head.entries + 1, "cut", gone))
        if head.stamp != stamp:
            head = self._examine(known)
        self._known = head
        self._flushed = max(self._flushed, head.entries // WIDTH * WIDTH)
        return head

    def _first_head(self, known: Head | None) -> Head:
        """The head of a log without a file: it is new, or everything is gone."""
        try:
            written = max(self.files.read_head().entries, known.entries if known else 0)
        except MalformedInput as error:
            raise self.found(Damage(0, "head", error.message)) from error
        if written or self.tiles.count():
            gone = f"all {max(written, self.tiles.count())} entries are gone"
            raise self.found(Damage(1, "cut", gone))
        with self.files.entries.open("ab"):
            self.files.entries.chmod(0o600)
        durable.sync_folder(self.folder)
        return Head(0, "", self.files.stamp())

    def _examine(self, known: Head | None) -> Head:
        """Check everything, set a torn last line aside, and bring the records of hashes up to the entries."""
        report = verify_files(self.folder)
        if report.problem is not None and report.problem.kind == "torn":
            name = f"torn-{iso_utc(self._clock()).replace(':', '')}.bin"
            self._torn_bytes = self.files.set_aside_torn(name)
        elif report.problem is not None:
            problem = report.problem
            raise self.found(Damage(problem.seq, problem.kind, problem.detail))
        if known is not None and report.entries < known.entries:
            gone = "entries this process wrote are gone"
            raise self.found(Damage(report.entries + 1, "cut", gone))
        self._mend(report)
        head = Head(report.entries, report.last, self.files.stamp())
        self.files.write_head(head, flush=True)
        return head

    def verify(
        self, report: Reporter | None = None, *, checkpoints: Mapping[int, bytes] | None = None
    ) -> LogReport:
        """Check all of it, beside writers; what is found is remembered, and forgotten when it is gone.

        Args:
            checkpoints: roots by size, of checkpoints whose signature was checked.

        Raises:
            OSError: the folder cannot be read.
            OutOfResources: another process held the log for too long.
            Cancelled: the reporter's token was cancelled.
        """
        found = verify_files(self.folder, report, checkpoints=checkpoints)
        if found.ok and found.tiles_fit and self.files.damage() is None:
            return found
        # What looks like damage may be another process in the middle of a write.
        with data_lock(self.folder):
            found = verify_files(self.folder, report, checkpoints=checkpoints)
            if found.problem is None:
                self._mend(found)
                self.files.unmark()
            elif found.problem.kind != "torn":
                problem = found.problem
                self.files.mark(Damage(problem.seq, problem.kind, problem.detail))
        return found

    def _mend(self, report: LogReport) -> None:
        """Write what the records of hashes lack. The caller holds the log's lock, and found it whole."""
        if report.recorded < report.entries:
            missing = [
                leaf_hash(line)
                for number, line in enumerate(self.files.lines())
                if number >= report.recorded
            ]
            self.tiles.write_leaves(report.recorded, missing)
        if not report.tiles_fit:
            self.tiles.forget()
        self.tiles.complete()
        self.tiles.sync()

    def head(self) -> tuple[int, str]:
        """How many entries the log has and the last one's leaf hash, from the head record alone.

        Raises:
            LogDamaged: the head record is damaged.
        """
        try:
            head = self.files.read_head()
        except MalformedInput as error:
            raise self._damage(Damage(0, "head", error.message)) from error
        return head.entries, head.leaf

    def count(self) -> int:
        """How many entries there are, by the head record.

        Raises:
            LogDamaged: the head record is damaged.
        """
        return self.head()[0]

    def entries(self) -> Iterator[Entry]:
        """Every whole entry, oldest first.

        Raises:
            LogDamaged: a line is not an entry; facts name it. `verify` says more.
        """
        for number, line in enumerate(self.lines(), start=1):
            try:
                yield read_line(line)
            except MalformedInput as error:
                raise self._damage(Damage(number, "edited", error.message)) from error

    def newest(self, count: int) -> list[Entry]:
        """The last `count` entries, newest first, without reading the rest of the log.

        Raises:
            LogDamaged: one of them is not an entry.
        """
        try:
            return [read_line(line) for line in reversed(self.files.last_lines(count))]
        except MalformedInput as error:
            raise self._damage(Damage(self.head()[0], "edited", error.message)) from error

    def lines(self) -> Iterator[bytes]:
        """Every whole line, without its end; a torn last one is left out."""
        return self.files.lines()

    def entry(self, seq: int) -> Entry:
        """One entry by its number, without reading the whole log.

        Raises:
            NoSuchEntry: the log does not reach it.
            LogDamaged: what stands there is not an entry.
        """
        line = self.files.line(seq)
        if line is None:
            raise NoSuchEntry(f"The log has no entry {seq}.", seq=seq)
        try:
            return read_line(line)
        except MalformedInput as error:
            raise self._damage(Damage(seq, "edited", error.message)) from error

    def found(self, damage: Damage) -> LogDamaged:
        """Remember damage, so that every process stops adding."""
        self.files.mark(damage)
        return self._damage(damage)

    def _damage(self, damage: Damage) -> LogDamaged:
        return LogDamaged(
            f"The log is damaged at entry {damage.seq}: {damage.detail.rstrip('.')}. Nothing was added to it.",
            next_step="Run steelyard audit verify, keep a copy of the folder as evidence, and restore "
            "the log from a backup.",
            seq=damage.seq,
            kind=damage.kind,
            path=str(self.folder),
        )


def noted(event: str, **facts: str | int) -> Event:
    """An entry about the log or the program itself rather than an operation."""
    return Event(event, Outcome.NOTED, facts=dict(facts))


def _not_writable(error: OSError, folder: Path) -> LogNotWritable:
    return LogNotWritable(
        f"The log could not be written: {error.strerror or error}. What was to be "
        "recorded was not done.",
        next_step="Free disk space or restore the folder, then try again.",
        path=str(folder),
    )


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _flush(descriptor: int) -> None:
    """Make the written bytes and the file's new length durable."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)
