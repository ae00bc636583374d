"""The task list: every job with where it stands, its speed, time left, cancel; and how it ended, with the next step."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.progress import Progress
from steelyard.gui import figures
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.theme import fonts
from steelyard.gui.transfer import keeps_what_arrived
from steelyard.gui.widgets.banner import error_headline
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button, IconButton
from steelyard.gui.widgets.labels import Elided, Label, Paragraph, small
from steelyard.gui.widgets.layouts import Rule, column, holder, row
from steelyard.gui.widgets.marks import StateMark
from steelyard.gui.widgets.popover import Popover


class JobRow(QWidget):
    """One job."""

    def __init__(self, job: Job, runner: JobRunner) -> None:
        super().__init__()
        self.job = job
        self._runner = runner
        self._title = Elided(job.title, weight=fonts.MEDIUM)
        self._state = small()
        self._line = ProgressLine(self.tr("Progress of {0}").format(job.title))
        self._words = Elided(size=11, tone="text_2")
        self._mark = StateMark("yes", "", small=True)
        self._next = Paragraph(size=11, tone="text_2")
        self._button = IconButton("x", self.tr("Cancel {0}").format(job.title))
        self._button.clicked.connect(self._on_button)
        self._pause = IconButton("pause", self.tr("Pause {0}").format(job.title))
        self._pause.clicked.connect(job.pause)
        head = row(gap=8)
        head.addWidget(self._title, 1)
        head.addWidget(self._mark)
        head.addWidget(self._state)
        head.addWidget(self._pause)
        head.addWidget(self._button)
        layout = column(
            head, self._line, 4, self._words, self._next, gap=0, margins=(16, 8, 10, 10)
        )
        self.setLayout(layout)
        job.changed.connect(self.show_job)
        self.show_job()

    def show_job(self) -> None:
        """Draw it as it is now."""
        job = self.job
        self._line.setVisible(job.active)
        self._line.set_share(job.share)
        self._mark.setVisible(not job.active)
        self._state.setVisible(job.active)
        self._next.setVisible(job.error is not None)
        self._pause.setVisible(job.active and keeps_what_arrived(job))
        self._pause.setEnabled(not job.cancel_asked)
        if job.active:
            share = job.share
            self._state.setText("" if share is None else figures.percent(share))
            self._words.setText(progress_words(job))
            self._button.setEnabled(not job.cancel_asked)
            return
        self._button.setEnabled(True)
        self._button.setAccessibleName(self.tr("Take {0} off the list").format(job.title))
        self._button.setToolTip(self.tr("Take off the list"))
        self._words.hide()
        if job.error is None:
            self._mark.set_state("yes", self.tr("Done"))
        else:
            states = {"cancelled": "begun", "paused": "begun", "failed": "no"}
            refused = job.error.code == "refused-by-policy"
            state = "refused" if refused else states.get(job.state, "no")
            word = self.tr("Paused") if job.state == "paused" else error_headline(job.error)
            self._mark.set_state(state, word)
            self._next.setText(display_name(job.error.diagnosis()))

    def _on_button(self) -> None:
        if self.job.active:
            self.job.cancel()
        else:
            self._runner.forget(self.job)


def progress_words(job: Job) -> str:
    """`hashing · 1.20 of 4.58 GiB · 85.2 MiB/s · 40 s left`."""
    translate = QCoreApplication.translate
    if job.cancel_asked:
        return translate("Tasks", "stopping at the next safe point")
    progress = job.progress
    if progress is None:
        return (
            translate("Tasks", "waiting") if job.state == "waiting" else translate("Tasks", "begun")
        )
    parts = [stage_word(progress), _amount(progress)]
    if job.per_s is not None:
        if progress.unit == "bytes":
            parts.append(figures.speed(job.per_s))
        elif progress.unit == "tokens":
            parts.append(translate("Tasks", "{0} tokens/s").format(figures.decimal(job.per_s, 1)))
    if job.left_s is not None:
        parts.append(figures.time_left(job.left_s))
    if progress.detail:
        parts.append(display_name(progress.detail))
    return " · ".join(part for part in parts if part)


def stage_word(progress: Progress) -> str:
    """A stage's name in the language in force; one not listed here is shown as it is."""
    translate = QCoreApplication.translate
    words = {
        "fetching": translate("Tasks", "fetching"),
        "copying": translate("Tasks", "copying"),
        "asking": translate("Tasks", "asking"),
        "resuming": translate("Tasks", "reading what is here"),
        "repairing": translate("Tasks", "repairing"),
        "writing": translate("Tasks", "copying"),
        "admitting": translate("Tasks", "judging"),
        "signing": translate("Tasks", "signing"),
        "checking signature": translate("Tasks", "checking the signature"),
        "waiting": translate("Tasks", "waiting"),
        "hashing": translate("Tasks", "hashing"),
        "scanning": translate("Tasks", "scanning"),
        "loading": translate("Tasks", "loading"),
        "evaluating": translate("Tasks", "evaluating"),
        "verifying": translate("Tasks", "verifying"),
        "generating": translate("Tasks", "writing"),
        "measuring": translate("Tasks", "measuring"),
    }
    return words.get(progress.stage, progress.stage)


def _amount(progress: Progress) -> str:
    translate = QCoreApplication.translate
    if progress.unit == "bytes":
        done = figures.size(progress.done)
        if progress.total is None:
            return done
        return translate("Tasks", "{0} of {1}").format(done, figures.size(progress.total))
    done = figures.count(progress.done)
    if progress.total is None:
        return done
    return translate("Tasks", "{0} of {1}").format(done, figures.count(progress.total))


class TasksPopover(Popover):
    """Opens below the tasks button.

    Signals:
        transfers_asked(): the person wants the page of the transfers.
    """

    transfers_asked = Signal()

    def __init__(self, window: QWidget, runner: JobRunner) -> None:
        super().__init__(window, "", 400)
        self.setAccessibleName(self.tr("Tasks"))
        self.panel.setAccessibleName(self.tr("Tasks"))
        self._runner = runner
        self._rows: dict[int, JobRow] = {}
        self._clear = Button(self.tr("Clear finished"), small=True, kind="flat")
        self._clear.clicked.connect(self._on_clear)
        self._to_transfers = Button(self.tr("Transfers"), icon="transfers", small=True, kind="flat")
        self._to_transfers.clicked.connect(self.shut)
        self._to_transfers.clicked.connect(self.transfers_asked)
        head = row(
            Label(self.tr("Tasks"), weight=fonts.SEMIBOLD),
            None,
            self._to_transfers,
            self._clear,
            margins=(16, 0, 8, 0),
        )
        header = holder(head)
        header.setFixedHeight(40)
        self._empty = Paragraph(
            self.tr("Nothing runs. Downloads, imports, checks and evaluations appear here.")
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addWidget(header)
        self.body.addWidget(Rule())
        self.body.addLayout(self._list)
        self._empty_box = holder(column(self._empty, margins=(16, 12, 16, 14)))
        self.body.addWidget(self._empty_box)
        self.body.addStretch(1)
        runner.job_added.connect(self.sync)
        runner.job_changed.connect(self._on_changed)
        self.sync()

    def _on_changed(self, job: Job) -> None:
        if job not in self._runner.jobs or not job.active:
            self.sync()

    def sync(self, _: object = None) -> None:
        """Show the jobs there are, newest first."""
        jobs = self._runner.jobs
        alive = {id(job) for job in jobs}
        for key in [key for key in self._rows if key not in alive]:
            gone = self._rows.pop(key)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for job in jobs:
            if id(job) not in self._rows:
                made = JobRow(job, self._runner)
                self._rows[id(job)] = made
                self._list.insertWidget(0, made)
        self._empty_box.setVisible(not jobs)
        self._clear.setVisible(any(not job.active for job in jobs))
        if self.isVisible():
            QTimer.singleShot(0, self, self.place)  # when the rows have found their new heights

    def _on_clear(self) -> None:
        for job in self._runner.jobs:
            self._runner.forget(job)
