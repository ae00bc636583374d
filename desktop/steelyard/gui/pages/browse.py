"""Browse: where models can be had from, and pulling one by its reference."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSizePolicy, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.base.progress import Progress
from steelyard.gui import figures
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Page, Shell, page_column
from steelyard.gui.tables.cells import MarkCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import APART
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.fields import Labelled, TextField
from steelyard.gui.widgets.labels import Elided, Paragraph, small
from steelyard.gui.widgets.layouts import Note, column, holder, row
from steelyard.service import requests as ask


class BrowsePage(Page):
    """The configured sources, and a form that pulls a pasted reference."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("BrowsePage", "Browse"))
        self._job: Job | None = None
        self._online = False
        self._banner = Banner("red")
        self._banner.hide()
        self._reference = TextField(self.tr("owner/name, or a pasted address"))
        self._file = TextField(self.tr("model-Q4_K_M.gguf"))
        self._endpoint = TextField("https://…")
        self._pull = Button(self.tr("Pull"), icon="import", kind="primary")
        self._cancel = Button(self.tr("Cancel"), icon="x")
        self._progress = ProgressLine(self.tr("Pulling"))
        self._said = Elided("", size=11, tone="text_2")
        self._stage = holder(column(row(self._said, None, self._cancel), self._progress, gap=8))
        self._stage.hide()
        self._pull.clicked.connect(self._start)
        self._reference.returnPressed.connect(self._start)
        self._cancel.clicked.connect(self._call_off)
        self._table = Table(
            (
                Column(self.tr("Source"), 220),
                Column(self.tr("Where")),
                Column(self.tr("Usable now"), 300),
            ),
            self.tr("Sources"),
            select="none",
            fit_height=True,
        )
        sources = Card(self.tr("Sources"), note=self.tr("where models can be had from"))
        sources.body.addWidget(self._table)
        sources.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        note = Note(
            self.tr(
                "Every file is hashed while it arrives and compared with what was published; "
                "what differs stays in quarantine."
            )
        )
        content = page_column(self, note=note)
        content.setSpacing(APART)
        content.addWidget(self._banner)
        content.addWidget(self._form())
        content.addWidget(sources)
        content.addStretch(1)

    def _form(self) -> Card:
        card = Card(self.tr("Pull a model"), padded=True)
        fields = row(
            Labelled(
                self.tr("&Reference"),
                self._reference,
                self.tr("As the hub writes it; :file and @revision may follow."),
            ),
            Labelled(
                self.tr("&File"),
                self._file,
                self.tr("Which one, where the repository has several."),
            ),
            Labelled(
                self.tr("&Endpoint"),
                self._endpoint,
                self.tr("Empty: the source below."),
            ),
            gap=16,
        )
        card.body.addLayout(fields)
        card.body.addSpacing(12)
        self._why_not = small("", tone="text_2")
        card.body.addLayout(row(self._pull, self._why_not, None, gap=12))
        card.body.addSpacing(8)
        card.body.addWidget(self._stage)
        card.body.addWidget(
            Paragraph(
                self.tr(
                    "Without a network: drop a GGUF file or a model folder anywhere on the window."
                ),
                size=11,
            )
        )
        return card

    def first_focus(self) -> QWidget | None:
        return self._reference

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str):
            self._reference.setText(argument)
            self._reference.selectAll()
        super().activate(argument)

    def refresh(self) -> None:
        self.shell.jobs.ask(ask.ListSources(), self._show, self._say, owner=self)

    def _show(self, listed: ask.SourceList) -> None:
        rows = []
        for source in listed.sources:
            mark = (
                MarkCell("yes", self.tr("Yes"))
                if source.reachable
                else MarkCell("refused", display_name(source.why))
            )
            rows.append(
                Row(
                    source.name,
                    (
                        TextCell(self._source_word(source), weight=fonts.MEDIUM),
                        TextCell(self._where(source), tone="text_2"),
                        mark,
                    ),
                )
            )
        self._table.set_rows(rows)
        hub = next((source for source in listed.sources if source.kind == "hub"), None)
        self._online = hub is not None and hub.reachable
        self._why_not.setText("" if self._online or hub is None else display_name(hub.why))
        self._pull.setEnabled(self._online and self._job is None)

    def _source_word(self, source: ask.SourceRow) -> str:
        return {
            "embedded": self.tr("Starter"),
            "folder": self.tr("Files and folders"),
            "hub": self.tr("Model hub"),
        }.get(source.kind, display_name(source.name))

    def _where(self, source: ask.SourceRow) -> str:
        return {
            "embedded": self.tr("in this installation"),
            "folder": self.tr("on this machine or a stick"),
        }.get(source.kind, display_name(source.location))

    def _start(self) -> None:
        reference = self._reference.text().strip()
        if not reference or not self._online or self._job is not None:
            return
        self._banner.hide()
        self._pull.setEnabled(False)
        self._said.setText(self.tr("Asking what is there…"))
        self._progress.set_share(None)
        self._stage.show()
        self._job = self.shell.jobs.act(
            ask.PullModel(
                reference,
                file=self._file.text().strip() or None,
                endpoint=self._endpoint.text().strip() or None,
            ),
            title=self.tr("Pull {0}").format(display_name(reference)),
            on_event=self._arriving,
            on_result=self._arrived,
            on_error=self._failed,
            owner=self,
        )

    def _arriving(self, event: object) -> None:
        if not isinstance(event, Progress) or self._job is None:
            return
        self._progress.set_share(self._job.share)
        done, total = figures.size(event.done), figures.size(event.total or 0)
        words = [self.tr("{0} of {1}").format(done, total)] if event.total else []
        if self._job.per_s and event.unit == "bytes":
            words.append(figures.speed(self._job.per_s))
        if self._job.left_s is not None:
            words.append(figures.time_left(self._job.left_s))
        self._said.setText(f"{event.stage}: {display_name(event.detail)} {' · '.join(words)}")

    def _call_off(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._said.setText(self.tr("Stopping; what was fetched is kept for the next try."))

    def _arrived(self, taken: ask.ModelTaken) -> None:
        self._finished()
        if self.isVisible():  # nobody is taken away from another page
            self.shell.go("model", taken.model.name)

    def _failed(self, error: SteelyardError) -> None:
        self._finished()
        self._say(error)

    def _say(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()

    def _finished(self) -> None:
        self._job = None
        self._stage.hide()
        self._pull.setEnabled(self._online)
