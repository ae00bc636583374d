"""The transfers of this installation as one list: what this window runs, and what lies in quarantine.

A download is seen twice, as a job while this window runs it and as a folder in quarantine while bytes of it are there;
the two become one row that keeps its place when it is paused and goes on. What another process works on, and what an
earlier one left, has no job and is there all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.gui.transfer import (
    AMOUNTS,
    Known,
    Transfer,
    asked_by,
    keeps_what_arrived,
    kind_of,
    of_row,
    rank,
    with_job,
)

if TYPE_CHECKING:
    from steelyard.base.errors import SteelyardError
    from steelyard.service.requests import TransferRow

REPAINTS_PER_S = 20
_LOOK_AGAIN_MS = 2000
"""How often quarantine is read while something moves there and somebody looks."""


class Transfers(QObject):
    """All transfers; lives in the main thread, one for each window.

    Signals:
        changed(): the list or anything in it changed; at most `REPAINTS_PER_S` times a second.
        failed(object): quarantine could not be read, or something asked for here failed without a row of its own.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._listed: tuple[TransferRow, ...] = ()
        self._known: dict[Job, Known] = {}
        self._keys: dict[str, str] = {}
        self._made = 0
        self._all: tuple[Transfer, ...] = ()
        self._watchers = 0
        self._repaint = QTimer(self)
        self._repaint.setSingleShot(True)
        self._repaint.setInterval(1000 // REPAINTS_PER_S)
        self._repaint.timeout.connect(self._tell)
        self._again = QTimer(self)
        self._again.setInterval(_LOOK_AGAIN_MS)
        self._again.timeout.connect(self.refresh)
        runner.job_added.connect(self._on_job)
        runner.job_changed.connect(self._on_job)
        runner.settled.connect(self._on_settled)
        runner.opened.connect(self.refresh)

    # ------------------------------------------------------------------ what there is

    @property
    def all(self) -> tuple[Transfer, ...]:
        """Those that run first, then those that wait, then what is held, then what has ended; newest first."""
        return self._all

    @property
    def open_count(self) -> int:
        """How many run or wait."""
        return sum(1 for t in self._all if t.active or t.waits or t.elsewhere)

    @property
    def running(self) -> tuple[Transfer, ...]:
        """Those this window works on."""
        return tuple(t for t in self._all if t.active)

    def by_key(self, key: object) -> Transfer | None:
        """The row with this key, or None."""
        return next((t for t in self._all if t.key == key), None)

    def of_job(self, job: Job) -> Transfer | None:
        """The row this job belongs to, or None."""
        return next((t for t in self._all if t.job is job), None)

    def watch(self, on: bool) -> None:
        """Somebody looks, or no longer does: only then quarantine is read again while things move."""
        self._watchers += 1 if on else -1
        if on:
            self.refresh()
        self._mind_timer()

    def refresh(self) -> None:
        """Read quarantine again."""
        self._runner.ask(_list, self._on_listed, self.failed.emit, owner=self, replaces="transfers")

    # ------------------------------------------------------------------ what can be done

    def pause(self, transfer: Transfer) -> None:
        """Stop it at its next safe point; what arrived is kept."""
        if transfer.job is not None and transfer.can_pause:
            transfer.job.pause()

    def pause_all(self) -> None:
        """Pause all that keep what arrived."""
        for transfer in self._all:
            self.pause(transfer)

    def resume(self, transfer: Transfer) -> Job | None:
        """Go on where it stopped; or, where nothing is left of it, ask the same again."""
        from steelyard.service import requests  # noqa: PLC0415  # long since imported by the service

        if transfer.can_resume and transfer.row is not None:
            request: object = requests.ResumeTransfer(transfer.row.id)
        elif transfer.can_retry and transfer.job is not None:
            request = transfer.job.request
        else:
            return None
        before = transfer.job
        job = self._runner.act(request, title=before.title if before else transfer.title)
        known = self._know(job)
        self._keys = {
            row: known.key if key == transfer.key else key for row, key in self._keys.items()
        }
        known.key = transfer.key
        if transfer.row is not None:
            known.row_id = transfer.row.id
            self._keys[transfer.row.id] = transfer.key
        if before is not None:
            self._runner.forget(before)
        self._tell()
        return job

    def cancel(self, transfer: Transfer) -> None:
        """Stop it, and remove what arrived once it has stopped."""
        if transfer.job is not None and transfer.can_cancel:
            self._know(transfer.job).discard_when_ended = True
            transfer.job.cancel()

    def discard(self, transfer: Transfer) -> None:
        """Remove what lies in quarantine, and the row."""
        if not transfer.can_discard or transfer.row is None:
            return
        self._discard_row(transfer.row.id)
        if transfer.job is not None:
            self._runner.forget(transfer.job)

    def clear_finished(self) -> None:
        """Take all that ended off the list; what lies in quarantine stays there and in the list."""
        for transfer in self._all:
            if transfer.can_clear and transfer.job is not None:
                self._runner.forget(transfer.job)

    def _discard_row(self, row_id: str) -> None:
        from steelyard.service import requests  # noqa: PLC0415  # long since imported by the service

        self._runner.act(
            requests.DiscardTransfer(row_id),
            title="",
            on_result=lambda _: self.refresh(),
            on_error=self._not_discarded,
            owner=self,
            listed=False,
        )

    def _not_discarded(self, error: SteelyardError) -> None:
        self.failed.emit(error)
        self.refresh()

    # ------------------------------------------------------------------ news

    def _on_job(self, job: Job) -> None:
        if kind_of(job) is None and job not in self._known:
            return
        known = self._know(job)
        progress = job.progress
        if progress is not None and progress.unit == "bytes" and progress.stage in AMOUNTS:
            known.done_bytes = progress.done
            known.total_bytes = progress.total or known.total_bytes
        if not self._repaint.isActive():
            self._repaint.start()

    def _on_settled(self, job: object) -> None:
        if isinstance(job, Job) and job in self._known:
            self.refresh()

    def _on_listed(self, listed: Any) -> None:
        self._listed = tuple(listed.transfers)
        self._tell()
        for job, known in list(self._known.items()):
            if known.discard_when_ended and not job.active:
                known.discard_when_ended = False
                lying = next((r for r in self._listed if r.id == known.row_id), None)
                if lying is not None and lying.state == "paused" and job.state == "cancelled":
                    self._discard_row(lying.id)

    def _mind_timer(self) -> None:
        moving = any(
            t.elsewhere or (t.job is not None and t.active and keeps_what_arrived(t.job))
            for t in self._all
        )
        if moving and self._watchers > 0:
            if not self._again.isActive():
                self._again.start()
        else:
            self._again.stop()

    def _tell(self) -> None:
        self._repaint.stop()
        self._all = self._merged()
        self._mind_timer()
        self.changed.emit()

    # ------------------------------------------------------------------ two sides, one row

    def _know(self, job: Job) -> Known:
        if job not in self._known:
            self._made += 1
            known = Known(f"transfer-{self._made}")
            row_id = getattr(job.request, "id", None)
            if isinstance(row_id, str) and type(job.request).__name__ == "ResumeTransfer":
                known.row_id = row_id
                known.key = self._keys.setdefault(row_id, known.key)
            self._known[job] = known
        return self._known[job]

    def _merged(self) -> tuple[Transfer, ...]:
        shown = [job for job in self._runner.jobs if kind_of(job) is not None]
        self._known = {job: known for job, known in self._known.items() if job in shown}
        free = {row.id: row for row in self._listed}
        made: list[Transfer] = []
        keys: set[str] = set()
        for job in reversed(shown):
            known = self._know(job)
            if known.key in keys:
                continue  # an earlier try of the same
            row = self._row_of(job, known, free)
            if row is not None:
                free.pop(row.id)
            keys.add(known.key)
            made.append(with_job(job, known, row))
        made += [of_row(row, self._key_of(row)) for row in free.values()]
        return tuple(sorted(made, key=rank))

    def _key_of(self, row: TransferRow) -> str:
        return self._keys.setdefault(row.id, f"row-{row.id}")

    def _row_of(self, job: Job, known: Known, free: dict[str, TransferRow]) -> TransferRow | None:
        if known.row_id in free:
            return free[known.row_id]
        # A bundle of several models lies in one folder after the other.
        found = next(
            (row for row in free.values() if known.asked and row.request == known.asked), None
        )
        if found is None and not known.row_id:
            found = next((row for row in free.values() if asked_by(row, job.request)), None)
        if found is None and job.error is not None:
            held = job.error.facts.get("model")
            found = next(
                (row for row in free.values() if row.kind == "held" and row.model == held), None
            )
        if found is not None:
            known.row_id, known.asked = found.id, dict(found.request)
            self._keys[found.id] = known.key
        return found


def _list() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ListTransfers()
