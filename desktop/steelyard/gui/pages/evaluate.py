"""Evaluate: suites and models at the left, runs in the middle, one run's rows and samples at the right."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.base.progress import Progress
from steelyard.evals.records import Row as GateRow
from steelyard.evals.records import RunRecord
from steelyard.gui import figures
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages import trust
from steelyard.gui.pages.evaluate_result import ResultPane
from steelyard.gui.pages.evaluate_words import suite_title
from steelyard.gui.pages.page import Page, Shell, scrolling
from steelyard.gui.tables.cells import NumberCell, TextCell, VerdictCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.choices import CheckBox
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.labels import Elided, Label, small
from steelyard.gui.widgets.layouts import Rule, clear, column, holder, row
from steelyard.service import requests as ask
from steelyard.service.operation import RowFinished

GATE = "fast-gate"
CHOICES_WIDTH = 208
RUNS_WIDTH, RUNS_WIDTH_NARROW, ROOMY = 356, 248, 1100
"""Widths in px: of the runs, and from where on the page has room for the wide ones, with their times."""


class EvaluatePage(Page):
    """Chooses, runs, and shows."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("EvaluatePage", "Evaluate"))
        self._suites: dict[str, CheckBox] = {}
        self._models: dict[str, CheckBox] = {}
        self._wanted_model = ""
        self._queue: list[tuple[str, str]] = []
        self._job: Job | None = None
        self._runs: dict[str, RunRecord] = {}
        self._choices = QVBoxLayout()
        self._choices.setSpacing(6)
        self._run = Button(self.tr("Run"), icon="play", kind="primary")
        self._run.clicked.connect(self._start)
        self._cancel = Button(self.tr("Stop"), icon="stop")
        self._cancel.clicked.connect(self._stop)
        self._cancel.hide()
        self._said = small("", tone="text_2")
        self._progress = ProgressLine(self.tr("Evaluating"))
        self._now = Elided("", size=11, tone="text_2")
        self._running = holder(column(self._now, self._progress, gap=6, margins=(16, 8, 16, 12)))
        self._running.hide()
        self._table = Table(
            (
                Column(self.tr("Run", "one that was run")),
                Column(self.tr("When"), 76, end=True, optional=300),
                Column(self.tr("Verdict"), 108),
            ),
            self.tr("Runs, newest first"),
        )
        self._table.current_changed.connect(self._show_run)
        self._result = ResultPane()
        self._empty = EmptyState(
            "evaluate",
            self.tr("No run yet"),
            self.tr("Choose a suite and a model, and run it. Every prompt and answer is kept."),
        )
        self._banner = Banner("red")
        self._banner.hide()
        outer = row(gap=0)
        outer.addWidget(self._left())
        outer.addWidget(Rule(upright=True))
        outer.addWidget(self._middle())
        outer.addWidget(Rule(upright=True))
        right = column(self._banner, gap=12, margins=(24, 16, 24, 12))
        right.addWidget(self._result, 1)
        right.addWidget(self._empty, 1)
        outer.addLayout(right, 1)
        self.setLayout(outer)
        self._result.hide()
        self._empty.hide()

    def _left(self) -> QWidget:
        inner = column(self._choices, None, margins=(16, 16, 16, 16))
        foot = column(
            row(self._run, self._cancel, None), self._said, gap=8, margins=(16, 8, 16, 16)
        )
        box = holder(column(gap=0))
        layout = box.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(scrolling(holder(inner), self.tr("Suites and models")), 1)
        layout.addLayout(foot)
        box.setFixedWidth(CHOICES_WIDTH)
        return box

    def _middle(self) -> QWidget:
        head = row(
            Label(self.tr("Runs"), weight=fonts.SEMIBOLD),
            None,
            small(self.tr("newest first"), tone="text_2"),
            margins=(16, 16, 16, 8),
        )
        box = holder(column(head, self._running, gap=0))
        layout = box.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(self._table, 1)
        self._runs_box = box
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._runs_box.setFixedWidth(RUNS_WIDTH if self.width() >= ROOMY else RUNS_WIDTH_NARROW)

    def first_focus(self) -> QWidget | None:
        return self._run

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str):
            self._wanted_model = argument
        super().activate(argument)

    # ------------------------------------------------------------------ what can be chosen

    def refresh(self) -> None:
        jobs = self.shell.jobs
        jobs.ask(ask.ListSuites(), self._show_suites, self._failed, owner=self, replaces="suites")
        jobs.ask(ask.ListRuns(), self._show_runs, self._failed, owner=self, replaces="runs")

    def _show_suites(self, listed: ask.SuiteList) -> None:
        self._suite_rows = listed.suites
        self.shell.jobs.ask(
            ask.ListModels(), self._show_models, self._failed, owner=self, replaces="models"
        )

    def _show_models(self, listed: ask.ModelList) -> None:
        ticked = {key for key, box in (self._suites | self._models).items() if box.isChecked()}
        first = not self._suites
        clear(self._choices)
        self._choices.addWidget(Label(self.tr("Suites"), weight=fonts.SEMIBOLD))
        self._suites = {}
        for suite in self._suite_rows:
            box = CheckBox(suite_title(suite.id, suite.title), end=figures.count(suite.items))
            box.setChecked(suite.id in ticked or (first and suite.id == GATE))
            box.toggled.connect(self._count)
            self._suites[suite.id] = box
            self._choices.addWidget(box)
        self._choices.addSpacing(12)
        self._choices.addWidget(Label(self.tr("Models"), weight=fonts.SEMIBOLD))
        self._models = {}
        for model in listed.models:
            if not trust.usable(model):
                continue
            box = CheckBox(display_name(model.name))
            box.setChecked(
                model.name in ticked
                or model.name == self._wanted_model
                or (first and not self._wanted_model and not self._models)
            )
            box.toggled.connect(self._count)
            self._models[model.name] = box
            self._choices.addWidget(box)
        self._wanted_model = ""
        self._order_keyboard()
        self._count()

    def _order_keyboard(self) -> None:
        """Tab goes as the page reads; the boxes are made anew, which puts them last."""
        boxes = (*self._suites.values(), *self._models.values())
        chain = (*boxes, self._run, self._cancel, self._table, *self._result.tables)
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _chosen(self) -> list[tuple[str, str]]:
        return [
            (suite, model)
            for model, model_box in self._models.items()
            if model_box.isChecked()
            for suite, suite_box in self._suites.items()
            if suite_box.isChecked()
        ]

    def _count(self) -> None:
        chosen = len(self._chosen())
        self._run.setText(self.tr("Run {0}").format(chosen) if chosen > 1 else self.tr("Run"))
        self._run.setEnabled(chosen > 0 and self._job is None)
        self._said.setText(self.tr("one model at a time") if chosen > 1 else "")

    # ------------------------------------------------------------------ running

    def _start(self) -> None:
        if self._job is None:
            self._queue = self._chosen()
            self._banner.hide()
            self._next()

    def _next(self) -> None:
        if not self._queue:
            self._job = None
            self._running.hide()
            self._cancel.hide()
            self._count()
            return
        suite, model = self._queue.pop(0)
        request = ask.RunGate(model) if suite == GATE else ask.RunSuite(suite, model)
        box = self._suites.get(suite)
        title = f"{box.text() if box else suite} · {display_name(model)}"
        self._now.setText(title)
        self._progress.set_share(None)
        self._running.show()
        self._cancel.show()
        self._run.setEnabled(False)
        self._job = self.shell.jobs.act(
            request,
            title=title,
            on_event=self._going_on,
            on_result=self._one_done,
            on_error=self._one_failed,
            owner=self,
        )

    def _stop(self) -> None:
        self._queue = []
        if self._job is not None:
            self._job.cancel()

    def _going_on(self, event: object) -> None:
        if isinstance(event, Progress) and self._job is not None:
            self._progress.set_share(self._job.share if event.unit == "items" else None)
        elif isinstance(event, RowFinished) and isinstance(event.row, GateRow):
            self._said.setText(f"{event.row.verdict.value}: {event.row.title}")

    def _one_done(self, outcome: ask.SuiteOutcome) -> None:
        self._next()
        self._reload(outcome.run_id)

    def _one_failed(self, error: SteelyardError) -> None:
        self._failed(error)
        self._next()
        self._reload("")

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()

    # ------------------------------------------------------------------ runs

    def _reload(self, choose: str) -> None:
        def show(listed: ask.RunList) -> None:
            self._show_runs(listed)
            if choose:
                self._table.choose(choose)

        self.shell.jobs.ask(ask.ListRuns(), show, self._failed, owner=self, replaces="runs")

    def _show_runs(self, listed: ask.RunList) -> None:
        self._runs = {run.run_id: run for run in listed.runs}
        self._table.set_rows([self._row(run) for run in listed.runs])
        self._empty.setVisible(not self._runs)
        self._result.setVisible(bool(self._runs))
        if self._runs and self._table.current_key() is None:
            self._table.choose(listed.runs[0].run_id)

    def _row(self, run: RunRecord) -> Row:
        about = display_name(run.model_name)
        words = {
            "running": self.tr("running"),
            "cancelled": self.tr("stopped"),
            "failed": self.tr("broken off"),
        }
        verdict = (
            VerdictCell(run.verdict.value)
            if run.status == "done"
            else TextCell(words.get(run.status, run.status), tone="text_2", size=11)
        )
        title = suite_title(run.suite, run.suite_title)
        return Row(
            run.run_id,
            (
                TextCell(title, weight=fonts.MEDIUM, after=about),
                NumberCell(figures.clock_or_day(run.started_at), tone="text_2"),
                verdict,
            ),
            tooltip=figures.moment(run.started_at),
        )

    def _show_run(self, key: object) -> None:
        if isinstance(key, str) and key in self._runs:
            self.shell.jobs.ask(
                ask.ShowRun(key), self._result.show_run, self._failed, owner=self, replaces="run"
            )
