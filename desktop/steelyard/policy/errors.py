"""What can go wrong with settings and policy."""

from __future__ import annotations

from steelyard.base.errors import MalformedInput, NotFound, RefusedByPolicy, UsageError


class UnknownSetting(NotFound):
    """No option has this key."""

    code = "unknown-setting"


class InvalidSetting(UsageError):
    """The value is not one the option can have."""

    code = "invalid-setting"


class LockedSetting(RefusedByPolicy):
    """Managed policy fixed this value."""

    code = "locked-setting"


class Offline(RefusedByPolicy):
    """The network is switched off, by the user or by policy."""

    code = "offline"


class HostNotAllowed(RefusedByPolicy):
    """The network is on, but not for this host or this kind of address."""

    code = "host-not-allowed"


class MalformedSettings(MalformedInput):
    """A settings file cannot be read as what it should be."""

    code = "malformed-settings"
