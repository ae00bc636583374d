"""Settings in force, sources, connections, versions."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.base.errors import Json


@dataclass(frozen=True)
class ShowPolicy:
    """Every setting in force, with its origin."""


@dataclass(frozen=True)
class PolicyValue:
    """One setting. `origin` is `default`, `settings`, `environment`, `flag` or `managed: FILE`."""

    key: str
    value: Json
    locked: bool
    origin: str
    title: str = ""
    help: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyInForce:
    """All settings, in the order of the settings page. `problems` says what is wrong with a file."""

    values: tuple[PolicyValue, ...]
    safe_mode: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeSetting:
    """Write one of the user's settings. Locked ones are refused."""

    key: str
    value: Json


@dataclass(frozen=True)
class ListConnections:
    """Every connection attempt of this process, allowed and refused."""


@dataclass(frozen=True)
class Connection:
    """One attempt. `asked_by` is the operation."""

    time: str
    host: str
    allowed: bool
    why: str
    asked_by: str


@dataclass(frozen=True)
class ConnectionList:
    """Newest first. `online_host` is the host in use, or None."""

    connections: tuple[Connection, ...]
    offline: bool
    offline_by_policy: bool
    online_host: str | None


@dataclass(frozen=True)
class ShowVersion:
    """What is installed."""


@dataclass(frozen=True)
class VersionInfo:
    """`engines` lists `{name, version, build}`; an engine that is not installed is absent."""

    version: str
    python: str
    engines: tuple[dict[str, str], ...]
