"""Policy before it is in force: checking a file, asking about a model, and what administrators start from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.base.errors import Json


@dataclass(frozen=True)
class CheckPolicy:
    """Would this managed file be accepted, and what would change here?"""

    path: Path


@dataclass(frozen=True)
class PolicyChange:
    """A value that the file changes. `old` is in force now."""

    key: str
    old: Json
    new: Json
    locked: bool


@dataclass(frozen=True)
class ModelVerdict:
    """One model under a policy.

    Attributes:
        now, then: may it be used under the policy in force, and under the one in question?
        objections: what stands against it under the latter: `KEY: a sentence`.
    """

    model: str
    digest: str
    now: bool
    then: bool
    objections: tuple[str, ...]


@dataclass(frozen=True)
class PolicyChecked:
    """The exit code is 1 unless `ok`. `problems` are all that would put the program in safe mode."""

    ok: bool
    problems: tuple[str, ...]
    changes: tuple[PolicyChange, ...]
    models: tuple[ModelVerdict, ...]


@dataclass(frozen=True)
class SimulatePolicy:
    """Would this model be allowed, by the policy in force or by that in `file`?"""

    model: str
    file: Path | None = None


@dataclass(frozen=True)
class PolicySimulated:
    """The exit code is 1 unless `verdict.then`."""

    verdict: ModelVerdict


@dataclass(frozen=True)
class WritePolicy:
    """What administrators start from.

    Attributes:
        kind: `template`, `json-schema`, `admx`, `adml` or `page`.
    """

    kind: str = "template"


@dataclass(frozen=True)
class PolicyWritten:
    """The document's text."""

    kind: str
    text: str
