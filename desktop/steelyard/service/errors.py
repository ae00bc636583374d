"""What the operations themselves can find wrong."""

from __future__ import annotations

from steelyard.base.errors import CheckFailed, RefusedByPolicy, SteelyardError, UsageError


class NotLoadable(RefusedByPolicy):
    """The model's state or trust facts do not allow an engine to open it."""

    code = "not-loadable"


class ChangedMeanwhile(CheckFailed):
    """What an engine opened is not, or not surely, what was verified a moment before."""

    code = "changed-meanwhile"


class InternalError(SteelyardError):
    """A bug in Steelyard. The message names the exception; the traceback goes to stderr."""

    code = "internal"


class NothingToAnswer(UsageError):
    """A completion was asked for without a prompt or a conversation."""

    code = "nothing-to-answer"
