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


class ModelNotAllowed(RefusedByPolicy):
    """A rule about models stands against this one.

    Facts: `key`, `origin`, `model`, `objections` (every rule, a sentence each).
    """

    code = "model-not-allowed"


class NotAnApprover(RefusedByPolicy):
    """This account may not approve, or gave no reason where one is needed. Facts: `key`, `origin`."""

    code = "not-an-approver"


class GateNeeded(RefusedByPolicy):
    """Policy wants a finished gate without a FAIL before a model is used. Facts: `key`, `origin`, `model`."""

    code = "gate-needed"
