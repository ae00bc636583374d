"""Machine: what this computer has, in cards, and what the inference engine sees of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Page, Shell, page_column, scrolling
from steelyard.gui.theme.tokens import APART
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import Legend, Segment, StackedBar
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.empty import Skeleton
from steelyard.gui.widgets.labels import Elided, Label, Paragraph, small
from steelyard.gui.widgets.layouts import Note, clear, column, holder, row
from steelyard.machine.report import Disk, Gpu, MachineReport
from steelyard.service import requests as ask


class MachinePage(Page):
    """Cards: processor, memory, disks, each GPU, the engine's devices."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("MachinePage", "Machine"))
        self._again = Button(self.tr("Probe again"), icon="refresh")
        self._again.clicked.connect(self.refresh)
        self._banner = Banner("amber")
        self._banner.hide()
        self._cards = QWidget()
        self._grid = QGridLayout(self._cards)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(Skeleton(), 0, 0, 1, 2)
        self._note = Note(
            self.tr("Free memory changes while you look; a model's fit is asked anew each time.")
        )
        content = page_column(self, note=self._note)
        content.setSpacing(APART)
        content.addLayout(row(None, self._again))
        content.addWidget(self._banner)
        content.addWidget(scrolling(holder(column(self._cards, None)), self.tr("Machine")), 1)

    def first_focus(self) -> QWidget | None:
        return self._again

    def refresh(self) -> None:
        self.shell.jobs.ask(
            ask.ProbeMachine(), self._show, self._show_error, owner=self, replaces="probe"
        )

    def _show_error(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()

    def _show(self, report: MachineReport) -> None:
        problems = [*report.problems, *([report.engine_problem] if report.engine_problem else [])]
        self._banner.setVisible(bool(problems))
        if problems:
            self._banner.say("amber", self.tr("Not everything could be read."), " ".join(problems))
        clear(self._grid)
        cards = [self._system(report), self._memory(report)]
        cards += [self._gpu(gpu) for gpu in report.gpus]
        cards += [self._disks(report.disks), self._engine(report)]
        for place, card in enumerate(cards):
            self._grid.addWidget(card, place // 2, place % 2)
        self._note.set_parts(
            self.tr("Probed in {0}.").format(figures.duration(report.elapsed_s)),
            self.tr("Free memory changes while you look; a model's fit is asked anew each time."),
        )

    def _system(self, report: MachineReport) -> Card:
        card = Card(self.tr("Processor"), padded=True)
        cpu = report.cpu
        physical = (
            figures.MISSING if cpu.physical_cores is None else figures.count(cpu.physical_cores)
        )
        _facts(
            card,
            (self.tr("Model"), display_name(cpu.model)),
            (
                self.tr("Cores"),
                self.tr("{0} physical, {1} logical").format(
                    physical, figures.count(cpu.logical_cores)
                ),
            ),
            (self.tr("Instructions"), ", ".join(cpu.instruction_sets) or self.tr("not known")),
            (self.tr("Architecture"), cpu.architecture),
            (self.tr("System"), f"{report.os.name} {report.os.release}"),
        )
        return card

    def _memory(self, report: MachineReport) -> Card:
        memory = report.memory
        card = Card(self.tr("Memory"), note=figures.size(memory.total_bytes), padded=True)
        used = max(memory.total_bytes - memory.available_bytes, 0)
        card.body.addWidget(self._bar(self.tr("Memory"), used, memory.available_bytes))
        card.body.addSpacing(8)
        lines = [(self.tr("Available"), figures.size(memory.available_bytes))]
        if memory.swap_total_bytes:
            lines.append((self.tr("Swap free"), figures.size(memory.swap_free_bytes)))
        if memory.limited_by:
            lines.append((self.tr("Limited by"), memory.limited_by))
        _facts(card, *lines)
        return card

    def _bar(self, name: str, used_bytes: int, free_bytes: int) -> QWidget:
        segments = (
            Segment("other", self.tr("In use"), used_bytes, figures.size(used_bytes)),
            Segment("headroom", self.tr("Free"), free_bytes, figures.size(free_bytes)),
        )
        bar, legend = StackedBar(name), Legend()
        bar.set_segments(segments, used_bytes + free_bytes)
        legend.set_segments(segments)
        return holder(column(bar, legend, gap=6))

    def _gpu(self, gpu: Gpu) -> Card:
        card = Card(display_name(gpu.name), note=gpu.backend, padded=True)
        if gpu.total_bytes is not None and gpu.free_bytes is not None:
            card.body.addWidget(
                self._bar(gpu.name, gpu.total_bytes - gpu.free_bytes, gpu.free_bytes)
            )
            card.body.addSpacing(8)
            free = figures.size(gpu.free_bytes)
        else:
            free = self.tr("the driver does not tell")
        _facts(
            card,
            (self.tr("Free"), free),
            (self.tr("Driver"), gpu.driver or self.tr("not known")),
            (self.tr("Used by"), display_name(", ".join(gpu.used_by)) or self.tr("nobody known")),
        )
        return card

    def _disks(self, disks: tuple[Disk, ...]) -> Card:
        card = Card(self.tr("Disks"), padded=True)
        for disk in disks:
            words = self.tr("{0} free of {1}").format(
                figures.size(disk.free_bytes), figures.size(disk.total_bytes)
            )
            place = self.tr("models lie here") if disk.holds_store else ""
            card.body.addLayout(
                row(
                    Label(display_name(disk.path)),
                    small(disk.filesystem),
                    small(place),
                    None,
                    Label(words),
                )
            )
            card.body.addSpacing(6)
        if not disks:
            card.body.addWidget(Label(self.tr("No disk could be read."), tone="text_2"))
        card.body.addStretch(1)
        return card

    def _engine(self, report: MachineReport) -> Card:
        card = Card(self.tr("What the engine sees"), note="llama.cpp", padded=True)
        for device in report.engine_devices:
            card.body.addLayout(
                row(
                    Label(display_name(device.name)),
                    small(display_name(device.description)),
                    None,
                    Label(device.kind),
                )
            )
            card.body.addSpacing(6)
        if not report.engine_devices:
            card.body.addWidget(Label(report.engine_problem or self.tr("Nothing."), tone="text_2"))
        card.body.addStretch(1)
        return card


def _facts(card: Card, *lines: tuple[str, str]) -> None:
    for word, value in lines:
        label = Elided(word, tone="text_2")
        label.setFixedSize(104, 20)
        line = row(gap=8)
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Paragraph(value, tone="text"), 1)
        card.body.addLayout(line)
        card.body.addSpacing(6)
    card.body.addStretch(1)
