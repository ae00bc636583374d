"""What an evaluation leaves: a run, its rows, and every sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from steelyard.base.errors import Json


class RowVerdict(StrEnum):
    """A row passes when its whole interval is above what is needed, warns when that lies inside it."""

    PASS = "PASS"  # noqa: S105  # a verdict, not a password
    WARN = "WARN"
    FAIL = "FAIL"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True)
class Row:
    """One check of a gate or one task of a suite; never averaged with another.

    Attributes:
        name: stable key, such as `load-and-digest`.
        title: for people.
        verdict: PASS, WARN, FAIL or NOT RUN.
        passed, total: counts; both 0 for NOT RUN.
        low, high: 95 % Wilson interval of the share, 0 to 1; None when there is none.
        needed: the share needed, 0 to 1, or None for a row that only reports.
        mechanical: True where the engine or installation is judged, False for the model's capability.
        note: why, in a few words.
        values: measured figures with units in their names.
    """

    name: str
    title: str
    verdict: RowVerdict
    passed: int
    total: int
    low: float | None
    high: float | None
    needed: float | None
    mechanical: bool = False
    note: str = ""
    values: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One prompt, its answer and its grade, stored for every item that ran.

    Attributes:
        row: the row it counts in.
        prompt: the conversation; text from the suite.
        answer: what the model wrote, thinking included; text from outside.
        reason: why it did not pass, else empty.
        finish_reason: `stop`, `length`, `context`, or empty: nothing was generated.
    """

    row: str
    item_id: str
    prompt: str
    answer: str
    passed: bool
    reason: str
    completion_tokens: int
    elapsed_s: float
    finish_reason: str = ""


@dataclass(frozen=True)
class RunRecord:
    """Everything needed to say what was run on what, and to run it again.

    Attributes:
        run_id: unique, sortable by time.
        suite: `fast-gate`, `starter-check`, ...
        suite_version, suite_digest: which prompts.
        model_name, model_digest: which bytes.
        engine: name, version and build.
        template_digest: which chat template, or None.
        seed: of sampling.
        machine: facts of the machine the run was made on.
        started_at, finished_at: RFC 3339 UTC; finished_at None while running or after a crash.
        status: `running`, `done`, `cancelled` or `failed`.
        verdict: the worst row that was run; FAIL or NOT RUN, never better, of a run cut short.
        note: why it failed, else empty.
        origin: who ran it, for a run that a bundle brought: its sender's word, checked by nobody here.
            Empty for a run of this installation.
    """

    run_id: str
    suite: str
    suite_title: str
    suite_version: str
    suite_digest: str
    model_name: str
    model_digest: str
    quantization: str
    engine: dict[str, Json]
    template_digest: str | None
    seed: int
    machine: dict[str, Json]
    started_at: str
    finished_at: str | None
    status: str
    verdict: RowVerdict
    rows: tuple[Row, ...]
    samples: int
    note: str = ""
    origin: str = ""
