"""The door: one object that runs any operation, enforces what every operation must obey, and keeps the
record."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from steelyard.audit.entry import Event as LogEvent
from steelyard.audit.entry import Outcome, current_actor
from steelyard.audit.errors import LogDamaged
from steelyard.base.clock import Clock, utc_now
from steelyard.base.errors import Cancelled, Json, RefusedByPolicy, SteelyardError
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken
from steelyard.policy.network import Attempt
from steelyard.service.environment import refusals_named
from steelyard.service.installation import Installation
from steelyard.service.operation import (
    Context,
    EventListener,
    Operation,
    operation_of,
    to_json,
)


class Steelyard:
    """One opened installation. Calls may come from several threads."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._calls: dict[CancelToken, str] = {}
        self._guard = threading.Lock()

    @classmethod
    def open(
        cls,
        home: Home | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Json] | None = None,
        managed: Path | None = None,
        clock: Clock = utc_now,
    ) -> Steelyard:
        """Open the installation of this user, or the one in `home`.

        Args:
            flags: settings given for this process only, by key.
            managed: the managed policy file; the platform's place when None.

        Raises:
            MalformedSettings, InvalidSetting: the settings cannot be read.
            FolderNotUsable: the folders cannot be made or read.
        """
        home = home or Home.locate(environment)
        with refusals_named():
            return cls(
                Installation(
                    home, environment=environment, flags=flags, managed=managed, clock=clock
                )
            )

    def run(
        self,
        request: object,
        *,
        emit: EventListener | None = None,
        cancel: CancelToken | None = None,
    ) -> Any:  # the request's type decides; faces annotate what they ask for
        """Run the operation that takes this request and return its result.

        A mutating operation leaves an entry before it begins and one when it ends, however it ends; a
        refusal is recorded for any operation. If the first entry cannot be written, nothing is done.

        Raises:
            SteelyardError: as the operation declares.
        """
        chosen = operation_of(request)
        token = cancel or CancelToken()
        context = Context(self.installation, current_actor(), token, emit or (lambda _event: None))
        context.subject = _subject_of(request)
        context.others = lambda: self._running_beside(token)
        with self._guard:
            self._calls[token] = chosen.name
        try:
            return self._recorded(chosen, context, request)
        finally:
            with self._guard:
                self._calls.pop(token, None)

    def _running_beside(self, token: CancelToken) -> frozenset[str]:
        with self._guard:
            return frozenset(name for other, name in self._calls.items() if other is not token)

    def _recorded(self, chosen: Operation[Any, Any], context: Context, request: object) -> object:
        call = uuid.uuid4().hex[:16]
        mark = self.installation.gate.asked
        facts = {name: to_json(getattr(request, name)) for name in chosen.audited_fields}
        if chosen.mutates:
            self._write(chosen, context, Outcome.BEGUN, facts, call)

        def end(outcome: Outcome, more: dict[str, Json]) -> None:
            reached = _connections(self.installation.gate.since(mark))
            self._write(
                chosen, context, outcome, {**facts, **context.facts, **reached, **more}, call
            )

        try:
            if chosen.needs_network(context, request):
                self.installation.gate.require_online(chosen.name)
            with refusals_named():
                result: object = chosen.run(context, request)
        except RefusedByPolicy as error:
            end(Outcome.REFUSED, _failure(error))
            raise
        except Cancelled as error:
            if chosen.mutates:
                end(Outcome.CANCELLED, _failure(error))
            raise
        except SteelyardError as error:
            if chosen.mutates:
                end(Outcome.FAILED, _failure(error))
            raise
        except BaseException as error:
            if chosen.mutates:
                end(Outcome.FAILED, {"error": f"internal: {type(error).__name__}"})
            raise
        if chosen.mutates:
            end(Outcome.DONE, {})
        return result

    def _write(
        self,
        chosen: Operation[Any, Any],
        context: Context,
        outcome: Outcome,
        facts: dict[str, Json],
        call: str,
    ) -> None:
        try:
            self.installation.log.append(
                LogEvent(
                    chosen.name,
                    outcome,
                    dict(context.subject),
                    facts,
                    call,
                    self.installation.settings.digest(),
                    context.actor,
                )
            )
        except LogDamaged:
            if not chosen.examines_log:
                raise

    def close(self) -> None:
        """Call off what still runs, end every engine, close the databases."""
        with self._guard:
            running = list(self._calls)
        for token in running:
            token.cancel()
        self.installation.close()

    def __enter__(self) -> Steelyard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _failure(error: SteelyardError) -> dict[str, Json]:
    return {"error": error.code, "message": error.message, "error_facts": dict(error.facts)}


def _connections(attempts: Sequence[Attempt]) -> dict[str, Json]:
    """Which hosts were reached or refused while a call ran, and how often: the network's part of its record.

    Of two calls at once both name what either reached: the log would rather say too much here than too little.
    """
    counts = Counter((attempt.host, attempt.allowed, attempt.why) for attempt in attempts)
    listed: list[Json] = [
        {"host": host, "allowed": allowed, "why": why, "count": count}
        for (host, allowed, why), count in sorted(counts.items())
    ]
    return {"connections": listed} if listed else {}


_SUBJECT_FIELDS = ("model", "reference", "path", "target", "suite", "file", "id", "key", "run_id")


def _subject_of(request: object) -> dict[str, Json]:
    for name in _SUBJECT_FIELDS:
        value = getattr(request, name, None)
        if value:
            return {"name": str(value)}
    return {}
