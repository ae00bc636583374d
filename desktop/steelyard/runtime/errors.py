"""What can go wrong with a worker process or the engine in it, and how an error crosses the pipe."""

from __future__ import annotations

from steelyard.base.errors import (
    Cancelled,
    CheckFailed,
    ExitCode,
    Json,
    MalformedInput,
    NotFound,
    OutOfResources,
    RefusedByPolicy,
    RemoteFailure,
    SteelyardError,
    UsageError,
)


class WorkerDied(OutOfResources):
    """The process ended by itself. Facts: `stage`, `signal` or `exit_status`, `last_lines`."""

    code = "worker-died"


class WorkerTimedOut(OutOfResources):
    """The process said nothing for too long and was ended. Facts: `stage`, `silent_s`, `last_lines`."""

    code = "worker-timed-out"


class WorkerOutOfMemory(OutOfResources):
    """The process could not get the memory it asked for. Facts: `stage`, `last_lines`."""

    code = "worker-out-of-memory"


class WorkerGarbled(OutOfResources):
    """The process sent bytes that are not the protocol and was ended. Facts: `stage`, `last_lines`."""

    code = "worker-garbled"


class WorkerFailed(SteelyardError):
    """The worker met an error nobody foresaw: a bug. Facts: `exception`, `traceback`."""

    code = "worker-failed"


class EngineFailed(SteelyardError):
    """The engine reported a failure of its own in the middle of an answer. Facts: `status`, `last_lines`."""

    code = "engine-failed"


class EngineMissing(NotFound):
    """The libraries of an engine are not installed. Facts: `engine`, `library`."""

    code = "engine-missing"


class EngineRefusedModel(MalformedInput):
    """The engine would not load the file. Facts: `path`, `engine_words`."""

    code = "engine-refused-model"


class ContextTooLong(UsageError):
    """More tokens than there is room for. Facts: `prompt_tokens` or `context_tokens`, and the limit."""

    code = "context-too-long"


class NoChatTemplate(UsageError):
    """The model defines no chat template, so messages cannot become a prompt."""

    code = "no-chat-template"


class NotSupportedByEngine(UsageError):
    """The engine in use cannot do what was asked. Facts: `engine`, `feature`."""

    code = "not-supported-by-engine"


class SchemaRefused(UsageError):
    """The JSON schema cannot be turned into a grammar. Facts: `reason`."""

    code = "schema-refused"


class FrameError(MalformedInput):
    """Bytes on the pipe that are not a frame."""

    code = "frame-error"


class FrameCutOff(FrameError):
    """The pipe ended inside a frame."""

    code = "frame-cut-off"


_FAMILIES: dict[ExitCode, type[SteelyardError]] = {
    ExitCode.ANSWER_IS_NO: CheckFailed,
    ExitCode.USAGE: UsageError,
    ExitCode.REFUSED_BY_POLICY: RefusedByPolicy,
    ExitCode.NOT_FOUND: NotFound,
    ExitCode.MALFORMED_INPUT: MalformedInput,
    ExitCode.OUT_OF_RESOURCES: OutOfResources,
    ExitCode.REMOTE_FAILURE: RemoteFailure,
    ExitCode.CANCELLED: Cancelled,
}


def error_to_json(error: SteelyardError) -> dict[str, Json]:
    """`{code, message, next_step, facts, exit_code}`."""
    return {**error.as_json(), "exit_code": int(error.exit_code)}


def error_from_json(value: dict[str, Json]) -> SteelyardError:
    """The error a worker replied with, as its own class where this process knows the class.

    Otherwise (a room that only the worker imported) it becomes a subclass of the family with the same
    exit code, and keeps its code.
    """
    code, facts, status = value.get("code"), value.get("facts"), value.get("exit_code")
    known_status = {int(member) for member in ExitCode}
    exit_code = (
        ExitCode(status)
        if isinstance(status, int) and status in known_status
        else ExitCode.INTERNAL
    )
    kind = _class_for(str(code), exit_code)
    error = kind(str(value.get("message", "")), next_step=str(value.get("next_step", "")))
    error.facts.update(facts if isinstance(facts, dict) else {})
    return error


def _class_for(code: str, exit_code: ExitCode) -> type[SteelyardError]:
    for kind in _descendants(SteelyardError):
        if kind.code == code and kind.exit_code == exit_code:
            return kind
    return _unknown_class(code, _FAMILIES.get(exit_code, WorkerFailed))


def _unknown_class(code: str, family: type[SteelyardError]) -> type[SteelyardError]:
    return type(family.__name__, (family,), {"code": code, "__doc__": family.__doc__})


def _descendants(kind: type[SteelyardError]) -> list[type[SteelyardError]]:
    """Depth first, a class before its subclasses, so that a class wins over one that inherits its code."""
    found: list[type[SteelyardError]] = []
    for child in kind.__subclasses__():
        found += [child, *_descendants(child)]
    return found
