"""Typed operations: a frozen request in, a frozen result out, one door for the window, the command line
and the local API.

The registry, not each face, enforces policy and writes the audit entries, so a face cannot forget.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from steelyard.base.errors import Json
from steelyard.base.progress import CancelToken, Listener, Progress, Reporter

if TYPE_CHECKING:
    from steelyard.service.installation import Installation

Req = TypeVar("Req")
Res = TypeVar("Res")


@dataclass(frozen=True)
class TextDelta:
    """A piece of an answer as it is written. `thinking` marks the part before the answer proper."""

    text: str
    thinking: bool = False


@dataclass(frozen=True)
class RowFinished:
    """A row of an evaluation is complete. `row` is an `evals.records.Row`."""

    row: object


Event = Progress | TextDelta | RowFinished
EventListener = Callable[[Event], None]


@dataclass
class Context:
    """What an operation may use besides its request.

    Attributes:
        installation: the opened rooms (store, log, policy, engines).
        actor: who asked: the operating system's account.
        cancel: raised when the person calls it off.
        emit: receives progress, text as it is written, finished rows; from the working thread.
        facts: the operation adds what the audit entry should say beyond the request.
        subject: the operation names the model, run or file concerned, once it knows its digest.
        others: names of the other operations that run in this process now.
    """

    installation: Installation
    actor: str
    cancel: CancelToken
    emit: EventListener
    facts: dict[str, Json] = field(default_factory=dict)
    subject: dict[str, Json] = field(default_factory=dict)
    others: Callable[[], frozenset[str]] = frozenset

    @property
    def report(self) -> Reporter:
        """A progress reporter bound to this call."""
        listener: Listener = self.emit
        return Reporter(listener, self.cancel)


@dataclass(frozen=True)
class Operation(Generic[Req, Res]):
    """One thing Steelyard can do.

    Attributes:
        name: `noun.verb`, also the audit entry's event.
        request, result: frozen dataclasses.
        run: does it.
        mutates: changes something, or is worth a record: it is written to the log before and after.
        network: needs the network; refused by the registry while offline.
        summary: one line for help texts, the registry's test and the log's readers.
        audited_fields: request fields that go into the entry; prompts and texts are never among them.
        works_offline: for an operation that may use the network, whether this request does without; then it
            is not refused while offline, and the gate alone decides about each connection.
        examines_log: looks at the log itself, so it works on a damaged one, without its entries.
    """

    name: str
    request: type[Req]
    result: type[Res]
    run: Callable[[Context, Req], Res]
    mutates: bool
    network: bool
    summary: str
    audited_fields: tuple[str, ...] = ()
    examines_log: bool = False
    works_offline: Callable[[Context, Req], bool] | None = None

    def needs_network(self, context: Context, request: Req) -> bool:
        """Whether this request is refused while offline."""
        if self.works_offline is None:
            return self.network
        return self.network and not self.works_offline(context, request)


_REGISTRY: dict[str, Operation[Any, Any]] = {}
_BY_REQUEST: dict[type, Operation[Any, Any]] = {}


def operation(
    name: str,
    *,
    summary: str,
    mutates: bool = False,
    network: bool = False,
    audited: tuple[str, ...] = (),
    examines_log: bool = False,
    works_offline: Callable[[Context, Any], bool] | None = None,
) -> Callable[[Callable[[Context, Req], Res]], Operation[Req, Res]]:
    """Register a function `(context, request) -> result` as an operation."""

    def register(run: Callable[[Context, Req], Res]) -> Operation[Req, Res]:
        import typing  # noqa: PLC0415  # only when operations are registered

        hints = typing.get_type_hints(run, include_extras=False)
        names = [key for key in hints if key != "return"]
        entry: Operation[Req, Res] = Operation(
            name,
            hints[names[1]],
            hints["return"],
            run,
            mutates,
            network,
            summary,
            audited,
            examines_log,
            works_offline,
        )
        if name in _REGISTRY or entry.request in _BY_REQUEST:
            raise ValueError(f"operation {name} or its request is registered twice")
        _REGISTRY[name] = entry
        _BY_REQUEST[entry.request] = entry
        return entry

    return register


def registry() -> Mapping[str, Operation[Any, Any]]:
    """All operations by name. Import `steelyard.service` first: its rooms register on import."""
    return _REGISTRY


def operation_of(request: object) -> Operation[Any, Any]:
    """The operation that takes this kind of request.

    Raises:
        LookupError: none does; a programming error.
    """
    try:
        return _BY_REQUEST[type(request)]
    except KeyError:
        raise LookupError(f"no operation takes a {type(request).__name__}") from None


def to_json(value: object) -> Json:
    """A result as JSON: dataclasses become objects, enums their values, paths their text, tuples lists.

    Raises:
        TypeError: something without a JSON form.
    """
    if value is None or (
        isinstance(value, bool | int | float | str) and not isinstance(value, Enum)
    ):
        return value
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")
