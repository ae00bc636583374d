"""Every connection to a source: asked of the policy's gate first, at every hop, and kept to what is needed.

One transport carries both the hub library's metadata calls and our own downloads. It asks the gate for each
address, also after a redirect and for a proxy; follows redirects to http and https only, never from TLS to
plain text, and never to this machine or its link unless the endpoint itself is there; sends the token to the
endpoint's own origin only; uses the source's own proxy, else takes nothing but the system's from the
environment; and refuses compressed
and over-long answers (THREATS 34, 39-41, 79).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Protocol
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

import httpx2

from steelyard import __version__
from steelyard.connections.access import Access
from steelyard.connections.errors import (
    HostUnreachable,
    MalformedAnswer,
    RedirectRefused,
    UnexpectedEncoding,
    UnusableAuthority,
)

ANSWER_BYTES = 64 * 1024 * 1024
"""Longest answer to a metadata call; a repository with 100,000 files needs about 30 MB."""

DOWNLOAD = "steelyard.download"
"""Request extension: the body is streamed to a file, and whoever reads it keeps count."""


class Gate(Protocol):
    """What is used of `policy.network.NetworkGate`."""

    def check(self, url: str, asked_by: str) -> None:
        """Allow one connection, or raise `RefusedByPolicy`."""


Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses; empty where the name is not known here (a proxy may know it)."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple({str(entry[4][0]) for entry in found})


class Destinations:
    """Which addresses a download may go to, given the endpoint a person named."""

    def __init__(self, endpoint: str, resolver: Resolver = system_resolver) -> None:
        self._endpoint = httpx2.URL(endpoint)
        self._resolver = resolver

    @cached_property
    def _home(self) -> frozenset[str]:
        """Special kinds the endpoint itself is of; its name is looked up only once the gate agreed."""
        return self._special(self._endpoint)

    def same_origin(self, url: httpx2.URL) -> bool:
        """True for the endpoint's own scheme, host and port."""
        return _origin(url) == _origin(self._endpoint)

    def check_redirect(self, origin: httpx2.URL, target: httpx2.URL) -> None:
        """Refuse a redirect to another scheme, or from TLS to plain text.

        Raises:
            RedirectRefused: with both hosts.
        """
        if target.scheme not in ("http", "https") or not target.host:
            raise _refused(origin, target, "only http and https are followed")
        if origin.scheme == "https" and target.scheme != "https":
            raise _refused(origin, target, "it leads from an encrypted connection to a plain one")

    def check(self, url: httpx2.URL) -> None:
        """Refuse this machine's own and its link's addresses, unless the endpoint is one of them.

        Raises:
            RedirectRefused: the name, or an address it resolves to, is loopback, link-local, multicast,
                unspecified or reserved.
        """
        if not self.same_origin(url):
            self._refuse(url, self._special(url) - self._home)

    def check_peer(self, url: httpx2.URL, peer: str) -> None:
        """The same for the address a connection really has: a name may resolve differently the next time.

        Raises:
            RedirectRefused: see `check`.
        """
        self._refuse(url, {address_kind(peer)} - {""} - self._home)

    def _refuse(self, url: httpx2.URL, kinds: frozenset[str] | set[str]) -> None:
        if kinds:
            raise _refused(self._endpoint, url, f"it is a {', '.join(sorted(kinds))} address")

    def _special(self, url: httpx2.URL) -> frozenset[str]:
        host = url.host
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = [host] if _address(host) else list(self._resolver(host, port))
        if host == "localhost" or host.endswith(".localhost"):
            addresses.append("127.0.0.1")
        return frozenset(kind for text in addresses if (kind := address_kind(text)))


def address_kind(text: str) -> str:
    """`loopback`, `link-local`, `multicast`, `unspecified`, `reserved`, or empty for an ordinary address."""
    address = _address(text)
    if address is None:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    kinds = {
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "unspecified": address.is_unspecified,
        "reserved": address.is_reserved,
    }
    return next((kind for kind, true in kinds.items() if true), "")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.split("%", maxsplit=1)[0].strip("[]"))
    except ValueError:
        return None


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _refused(origin: httpx2.URL, target: httpx2.URL, why: str) -> RedirectRefused:
    place = f"{target.scheme}://{target.host}"
    return RedirectRefused(
        f"{origin.host} points to {place}, and that is not followed: {why}. Nothing was taken in.",
        next_step="Tell whoever runs that server, or use another source.",
        from_host=origin.host,
        to=place,
    )


class GatedTransport(httpx2.BaseTransport):
    """Carries requests that the gate allows, from several threads at once. See the module's promise."""

    def __init__(
        self,
        gate: Gate,
        access: Access,
        *,
        asked_by: str,
        token: str | None = None,
        destinations: Destinations | None = None,
    ) -> None:
        """Connect nothing yet.

        Args:
            asked_by: the operation on whose behalf connections are made, for the gate's record.
            token: what `token_for(access)` found; sent to the endpoint's own origin only.
        """
        self._gate = gate
        self._asked_by = asked_by
        self._access = access
        self._destinations = destinations or Destinations(access.endpoint)
        self._token = token
        self._opening = threading.Lock()
        self._carriers: dict[tuple[str | None, bool], httpx2.HTTPTransport] = {}
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._called_off = False

    @property
    def access(self) -> Access:
        """The source this transport was made for."""
        return self._access

    @property
    def has_token(self) -> bool:
        """True if an access token is sent to the endpoint."""
        return self._token is not None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask the gate, send, and look at the answer's headers; see the module's promise for refusals."""
        self._gate.check(str(request.url), self._asked_by)
        self._destinations.check(request.url)
        self._set_headers(request)
        request.extensions["trace"] = self._note_connection
        proxy = self._proxy(request.url)
        response = self._carrier(request.url, proxy).handle_request(request)
        try:
            stream = response.extensions.get("network_stream")
            if proxy is None and stream is not None:
                self._destinations.check_peer(request.url, stream.get_extra_info("server_addr")[0])
            return self._checked(request, response)
        except BaseException:
            response.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        for carrier in self._carriers.values():
            carrier.close()

    def hang_up(self) -> None:
        """Break all connections under whoever waits on them, and refuse new ones. From any thread."""
        with self._opening:
            self._called_off = True
            sockets = list(self._sockets)
        for connection in sockets:
            _break(connection)

    def _note_connection(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember each socket as it is opened; what the client library calls a trace."""
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            return
        connection = info["return_value"].get_extra_info("socket")
        if isinstance(connection, socket.socket):
            with self._opening:
                self._sockets.add(connection)
                called_off = self._called_off
            if called_off:
                _break(connection)

    def _set_headers(self, request: httpx2.Request) -> None:
        request.headers["User-Agent"] = f"steelyard/{__version__}"
        request.headers["Accept-Encoding"] = "identity"
        for name in ("Authorization", "Cookie"):
            request.headers.pop(name, None)
        private = request.url.scheme == "https" or address_kind(request.url.host) == "loopback"
        if self._token is not None and private and self._destinations.same_origin(request.url):
            request.headers["Authorization"] = f"Bearer {self._token}"

    def _checked(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        # The hub library prints this header's text to the terminal as it came.
        response.headers.pop("X-HF-Warning", None)
        if response.has_redirect_location:
            target = _redirect_target(request.url, response.headers["Location"])
            self._destinations.check_redirect(request.url, target)
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise UnexpectedEncoding(
                f"{request.url.host} sent a compressed answer that was not asked for. "
                "Nothing was taken in.",
                next_step="Try again; if it stays so, a proxy in between may be the cause.",
                encoding=encoding[:40],
            )
        streamed = DOWNLOAD in request.extensions and response.status_code in (200, 206)
        if not streamed:
            assert isinstance(response.stream, httpx2.SyncByteStream)
            response.stream = _Capped(response.stream, request.url.host)
        return response

    def _carrier(self, url: httpx2.URL, proxy: str | None) -> httpx2.HTTPTransport:
        if proxy is not None:
            self._gate.check(str(httpx2.URL(proxy).copy_with(userinfo=b"")), self._asked_by)
        if proxy is not None and not proxy.startswith(("http://", "https://")):
            raise HostUnreachable(
                "The system's proxy is of a kind that is not supported here (not http or https).",
                next_step="Set https_proxy to an http proxy, or exclude the host from it.",
                host=httpx2.URL(proxy).host,
                reason="proxy scheme",
            )
        with self._opening:
            if self._called_off:
                raise httpx2.ConnectError("called off")
            encrypted = url.scheme == "https" or (proxy or "").startswith("https")
            key = (proxy, encrypted)
            if key not in self._carriers:
                # Reading the system's authorities takes a tenth of a second; without them TLS trusts nobody.
                context = (
                    self._tls_context() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                )
                self._carriers[key] = httpx2.HTTPTransport(
                    verify=context, trust_env=False, proxy=proxy
                )
            return self._carriers[key]

    def _proxy(self, url: httpx2.URL) -> str | None:
        """The source's own proxy, else the system's (environment; on Windows and macOS also the settings)."""
        if self._access.proxy is not None:
            return self._access.proxy
        if address_kind(url.host) == "loopback" or url.host == "localhost":
            return None
        if proxy_bypass(url.host):
            return None
        found = getproxies()
        proxy = found.get(url.scheme) or found.get("all")
        if not proxy:
            return None
        return proxy if "://" in proxy else f"http://{proxy}"

    def _tls_context(self) -> ssl.SSLContext:
        if (ca_file := self._access.ca_file) is not None:
            try:
                return ssl.create_default_context(cafile=ca_file)
            except OSError as error:  # a damaged file raises one as well
                raise UnusableAuthority(
                    f"The certificate file {ca_file} cannot be used ({error.strerror or error}).",
                    next_step="Give a PEM file with your site's certificate authorities.",
                    path=str(ca_file),
                ) from error
        return httpx2.create_ssl_context(trust_env=False)


def _break(connection: socket.socket) -> None:
    with suppress(OSError):  # closed already
        # Not SSLSocket's own: that would unwrap it under the thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _redirect_target(origin: httpx2.URL, location: str) -> httpx2.URL:
    try:
        return origin.join(location)
    except (httpx2.InvalidURL, ValueError) as error:
        raise _refused(origin, httpx2.URL(""), "the address is not valid") from error


class _Capped(httpx2.SyncByteStream):
    """An answer that is read into memory, and how long it may be."""

    def __init__(self, stream: httpx2.SyncByteStream, host: str) -> None:
        self._stream = stream
        self._host = host

    def __iter__(self) -> Iterator[bytes]:
        done = 0
        for piece in self._stream:
            done += len(piece)
            if done > ANSWER_BYTES:
                raise MalformedAnswer(
                    f"{self._host} sent an answer of more than {ANSWER_BYTES:,} bytes. "
                    "Nothing was taken in.",
                    next_step="Check the endpoint's address.",
                    what="answer too long",
                )
            yield piece

    def close(self) -> None:
        self._stream.close()
