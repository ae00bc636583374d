"""The log."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.base.errors import Json


@dataclass(frozen=True)
class AuditEntry:
    """One entry as faces show it; `leaf` is the hash of its line."""

    seq: int
    time: str
    actor: str
    event: str
    object: str
    outcome: str
    facts: dict[str, Json]
    previous: str
    leaf: str


@dataclass(frozen=True)
class ListAudit:
    """Newest first. `text` filters over all fields; `outcome` is begun, done, refused or failed."""

    limit: int = 500
    text: str = ""
    outcome: str | None = None


@dataclass(frozen=True)
class AuditList:
    """`total` counts the whole log, not only what matches."""

    entries: tuple[AuditEntry, ...]
    total: int


@dataclass(frozen=True)
class VerifyAudit:
    """Read the whole log and check every hash."""


@dataclass(frozen=True)
class AuditProblem:
    """Where the log stops being what it was, and how. `kind` is `edited`, `cut`, `order`, `torn`, ..."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class AuditVerified:
    """The exit code is 1 unless `ok`. `witnessed_to` is None: nobody outside has seen this log."""

    ok: bool
    entries: int
    root: str
    witnessed_to: int | None
    problem: AuditProblem | None
    elapsed_s: float = 0.0
