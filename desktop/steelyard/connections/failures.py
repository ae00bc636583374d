"""What goes wrong with an HTTP exchange, as our own errors: what may be tried again, and what may not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from steelyard.base.errors import RemoteFailure
from steelyard.connections.body import broken_off, stalled
from steelyard.connections.errors import (
    CertificateRefused,
    HubFailed,
    Interrupted,
    MalformedAnswer,
    RateLimited,
)

RETRIABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


@contextmanager
def transport_errors(endpoint: str) -> Iterator[None]:
    """Say what the client library raises inside in our own words.

    Raises:
        Interrupted: the attempt failed; another may not.
        CertificateRefused, MalformedAnswer: another would fail as well.
    """
    host = httpx2.URL(endpoint).host
    try:
        yield
    except httpx2.TimeoutException as error:
        raise Interrupted(stalled(host)) from error
    except (httpx2.TooManyRedirects, httpx2.UnsupportedProtocol) as error:
        raise malformed(endpoint, f"a chain of redirects ({error})") from error
    except httpx2.TransportError as error:
        if certificate := _certificate_problem(error):
            raise CertificateRefused(
                f"The certificate of {host} is not trusted here: {certificate}.",
                next_step="If your site inspects encrypted connections, give its authority's "
                "certificate file; else do not use this source.",
                host=host,
                reason=certificate,
            ) from error
        reason = str(error) or type(error).__name__
        raise Interrupted(broken_off(host, reason)) from error


def server_failure(response: httpx2.Response, host: str, now: datetime) -> RemoteFailure:
    """The error for a status that is the server's own fault, or that asks to wait."""
    status = response.status_code
    after_s = retry_after_s(response.headers.get("Retry-After"), now)
    if status == 429:
        limited = RateLimited(
            f"{host} asks to slow down (429).",
            next_step="Try again later; what arrived is kept.",
            retry_after_s=after_s,
        )
        return Interrupted(limited, after_s)
    failed = HubFailed(
        f"{host} answered with an error of its own ({status}).",
        next_step="Try again later; what arrived is kept.",
        status=status,
    )
    return Interrupted(failed, after_s) if status in RETRIABLE else failed


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110 10.2.3: seconds, or a date); None if it has none."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _certificate_problem(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return str(cause.verify_message or cause.reason or "not verified")
        cause = cause.__cause__ or cause.__context__
    return ""


def malformed(endpoint: str, what: str) -> MalformedAnswer:
    """The error for an answer that is not what the interface promises; `what` names the part."""
    host = httpx2.URL(endpoint).host
    return MalformedAnswer(
        f"{host} does not speak the hub's interface: {what} is not as it should be.",
        next_step="Check the endpoint's address.",
        what=what,
    )
