"""Fetching one file: resumed where an earlier try broke off, hashed while it is written, never longer than
declared.

A byte range is asked for with If-Range, so that a file that changed on the server comes whole instead of in
two halves that do not belong together. Whatever the server does, the file is judged by its digest at the end;
if bytes of an earlier try are in it and it does not match, it is fetched once more from its beginning.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from steelyard.base.durable import write_bytes
from steelyard.base.progress import CancelToken, Reporter
from steelyard.connections.errors import HostUnreachable, Interrupted, Stalled
from steelyard.connections.hub import HubSession
from steelyard.connections.retries import Attempts, Patience, Sleep
from steelyard.intake.errors import WrongLength
from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.partial import Partial
from steelyard.store.contents import Reading

PROGRESS_BYTES = 1024 * 1024
"""As much must arrive for the count of failed attempts to begin again."""

SLOWEST_BYTES_PER_S = 256
STALL_WINDOW_S = 60.0
"""A connection that brings less than this over this time counts as stalled, even if it trickles."""

_LENGTH = re.compile(r"[0-9]{1,18}")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


@dataclass(frozen=True)
class Fetched:
    """A whole file, and whether it is what was declared.

    Attributes:
        bytes_fetched: received by this call, those thrown away again included.
        bytes_kept: of the file, from an earlier try.
    """

    reading: Reading
    matches: bool
    bytes_fetched: int
    bytes_kept: int


class Validators:
    """The entity tag each file's first answer had, kept beside the files for a later process (If-Range)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tags: dict[str, str] = {}
        with suppress(FileNotFoundError, ValueError):
            value = json.loads(path.read_bytes())
            if isinstance(value, dict):
                self._tags = {str(key): str(tag) for key, tag in value.items()}

    def get(self, path: str) -> str | None:
        """The tag of a file, or None."""
        return self._tags.get(path)

    def set(self, path: str, tag: str | None) -> None:
        """Remember a strong tag, durably; a weak one or none is forgotten (RFC 9110 13.1.5)."""
        usable = tag if tag and tag.startswith('"') and len(tag) < 1000 else None
        if usable == self._tags.get(path):
            return
        self._tags.pop(path, None)
        if usable is not None:
            self._tags[path] = usable
        write_bytes(self._path, json.dumps(self._tags).encode())


class Download:
    """The files of one pull, one after the other."""

    def __init__(
        self,
        session: HubSession,
        expected: Expected,
        validators: Validators,
        report: Reporter,
        *,
        patience: Patience,
        sleep: Sleep,
    ) -> None:
        self._session = session
        self._expected = expected
        self._validators = validators
        self._report = report
        self._patience = patience
        self._sleep = sleep
        self._done_bytes = 0
        self._fetched_bytes = 0

    def skip(self, size_bytes: int) -> None:
        """Count bytes as done that need no fetching."""
        self._done_bytes += size_bytes

    def fetch(self, file: ExpectedFile, location: Path) -> Fetched:
        """Bring one file to its place in quarantine.

        Raises:
            WrongLength: the server's file is longer or shorter than declared. What arrived is kept.
            RemoteFailure: no attempt succeeded. What arrived is kept.
            DiskFull, Cancelled: what arrived is kept.
        """
        self._fetched_bytes = 0
        with Partial(location, file, self._report) as partial:
            self._fill(partial)
            if not partial.matches() and partial.kept_bytes:
                # Somewhere in it are bytes of an earlier try; nobody knows which ones are wrong.
                partial.restart()
                self._validators.set(file.path, None)
                self._fill(partial)
            kept_bytes = partial.kept_bytes
            reading, matches = partial.finish(), partial.matches()
        self._done_bytes += file.size_bytes
        return Fetched(reading, matches, self._fetched_bytes, kept_bytes)

    def _fill(self, partial: Partial) -> None:
        attempts = Attempts(self._patience, self._sleep)
        while partial.missing_bytes:
            before = self._fetched_bytes
            try:
                try:
                    self._attempt(partial)
                finally:
                    partial.flush()
            except Interrupted as failure:
                if self._fetched_bytes - before >= PROGRESS_BYTES:
                    attempts.progressed()
                attempts.failed(failure)

    def _attempt(self, partial: Partial) -> None:
        path, start = partial.expected.path, partial.size_bytes
        headers = {}
        if start:
            headers["Range"] = f"bytes={start}-"
            if tag := self._validators.get(path):
                headers["If-Range"] = tag
        expected = self._expected
        with self._session.stream(expected.repository, expected.commit, path, headers) as response:
            if not self._may_append(partial, response):
                return
            with hanging_up(response, self._report.cancel):
                self._receive(partial, response)
        if partial.missing_bytes:
            raise Interrupted(_short(partial))

    def _may_append(self, partial: Partial, response: httpx2.Response) -> bool:
        """Bring the partial file in step with what the server is about to send; False: ask again."""
        path, start = partial.expected.path, partial.size_bytes
        tag = response.headers.get("ETag")
        if response.status_code == 416:
            partial.restart()
            self._validators.set(path, None)
            raise Interrupted(_short(partial))
        if response.status_code == 206:
            known = self._validators.get(path)
            changed = known is not None and tag is not None and tag != known
            if changed or not start or not _continues(response, start, partial.expected.size_bytes):
                partial.restart()
                self._validators.set(path, tag)
                raise Interrupted(_short(partial))
        elif start:
            partial.restart()
        self._validators.set(path, tag)
        self._check_length(partial, response)
        return True

    def _check_length(self, partial: Partial, response: httpx2.Response) -> None:
        # By HTTP's framing this is how long the body will be, so a wrong one need not be read to be known.
        announced = response.headers.get("Content-Length", "")
        if _LENGTH.fullmatch(announced) and int(announced) != partial.missing_bytes:
            raise _wrong(partial, partial.size_bytes + int(announced))

    def _receive(self, partial: Partial, response: httpx2.Response) -> None:
        watch = _Watch(time.monotonic)
        for piece in response.iter_raw():
            self._fetched_bytes += len(piece)
            if len(piece) > partial.missing_bytes:
                raise _wrong(partial, partial.size_bytes + len(piece))
            partial.add(piece)
            self._report(
                "fetching",
                self._done_bytes + partial.size_bytes,
                self._expected.size_bytes,
                detail=partial.expected.path,
            )
            watch.arrived(len(piece))


class _Watch:
    """Notices a connection that trickles."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s = clock()
        self._bytes = 0

    def arrived(self, count: int) -> None:
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


def _continues(response: httpx2.Response, start: int, size_bytes: int) -> bool:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        match is not None
        and int(match[1]) == start
        and int(match[2]) == size_bytes - 1
        and match[3] in ("*", str(size_bytes))
    )


def _wrong(partial: Partial, got_bytes: int) -> WrongLength:
    file = partial.expected
    longer = "longer" if got_bytes > file.size_bytes else "shorter"
    return WrongLength(
        f"The server's {file.path} is {longer} than the {file.size_bytes:,} bytes it declared. "
        "Nothing was installed.",
        next_step="Try again later, or use another source.",
        path=file.path,
        expected_bytes=file.size_bytes,
        got_bytes=got_bytes,
    )


def _short(partial: Partial) -> WrongLength | HostUnreachable:
    return _wrong(partial, partial.size_bytes)


@contextmanager
def hanging_up(response: httpx2.Response, cancel: CancelToken) -> Iterator[None]:
    """Break the connection when the token is cancelled, so that a silent server cannot delay that.

    On leaving, a cancelled token raises `Cancelled`, whatever the broken connection raised.
    """
    finished = threading.Event()
    stream = response.extensions.get("network_stream")
    connection = None if stream is None else stream.get_extra_info("socket")

    def wait() -> None:
        while not finished.wait(0.1):
            if cancel.cancelled:
                if isinstance(connection, socket.socket):
                    with suppress(OSError):  # closed already
                        # Not SSLSocket's own: that would unwrap it under the thread that reads.
                        socket.socket.shutdown(connection, socket.SHUT_RDWR)
                return

    watcher = threading.Thread(target=wait, name="hang-up", daemon=True)
    watcher.start()
    try:
        yield
    except httpx2.TransportError:
        cancel.check()
        raise
    finally:
        finished.set()
        watcher.join()
    cancel.check()
