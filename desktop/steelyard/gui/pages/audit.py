"""Audit: the log, whether it is whole, and what an entry says. Shows what a log on one machine cannot prove."""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Page, Shell, page_column, scrolling
from steelyard.gui.tables.cells import MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.labels import Paragraph, small
from steelyard.gui.widgets.layouts import Note, column, holder, row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.service import requests as ask

SHOWN = 2000
_TYPING_PAUSE_MS = 150

_MARKS = {
    "begun": ("begun", "text_2"),
    "done": ("yes", "text_2"),
    "refused": ("refused", "amber"),
    "failed": ("no", "red"),
    "cancelled": ("not-mentioned", "text_2"),
    "noted": ("not-mentioned", "text_2"),
}


class AuditPage(Page):
    """The log in a table, the verdict of its last verification in a banner, one entry beside it."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("AuditPage", "Audit"))
        self._entries: dict[int, ask.AuditEntry] = {}
        self._wanted: int | None = None
        self._verify = Button(self.tr("Verify now"), icon="verify", kind="primary")
        self._verify.clicked.connect(self._start_verification)
        self._banner = Banner(
            "blue",
            self.tr("Not verified since this window opened."),
            self.tr("Verifying reads the whole log and checks every hash."),
            actions=(self._verify,),
        )
        self._filter = TextField(self.tr("Filter entries"), icon="filter")
        self._filter.setFixedWidth(240)
        self._outcomes = Segmented(
            (
                Choice("all", self.tr("All outcomes")),
                Choice("refused", self.tr("Refused")),
                Choice("failed", self.tr("Failed")),
            ),
            self.tr("Outcome"),
        )
        self._count = small("", tone="text_2")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self._filter.textChanged.connect(lambda _text: self._pause.start())
        self._outcomes.chosen_changed.connect(lambda _key: self.refresh())
        self._table = self._make_table()
        self._detail = EntryCard()
        self._note = Note(
            self.tr(
                "No witness has seen this log; a cut tail cannot be ruled out by this machine alone."
            )
        )
        content = page_column(self, note=self._note)
        content.addWidget(self._banner)
        content.addSpacing(16)
        content.addLayout(row(self._filter, self._outcomes, None, self._count, gap=12))
        content.addSpacing(16)
        left = Card()
        left.setAccessibleName(self.tr("Entries of the log"))
        left.body.addWidget(self._table)
        both = row(gap=16)
        both.addWidget(left, 66)
        both.addWidget(self._detail, 34)
        content.addLayout(both, 1)

    def _make_table(self) -> Table:
        table = Table(
            (
                Column(self.tr("Entry"), 76, end=True),
                Column(self.tr("Time"), 132),
                Column(self.tr("Actor"), 120, optional=700),
                Column(self.tr("Event"), 130),
                Column(self.tr("Object")),
                Column(self.tr("Outcome"), 116),
            ),
            self.tr("Entries of the log"),
        )
        table.current_changed.connect(self._show_entry)
        return table

    def first_focus(self) -> QWidget | None:
        return self._table

    def activate(self, argument: object = None) -> None:
        """An entry's number as the argument selects that entry; words as the argument filter for them."""
        if isinstance(argument, str):
            self._filter.setText(argument)
            self._outcomes.choose("all")
        if isinstance(argument, int):
            self._wanted = argument
            self._filter.clear()
            self._outcomes.choose("all")
        super().activate(argument)

    def refresh(self) -> None:
        outcome = None if self._outcomes.chosen == "all" else self._outcomes.chosen
        self.shell.jobs.ask(
            ask.ListAudit(SHOWN, self._filter.text(), outcome),
            self._show,
            self._show_error,
            owner=self,
            replaces="list",
        )

    def _show(self, listed: ask.AuditList) -> None:
        self._entries = {entry.seq: entry for entry in listed.entries}
        self._table.set_rows([self._row(entry) for entry in listed.entries])
        shown = figures.count(len(listed.entries))
        self._count.setText(self.tr("{0} of {1}").format(shown, figures.count(listed.total)))
        if self._wanted in self._entries:
            self._table.choose(self._wanted)
        elif self._table.current_key() not in self._entries and listed.entries:
            self._table.choose(listed.entries[0].seq)
        self._wanted = None
        self._show_entry(self._table.current_key())

    def _row(self, entry: ask.AuditEntry) -> Row:
        mark, tone = _MARKS.get(entry.outcome, ("not-mentioned", "text_2"))
        return Row(
            entry.seq,
            (
                NumberCell(figures.count(entry.seq)),
                TextCell(figures.moment(entry.time), tone="text_2"),
                TextCell(display_name(entry.actor.partition("@")[0])),
                TextCell(entry.event, tone="text_2"),
                TextCell(display_name(entry.object)),
                MarkCell(mark, self._word(entry.outcome), tone=tone),  # type: ignore[arg-type]  # tones by name
            ),
        )

    def _word(self, outcome: str) -> str:
        return {
            "begun": self.tr("Begun"),
            "done": self.tr("Done"),
            "refused": self.tr("Refused"),
            "failed": self.tr("Failed"),
            "cancelled": self.tr("Cancelled"),
        }.get(outcome, self.tr("Noted"))

    def _show_entry(self, key: object) -> None:
        entry = self._entries.get(key) if isinstance(key, int) else None
        self._detail.show_entry(entry, self._word(entry.outcome) if entry else "")

    def _show_error(self, error: SteelyardError) -> None:
        self._banner.say_error(error)

    def _start_verification(self) -> None:
        self._verify.setEnabled(False)
        self.shell.jobs.act(
            ask.VerifyAudit(),
            title=self.tr("Verify the log"),
            on_result=self._show_verdict,
            on_error=self._verification_failed,
            owner=self,
        )

    def _verification_failed(self, error: SteelyardError) -> None:
        self._verify.setEnabled(True)
        self._banner.say_error(error)

    def _show_verdict(self, verdict: ask.AuditVerified) -> None:
        self._verify.setEnabled(True)
        if verdict.problem is None:
            self._banner.say(
                "green",
                self.tr("The log is whole."),
                self.tr("{0} entries, checked in {1}. Root {2}").format(
                    figures.count(verdict.entries),
                    figures.duration(verdict.elapsed_s),
                    figures.short_digest(verdict.root),
                ),
                more=self.tr("Not witnessed: these entries are known to this machine only."),
            )
        else:
            problem = verdict.problem
            self._banner.say(
                "red",
                self.tr("The log is damaged at entry {0}.").format(figures.count(problem.seq)),
                display_name(problem.detail),
                more=self.tr(
                    "Nothing is added to it any more. Keep a copy of the folder as evidence and restore a backup."
                ),
            )
        self.refresh()


class EntryCard(Card):
    """One entry, in full."""

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("EntryCard", "Entry"))
        self._copy = Button(
            self.tr("JSON"), icon="copy", small=True, name=self.tr("Copy the entry as JSON")
        )
        self._copy.clicked.connect(self._to_clipboard)
        self.add_to_header(self._copy)
        self._entry: ask.AuditEntry | None = None
        self._content = QWidget()
        self._place = column(self._content, None, margins=(16, 12, 16, 12))
        reader = scrolling(holder(self._place), self.tr("Entry"))
        reader.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that keys can scroll it
        self.body.addWidget(reader, 1)

    def show_entry(self, entry: ask.AuditEntry | None, outcome: str) -> None:
        """Show another entry, or that none is chosen."""
        self._entry = entry
        self._copy.setEnabled(entry is not None)
        self._place.removeWidget(self._content)
        self._content.hide()
        self._content.deleteLater()
        if entry is None:
            self.set_title(self.tr("Entry"))
            self._content = EmptyState(
                "audit", self.tr("No entry"), self.tr("Choose an entry to see all it says.")
            )
        else:
            self.set_title(self.tr("Entry {0}").format(figures.count(entry.seq)))
            self._content = self._facts(entry, outcome)
        self._place.insertWidget(0, self._content)

    def _facts(self, entry: ask.AuditEntry, outcome: str) -> QWidget:
        subject = entry.facts.get("object")
        digest = subject.get("digest") if isinstance(subject, dict) else None
        lines: list[tuple[str, QWidget]] = [
            (self.tr("Event"), Paragraph(f"{entry.event}, {outcome.lower()}", tone="text")),
            (self.tr("Actor"), Paragraph(display_name(entry.actor), tone="text")),
            (self.tr("Time"), Paragraph(entry.time, tone="text")),
        ]
        if entry.object:
            lines.append((self.tr("Object"), Paragraph(display_name(entry.object), tone="text")))
        if isinstance(digest, str):
            lines.append(("", DigestLabel(digest, self.tr("Object"))))
        for name, value in entry.facts.items():
            if name in ("object", "call", "policy") or value in (None, "", [], {}):
                continue
            lines.append((name.replace("_", " "), Paragraph(_words(value), tone="text")))
        lines.append((self.tr("Settings"), DigestLabel(str(entry.facts.get("policy", "")), "")))
        lines.append((self.tr("Leaf"), DigestLabel(entry.leaf, self.tr("Leaf"))))
        if entry.previous:
            lines.append((self.tr("Entry before"), DigestLabel(entry.previous, "")))
        layout = column(gap=6)
        for word, value_widget in lines:
            layout.addLayout(_line(word, value_widget))
        return holder(layout)

    def _to_clipboard(self) -> None:
        if self._entry is not None:
            import dataclasses  # noqa: PLC0415  # only for a copy

            words = json.dumps(dataclasses.asdict(self._entry), ensure_ascii=False, indent=2)
            QGuiApplication.clipboard().setText(words)


def _words(value: object) -> str:
    """A fact of an entry: words as they are, a few names with values one a line, anything else as JSON."""
    if isinstance(value, dict):
        return "\n".join(f"{display_name(str(key))}: {_words(part)}" for key, part in value.items())
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return display_name(words)


def _line(word: str, value: QWidget) -> QVBoxLayout:
    label = Paragraph(display_name(word))
    label.setFixedWidth(104)
    line = row(gap=8)
    line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(value, 1)
    return column(line, gap=0)
