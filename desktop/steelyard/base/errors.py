"""One family of errors, each with a stable code, an exit code, facts, and words a person can act on.

A room subclasses the class that has its exit code and gives it a `code` of its own. Anything that
escapes and is not a `SteelyardError` is a bug, and the faces say so (exit code 70).
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can say; the type of everything that crosses a pipe or is written to the log."""


class ExitCode(IntEnum):
    """Process exit codes, a contract with scripts (DESIGN, "Operations")."""

    DONE = 0
    ANSWER_IS_NO = 1
    USAGE = 2
    REFUSED_BY_POLICY = 3
    NOT_FOUND = 4
    MALFORMED_INPUT = 5
    OUT_OF_RESOURCES = 6
    REMOTE_FAILURE = 7
    CANCELLED = 8
    INTERNAL = 70


class SteelyardError(Exception):
    """Something a person can act on.

    Args:
        message: what happened and what was kept, one or two plain sentences.
        next_step: what to do now; empty only where there is nothing to do.
        facts: JSON values by name, for programs; names carry units (`size_bytes`).
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(self, message: str, *, next_step: str = "", **facts: Json) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.facts: dict[str, Json] = facts

    def diagnosis(self) -> str:
        """The message followed by the next step."""
        return f"{self.message} {self.next_step}".strip()

    def as_json(self) -> dict[str, Json]:
        """`{"code", "message", "next_step", "facts"}`: printed with `--json`, sent by workers."""
        return {
            "code": self.code,
            "message": self.message,
            "next_step": self.next_step,
            "facts": dict(self.facts),
        }

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.next_step, self.facts))


def _rebuild(
    kind: type[SteelyardError], message: str, next_step: str, facts: dict[str, Json]
) -> SteelyardError:
    return kind(message, next_step=next_step, **facts)


class CheckFailed(SteelyardError):
    """The check ran and the answer is no."""

    code = "check-failed"
    exit_code = ExitCode.ANSWER_IS_NO


class UsageError(SteelyardError):
    """The request makes no sense as it was put."""

    code = "usage"
    exit_code = ExitCode.USAGE


class RefusedByPolicy(SteelyardError):
    """Policy, or the user's own offline switch, does not allow it. Facts: `key`, `origin`."""

    code = "refused-by-policy"
    exit_code = ExitCode.REFUSED_BY_POLICY


class NotFound(SteelyardError):
    """The named thing is not there."""

    code = "not-found"
    exit_code = ExitCode.NOT_FOUND


class MalformedInput(SteelyardError):
    """Bytes or text from outside do not have the form they claim."""

    code = "malformed-input"
    exit_code = ExitCode.MALFORMED_INPUT


class OutOfResources(SteelyardError):
    """Not enough memory, disk or another resource; or a process that held one died."""

    code = "out-of-resources"
    exit_code = ExitCode.OUT_OF_RESOURCES


class FolderNotUsable(OutOfResources):
    """A folder or file of the installation cannot be made, read or written. Facts: `path`, `reason`."""

    code = "folder-not-usable"


class RemoteFailure(SteelyardError):
    """The network or the other side failed."""

    code = "remote-failure"
    exit_code = ExitCode.REMOTE_FAILURE


class Cancelled(SteelyardError):
    """The person, or the program that asked, called it off."""

    code = "cancelled"
    exit_code = ExitCode.CANCELLED
