"""Keys in the settings: own ones to sign with, and those whose signatures are believed here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Shell
from steelyard.gui.pages.settings_key_forms import (
    CreateForm,
    RevokeForm,
    TrustForm,
    origin_word,
    purpose_word,
    state_word,
)
from steelyard.gui.tables.cells import MarkCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.flow import Flow
from steelyard.gui.widgets.labels import Paragraph
from steelyard.gui.widgets.layouts import clear, column, holder, row
from steelyard.service import requests as ask

_MARKS = {"in-force": "yes", "not-yet": "pending", "expired": "refused", "revoked": "no"}


class KeysPanel(QWidget):
    """A table of the keys, the chosen one in full, and what can be done."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._keys: dict[str, ask.KeyRow] = {}
        self._managed_only = False
        self._banner = Banner("red")
        self._banner.hide()
        self._create = Button(self.tr("Create"), icon="plus", small=True)
        self._trust = Button(self.tr("Trust a key"), icon="key", small=True)
        self._export = Button(self.tr("Export"), icon="export", small=True)
        self._revoke = Button(self.tr("Revoke"), icon="x", small=True)
        self._create.clicked.connect(lambda: self._open(CreateForm(self)))
        self._trust.clicked.connect(lambda: self._open(TrustForm(self)))
        self._export.clicked.connect(self._choose_export)
        self._revoke.clicked.connect(self._open_revoke)
        self._table = Table(
            (
                Column(self.tr("Key")),
                Column(self.tr("Whose"), 152),
                Column(self.tr("Signs"), 0),
                Column(self.tr("Valid until"), 108, end=True, optional=640),
                Column(self.tr("State"), 116),
            ),
            self.tr("Keys"),
            fit_height=True,
        )
        self._table.current_changed.connect(lambda _key: self._follow_choice())
        self._none = EmptyState(
            "key",
            self.tr("No key yet"),
            self.tr("Create one to sign bundles, or trust the key of whoever sends you some."),
        )
        self._none.setMinimumHeight(160)
        self._none.hide()
        self._chosen_lines = column(gap=4, margins=(16, 8, 16, 12))
        self._card = Card(self.tr("Keys"))
        self._card.body.addWidget(self._table)
        self._card.body.addWidget(self._none)
        self._card.body.addLayout(self._chosen_lines)
        actions = Flow()
        for button in (self._create, self._trust, self._export, self._revoke):
            actions.addWidget(button)
        self._card.body.addWidget(holder(column(actions, margins=(16, 4, 16, 14))))
        self.setLayout(column(self._banner, self._card, gap=12))
        self._follow_choice()

    def refresh(self) -> None:
        """Ask for the list again."""
        self._shell.jobs.ask(ask.ListKeys(), self._show, self._failed, owner=self, replaces="keys")

    def _show(self, listed: ask.KeyList) -> None:
        self._keys = {f"{key.origin} {key.fingerprint}": key for key in listed.keys}
        self._managed_only = listed.trust_origin == "managed-only"
        self._table.set_rows([self._row(name, key) for name, key in self._keys.items()])
        self._table.setVisible(bool(self._keys))
        self._none.setVisible(not self._keys)
        if listed.problems:
            said = " ".join(display_name(problem) for problem in listed.problems)
            self._banner.say("red", self.tr("No signature is believed now."), said)
            self._banner.show()
        self._follow_choice()

    def _row(self, name: str, key: ask.KeyRow) -> Row:
        until = figures.day(key.valid_until) if key.valid_until else self.tr("no end")
        return Row(
            name,
            (
                TextCell(display_name(key.name), weight=fonts.MEDIUM),
                TextCell(origin_word(key), tone="text_2"),
                TextCell(", ".join(purpose_word(p) for p in key.purposes), tone="text_2"),
                TextCell(until, tone="text_2", end=True),
                MarkCell(_MARKS.get(key.state, "not-known"), state_word(key.state)),
            ),
            tooltip=key.fingerprint,
        )

    def _chosen(self) -> ask.KeyRow | None:
        name = self._table.current_key()
        return self._keys.get(name) if isinstance(name, str) else None

    def _follow_choice(self) -> None:
        chosen = self._chosen()
        self._export.setEnabled(chosen is not None)
        self._revoke.setEnabled(chosen is not None and chosen.state != "revoked")
        self._trust.setEnabled(not self._managed_only)
        clear(self._chosen_lines)
        if chosen is None:
            self._chosen_lines.addWidget(Paragraph(self._general(), size=11))
            return
        label = Paragraph(self.tr("Fingerprint"), size=11)
        label.setFixedWidth(96)
        line = row(label, DigestLabel(chosen.fingerprint, self.tr("Fingerprint")), None, gap=8)
        self._chosen_lines.addWidget(holder(line))
        whole = Paragraph(_in_groups(chosen.fingerprint), size=11, tone="text", mono=True)
        whole.setAccessibleName(self.tr("Fingerprint, to be read aloud"))
        self._chosen_lines.addWidget(whole)
        self._chosen_lines.addWidget(Paragraph(self._about(chosen), size=11))

    def _general(self) -> str:
        if self._managed_only:
            return self.tr(
                "Policy lets only the administrator's keys count. Keys of your own still sign what you make."
            )
        return self.tr("Choose a key to see its fingerprint, to export or to revoke it.")

    def _about(self, key: ask.KeyRow) -> str:
        parts = [key.algorithm, self.tr("valid from {0}").format(figures.day(key.valid_from))]
        if key.own:
            parts.append(
                self.tr("protected by a passphrase")
                if key.protected
                else self.tr("not protected by a passphrase")
            )
        if key.revoked_reason:
            parts.append(self.tr("revoked: {0}").format(display_name(key.revoked_reason)))
        return " · ".join(parts)

    # ------------------------------------------------------------------ create, trust, revoke, export

    def _open(self, form: CreateForm | TrustForm | RevokeForm) -> None:
        def submit() -> None:
            if problem := form.problem():
                form.say(problem)
                return
            self._shell.jobs.act(
                form.request(),
                title=form.windowTitle(),
                on_result=done,
                on_error=form.fail,
                owner=form,
            )

        def done(result: object) -> None:
            form.succeed()
            if isinstance(result, ask.KeyMade):
                self._banner.say(
                    "green",
                    self.tr("The key was made."),
                    self.tr("Its public part lies in {0}.").format(
                        display_name(result.public_path)
                    ),
                )
                self._banner.show()
            else:
                self._banner.hide()
            self.refresh()

        form.submitted.connect(submit)
        form.open()

    def _open_revoke(self) -> None:
        if (chosen := self._chosen()) is not None:
            self._open(RevokeForm(self, chosen))

    def _choose_export(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        dialog = QFileDialog(self, self.tr("Export the public part"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{chosen.name}.pub.pem")
        dialog.fileSelected.connect(lambda name: self._export_to(chosen, Path(name)))
        dialog.open()

    def _export_to(self, key: ask.KeyRow, out: Path) -> None:
        self._shell.jobs.act(
            ask.ExportKey(key.name, out),
            title=self.tr("Export {0}").format(display_name(key.name)),
            on_result=self._exported,
            on_error=self._failed,
            owner=self,
        )

    def _exported(self, result: ask.KeyExported) -> None:
        self._banner.say(
            "green",
            self.tr("Written to {0}.").format(display_name(result.path)),
            self.tr("Tell whoever gets it the fingerprint over another way."),
        )
        self._banner.show()

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()


def _in_groups(fingerprint: str) -> str:
    """`9c41 e07b …`: what two people compare by telephone."""
    digits = fingerprint.rpartition(":")[2]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
