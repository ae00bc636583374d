"""Fit: what the model needs in memory here, at a context length one chooses, asked of the engine each time."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.fit.report import DeviceFit, FitReport
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import Shell, page_column
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import Legend, Segment, StackedBar
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.fields import NumberField
from steelyard.gui.widgets.labels import Elided, Label, field_label, small
from steelyard.gui.widgets.layouts import Note, Rule, clear, column, holder, row
from steelyard.gui.widgets.marks import StateMark
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.gui.widgets.slider import ContextSlider
from steelyard.service import requests as ask

DEFAULT_CONTEXT = 8192
_SETTLE_MS = 180


class FitTab(ModelTab):
    """A slider over a stacked bar per device; an answer a moment after the slider rests."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._target = self._entry = ""
        self._asked: tuple[str, int, str] | None = None
        self._slider = ContextSlider(
            DEFAULT_CONTEXT, DEFAULT_CONTEXT, name=self.tr("Context length")
        )
        self._tokens = NumberField(
            256, 1_048_576, DEFAULT_CONTEXT, name=self.tr("Context length in tokens"), width=140
        )
        self._tokens.setKeyboardTracking(False)
        self._trained = small("", tone="text_2")
        self._kv = Segmented(
            (Choice("f16", "f16"), Choice("q8_0", "q8_0"), Choice("q4_0", "q4_0")),
            self.tr("KV cache"),
        )
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._slider.tokens_changed.connect(self._moved)
        self._tokens.valueChanged.connect(self._typed)
        self._kv.chosen_changed.connect(lambda _key: self._settle.start())
        self._devices = QVBoxLayout()
        self._devices.setSpacing(0)
        self._banner = Banner("blue")
        self._banner.hide()
        card = Card()
        card.setAccessibleName(self.tr("Memory needed"))
        card.body.addWidget(self._controls())
        card.body.addLayout(self._devices)
        self._note = Note("")
        content = page_column(self, note=self._note)
        content.setSpacing(12)
        content.addWidget(self._banner)
        content.addWidget(card)
        content.addStretch(1)

    def _controls(self) -> QWidget:
        left = column(field_label(self.tr("&Context length"), self._slider), self._slider, gap=4)
        middle = column(self._trained, self._tokens, gap=4)
        right = column(small(self.tr("KV cache"), tone="text_2"), self._kv, gap=4)
        line = row(gap=24, margins=(16, 12, 16, 12))
        line.addLayout(left, 1)
        line.addLayout(middle)
        line.addLayout(right)
        return holder(line)

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        self.show_target(detail.model.name, detail.model.context_length)

    def show_target(self, target: str, trained_tokens: int | None, *, entry: str = "") -> None:
        """Ask about another target: a model's name, or the reference of a variant of a catalog entry."""
        if (self._target, self._entry) == (target, entry):
            return
        self._target, self._entry = target, entry
        trained = trained_tokens or DEFAULT_CONTEXT
        self._slider.set_trained(trained)
        self._slider.set_tokens(min(trained, DEFAULT_CONTEXT))
        self._tokens.blockSignals(True)
        self._tokens.setValue(self._slider.tokens)
        self._tokens.blockSignals(False)
        self._trained.setText(self.tr("trained for {0} tokens").format(figures.count(trained)))
        self._asked = None

    def opened(self) -> None:
        if self._asked is None:
            self._ask()

    def _moved(self, tokens: int) -> None:
        self._tokens.blockSignals(True)
        self._tokens.setValue(tokens)
        self._tokens.blockSignals(False)
        self._settle.start()

    def _typed(self, tokens: int) -> None:
        self._slider.set_tokens(tokens)
        self._settle.start()

    def _ask(self) -> None:
        if not self._target:
            return
        self._asked = (self._target, self._tokens.value(), self._kv.chosen)
        request = ask.AskFit(self._asked[0], self._asked[1], self._asked[2], entry=self._entry)
        self._shell.jobs.ask(request, self._show, self._failed, owner=self, replaces="fit")

    def _failed(self, error: SteelyardError) -> None:
        clear(self._devices)
        self._note.set_parts()
        self._banner.say_error(error)
        self._banner.show()

    def _show(self, report: FitReport) -> None:
        self._banner.hide()
        clear(self._devices)
        for device in report.devices:
            self._devices.addWidget(Rule())
            self._devices.addWidget(self._device(device, report))
        source = (
            self.tr("Asked of the engine by a dry load, in {0}.").format(
                figures.duration(report.elapsed_s)
            )
            if report.source == "engine"
            else self.tr("Computed by a formula; the engine could not be asked.")
        )
        kept = self.tr("{0} are kept free. Sizes are in GiB.").format(
            figures.size(report.reserve_bytes)
        )
        self._note.set_parts(source, kept, *(display_name(note) for note in report.notes))

    def _device(self, device: DeviceFit, report: FitReport) -> QWidget:
        others = max(device.total_bytes - device.available_bytes, 0)
        left = device.available_bytes - device.needed_bytes
        segments = [
            Segment(
                "weights",
                self.tr("Weights"),
                device.weights_bytes,
                figures.gib(device.weights_bytes),
            ),
            Segment("kv", self.tr("KV cache"), device.kv_bytes, figures.gib(device.kv_bytes)),
            Segment(
                "compute",
                self.tr("Compute and output"),
                device.compute_bytes + device.output_bytes,
                figures.gib(device.compute_bytes + device.output_bytes),
            ),
            Segment("other", self.tr("Other programs"), others, figures.gib(others)),
            Segment("headroom", self.tr("Headroom"), max(left, 0), figures.gib(max(left, 0))),
        ]
        bar = StackedBar(self.tr("Memory of {0}").format(display_name(device.name)))
        bar.set_segments(segments, device.total_bytes)
        legend = Legend()
        legend.set_segments(segments)
        name = self.tr("Memory") if device.kind == "cpu" else display_name(device.name)
        about = column(
            Label(name, weight=fonts.SEMIBOLD),
            Elided(figures.size(device.total_bytes), size=11, tone="text_2"),
            None,
            gap=0,
        )
        verdict = self._verdict(report, left)
        line = row(gap=24, margins=(16, 14, 16, 14))
        box = holder(about)
        box.setFixedWidth(180)
        line.addWidget(box)
        line.addWidget(holder(column(bar, legend, gap=6)), 1)
        line.addWidget(verdict)
        return holder(line)

    def _verdict(self, report: FitReport, left_bytes: int) -> QWidget:
        needed = self.tr("{0} of {1}").format(
            figures.gib(report.total_bytes), figures.size(report.available_bytes)
        )
        spare = figures.size(abs(report.margin_bytes))
        mark = (
            StateMark("yes", self.tr("Fits, {0} to spare").format(spare))
            if report.fits
            else StateMark("no", self.tr("Does not fit, short by {0}").format(spare))
        )
        box = holder(
            column(
                row(None, Label(needed, weight=fonts.SEMIBOLD)),
                row(None, small(self.tr("available now"), tone="text_2")),
                row(None, mark),
                gap=2,
            )
        )
        box.setMinimumWidth(200)
        return box
