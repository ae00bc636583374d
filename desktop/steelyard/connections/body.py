"""The body of an HTTP answer, read as fast as the machine can: after its first bytes straight from the socket
into the reader's own buffer, where the answer's framing allows.

The client library hands out a body in small copies. Where `Content-Length` says how long it is, everything
after what the library has read already lies on the connection as it is, and the library's documented way
around itself (the `network_stream` extension) reads it there. The connection is closed after such a body,
because the library does not know where it stands.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterator

import httpx2

from steelyard.connections.errors import HostUnreachable, Interrupted, MalformedAnswer, Stalled

DIRECT_BYTES = 1024 * 1024
"""A shorter rest is left to the library, so that the connection can be used again."""

TAG_CHARS = 1000

_LENGTH = re.compile(r"[0-9]{1,18}")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class HttpBody:
    """See `repository.Body`."""

    def __init__(
        self, response: httpx2.Response, host: str, asked_start: int, read_s: float
    ) -> None:
        """Take an answer of status 200 or 206, its body unread.

        Args:
            asked_start: first byte asked for.
            read_s: how long to wait for the next bytes.

        Raises:
            Interrupted: a 206 that is not what was asked for, or does not say what it is.
        """
        self._response = response
        self._host = host
        self._read_s = read_s
        self._pieces: Iterator[bytes] = response.iter_raw()
        self._rest = memoryview(b"")
        self._socket: socket.socket | None = None
        length = response.headers.get("Content-Length", "")
        self._length = int(length) if _LENGTH.fullmatch(length) else None
        self._read_bytes = 0
        self.start = 0
        self.end = self.size_bytes = self._length
        if response.status_code == 206:
            self._read_range(response.headers.get("Content-Range", ""), asked_start)
        tag = response.headers.get("ETag", "")
        # A weak one says that two files mean the same, not that they are the same (RFC 9110 13.1.5).
        usable = tag.startswith('"') and tag.isprintable() and len(tag) < TAG_CHARS
        self.tag: str | None = tag if usable else None

    def _read_range(self, header: str, asked_start: int) -> None:
        match = _CONTENT_RANGE.fullmatch(header)
        start, end = (int(match[1]), int(match[2]) + 1) if match else (0, 0)
        agrees = start == asked_start and self._length in (None, end - start) and start < end
        if match is None or not agrees:
            raise Interrupted(
                MalformedAnswer(
                    f"{self._host} answered with another part of the file than was asked for.",
                    next_step="Try again; what arrived is kept.",
                    what="Content-Range",
                )
            )
        self.start, self.end = start, end
        self.size_bytes = None if match[3] == "*" else int(match[3])

    def read_into(self, buffer: memoryview) -> int:
        """See `repository.Body`."""
        if self._socket is not None:
            return self._receive(buffer)
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        count = min(len(self._rest), len(buffer))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._read_bytes += count
        if not self._rest and count:
            self._go_direct()
        return count

    def arrives_within(self, wait_s: float) -> bool:
        """See `repository.Body`."""
        if self._socket is None:
            return bool(self._rest)
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return _readable(self._socket, wait_s)

    def _go_direct(self) -> None:
        """What the library had read is used up; the rest of a framed body is read past it."""
        if self._length is None or self._length - self._read_bytes < DIRECT_BYTES:
            return
        if "Transfer-Encoding" in self._response.headers:
            return
        stream = self._response.extensions.get("network_stream")
        connection = None if stream is None else stream.get_extra_info("socket")
        if isinstance(connection, socket.socket):
            connection.settimeout(self._read_s)
            self._socket = connection

    def _receive(self, buffer: memoryview) -> int:
        assert self._socket is not None
        assert self._length is not None
        wanted = min(len(buffer), self._length - self._read_bytes)
        if not wanted:
            return 0
        try:
            count = self._socket.recv_into(buffer, wanted)
        except TimeoutError as error:
            raise Interrupted(stalled(self._host)) from error
        except OSError as error:  # TLS failures are among them
            raise Interrupted(broken_off(self._host, error.strerror or str(error))) from error
        if not count:
            raise Interrupted(broken_off(self._host, "closed before the end"))
        self._read_bytes += count
        return count


def _readable(connection: socket.socket, wait_s: float) -> bool:
    if hasattr(
        select, "poll"
    ):  # `select` knows only descriptors below 1024; Windows knows only `select`
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(wait_s * 1000))
    return bool(select.select([connection], [], [], wait_s)[0])


def stalled(host: str) -> Stalled:
    """The error of a server that fell silent."""
    return Stalled(
        f"{host} stopped answering.", next_step="Try again; what arrived is kept.", host=host
    )


def broken_off(host: str, reason: str) -> HostUnreachable:
    """The error of a connection that could not be made or did not hold."""
    return HostUnreachable(
        f"The connection to {host} failed ({reason}).",
        next_step="Check the network and the endpoint, then try again; what arrived is kept.",
        host=host,
        reason=reason[:200],
    )
