"""Suites, runs and their samples."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.evals.records import Row, RunRecord, Sample


@dataclass(frozen=True)
class ListSuites:
    """The suites this installation has."""


@dataclass(frozen=True)
class SuiteRow:
    """A suite: `items` counts prompts; `tasks` are its rows."""

    id: str
    title: str
    description: str
    version: str
    items: int
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class SuiteList:
    """All suites, the fast gate first."""

    suites: tuple[SuiteRow, ...]


@dataclass(frozen=True)
class ListRuns:
    """Runs, newest first; of one model when `model` is given."""

    model: str | None = None
    limit: int = 200


@dataclass(frozen=True)
class RunList:
    """Runs without their samples."""

    runs: tuple[RunRecord, ...]


@dataclass(frozen=True)
class RunGate:
    """The fast gate on a model."""

    model: str
    seed: int = 7


@dataclass(frozen=True)
class RunSuite:
    """A task suite on a model."""

    suite: str
    model: str
    seed: int = 7


@dataclass(frozen=True)
class SuiteOutcome:
    """A finished run. The exit code is 1 when `verdict` is FAIL.

    Attributes:
        rows: the gate's rows; `metrics` the same for a task suite. One of the two is empty.
        record: the run's facts.
    """

    run_id: str
    verdict: str
    rows: tuple[Row, ...]
    metrics: tuple[Row, ...]
    record: RunRecord


@dataclass(frozen=True)
class ShowRun:
    """One run with its samples. An empty `run_id` means the newest."""

    run_id: str


@dataclass(frozen=True)
class RunDetail:
    """A run and every sample."""

    run: RunRecord
    samples: tuple[Sample, ...]
