"""Evidence: digests, where the bytes came from, what the scan found, and every log entry that names the model."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import trust
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import Shell, page_column
from steelyard.gui.tables.cells import NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.labels import Elided, Label, Paragraph
from steelyard.gui.widgets.layouts import Note, clear, column, holder, row
from steelyard.gui.widgets.marks import TrustMark
from steelyard.service import requests as ask

_ENTRIES = 200


class EvidenceTab(ModelTab):
    """Trust facts and digests at the left, log entries at the right."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._trust = Card(self.tr("Trust facts"), padded=True)
        self._digests = Card(self.tr("Digests"), padded=True)
        self._entries = Table(
            (
                Column(self.tr("Entry"), 76, end=True),
                Column(self.tr("Time"), 132),
                Column(self.tr("Event")),
                Column(self.tr("Actor"), 120),
                Column(self.tr("Outcome"), 100),
            ),
            self.tr("Log entries of this model"),
        )
        self._entries.opened.connect(lambda key: self._shell.go("audit", key))
        log = Card(
            self.tr("Log entries"), note=self.tr("that name this model's digest, newest first")
        )
        log.body.addWidget(self._entries, 1)
        self._nothing = EmptyState(
            "audit",
            self.tr("No entry yet"),
            self.tr("Loading, verifying or evaluating this model is written here."),
        )
        self._nothing.hide()
        log.body.addWidget(self._nothing, 1)
        left = holder(column(self._trust, self._digests, None, gap=16))
        left.setFixedWidth(440)
        note = Note(
            self.tr(
                "Each fact is kept apart: matching bytes, a signature, a scan and an approval differ."
            )
        )
        content = page_column(self, note=note)
        both = row(gap=16)
        both.addWidget(left)
        both.addWidget(log, 1)
        content.addLayout(both, 1)

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        self._refill(
            self._trust,
            [("", TrustMark(fact.state, fact.sentence)) for fact in trust.facts(detail.model)]
            + [
                ("", Paragraph(display_name(found), tone="red"))
                for found in detail.model.trust.findings
            ],
        )
        lines: list[tuple[str, QWidget]] = [
            (self.tr("Model"), DigestLabel(detail.model.digest, self.tr("Model digest"))),
        ]
        if detail.tokenizer_digest:
            lines.append(
                (self.tr("Tokenizer"), DigestLabel(detail.tokenizer_digest, self.tr("Tokenizer")))
            )
        if detail.template_digest:
            lines.append(
                (
                    self.tr("Chat template"),
                    DigestLabel(detail.template_digest, self.tr("Chat template")),
                )
            )
        lines += [
            (self._source_word(name), Paragraph(display_name(str(value)), tone="text"))
            for name in ("kind", "endpoint", "repository", "commit", "path")
            if (value := detail.source.get(name))
        ]
        lines.append((self.tr("Verified"), Label(figures.day(detail.model.last_verified_at))))
        self._refill(self._digests, lines)

    def _source_word(self, name: str) -> str:
        return {
            "kind": self.tr("Source"),
            "endpoint": self.tr("Endpoint"),
            "repository": self.tr("Repository"),
            "commit": self.tr("Commit"),
        }.get(name, self.tr("Path"))

    @staticmethod
    def _refill(card: Card, lines: list[tuple[str, QWidget]]) -> None:
        clear(card.body)
        for word, value in lines:
            line = row(gap=8)
            if word:
                label = Elided(word, tone="text_2")
                label.setFixedWidth(104)
                line.addWidget(label)
            line.addWidget(value, 1)
            card.body.addWidget(holder(line))
            card.body.addSpacing(6)

    def opened(self) -> None:
        if self.detail is not None:
            self._shell.jobs.ask(
                ask.ListAudit(_ENTRIES, self.detail.model.digest), self._show_entries, owner=self
            )

    def _show_entries(self, listed: ask.AuditList) -> None:
        self._entries.setVisible(bool(listed.entries))
        self._nothing.setVisible(not listed.entries)
        self._entries.set_rows(
            [
                Row(
                    entry.seq,
                    (
                        NumberCell(figures.count(entry.seq)),
                        TextCell(figures.moment(entry.time), tone="text_2"),
                        TextCell(entry.event),
                        TextCell(display_name(entry.actor.partition("@")[0]), tone="text_2"),
                        TextCell(entry.outcome, tone="text_2"),
                    ),
                )
                for entry in listed.entries
            ]
        )
