"""What a file under way needs from its source: first the bytes that are missing; if the whole then differs
from its digest, a second look at every block, to find those that are damaged.

A stage hands out spans to connections and takes what they bring. It is called under the download's lock, but
for `take`, which several connections call at once.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import Protocol

from steelyard.intake.hashing import Release
from steelyard.intake.partial import Partial

LONGEST_SPAN_BYTES = 256 * 1024 * 1024
"""Longest range one request asks for while others could use the rest: each costs a request and a connection."""

WINDOW_BYTES = 1024 * 1024 * 1024
"""How far ahead of the first missing byte a connection may work; what lies there waits to be hashed."""

BLOCK_BYTES = 1024 * 1024
"""Damage is found and replaced in blocks of this size."""

READS = 4
"""How often a block is read at most, the first time included, until two reads agree."""


@dataclass(frozen=True)
class Span:
    """Bytes of a file that one connection is to bring, from `start` up to `end`."""

    start: int
    end: int


class Stage(Protocol):
    """See the module."""

    whole_blocks: bool
    """It can use nothing but whole blocks, from a multiple of `BLOCK_BYTES` on."""

    @property
    def is_done(self) -> bool:
        """True if nothing is left to bring."""

    def next_span(self, connections: int) -> Span | None:
        """Hand out bytes that nobody brings yet; None: there are none now."""

    def give_back(self, span: Span) -> None:
        """A connection brings no more of a span."""

    def take(self, start: int, piece: memoryview, version: int, release: Release) -> bool:
        """A connection brought these bytes. True: `piece` must stay as it is until `release` is called with it.

        Raises:
            Superseded: another version of the file is wanted now.
            DiskFull, DiskFailed: the disk.
        """


class Fetching:
    """The bytes that are missing."""

    whole_blocks = False

    def __init__(self, partial: Partial) -> None:
        self._partial = partial
        self._taken: set[int] = set()

    @property
    def is_done(self) -> bool:
        """See `Stage`."""
        return self._partial.is_complete

    def next_span(self, connections: int) -> Span | None:
        """See `Stage`. The lowest gap first, so that the hashes can follow."""
        partial = self._partial
        limit = _share(partial.expected.size_bytes - partial.present_bytes, connections)
        frontier = partial.frontier
        window_end = frontier + WINDOW_BYTES
        for segment in range(frontier // partial.segment_bytes, partial.segments):
            start, end = partial.gap(segment)
            if start >= window_end:
                return None
            if start == end or segment in self._taken:
                continue
            following = segment + 1
            while following < partial.segments and end - start < limit:
                next_start, next_end = partial.gap(following)
                # Only a segment of which nothing is there continues this one without a gap.
                if following in self._taken or next_start != end or next_start == next_end:
                    break
                end = next_end
                following += 1
            self._taken.update(range(segment, following))
            return Span(start, end)
        return None

    def give_back(self, span: Span) -> None:
        """See `Stage`."""
        segment_bytes = self._partial.segment_bytes
        first, last = span.start // segment_bytes, (span.end - 1) // segment_bytes
        self._taken.difference_update(range(first, last + 1))

    def take(self, start: int, piece: memoryview, version: int, release: Release) -> bool:
        """See `Stage`."""
        return self._partial.put(start, piece, version, release)


class Comparing:
    """The whole file once more, block by block against what is there.

    A block that differs is read again until two reads agree; what is on disk counts as the first. If the two
    are not what is on disk, they replace it.
    """

    whole_blocks = True

    def __init__(self, partial: Partial) -> None:
        self._partial = partial
        self._size_bytes = partial.expected.size_bytes
        self._lock = threading.Lock()
        self._due = set(range(-(-self._size_bytes // BLOCK_BYTES)))
        self._taken: set[int] = set()
        self._again: set[int] = set()
        self._seen: dict[int, set[bytes]] = {}
        self._reads = 2
        self.replaced = 0

    @property
    def is_done(self) -> bool:
        """See `Stage`."""
        with self._lock:
            return not (self._due or self._taken) and not self._may_read_again

    @property
    def _may_read_again(self) -> bool:
        return bool(self._again) and self._reads < READS

    @property
    def undecided(self) -> int:
        """Blocks of which no two reads agreed."""
        return len(self._again)

    def next_span(self, connections: int) -> Span | None:
        """See `Stage`."""
        with self._lock:
            if not self._due and not self._taken and self._may_read_again:
                self._due, self._again = self._again, set()
                self._reads += 1
            free = self._due - self._taken
            if not free:
                return None
            limit = max(1, _share(len(free) * BLOCK_BYTES, connections) // BLOCK_BYTES)
            first = after = min(free)
            while after in free and after - first < limit:
                after += 1
            self._taken.update(range(first, after))
            return Span(first * BLOCK_BYTES, min(after * BLOCK_BYTES, self._size_bytes))

    def give_back(self, span: Span) -> None:
        """See `Stage`."""
        with self._lock:
            self._taken.difference_update(
                range(span.start // BLOCK_BYTES, -(-span.end // BLOCK_BYTES))
            )

    def take(self, start: int, piece: memoryview, version: int, release: Release) -> bool:
        """See `Stage`."""
        self._compare(start // BLOCK_BYTES, piece, version)
        return False

    def _compare(self, block: int, piece: memoryview, version: int) -> None:
        with self._lock:
            if block not in self._due:
                return
            self._due.discard(block)
        here = memoryview(bytearray(len(piece)))
        self._partial.read(block * BLOCK_BYTES, here)
        if here == piece:
            return
        digest = hashlib.sha256(piece).digest()
        with self._lock:
            seen = self._seen.setdefault(block, set())
            if digest not in seen:
                seen.add(digest)
                self._again.add(block)
                return
            self.replaced += 1
        self._partial.replace(block * BLOCK_BYTES, piece, version)


def _share(missing_bytes: int, connections: int) -> int:
    """How long a span may be. Alone, a connection asks once; else spans shrink towards the end, so that all
    connections end together.
    """
    if connections == 1:
        return missing_bytes
    return min(LONGEST_SPAN_BYTES, missing_bytes // (2 * connections))
