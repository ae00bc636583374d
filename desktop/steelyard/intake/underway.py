"""One file under way: what is there, what its source can do, and what comes next, until it is whole or given up.

Several connections may bring parts of it. The first answer alone tells whether the source gives ranges; until
then nobody else asks. A source that gives none sends the file in one stream.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from steelyard.connections.errors import HostUnreachable, Interrupted
from steelyard.connections.repository import Body
from steelyard.intake.expected import ExpectedFile
from steelyard.intake.partial import Partial
from steelyard.intake.stages import Comparing, Fetching, Span, Stage
from steelyard.store.contents import Reading

ROUNDS = 2
"""How often a file that differs from its digest is searched for damaged blocks."""

CHANGES = 2
"""After so many versions of a file during one pull it is asked for in one stream only."""


@dataclass(frozen=True)
class Fetched:
    """A whole file, and whether it is what was declared.

    Attributes:
        bytes_fetched: received by this call, those thrown away again included.
        bytes_kept: of the file, from an earlier try.
        blocks_replaced: that were damaged on the way or on disk.
    """

    expected: ExpectedFile
    location: Path
    reading: Reading
    matches: bool
    bytes_fetched: int
    bytes_kept: int
    blocks_replaced: int = 0


@dataclass(frozen=True)
class Answer:
    """What an answer is good for: bytes up to `end`, of a version of the file."""

    version: int
    end: int


class UnderWay:
    """A file of a download. Its methods may be called from several threads."""

    def __init__(self, partial: Partial) -> None:
        self.expected: ExpectedFile = partial.expected
        self.partial = partial
        self.stage: Stage = Fetching(partial)
        self.fetched: Fetched | None = None
        self._lock = threading.RLock()
        self._answered = False
        self._in_one_stream = False
        self._active = 0
        self._deciding = False
        self._rounds = 0
        self._changes = 0
        self._blocks_replaced = 0
        self._bytes_fetched = 0

    @property
    def name(self) -> str:
        """Its path, for people."""
        return self.expected.path

    @property
    def has_other_connections(self) -> bool:
        """True if, beside the one that asks, a connection brings a part of it now."""
        with self._lock:
            return self._active > 1

    # ---------------------------------------------------------------- handing out work

    def next_span(self, connections: int) -> Span | None:
        """Bytes that one more connection should bring, or None: nothing now."""
        with self._lock:
            if self.fetched is not None or self._deciding or self.stage.is_done:
                return None
            if self._active and (self._in_one_stream or not self._answered):
                return None
            span = self.stage.next_span(connections)
            if span is None:
                return None
            if self._in_one_stream:
                self.stage.give_back(span)
                span = Span(0, self.expected.size_bytes)
            self._active += 1
            return span

    def give_back(self, span: Span, fetched_bytes: int) -> None:
        """A connection brings no more of a span; it received so many bytes."""
        with self._lock:
            self._active -= 1
            self._bytes_fetched += fetched_bytes
            self.stage.give_back(span)

    # ---------------------------------------------------------------- judging answers

    def answered(self, span: Span, body: Body) -> Answer:
        """Decide what an answer is good for, before its first byte is used.

        Raises:
            Interrupted: for nothing; what is there may have been thrown away because the file changed.
            DiskFull, DiskFailed: the record of it could not be written.
        """
        with self._lock:
            self._answered = True
            partial, size_bytes = self.partial, self.expected.size_bytes
            whole = body.start < span.start or body.end is None or body.end > span.end
            whole = whole or (body.start, body.end) == (0, size_bytes)
            if whole and span != Span(0, size_bytes):
                self._in_one_stream = True
            if self._is_other_version(body, whole=whole):
                self._changes += 1
                if self._changes >= CHANGES:
                    self._in_one_stream = True
                version = partial.restart(body.tag, partial.version)
                self.stage = Fetching(partial)
                if not whole:
                    raise Interrupted(self._changed())
                return Answer(version, size_bytes)
            if partial.tag is None and body.tag is not None:
                partial.name_version(body.tag, partial.version)
            if not whole and body.tag is None and self.expected.declared is None:
                # Nothing would tell two versions apart, neither on the way nor at the end.
                self._in_one_stream = True
                raise Interrupted(self._changed())
            return Answer(partial.version, size_bytes if whole else min(span.end, body.end or 0))

    def ask_for_all(self) -> None:
        """The source refused a range: ask for the whole file next."""
        with self._lock:
            self._answered = True
            self._in_one_stream = True

    def _is_other_version(self, body: Body, *, whole: bool) -> bool:
        known, tag = self.partial.tag, body.tag
        if known is not None and tag is not None:
            return known != tag
        # Without a tag on both sides nobody knows, so a stream from the first byte on does not join what is there.
        return whole and self.partial.present_bytes > 0 and isinstance(self.stage, Fetching)

    def _changed(self) -> HostUnreachable:
        return HostUnreachable(
            f"{self.name} changed at its source while it was fetched.",
            next_step="Try again; it is fetched from its beginning.",
            host="",
            reason="changed",
        )

    # ---------------------------------------------------------------- deciding

    def take_decision(self) -> bool:
        """True for the one thread that is to call `decide` now, because a stage is over."""
        with self._lock:
            if self.fetched is not None or self._deciding or self._active:
                return False
            self._deciding = self.stage.is_done
            return self._deciding

    def decide(self) -> None:
        """Hold the file against its digest, when its stage is over: it is whole, or damage is looked for.

        This waits for the hashes and the disk.

        Raises:
            DiskFull, DiskFailed: the disk.
            CalledOff: the download ended early.
        """
        stage, worth_trying = self.stage, True
        if isinstance(stage, Comparing):
            self._blocks_replaced += stage.replaced
            worth_trying = stage.replaced > 0 and not stage.undecided
            if worth_trying:
                self.partial.rehash()
        matches = self.partial.matches()
        if not matches and worth_trying and self._rounds < ROUNDS:
            self._rounds += 1
            self.stage = Comparing(self.partial)
        else:
            self.fetched = Fetched(
                self.expected,
                self.partial.location,
                self.partial.finish(),
                matches,
                self._bytes_fetched,
                self.partial.kept_bytes,
                self._blocks_replaced,
            )
            self.partial.close()
        with self._lock:
            self._deciding = False
