"""One transfer as the window shows it: made from a job of this window, from what lies in quarantine, or from both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from steelyard.gui.job import Job

if TYPE_CHECKING:
    from steelyard.service.requests import ModelFile, TransferFile, TransferRow

_KINDS = {
    "PullModel": "pull",
    "ResumeTransfer": "pull",
    "ImportModel": "import",
    "AdoptModel": "adopt",
    "ImportBundle": "bundle-in",
    "CreateBundle": "bundle-out",
}
"""Kinds of transfers by the name of their request; the service is not imported for a name."""
_GOES_ON = frozenset({"pull", "bundle-in"})
"""Kinds that keep what arrived when they are called off."""
AMOUNTS = frozenset({"fetching", "copying", "repairing", "writing", "resuming", "verifying"})
"""Stages whose bytes are those of the whole transfer."""
_STAGES = {
    "asking": "asking",
    "fetching": "fetching",
    "resuming": "hashing",
    "copying": "copying",
    "writing": "copying",
    "hashing": "hashing",
    "verifying": "hashing",
    "repairing": "repairing",
    "scanning": "scanning",
    "admitting": "scanning",
    "signing": "signing",
    "checking signature": "checking",
    "waiting": "queued",
}
"""A transfer's state by the stage of its progress."""


@dataclass(frozen=True)
class Transfer:
    """One row.

    Attributes:
        key: stays the same while it is paused, goes on, fails and is tried again.
        kind: `pull`, `import`, `adopt`, `bundle-in`, `bundle-out` or `held` (refused bytes).
        title: what is transferred; text from outside.
        state: `queued`, `asking`, `fetching`, `copying`, `hashing`, `repairing`, `scanning`, `checking`, `signing`,
            `stopping`;
            at rest `paused`, `quarantined`, `rejected`; at the end `verified`, `admitted`, `written`, `failed`,
            `cancelled`.
        done_bytes, total_bytes: of all files; 0 of 0 while that is not known.
        files_done, files: whole files of all; 0 of 0 while that is not known.
        file: the one at hand; text from outside.
        per_s, left_s: smoothed; None while there is too little to tell.
        reason: what happened and the next step, where it stands or failed.
        elsewhere: another process works on it.
        model: the model's name in the store, once it has one.
        job, row: the two sides of it.
    """

    key: str
    kind: str
    title: str
    state: str
    done_bytes: int = 0
    total_bytes: int = 0
    files_done: int = 0
    files: int = 0
    file: str = ""
    per_s: float | None = None
    left_s: float | None = None
    reason: str = ""
    elsewhere: bool = False
    model: str = ""
    job: Job | None = None
    row: TransferRow | None = None
    arrived: tuple[ModelFile, ...] = ()

    @property
    def active(self) -> bool:
        """A job of this window waits or runs."""
        return self.job is not None and self.job.active

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None while that is not known."""
        if self.state in ("verified", "admitted", "written"):
            return 1.0
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else None

    @property
    def parts(self) -> tuple[TransferFile, ...]:
        """Its files as quarantine knows them."""
        return self.row.parts if self.row is not None else ()

    @property
    def waits(self) -> bool:
        """It can go on, and does not."""
        return self.state == "paused"

    @property
    def can_pause(self) -> bool:
        """It runs here and keeps what arrived."""
        return self.active and self.kind in _GOES_ON and self.state != "stopping"

    @property
    def can_resume(self) -> bool:
        """It lies in quarantine and nobody works on it."""
        row = self.row
        return not self.active and row is not None and row.state == "paused" and bool(row.request)

    @property
    def can_retry(self) -> bool:
        """It ended without success and left nothing to go on with: the same again, from the start."""
        job = self.job
        ended = job is not None and job.state in ("failed", "cancelled", "paused")
        if job is not None and getattr(job.request, "passphrase", False):
            return False  # which is asked for each time
        return ended and not self.can_resume and not self.elsewhere

    @property
    def can_cancel(self) -> bool:
        """It runs here."""
        return self.active and self.state != "stopping"

    @property
    def can_discard(self) -> bool:
        """Bytes of it lie in quarantine and nobody works on them."""
        return not self.active and self.row is not None and not self.elsewhere

    @property
    def can_clear(self) -> bool:
        """It ended and only stands in the list."""
        return self.job is not None and not self.active


@dataclass
class Known:
    """What is remembered about a job beyond what it says itself."""

    key: str
    row_id: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    files_done: int = 0
    files: int = 0
    discard_when_ended: bool = False
    asked: dict[str, str] = field(default_factory=dict)


def kind_of(job: Job) -> str | None:
    """What kind of transfer a job is, or None: it is none, or is not shown."""
    return _KINDS.get(type(job.request).__name__) if job.listed else None


def keeps_what_arrived(job: Job) -> bool:
    """It can be paused: what arrived is kept when it is called off."""
    return kind_of(job) in _GOES_ON


def with_job(job: Job, known: Known, row: TransferRow | None) -> Transfer:
    """A job of this window, and what lies of it in quarantine."""
    if row is not None and row.kind != "held":
        known.files_done, known.files = row.files_done, row.files
        if not known.total_bytes:
            known.done_bytes, known.total_bytes = row.done_bytes, row.total_bytes
    kind = kind_of(job) or "pull"
    if row is not None and row.kind in ("bundle-in", "import"):
        kind = row.kind
    state, reason, model = _state(job), "", ""
    arrived: tuple[ModelFile, ...] = ()
    if job.error is not None:
        reason = job.error.diagnosis()
        model = str(job.error.facts.get("model") or "")
        if row is not None and row.kind == "held":
            state = row.state
    elif job.state == "done":
        state, model, arrived = _outcome(job.result)
        known.files = known.files_done = len(arrived) or known.files
        known.total_bytes = _size_of(job.result, arrived) or known.total_bytes
    elif row is not None:
        reason = row.reason
    moving = job.active and job.progress is not None and job.progress.unit == "bytes"
    return Transfer(
        key=known.key,
        kind=kind,
        title=row.title if row is not None and row.title else _title(job),
        state=state,
        done_bytes=known.total_bytes if job.state == "done" else known.done_bytes,
        total_bytes=known.total_bytes,
        files_done=known.files_done,
        files=known.files,
        file=job.progress.detail if job.active and job.progress is not None else "",
        per_s=job.per_s if moving else None,
        left_s=job.left_s if moving else None,
        reason=reason,
        model=model,
        job=job,
        row=row,
        arrived=arrived,
    )


def of_row(row: TransferRow, key: str) -> Transfer:
    """What lies in quarantine without a job of this window."""
    return Transfer(
        key=key,
        kind=row.kind,
        title=row.title,
        state=row.state,
        done_bytes=row.done_bytes,
        total_bytes=row.total_bytes,
        files_done=row.files_done,
        files=row.files,
        reason=row.reason,
        elsewhere=row.state == "fetching",
        model=row.model,
        row=row,
    )


def _state(job: Job) -> str:
    if not job.active:
        return job.state
    if job.cancel_asked:
        return "stopping"
    if job.state == "waiting":
        return "queued"
    if job.progress is None:
        return "asking" if kind_of(job) == "pull" else "queued"
    return _STAGES.get(job.progress.stage, job.progress.stage)


def _outcome(result: Any) -> tuple[str, str, tuple[ModelFile, ...]]:
    """State, model and files of what has arrived, by the shape of the result."""
    result = getattr(result, "bundle", None) or result  # a bundle's import that went on
    model = getattr(result, "model", None)
    if model is not None:
        return str(model.state), str(model.name), tuple(result.files)
    if hasattr(result, "receipt"):
        names = [bundled.name for bundled in result.models]
        return ("verified" if result.ok else "failed"), (names[0] if len(names) == 1 else ""), ()
    return "written", "", ()


def _size_of(result: Any, arrived: tuple[ModelFile, ...]) -> int:
    """Bytes of what has arrived or was written."""
    result = getattr(result, "bundle", None) or result
    if hasattr(result, "receipt"):
        return int(result.bytes_fetched + result.bytes_reused)
    return int(getattr(result, "size_bytes", 0)) or sum(file.size_bytes for file in arrived)


def _title(job: Job) -> str:
    request = job.request
    if (reference := getattr(request, "reference", None)) is not None:
        return str(reference)
    path = getattr(request, "out", None) or getattr(request, "path", None)
    return path.name if path is not None else job.title


def asked_by(row: TransferRow, request: object) -> bool:
    """The request that a row names is this one."""
    wanted = {name: value for name, value in row.request.items() if name != "operation" and value}
    if not wanted or row.kind == "held":
        return False
    if row.kind == "pull" and not hasattr(request, "reference"):
        return False
    return all(str(getattr(request, name, None) or "") == value for name, value in wanted.items())


def rank(transfer: Transfer) -> int:
    """Those that run come first, then those that wait, then what is held, then what has ended."""
    if transfer.active:
        return 1 if transfer.state == "queued" else 0
    if transfer.elsewhere or transfer.waits:
        return 2
    return 3 if transfer.row is not None else 4
