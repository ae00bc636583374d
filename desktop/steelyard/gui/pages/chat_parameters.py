"""Parameters of a chat: label, one line of help, field."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.gui.pages.page import scrolling
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.buttons import Button, IconButton
from steelyard.gui.widgets.fields import DecimalField, NumberField, TextArea
from steelyard.gui.widgets.labels import Elided, Label
from steelyard.gui.widgets.layouts import Rule, column, holder, row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.runtime.records import Sampling

WIDTH = 312
FIELD = 84
DEFAULTS = Sampling()


class Parameters(QWidget):
    """The drawer at the trailing side of Chat."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        translate = QCoreApplication.translate
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.temperature = DecimalField(0.0, 2.0, DEFAULTS.temperature, step=0.1, width=FIELD)
        self.top_p = DecimalField(0.0, 1.0, DEFAULTS.top_p, step=0.05, width=FIELD)
        self.top_k = NumberField(0, 1000, DEFAULTS.top_k, width=FIELD)
        self.min_p = DecimalField(0.0, 1.0, DEFAULTS.min_p, step=0.01, width=FIELD)
        self.penalty = DecimalField(0.5, 2.0, DEFAULTS.repetition_penalty, step=0.05, width=FIELD)
        self.longest = NumberField(1, 1_048_576, 1024, width=FIELD)
        self.seed = NumberField(-1, 2**31 - 1, -1, width=FIELD)
        self.context = NumberField(0, 1_048_576, 0, width=FIELD)
        self.thinking = Segmented(
            (Choice("on", self.tr("On")), Choice("off", self.tr("Off"))),
            translate("Parameters", "Thinking"),
            small=True,
        )
        self.system = TextArea(self.tr("None"), name=self.tr("System prompt"), rows=3)
        self._add(self.tr("Temperature"), self.tr("0 repeats itself; 1 wanders"), self.temperature)
        self._add(self.tr("Top-p"), self.tr("Keep this share of likely words"), self.top_p)
        self._add(self.tr("Top-k"), self.tr("Keep this many likely words"), self.top_k)
        self._add(self.tr("Min-p"), self.tr("Drop words far below the best"), self.min_p)
        self._add(self.tr("Repetition penalty"), self.tr("1 is none"), self.penalty)
        self._add(self.tr("Longest answer"), self.tr("Tokens, thinking included"), self.longest)
        self._add(self.tr("Seed"), self.tr("Same seed, same answer; -1: any"), self.seed)
        self._add(self.tr("Context length"), self.tr("0: as set; a change reloads"), self.context)
        self._add(self.tr("Thinking"), self.tr("Where the template knows it"), self.thinking)
        self._rows.addLayout(
            column(
                Label(self.tr("System prompt"), weight=fonts.MEDIUM),
                self.system,
                gap=6,
                margins=(16, 12, 16, 12),
            )
        )
        self._rows.addStretch(1)
        reset = Button(self.tr("Reset"), kind="flat", small=True)
        reset.clicked.connect(self.reset)
        close = IconButton("x", self.tr("Close the parameters"))
        close.clicked.connect(self.closed)
        head = row(margins=(16, 0, 8, 0))
        head.addWidget(Label(self.tr("Parameters"), weight=fonts.SEMIBOLD), 1)
        head.addWidget(reset)
        head.addWidget(close)
        box = holder(head)
        box.setFixedHeight(55)
        inner = QVBoxLayout()
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(box)
        inner.addWidget(Rule())
        inner.addWidget(scrolling(holder(self._rows), self.tr("Parameters")), 1)
        outer = row(gap=0)
        outer.addWidget(Rule(upright=True))
        outer.addLayout(inner, 1)
        self.setLayout(outer)

    def _add(self, title: str, help_text: str, field: QWidget) -> None:
        field.setAccessibleName(title)
        field.setAccessibleDescription(help_text)
        label = Label(title, weight=fonts.MEDIUM)
        label.setBuddy(field)
        line = row(gap=8, margins=(16, 8, 16, 8))
        line.addLayout(column(label, Elided(help_text, size=11, tone="text_2"), gap=0), 1)
        line.addWidget(field)
        self._rows.addWidget(holder(line))
        self._rows.addWidget(Rule())

    def reset(self) -> None:
        """Everything as at first."""
        self.temperature.setValue(DEFAULTS.temperature)
        self.top_p.setValue(DEFAULTS.top_p)
        self.top_k.setValue(DEFAULTS.top_k)
        self.min_p.setValue(DEFAULTS.min_p)
        self.penalty.setValue(DEFAULTS.repetition_penalty)
        self.longest.setValue(1024)
        self.seed.setValue(-1)
        self.context.setValue(0)
        self.thinking.choose("on")
        self.system.clear()

    def sampling(self) -> Sampling:
        """What is set now."""
        return Sampling(
            temperature=round(self.temperature.value(), 4),
            top_p=round(self.top_p.value(), 4),
            top_k=self.top_k.value(),
            min_p=round(self.min_p.value(), 4),
            repetition_penalty=round(self.penalty.value(), 4),
            max_tokens=self.longest.value(),
            seed=self.seed.value(),
        )
