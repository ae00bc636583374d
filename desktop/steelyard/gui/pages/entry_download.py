"""Downloading an entry: the line below its head with bytes, speed and time left; pause, go on, discard.

A pause keeps every byte that was fetched; the next download of the same goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from steelyard.base.errors import ExitCode, SteelyardError
from steelyard.gui import figures
from steelyard.gui.frame.reference import named
from steelyard.gui.frame.tasks import progress_words
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Panel
from steelyard.gui.widgets.dialogs import ask as ask_first
from steelyard.gui.widgets.labels import Elided
from steelyard.gui.widgets.layouts import Icon, column, holder, row
from steelyard.service import requests as ask


class DownloadLine(Panel):
    """Follows a job, or shows a transfer that waits to go on.

    Signals:
        pause_asked(): stop, and keep what was fetched.
        discard_asked(): stop, and remove what was fetched.
    """

    pause_asked = Signal()
    discard_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._job: Job | None = None
        self._icon = Icon("download")
        self._stage = Elided("", weight=fonts.SEMIBOLD)
        self._figures = Elided("", size=11, tone="text_2")
        self._bar = ProgressLine(self.tr("Download"))
        self._pause = Button(self.tr("Pause"), icon="pause")
        self._discard = Button(self.tr("Cancel"), icon="x")
        self._pause.clicked.connect(self.pause_asked)
        self._discard.clicked.connect(self.discard_asked)
        line = row(gap=16, margins=(16, 10, 12, 10))
        line.addWidget(self._icon)
        words = row(gap=12)
        words.addWidget(self._stage)
        words.addWidget(self._figures, 1)
        line.addWidget(holder(column(words, self._bar, gap=6)), 1)
        line.addWidget(self._pause)
        line.addWidget(self._discard)
        self.setLayout(line)
        self.setAccessibleName(self.tr("Download"))
        self.hide()

    def follow(self, job: Job) -> None:
        """Show a running download until it has ended."""
        if job is self._job:
            return
        self.stop()
        self._job = job
        job.changed.connect(self._tell)
        self._icon.set_icon("download", "text_2")
        self._pause.show()
        self._discard.setText(self.tr("Cancel"))
        self._discard.set_icon("x")
        self._tell()
        self.show()

    def show_waiting(self, transfer: ask.TransferRow) -> None:
        """Show one that can go on."""
        self.stop()
        self._icon.set_icon("pause", "amber")
        self._stage.setText(self.tr("Paused"))
        kept = self.tr("{0} of {1} are kept").format(
            figures.size(transfer.done_bytes), figures.size(transfer.total_bytes)
        )
        self._figures.setText(kept)
        share = transfer.done_bytes / transfer.total_bytes if transfer.total_bytes else None
        self._bar.set_share(share)
        self._pause.hide()
        self._discard.setText(self.tr("Discard"))
        self._discard.set_icon("trash")
        self._discard.setEnabled(True)
        self.setAccessibleDescription(f"{self._stage.text()}, {kept}")
        self.show()

    def stop(self) -> None:
        """Follow nothing, show nothing."""
        if self._job is not None and isValid(self._job):
            self._job.changed.disconnect(self._tell)
        self._job = None
        self.hide()

    def _tell(self) -> None:
        job = self._job
        if job is None:
            return
        self._pause.setEnabled(not job.cancel_asked)
        self._discard.setEnabled(not job.cancel_asked)
        self._bar.set_share(job.share)
        self._stage.setText(self.tr("Downloading"))
        self._figures.setText(progress_words(job))


class EntryDownload(QWidget):
    """Starts, follows and ends the download of an entry, also one that was begun elsewhere.

    Signals:
        changed(): it began, was paused, or ended.
        arrived(object): it is in the store; the `ModelTaken`.
        failed(object): it ended badly; the `SteelyardError`. A pause is no failure.
    """

    changed = Signal()
    arrived = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: JobRunner) -> None:
        super().__init__()
        self._jobs = jobs
        self._repositories: frozenset[str] = frozenset()
        self._waiting: tuple[ask.TransferRow, ...] = ()
        self._discard_when_ended = False
        self._line = DownloadLine()
        self._line.pause_asked.connect(self.pause)
        self._line.discard_asked.connect(self._ask_discard)
        self.setLayout(column(self._line, margins=(24, 0, 24, 12)))
        self.hide()

    def about(self, repositories: Iterable[str]) -> None:
        """Follow these: the entry's own repository, and others that have variants of it."""
        wanted = frozenset(repositories)
        if wanted == self._repositories:
            return
        if not wanted >= self._repositories:
            self._waiting = ()
        self._repositories = wanted
        self.refresh()

    def refresh(self) -> None:
        """Look again for what waits to go on."""
        self._jobs.ask(
            ask.ListTransfers(),
            self._show_transfers,
            owner=self,
            replaces="list",
        )
        self._follow()

    @property
    def running(self) -> Job | None:
        """The job that downloads this entry now."""
        waiting = {transfer.id for transfer in self._waiting}
        for job in self._jobs.jobs:
            request = job.request
            pulls = (
                isinstance(request, ask.PullModel)
                and named(request.reference).repository in self._repositories
            )
            resumes = isinstance(request, ask.ResumeTransfer) and request.id in waiting
            if job.active and (pulls or resumes):
                return job
        return None

    @property
    def waits(self) -> bool:
        """Something was fetched before and can go on."""
        return bool(self._waiting)

    def pull(self, reference: str, source: str | None) -> None:
        """Download a variant from a source by its name, or from the model hub."""
        title = self.tr("Download {0}").format(display_name(reference))
        self._act(ask.PullModel(reference, source=source), title)

    def resume(self) -> None:
        """Go on with what waits."""
        if self._waiting:
            title = self.tr("Continue {0}").format(display_name(self._waiting[0].title))
            self._act(ask.ResumeTransfer(self._waiting[0].id), title)

    def pause(self) -> None:
        """Stop at the next safe point; what was fetched is kept."""
        if (running := self.running) is not None:
            running.cancel()

    def _act(self, request: object, title: str) -> None:
        self._jobs.act(
            request, title=title, on_result=self._arrived, on_error=self._stopped, owner=self
        )
        self._follow()

    def _arrived(self, taken: object) -> None:
        self._waiting = ()
        self._follow()
        self.arrived.emit(taken)

    def _stopped(self, error: SteelyardError) -> None:
        if error.exit_code != ExitCode.CANCELLED:
            self.failed.emit(error)
        self.refresh()

    def _show_transfers(self, listed: ask.TransferList) -> None:
        self._waiting = tuple(
            transfer
            for transfer in listed.transfers
            if transfer.kind == "pull"
            and transfer.state == "paused"
            and named(transfer.request.get("reference", transfer.title)).repository
            in self._repositories
        )
        if self._discard_when_ended and self.running is None:
            self._discard_when_ended = False
            self._discard_waiting()
        self._follow()

    def _ask_discard(self) -> None:
        ask_first(
            self,
            self.tr("Discard what was fetched?"),
            self.tr("The bytes fetched so far are deleted. Nothing in the store changes."),
            self.tr("Discard"),
            self._discard,
        )

    def _discard(self) -> None:
        if (running := self.running) is not None:
            self._discard_when_ended = True
            running.cancel()
        else:
            self._discard_waiting()

    def _discard_waiting(self) -> None:
        for transfer in self._waiting[:1]:
            self._jobs.act(
                ask.DiscardTransfer(transfer.id),
                title=self.tr("Discard {0}").format(display_name(transfer.title)),
                on_result=lambda _done: self.refresh(),
                on_error=self.failed.emit,
                owner=self,
            )

    def _follow(self) -> None:
        running = self.running
        if running is not None:
            self._line.follow(running)
        elif self._waiting:
            self._line.show_waiting(self._waiting[0])
        else:
            self._line.stop()
        self.setVisible(running is not None or self.waits)
        self.changed.emit()
