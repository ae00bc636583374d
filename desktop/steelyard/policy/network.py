"""The one gate of this process: every connection is asked here first, and every answer is remembered.

Libraries that open sockets of their own are handed a transport that asks the gate; nothing else in the
package opens one. An import contract and a test keep it so.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.policy.errors import HostNotAllowed, Offline
from steelyard.policy.settings import Settings, Value

LEDGER_ENTRIES = 10_000


@dataclass(frozen=True)
class Attempt:
    """One connection that was asked for. Only scheme, host and port are kept: paths can hold secrets."""

    time: str
    host: str
    allowed: bool
    why: str
    asked_by: str


class NetworkGate:
    """Says yes or no to an address, by the settings in force at that moment."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger: deque[Attempt] = deque(maxlen=LEDGER_ENTRIES)
        self._asked = 0
        self._guard = threading.Lock()

    @property
    def offline(self) -> bool:
        """True while every connection is refused."""
        return self._settings.switch("network.offline")

    def require_online(self, asked_by: str) -> None:
        """Refuse before any work is done when the network is switched off.

        Raises:
            Offline: by the user's setting, a flag or policy; facts say which.
        """
        value = self._settings.get("network.offline")
        if value.value:
            self._record("", False, "offline", asked_by)
            raise Offline(
                f"{asked_by} needs the network, and Steelyard is offline ({value.origin}).",
                next_step=_way_online(value),
                key="network.offline",
                origin=value.origin,
            )

    def check(self, url: str, asked_by: str) -> None:
        """Allow one connection, or raise.

        Args:
            url: where to; only its scheme, host and port are looked at and kept.
            asked_by: the operation.

        Raises:
            Offline: the network is switched off.
            HostNotAllowed: not http(s), no host, a user name in the address, or a host that is not on
                the list.
        """
        self.require_online(asked_by)
        host, why = self._judge(url)
        self._record(host, not why, why or "allowed", asked_by)
        if why:
            raise HostNotAllowed(
                f"{host or 'The address'} may not be reached: {why}.",
                next_step="Use another source, or ask whoever sets network.allowed-hosts.",
                key="network.allowed-hosts",
                origin=self._settings.get("network.allowed-hosts").origin,
                host=host,
            )

    def why_not(self, url: str) -> str:
        """Why an address would be refused now, or empty; asks without an attempt, so nothing is recorded."""
        offline = self._settings.get("network.offline")
        if offline.value:
            return "Offline by policy" if offline.locked else "Offline by your settings"
        host, why = self._judge(url)
        return f"{host or 'The address'} may not be reached: {why}" if why else ""

    def ledger(self) -> tuple[Attempt, ...]:
        """Every attempt of this process, newest first."""
        with self._guard:
            return tuple(reversed(self._ledger))

    @property
    def asked(self) -> int:
        """How often this gate was asked in all; a mark for `since`."""
        return self._asked

    def since(self, mark: int) -> tuple[Attempt, ...]:
        """The attempts after `asked` was `mark`, oldest first; at most `LEDGER_ENTRIES`."""
        with self._guard:
            count = min(self._asked - mark, len(self._ledger))
            return tuple(self._ledger)[len(self._ledger) - count :]

    def _judge(self, url: str) -> tuple[str, str]:
        try:
            parts = urlsplit(url)
            name = (parts.hostname or "").lower()
            host = name if parts.port is None else f"{name}:{parts.port}"
        except ValueError:
            return "", "it is not a valid address"
        if parts.scheme not in ("http", "https"):
            return host, f"{parts.scheme or 'no'} scheme, and only http and https are allowed"
        if not name:
            return host, "it names no host"
        if parts.username is not None:
            return host, "it carries a user name"
        allowed = self._settings.items("network.allowed-hosts")
        if allowed and not any(_matches(entry, name, host) for entry in allowed):
            return host, "it is not among the allowed hosts"
        return host, ""

    def _record(self, host: str, allowed: bool, why: str, asked_by: str) -> None:
        attempt = Attempt(iso_utc(self._clock()), host, allowed, why, asked_by)
        with self._guard:
            self._ledger.append(attempt)
            self._asked += 1


def _way_online(offline: Value) -> str:
    if offline.locked:
        return "Ask whoever manages this machine."
    switch = {
        "flag": "Leave out --offline",
        "environment": "Unset STEELYARD_NETWORK_OFFLINE",
    }.get(offline.origin.split(":")[0], "Run steelyard policy set network.offline false")
    return f"{switch}, or bring the files on a stick and use steelyard model import."


def _matches(entry: str, name: str, host: str) -> bool:
    if entry.startswith("*."):
        return name.endswith(entry[1:])
    return entry in (name, host)
