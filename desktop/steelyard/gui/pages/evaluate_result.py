"""One run: its rows with counts and intervals, never averaged, and every sample of the row chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.evals.records import Row as GateRow
from steelyard.evals.records import RowVerdict, RunRecord, Sample
from steelyard.gui import figures
from steelyard.gui.names import display_name, visible_text
from steelyard.gui.pages.evaluate_words import row_title, suite_title
from steelyard.gui.pages.page import scrolling
from steelyard.gui.tables.cells import Cell, IntervalCell, NumberCell, TextCell, VerdictCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.chips import VerdictChip
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.interval import Interval
from steelyard.gui.widgets.labels import Elided, Paragraph, small
from steelyard.gui.widgets.layouts import Icon, clear, column, holder, row
from steelyard.service import requests as ask


class ResultPane(QWidget):
    """Header, rows, samples, and the rule by which rows pass."""

    def __init__(self) -> None:
        super().__init__()
        self._detail: ask.RunDetail | None = None
        self._title = Elided(size=16, weight=fonts.SEMIBOLD)
        self._verdict = VerdictChip("NOT RUN")
        self._about = Elided("", tone="text_2")
        self._digest = DigestLabel("", self.tr("Suite"))
        head = row(self._title, self._verdict, gap=12)
        head.addWidget(self._about, 1)
        head.addWidget(self._digest)
        self._rows = Table(
            (
                Column(self.tr("Verdict"), 108),
                Column(self.tr("Check")),
                Column(self.tr("Passed"), 84, end=True),
                Column(self.tr("Share, 0–100 %,"), 176, accent=self.tr("needed"), optional=640),
                Column(self.tr("95 % interval"), 92, end=True, optional=420),
                Column(self.tr("Note"), 190, optional=760),
            ),
            self.tr("Rows of the run"),
            fit_height=True,
        )
        self._rows.current_changed.connect(self._show_samples)
        card = Card()
        card.setAccessibleName(self.tr("Rows"))
        card.body.addWidget(self._rows)
        self._samples = Table(
            (
                Column(self.tr("Grade"), 84),
                Column(self.tr("Prompt")),
                Column(self.tr("Answer")),
                Column(self.tr("Reason"), 220, optional=700),
            ),
            self.tr("Samples"),
        )
        self._samples.current_changed.connect(self._show_sample)
        self._samples_card = Card(self.tr("Samples"))
        self._samples_card.body.addWidget(self._samples, 1)
        self._samples_card.setMinimumHeight(230)
        self._sample = QVBoxLayout()
        self._sample_card = Card(self.tr("Sample"), padded=True)
        self._sample_card.body.addLayout(self._sample)
        self._sample_card.hide()
        inner = column(card, self._samples_card, self._sample_card, None, gap=16)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addLayout(head)
        outer.addWidget(scrolling(holder(inner), self.tr("Result")), 1)
        rule = row(Icon("info", size=14), gap=12)
        rule.addWidget(Paragraph(self._rule_words(), size=11), 1)
        outer.addLayout(rule)

    @property
    def tables(self) -> tuple[Table, Table]:
        """Rows and samples, in reading order."""
        return self._rows, self._samples

    def _rule_words(self) -> str:
        passes = self.tr(
            "PASS: interval wholly above the needed share. WARN: needed lies inside it. FAIL: wholly below."
        )
        strict = self.tr("Rows that judge the installation pass only when every item does.")
        return f"{passes} {strict}"

    def show_run(self, detail: ask.RunDetail) -> None:
        """Show another run."""
        self._detail = detail
        run = detail.run
        self._title.setText(suite_title(run.suite, run.suite_title))
        self._verdict.set_verdict(run.verdict.value)
        self._about.setText(self._words(run))
        self._digest.set_digest(run.suite_digest)
        self._rows.set_rows([self._row(found) for found in run.rows])
        self._show_samples(self._rows.current_key())

    def _words(self, run: RunRecord) -> str:
        words = [
            display_name(run.model_name),
            run.quantization,
            self.tr("seed {0}").format(run.seed),
            figures.moment(run.started_at, seconds=False),
        ]
        if run.status != "done":
            words.append(
                {"cancelled": self.tr("stopped"), "failed": self.tr("broken off")}.get(
                    run.status, run.status
                )
            )
        return " · ".join(word for word in words if word)

    def _row(self, found: GateRow) -> Row:
        ran = found.total > 0
        counts = self.tr("{0} of {1}").format(found.passed, found.total) if ran else None
        plot: Cell = TextCell("")
        interval = None
        if ran and found.low is not None and found.high is not None:
            share = found.passed / found.total
            interval = f"{100 * found.low:.0f}–{100 * found.high:.0f}"
            plot = IntervalCell(
                Interval(
                    low=found.low,
                    middle=share,
                    high=found.high,
                    start=0.0,
                    end=1.0,
                    needed=found.needed,
                )
            )
        return Row(
            found.name,
            (
                VerdictCell(found.verdict.value),
                TextCell(row_title(found.name, found.title)),
                NumberCell(counts),
                plot,
                NumberCell(interval, tone="text_2"),
                TextCell(display_name(found.note), tone="text_2", size=11),
            ),
            tooltip=display_name(found.note),
        )

    def _samples_of(self, name: object) -> list[Sample]:
        if self._detail is None:
            return []
        return [sample for sample in self._detail.samples if name in (None, sample.row)]

    def _show_samples(self, key: object) -> None:
        shown = self._samples_of(key)
        self._samples_card.set_title(self.tr("Samples"), figures.count(len(shown)))
        self._samples.set_rows([self._sample_row(sample) for sample in shown])
        self._show_sample(self._samples.current_key())

    @staticmethod
    def _sample_row(sample: Sample) -> Row:
        verdict = RowVerdict.PASS if sample.passed else RowVerdict.FAIL
        return Row(
            (sample.row, sample.item_id),
            (
                VerdictCell(verdict.value),
                TextCell(display_name(sample.prompt)),
                TextCell(display_name(sample.answer)),
                TextCell(display_name(sample.reason), tone="text_2", size=11),
            ),
        )

    def _show_sample(self, key: object) -> None:
        clear(self._sample)
        sample = next(
            (s for s in self._samples_of(None) if (s.row, s.item_id) == key),
            None,
        )
        self._sample_card.setVisible(sample is not None)
        if sample is None:
            return
        self._sample_card.set_title(display_name(sample.item_id), display_name(sample.reason))
        for word, text in ((self.tr("Prompt"), sample.prompt), (self.tr("Answer"), sample.answer)):
            self._sample.addWidget(small(word, tone="text_2"))
            self._sample.addWidget(Paragraph(visible_text(text), tone="text"))
            self._sample.addSpacing(8)
