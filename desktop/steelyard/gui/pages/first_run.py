"""First run: what this machine is, where models will live, whether a network may ever be used."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QStackedWidget, QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Page, Shell
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.labels import Label, Paragraph, small
from steelyard.gui.widgets.layouts import Icon, column, holder, row
from steelyard.machine.report import MachineReport
from steelyard.service import requests as ask

WIDTH = 560


class FirstRunPage(Page):
    """Three quiet steps; then the starter model is there and one click runs the starter check."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("FirstRunPage", "First steps"))
        self._step = small("", tone="text_2")
        self._banner = Banner("red")
        self._banner.hide()
        self._steps = QStackedWidget()
        for build in (self._machine_step, self._place_step, self._network_step, self._ready_step):
            self._steps.addWidget(build())
        self._back = Button(self.tr("Back"))
        self._next = Button(self.tr("Next"), kind="primary")
        self._back.clicked.connect(lambda: self._show_step(self._steps.currentIndex() - 1))
        self._next.clicked.connect(self._go_on)
        buttons = row(self._back, None, self._next, gap=12)
        middle = holder(column(self._step, self._banner, self._steps, 16, buttons, gap=8))
        middle.setFixedWidth(WIDTH)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(row(None, middle, None))
        outer.addStretch(2)
        self._show_step(0)

    def first_focus(self) -> QWidget | None:
        return self._next

    def refresh(self) -> None:
        jobs = self.shell.jobs
        jobs.ask(ask.ProbeMachine(engine=False), self._show_machine, self._failed, owner=self)
        jobs.ask(ask.ListModels(), self._show_models, self._failed, owner=self)
        jobs.ask(ask.ShowPolicy(), self._show_policy, self._failed, owner=self)

    # ------------------------------------------------------------------ the steps

    @staticmethod
    def _card(title: str, words: str, *content: QWidget) -> QWidget:
        card = Card(padded=True)
        card.body.setContentsMargins(24, 20, 24, 20)
        card.body.addWidget(Label(title, size=20, weight=fonts.SEMIBOLD))
        card.body.addSpacing(4)
        card.body.addWidget(Paragraph(words))
        card.body.addSpacing(12)
        for widget in content:
            card.body.addWidget(widget)
            card.body.addSpacing(6)
        card.body.addStretch(1)
        card.setMinimumHeight(280)
        card.setAccessibleName(title)
        return card

    def _machine_step(self) -> QWidget:
        self._processor = Paragraph(self.tr("Looking…"), tone="text")
        self._memory = Paragraph("", tone="text")
        self._gpu = Paragraph("", tone="text")
        return self._card(
            self.tr("This machine"),
            self.tr("What a model needs is asked of the engine and held against this, each time."),
            self._processor,
            self._memory,
            self._gpu,
        )

    def _place_step(self) -> QWidget:
        self._place = Paragraph("", tone="text")
        self._free = Paragraph("", tone="text")
        return self._card(
            self.tr("Where models live"),
            self.tr(
                "Each file is kept once, by its content, readable by you alone. "
                "Removing Steelyard does not remove them."
            ),
            self._place,
            self._free,
        )

    def _network_step(self) -> QWidget:
        self._never = QRadioButton(self.tr("Never: refuse every connection"))
        self._asked = QRadioButton(self.tr("Only when I ask for something from a host"))
        group = QButtonGroup(self)
        group.addButton(self._never)
        group.addButton(self._asked)
        self._asked.setChecked(True)
        self._locked = small("", tone="text_2")
        return self._card(
            self.tr("The network"),
            self.tr("Nothing connects by itself, in either case. You can change this in Settings."),
            self._never,
            self._asked,
            self._locked,
        )

    def _ready_step(self) -> QWidget:
        self._check = Button(self.tr("Run the starter check"), icon="evaluate")
        self._check.clicked.connect(lambda: self._finish(check=True))
        return self._card(
            self.tr("Ready"),
            self.tr(
                "A small starter model is in the library. It checks this installation and is not for work: "
                "the starter check shows in a few seconds that this machine computes rightly."
            ),
            holder(
                row(
                    Icon("library"),
                    Label(self.tr("Starter: checks this installation, not for work")),
                    None,
                )
            ),
            holder(row(self._check, None)),
        )

    # ------------------------------------------------------------------ what they show

    def _show_machine(self, report: MachineReport) -> None:
        self._processor.setText(
            display_name(report.cpu.model)
            + ", "
            + self.tr("{0} logical cores").format(figures.count(report.cpu.logical_cores))
        )
        self._memory.setText(
            self.tr("{0} of memory, {1} available now").format(
                figures.size(report.memory.total_bytes), figures.size(report.memory.available_bytes)
            )
        )
        names = ", ".join(display_name(gpu.name) for gpu in report.gpus)
        self._gpu.setText(names or self.tr("No graphics processor that its driver tells of"))
        disk = next((disk for disk in report.disks if disk.holds_store), None)
        if disk is not None:
            self._place.setText(self.tr("On the disk at {0}").format(display_name(disk.path)))

    def _show_models(self, listed: ask.ModelList) -> None:
        self._free.setText(self.tr("{0} free").format(figures.size(listed.free_bytes)))

    def _show_policy(self, policy: ask.PolicyInForce) -> None:
        offline = next(value for value in policy.values if value.key == "network.offline")
        self._never.setChecked(bool(offline.value))
        self._asked.setChecked(not offline.value)
        self._never.setEnabled(not offline.locked)
        self._asked.setEnabled(not offline.locked)
        self._locked.setText(self.tr("Fixed by policy.") if offline.locked else "")

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()

    def _show_step(self, step: int) -> None:
        last = self._steps.count() - 1
        self._steps.setCurrentIndex(step)
        self._back.setEnabled(step > 0)
        self._next.setText(self.tr("Open the library") if step == last else self.tr("Next"))
        self._step.setText(
            self.tr("Step {0} of {1}").format(min(step + 1, last), last) if step < last else ""
        )

    def _go_on(self) -> None:
        if self._steps.currentIndex() < self._steps.count() - 1:
            self._show_step(self._steps.currentIndex() + 1)
        else:
            self._finish(check=False)

    def _finish(self, *, check: bool) -> None:
        if self._never.isEnabled():
            self._set("network.offline", value=self._never.isChecked())
        self._set("window.first-run-done", value=True)
        self._show_step(0)
        if check:
            self.shell.go("evaluate", "starter")
            self.shell.jobs.act(
                ask.RunSuite("starter-check", "starter"),
                title=self.tr("Starter check · starter"),
                owner=self,
            )
        else:
            self.shell.go("library", None)

    def _set(self, key: str, *, value: bool) -> None:
        self.shell.jobs.act(
            ask.ChangeSetting(key, value),
            title=key,
            on_error=self._failed,
            owner=self,
            listed=False,
        )
