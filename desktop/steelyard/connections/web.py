"""Files at one address, read through the gate: small ones whole, large ones as ranges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from urllib.parse import quote

import httpx2

from steelyard.base.clock import Clock, utc_now
from steelyard.base.errors import RemoteFailure
from steelyard.connections.body import HttpBody
from steelyard.connections.errors import Gated, MalformedAnswer, RangeRefused
from steelyard.connections.failures import server_failure, transport_errors
from steelyard.connections.hub import MAX_REDIRECTS, Timeouts
from steelyard.connections.transport import DOWNLOAD, GatedTransport


class WebSession:
    """Use it as a context manager; `stream` and `hang_up` may be called from several threads."""

    def __init__(
        self,
        base: str,
        transport: GatedTransport,
        timeouts: Timeouts | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self.base = base.rstrip("/")
        self._transport = transport
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._client = httpx2.Client(
            transport=transport,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
            timeout=self._timeouts.as_httpx(),
        )
        self._exit = ExitStack()

    def __enter__(self) -> WebSession:
        self._exit.enter_context(self._client)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    @property
    def host(self) -> str:
        """For people."""
        return httpx2.URL(self.base).host

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """A file, whole; None where there is none.

        Raises:
            Interrupted: the attempt failed; another may not.
            MalformedAnswer: it is longer than `most_bytes`.
            Gated, RemoteFailure, RefusedByPolicy: it cannot be had.
        """
        with transport_errors(self.base), self._client.stream("GET", self._url(path)) as response:
            if response.status_code in (404, 410):
                return None
            if response.status_code != 200:
                raise self._failure(response)
            data = bytearray()
            for piece in response.iter_raw():
                data += piece
                if len(data) > most_bytes:
                    raise MalformedAnswer(
                        f"{path} at {self.host} is longer than {most_bytes:,} bytes.",
                        next_step="Check the address of the source.",
                        what=path,
                    )
            return bytes(data)

    @contextmanager
    def stream(
        self, path: str, *, start: int = 0, end: int | None = None, if_range: str | None = None
    ) -> Iterator[HttpBody | None]:
        """Bytes of a file as `repository.RemoteRepository.stream` gives them; None where there is none.

        Raises:
            Interrupted, RangeRefused, RemoteFailure, RefusedByPolicy: as there.
        """
        headers = {}
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
            if if_range is not None:
                headers["If-Range"] = if_range
        with (
            transport_errors(self.base),
            self._client.stream(
                "GET", self._url(path), headers=headers, extensions={DOWNLOAD: True}
            ) as response,
        ):
            if response.status_code == 404:
                yield None
                return
            if response.status_code == 416:
                raise RangeRefused(
                    f"{self.host} says that {path} has no such part.",
                    next_step="Try again; the file may have changed meanwhile.",
                    path=path,
                )
            if response.status_code not in (200, 206):
                raise self._failure(response)
            yield HttpBody(response, self.host, start, self._timeouts.read_s)

    def hang_up(self) -> None:
        """Break every connection at once; from any thread."""
        self._transport.hang_up()

    def _url(self, path: str) -> str:
        return f"{self.base}/{quote(path)}"

    def _failure(self, response: httpx2.Response) -> RemoteFailure:
        if response.status_code in (401, 403):
            place = self._transport.access.token_place
            return Gated(
                f"{self.host} does not give its files without a login ({response.status_code}).",
                next_step=f"Put an access token into {place}, or ask whoever runs it.",
                status=response.status_code,
                repository=self.base,
            )
        return server_failure(response, self.host, self._clock())
