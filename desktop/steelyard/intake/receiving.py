"""One answer of a source, read to its end: judged before its first byte is used, paced, and watched.

Whatever a source answers, bytes of two versions of a file are never put together, and no byte beyond the
declared size is written.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from steelyard.connections.errors import Interrupted, RangeRefused, Stalled
from steelyard.connections.repository import Body, RemoteRepository
from steelyard.intake.errors import CalledOff, WrongLength
from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.pacing import Pace
from steelyard.intake.stages import BLOCK_BYTES, Span
from steelyard.intake.underway import Answer, UnderWay

SILENCE_S = 0.02
"""What has arrived is written when nothing follows it for so long."""

SLOWEST_BYTES_PER_S = 256
STALL_WINDOW_S = 60.0
"""A connection that brings less than this over this time counts as stalled, even if it trickles."""

SHARED_BYTES = 1024 * 1024
"""What all connections together may hold in memory that is not written yet, and a killed process loses."""

LONGEST_PIECE_BYTES = 256 * 1024
"""Fits a processor's cache: it is received, written and hashed without leaving it."""


@dataclass(frozen=True)
class Receiver:
    """How answers are read; shared by all connections of a download.

    Attributes:
        called_off: True when the download ends early.
    """

    source: RemoteRepository
    expected: Expected
    pace: Pace
    connections: int
    called_off: Callable[[], bool]

    def receive(self, file: UnderWay, span: Span, arrived: Callable[[int], None]) -> None:
        """Ask for a span of a file and hand what comes to the file, telling `arrived` the size of each piece.

        Raises:
            Interrupted: another attempt may help.
            Superseded, CalledOff: nothing more is wanted.
            WrongLength: the source's file is not as long as declared.
            RemoteFailure, FileNotInRepository, DiskFull, DiskFailed: no attempt would help.
        """
        expected, size_bytes = file.expected, file.expected.size_bytes
        try:
            with self.source.stream(
                self.expected.repository,
                self.expected.commit,
                expected.path,
                start=span.start,
                end=None if span.end == size_bytes else span.end,
                if_range=file.partial.tag,
            ) as body:
                self._check_length(expected, body)
                self._read(file, body, file.answered(span, body), arrived)
        except RangeRefused as refusal:
            file.ask_for_all()
            raise Interrupted(refusal) from refusal

    def _check_length(self, expected: ExpectedFile, body: Body) -> None:
        # By the answer's framing this is how long the body will be, so a wrong one need not be read to be known.
        if body.size_bytes not in (None, expected.size_bytes):
            raise wrong_length(expected, body.size_bytes or 0)

    def _read(
        self, file: UnderWay, body: Body, answer: Answer, arrived: Callable[[int], None]
    ) -> None:
        stage, size_bytes = file.stage, file.expected.size_bytes
        longest = BLOCK_BYTES
        if not stage.whole_blocks:
            longest = min(SHARED_BYTES // self.connections, LONGEST_PIECE_BYTES)
        buffers = _Buffers(min(longest, size_bytes))
        buffer = buffers.next()
        watch = Watch(time.monotonic, arrived)
        offset = body.start
        while offset < answer.end and not stage.is_done:
            wanted = min(longest - offset % longest, size_bytes - offset)
            if not stage.whole_blocks:
                wanted = min(wanted, answer.end - offset)
            filled, failure = self._fill(body, buffer[:wanted], watch, whole=stage.whole_blocks)
            if filled == wanted or (filled and not stage.whole_blocks):
                if stage.take(offset, buffer[:filled], answer.version, buffers.give_back):
                    buffer = buffers.next()
                offset += filled
            elif failure is None:
                failure = Interrupted(wrong_length(file.expected, offset + filled))
            if self.called_off():
                raise CalledOff
            if failure is not None:
                raise failure
        if body.end is None and offset == size_bytes and body.read_into(memoryview(bytearray(1))):
            raise wrong_length(file.expected, offset + 1)

    def _fill(
        self, body: Body, buffer: memoryview, watch: Watch, *, whole: bool
    ) -> tuple[int, Interrupted | None]:
        """Read until the buffer is full, nothing follows for a moment, or the body ends or breaks off."""
        filled = 0
        while filled < len(buffer) and not self.called_off():
            if filled and not whole and not body.arrives_within(SILENCE_S):
                break
            room = self.pace.most(len(buffer) - filled)
            try:
                count = body.read_into(buffer[filled : filled + room])
                if not count:
                    break
                filled += count
                watch.arrived(count)
            except Interrupted as failure:
                return filled, failure
            self.pace.spend(count)
        return filled, None


class _Buffers:
    """Memory that pieces are received into, used again once they are hashed: new memory costs a pass over it."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._free: deque[memoryview] = deque()

    def next(self) -> memoryview:
        """A buffer nobody uses."""
        return self._free.popleft() if self._free else memoryview(bytearray(self._size_bytes))

    def give_back(self, piece: memoryview) -> None:
        """A piece of a buffer is not needed any more. From any thread."""
        whole = piece.obj
        assert isinstance(whole, bytearray)
        self._free.append(memoryview(whole))


class Watch:
    """Counts what a connection brings, and notices one that trickles."""

    def __init__(self, clock: Callable[[], float], arrived: Callable[[int], None]) -> None:
        self._clock = clock
        self._arrived = arrived
        self._since_s = clock()
        self._bytes = 0

    def arrived(self, count: int) -> None:
        self._arrived(count)
        self._bytes += count
        elapsed_s = self._clock() - self._since_s
        if elapsed_s >= STALL_WINDOW_S:
            if self._bytes < SLOWEST_BYTES_PER_S * elapsed_s:
                raise Interrupted(
                    Stalled(
                        "The server sends next to nothing.",
                        next_step="Try again later; what arrived is kept.",
                        host="",
                    )
                )
            self._since_s, self._bytes = self._clock(), 0


def wrong_length(file: ExpectedFile, got_bytes: int) -> WrongLength:
    """The error of a file that is longer or shorter at its source than declared."""
    longer = "longer" if got_bytes > file.size_bytes else "shorter"
    return WrongLength(
        f"The server's {file.path} is {longer} than the {file.size_bytes:,} bytes it declared. "
        "Nothing was installed.",
        next_step="Try again later, or use another source.",
        path=file.path,
        expected_bytes=file.size_bytes,
        got_bytes=got_bytes,
    )
