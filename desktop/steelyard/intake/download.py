"""The files of one pull, brought over several connections at once: ranges of a large file beside each other,
and small files beside large ones.

Each connection is a thread that takes the next missing bytes of the first file that has any. The calling
thread reports progress and watches for cancellation; when it leaves, every thread has ended and what arrived
is on disk, whatever happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from steelyard.base.errors import RemoteFailure
from steelyard.base.progress import REPORTS_PER_S, Reporter
from steelyard.connections.errors import Interrupted, RateLimited
from steelyard.connections.repository import RemoteRepository
from steelyard.connections.retries import Attempts, Patience, Sleep
from steelyard.intake.errors import CalledOff, Superseded
from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.extents import SEGMENT_BYTES, boot_id
from steelyard.intake.pacing import Pace
from steelyard.intake.partial import Partial
from steelyard.intake.receiving import Receiver
from steelyard.intake.stages import Span
from steelyard.intake.underway import Fetched, UnderWay

CONNECTIONS = 4

PROGRESS_BYTES = 1024 * 1024
"""As much must arrive for the count of failed attempts to begin again."""

SETTLE_S = 0.1
"""How often it is looked whether enough new bytes arrived to flush them in passing."""


@dataclass(frozen=True)
class Wanted:
    """A file to bring, where to, and where the record of what is there lies."""

    expected: ExpectedFile
    location: Path
    record: Path


@dataclass(frozen=True)
class Manner:
    """How a download goes about it.

    Attributes:
        connections: at once, over all files.
        limit_bytes_per_s: over all connections; 0: none.
        segment_bytes: finest grain in which a file is shared out.
    """

    connections: int = CONNECTIONS
    limit_bytes_per_s: int = 0
    segment_bytes: int = SEGMENT_BYTES


class Download:
    """One download. `run` it once."""

    def __init__(
        self,
        source: RemoteRepository,
        expected: Expected,
        wanted: Sequence[Wanted],
        manner: Manner,
        report: Reporter,
        *,
        patience: Patience,
        sleep: Sleep | None = None,
        on_written: Callable[[int], None] = lambda _count: None,
    ) -> None:
        """Nothing is opened or asked yet.

        Args:
            sleep: waits between attempts; by default one that the download's end cuts short.
            on_written: told how many bytes were added on disk, or (below 0) thrown away; from any thread.
        """
        self._source = source
        self._expected = expected
        self._wanted = list(wanted)
        self._manner = manner
        self._patience = patience
        self._on_written = on_written
        self._report = report
        self._boot = boot_id()
        self._ended = threading.Event()
        self._sleep = sleep or self._wait
        self._changed = threading.Condition(threading.RLock())
        self._files: list[UnderWay] = []
        self._waiting_for_source = 0
        self._failure: BaseException | None = None
        pace = Pace(manner.limit_bytes_per_s, time.monotonic, self._wait)
        self._receiver = Receiver(source, expected, pace, manner.connections, self._ended.is_set)

    def run(self) -> tuple[Fetched, ...]:
        """Bring the files.

        Returns:
            Each file whole, in the order they were wanted. One that differs from its digest ends the
            download: it is the last, and others may be missing.

        Raises:
            WrongLength: a file is longer or shorter at its source than declared.
            RemoteFailure: no attempt succeeded, on any connection.
            FileNotInRepository, DiskFull, DiskFailed, Cancelled.
            What arrived is kept in each case.
        """
        try:
            with ThreadPoolExecutor(self._manner.connections + 1, "fetch") as pool:
                self._watch_over(pool)
        finally:
            for file in self._files:
                file.partial.close()
        if self._failure is not None:
            raise self._failure
        return tuple(file.fetched for file in self._files if file.fetched is not None)

    # ---------------------------------------------------------------- the calling thread

    def _watch_over(self, pool: Executor) -> None:
        try:
            for work in [self._settling, *[self._connection] * self._manner.connections]:
                pool.submit(work).add_done_callback(self._thread_ended)
            while not self._is_over():
                self._tell()
                with self._changed:
                    self._changed.wait_for(self._is_over, 1 / REPORTS_PER_S)
            if self._failure is None:
                self._tell()
        finally:
            self._end()

    def _is_over(self) -> bool:
        with self._changed:
            if self._failure is not None:
                return True
            results = [file.fetched for file in self._files]
            if any(result is not None and not result.matches for result in results):
                return True
            return len(results) == len(self._wanted) and None not in results

    def _tell(self) -> None:
        """Report.

        Raises:
            Cancelled: it was called off.
        """
        files = list(self._files)
        incomplete = [file for file in files if not file.partial.is_complete]
        if not incomplete and len(files) == len(self._wanted):
            for file in files:
                if file.fetched is None:
                    hashed, size_bytes = file.partial.hashed_bytes, file.expected.size_bytes
                    self._report("hashing", hashed, size_bytes, detail=file.name)
                    return
        total = self._expected.size_bytes
        from_elsewhere = total - sum(wanted.expected.size_bytes for wanted in self._wanted)
        present = sum(file.partial.present_bytes for file in files)
        detail = incomplete[0].name if incomplete else ""
        self._report("fetching", from_elsewhere + present, total, detail=detail)

    def _end(self) -> None:
        self._ended.set()
        self._source.hang_up()
        with self._changed:
            self._changed.notify_all()
        for file in self._files:
            file.partial.stop()

    def _thread_ended(self, future: Future[None]) -> None:
        """What ends a thread ends the download; the calling thread raises it."""
        error = future.exception()
        with self._changed:
            if error is None or isinstance(error, CalledOff):
                return
            if self._failure is None and not self._ended.is_set():
                self._failure = error
            self._ended.set()
            self._changed.notify_all()

    # ---------------------------------------------------------------- the other threads

    def _settling(self) -> None:
        while not self._ended.wait(SETTLE_S):
            for file in list(self._files):
                if file.fetched is None:
                    file.partial.settle()

    def _connection(self) -> None:
        attempts = Attempts(self._patience, self._sleep)
        work = self._next_work()
        while work is not None:
            file, span = work
            if span is None:
                file.decide()
                work = self._next_work()
                continue
            received, failure = self._bring(file, span)
            if received >= PROGRESS_BYTES or failure is None:
                attempts.progressed()
            if failure is not None and not self._try_again(file, attempts, failure):
                file.give_back(span, received)
                return
            with self._changed:
                # Not before: what this connection waited for is not begun anew by another one.
                file.give_back(span, received)
                work = self._next_work(file)

    def _bring(self, file: UnderWay, span: Span) -> tuple[int, Interrupted | None]:
        """Receive a span; how many bytes came, and what broke it off if another attempt may help."""
        received = 0

        def arrived(count: int) -> None:
            nonlocal received
            received += count

        try:
            self._receiver.receive(file, span, arrived)
        except Superseded:
            pass
        except Interrupted as failure:
            return received, failure
        return received, None

    def _try_again(self, file: UnderWay, attempts: Attempts, failure: Interrupted) -> bool:
        """Wait before the next attempt. False: this connection gives up, and others go on without it.

        Raises:
            RemoteFailure: it was the file's last one.
        """
        if self._ended.is_set():
            return False
        limited = isinstance(failure.reason, RateLimited)
        with self._changed:
            self._waiting_for_source += limited
        try:
            attempts.failed(failure)
        except RemoteFailure:
            if file.has_other_connections:
                return False
            raise
        finally:
            with self._changed:
                self._waiting_for_source -= limited
        return True

    def _next_work(self, first: UnderWay | None = None) -> tuple[UnderWay, Span | None] | None:
        """What this connection does next: bring a span, or (None) decide on a file. None: all is done.

        Args:
            first: the file to look at before the others.
        """
        with self._changed:
            self._changed.notify_all()
            while not self._ended.is_set():
                if not self._waiting_for_source:
                    for file in chain([first] if first is not None else [], self._open_files()):
                        if file.take_decision():
                            return file, None
                        if (span := file.next_span(self._manner.connections)) is not None:
                            return file, span
                if self._is_over():
                    return None
                # Also without a notice: a window moves on as bytes arrive.
                self._changed.wait(1 / REPORTS_PER_S)
        return None

    def _open_files(self) -> Iterator[UnderWay]:
        """The files in order; one is opened when those before it leave a connection free."""
        yield from list(self._files)
        while len(self._files) < len(self._wanted):
            wanted = self._wanted[len(self._files)]
            partial = Partial(
                wanted.location,
                wanted.record,
                wanted.expected,
                self._boot,
                segment_bytes=self._manner.segment_bytes,
                on_written=self._on_written,
            )
            self._files.append(UnderWay(partial))
            yield self._files[-1]

    def _wait(self, duration_s: float) -> None:
        if self._ended.wait(duration_s):
            raise CalledOff
