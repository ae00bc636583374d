"""Settings and policy, connections, and what is installed."""

from __future__ import annotations

import platform
from importlib import metadata

import steelyard
from steelyard.policy.options import BY_KEY
from steelyard.policy.settings import Value
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    ChangeSetting,
    Connection,
    ConnectionList,
    ListConnections,
    PolicyInForce,
    PolicyValue,
    ShowPolicy,
    ShowVersion,
    VersionInfo,
)


@operation("policy.show", summary="Every setting in force, and why")
def show_policy(context: Context, request: ShowPolicy) -> PolicyInForce:
    """Values with their origin, in the order of the settings page."""
    settings = context.installation.settings
    return PolicyInForce(
        tuple(_shown(value) for value in settings.all()), settings.safe_mode, settings.problems
    )


@operation("policy.set", summary="Change one of your settings", mutates=True, audited=("key",))
def change_setting(context: Context, request: ChangeSetting) -> PolicyValue:
    """Write one setting into the user's file.

    Raises:
        UnknownSetting, InvalidSetting: there is no such setting, or it cannot have this value.
        LockedSetting: policy fixed it.
    """
    settings = context.installation.settings
    context.facts["old"] = settings.get(request.key).value
    changed = settings.change(request.key, request.value)
    context.facts["new"] = changed.value
    return _shown(changed)


def _shown(value: Value) -> PolicyValue:
    known = BY_KEY[value.key]
    return PolicyValue(
        key=value.key,
        value=value.value,
        locked=value.locked,
        origin=value.origin,
        title=known.title,
        help=known.help,
        kind=known.kind.value,
        choices=known.choices,
    )


@operation("network.connections", summary="Every connection attempt of this process")
def list_connections(context: Context, request: ListConnections) -> ConnectionList:
    """Allowed and refused attempts, newest first."""
    installation = context.installation
    attempts = installation.gate.ledger()
    offline = installation.settings.get("network.offline")
    used = next((attempt.host for attempt in attempts if attempt.allowed), None)
    return ConnectionList(
        tuple(Connection(a.time, a.host, a.allowed, a.why, a.asked_by) for a in attempts),
        offline=bool(offline.value),
        offline_by_policy=bool(offline.value) and offline.locked,
        online_host=None if offline.value else used,
    )


@operation("program.version", summary="What is installed")
def show_version(context: Context, request: ShowVersion) -> VersionInfo:
    """Versions of Steelyard, Python and the engines, without starting any of them."""
    return installed_versions()


def installed_versions() -> VersionInfo:
    """What is installed, by the packages' own metadata."""
    engines = []
    for name, package in (("llama.cpp", "llama-cpp-python"), ("transformers", "transformers")):
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
        engines.append({"name": name, "version": version, "build": package})
    return VersionInfo(steelyard.__version__, platform.python_version(), tuple(engines))
