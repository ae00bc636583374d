"""What can go wrong with the store."""

from __future__ import annotations

from steelyard.base.errors import (
    CheckFailed,
    MalformedInput,
    NotFound,
    OutOfResources,
    RefusedByPolicy,
    UsageError,
)


class ModelNotFound(NotFound):
    """No model has this name or digest. Facts: `model`, `near` (names that resemble it)."""

    code = "model-not-found"


class ModelRetired(NotFound):
    """The record is kept, the files are gone. Facts: `model`, `digest`."""

    code = "model-retired"


class InvalidName(UsageError):
    """A name that some platform cannot hold. Facts: `name`."""

    code = "invalid-name"


class NameTaken(UsageError):
    """Another model has the name that was asked for. Facts: `name`, `digest` (of the other)."""

    code = "name-taken"


class UnsafePath(MalformedInput):
    """A path in a set of files that could leave its folder, or that some platform cannot hold.

    Facts: `path`.
    """

    code = "unsafe-file-name"


class MalformedRecord(MalformedInput):
    """A record of the index does not have the form this version writes."""

    code = "malformed-record"


class IllegalTransition(UsageError):
    """A model cannot go from its state to the one asked for. Facts: `from`, `to`."""

    code = "illegal-transition"


class NotAdmitted(RefusedByPolicy):
    """The model's state does not let it be loaded. Facts: `model`, `digest`, `state`."""

    code = "not-admitted"


class Damaged(CheckFailed):
    """Files in the store are not what was admitted. Facts: `model`, `mismatched`, `missing`, `extra`."""

    code = "damaged"


class StagedChanged(CheckFailed):
    """A file about to enter the store is not what was judged. Facts: `path`."""

    code = "staged-changed"


class StoreAway(OutOfResources):
    """The store is not where it was: its disk or share is not connected. Facts: `path`."""

    code = "store-away"


class StoreReadOnly(OutOfResources):
    """This account, or this medium, lets the store be read and not changed. Facts: `path`, `group`."""

    code = "store-read-only"


class NotAStore(UsageError):
    """A folder cannot become a store, or is none. Facts: `path`."""

    code = "not-a-store"


class ModelInUse(OutOfResources):
    """An engine has the model loaded, or it is being read out. Facts: `model`, `digest`."""

    code = "model-in-use"


class ModelIsPinned(RefusedByPolicy):
    """Somebody keeps the model from being removed. Facts: `model`, `digest`, `reason`."""

    code = "model-pinned"


class DiskFull(OutOfResources):
    """Not enough room. Facts: `needed_bytes`, `free_bytes`, `path`."""

    code = "disk-full"


class DiskFailed(OutOfResources):
    """The disk or the index on it could not be read or written. Facts: `path`, `reason`."""

    code = "disk-failed"


class QuarantineBusy(OutOfResources):
    """Another process works in the same quarantine folder. Facts: `quarantine`."""

    code = "quarantine-busy"
