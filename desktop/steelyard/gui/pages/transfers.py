"""Transfers: downloads, imports, adoptions, bundles in and out, in one table; the chosen one in full below it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages import transfers_words as words
from steelyard.gui.pages.importing import ImportButton
from steelyard.gui.pages.page import Page, Shell, page_column
from steelyard.gui.pages.transfers_detail import TransferCard
from steelyard.gui.tables.cells import (
    ActionCell,
    Cell,
    EmptyCell,
    NumberCell,
    ProgressCell,
    TextCell,
)
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import APART, ROW
from steelyard.gui.transfer import Transfer
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.dialogs import ask as ask_first
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.layouts import Note, row
from steelyard.gui.widgets.segmented import Choice, Segmented

_TABLE_SHARE = 0.38
"""The table takes so much of the page's height at most before it scrolls; the rest shows the chosen transfer."""
_SAID_EVERY = 4
"""Progress is announced when another of so many parts is done."""


class TransfersPage(Page):
    """What comes in and goes out."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("TransfersPage", "Transfers"))
        self._transfers = shell.transfers
        self._said: dict[str, tuple[str, int]] = {}
        self._wanted: Job | None = None
        self._which = Segmented(
            (
                Choice("all", self.tr("All"), "0"),
                Choice("running", self.tr("Running"), "0"),
                Choice("waiting", self.tr("Waiting"), "0"),
                Choice("ended", self.tr("Ended"), "0"),
            ),
            self.tr("Which transfers"),
        )
        self._which.chosen_changed.connect(lambda _key: self._fill())
        self._pause_all = Button(self.tr("Pause all"), icon="pause")
        self._pause_all.clicked.connect(self._transfers.pause_all)
        self._clear = Button(self.tr("Clear finished"), icon="x")
        self._clear.clicked.connect(self._transfers.clear_finished)
        self._import = ImportButton(shell)
        self._banner = Banner("red")
        self._banner.hide()
        self._table = self._make_table()
        self._card = Card()
        self._card.setAccessibleName(self.tr("Transfers"))
        self._card.body.addWidget(self._table)
        self._detail = TransferCard()
        self._detail.asked.connect(self._do)
        first = Button(self.tr("Import a file…"), icon="import")
        first.clicked.connect(self._import.choose_file)
        self._empty = EmptyState(
            "transfers",
            self.tr("Nothing is on its way"),
            self.tr("Drop a GGUF file, a model folder or a bundle anywhere on the window."),
            first,
        )
        self._none = EmptyState(
            "transfers",
            self.tr("None of these"),
            self.tr("Others are listed under All."),
        )
        self._note = Note(
            self.tr(
                "Every byte is hashed while it arrives; nothing leaves quarantine before it was judged."
            )
        )
        content = page_column(self, note=self._note)
        content.setSpacing(APART)
        content.addLayout(row(self._which, None, self._pause_all, 4, self._clear, 4, self._import))
        content.addWidget(self._banner)
        content.addWidget(self._card)
        content.addWidget(self._detail, 1)
        content.addWidget(self._empty, 1)
        content.addWidget(self._none, 1)
        for before, after in itertools.pairwise(
            (self._import, self._table, *self._detail.controls)
        ):
            QWidget.setTabOrder(before, after)
        self._transfers.changed.connect(self._fill)
        self._transfers.failed.connect(self._show_error)
        for keys in (QKeySequence.StandardKey.Delete, "Backspace"):
            shortcut = QShortcut(QKeySequence(keys), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self._cancel_or_discard)
        self._fill()

    def _make_table(self) -> Table:
        table = Table(
            (
                Column(self.tr("Transfer")),
                Column(self.tr("State"), 124),
                Column(self.tr("Progress"), 132),
                Column(self.tr("Amount"), 140, end=True),
                Column(self.tr("Files"), 72, end=True, optional=960),
                Column(self.tr("Speed, MiB/s"), 92, end=True, optional=720),
                Column(self.tr("Time left"), 96, end=True),
                Column("", 44, name=self.tr("Action"), padding=(8, 12)),
            ),
            self.tr("Transfers"),
        )
        table.current_changed.connect(lambda _key: self._show_chosen())
        table.acted.connect(self._act)
        table.opened.connect(lambda _key: self._do("model"))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        return table

    def first_focus(self) -> QWidget | None:
        return self._table if self._table.isVisibleTo(self) else self._import

    def activate(self, argument: object = None) -> None:
        """A job as the argument chooses its transfer."""
        if isinstance(argument, Job):
            self._wanted = argument
            self._which.choose("all")
            self._fill()
        super().activate(argument)

    def refresh(self) -> None:
        self._transfers.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._transfers.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._transfers.watch(False)

    # ------------------------------------------------------------------ what is shown

    def _fill(self) -> None:
        everything = self._transfers.all
        for key in ("all", "running", "waiting", "ended"):
            number = sum(1 for transfer in everything if _belongs(transfer, key))
            self._which.set_count(key, figures.count(number))
        shown = [transfer for transfer in everything if _belongs(transfer, self._which.chosen)]
        self._table.set_rows([self._row(transfer) for transfer in shown])
        self._pause_all.setEnabled(any(transfer.can_pause for transfer in everything))
        self._clear.setEnabled(any(transfer.can_clear for transfer in everything))
        self._announce()
        self._choose_one(shown)
        self._empty.setVisible(not everything)
        self._none.setVisible(bool(everything) and not shown)
        self._card.setVisible(bool(shown))
        self._fit_table()
        self._show_chosen()

    def _fit_table(self) -> None:
        """Whole rows only."""
        rows = len(self._table.rows)
        fit = max(3, int(self.height() * _TABLE_SHARE) // ROW - 1)
        height = ROW * (1 + min(rows, fit)) + 2
        if self._card.height() != height:
            self._card.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_table()

    def _choose_one(self, shown: list[Transfer]) -> None:
        if self._wanted is not None:
            wanted = self._transfers.of_job(self._wanted)
            if wanted is not None:
                self._wanted = None
                self._table.choose(wanted.key)
        elif shown and self._table.current_key() is None:
            self._table.choose(shown[0].key)

    def _row(self, transfer: Transfer) -> Row:
        share = transfer.share
        cells: tuple[Cell, ...] = (
            TextCell(
                display_name(transfer.title),
                weight=fonts.MEDIUM,
                after=words.kind_word(transfer.kind),
            ),
            words.state_cell(transfer),
            ProgressCell(None if share is None else int(share * 1000), moving=transfer.active),
            NumberCell(words.amount(transfer) or None, tone="text_2"),
            NumberCell(words.files_words(transfer) or None, tone="text_2"),
            NumberCell(_speed(transfer), tone="text_2"),
            NumberCell(
                None if transfer.left_s is None else figures.time_left(transfer.left_s),
                tone="text_2",
            ),
            self._action(transfer),
        )
        return Row(transfer.key, cells, tooltip=display_name(transfer.reason or transfer.file))

    def _action(self, transfer: Transfer) -> Cell:
        """What Space and the button in the row do: the one thing most often wanted."""
        if transfer.can_pause:
            return ActionCell("pause", self.tr("Pause"), "pause")
        if transfer.can_cancel:
            return ActionCell("x", self.tr("Cancel"), "cancel")
        if transfer.can_resume:
            return ActionCell("play", self.tr("Resume"), "resume")
        if transfer.can_retry:
            return ActionCell("refresh", self.tr("Try again"), "retry")
        return EmptyCell()

    def _chosen(self) -> Transfer | None:
        return self._transfers.by_key(self._table.current_key())

    def _show_chosen(self) -> None:
        chosen = self._chosen()
        self._detail.setVisible(chosen is not None)
        if chosen is not None:
            self._detail.show_transfer(chosen)

    def _announce(self) -> None:
        """Say politely when one begins something else, and now and then how far it is."""
        for transfer in self._transfers.all:
            part = int((transfer.share or 0.0) * _SAID_EVERY)
            before = self._said.get(transfer.key)
            self._said[transfer.key] = (transfer.state, part)
            if before is None or before == (transfer.state, part) or not self.isVisible():
                continue
            said = f"{display_name(transfer.title)}: {words.state_word(transfer.state)}"
            if transfer.active and transfer.share is not None:
                said = f"{said}, {figures.percent(transfer.share)}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._table, said))

    # ------------------------------------------------------------------ what can be done

    def _act(self, key: object, action: str) -> None:
        self._table.choose(key)
        self._do(action)

    def _do(self, action: str) -> None:
        transfer = self._chosen()
        if transfer is None:
            return
        self._banner.hide()
        deeds: dict[str, Callable[[Transfer], object]] = {
            "pause": self._transfers.pause,
            "resume": self._transfers.resume,
            "retry": self._transfers.resume,
            "cancel": self._ask_to_cancel,
            "discard": self._ask_to_discard,
            "clear": self._clear_one,
            "model": self._show_model,
            "log": self._show_in_log,
        }
        deeds[action](transfer)

    def _cancel_or_discard(self) -> None:
        transfer = self._chosen()
        if transfer is not None:
            if transfer.can_cancel:
                self._ask_to_cancel(transfer)
            elif transfer.can_discard:
                self._ask_to_discard(transfer)
            elif transfer.can_clear:
                self._clear_one(transfer)

    def _ask_to_cancel(self, transfer: Transfer) -> None:
        if not transfer.done_bytes or not transfer.can_pause:
            self._transfers.cancel(transfer)  # nothing is lost that a copy would not bring again
            return
        ask_first(
            self,
            self.tr("Cancel {0}?").format(display_name(transfer.title)),
            self.tr("The {0} that arrived are removed. Pause it instead to keep them.").format(
                figures.size(transfer.done_bytes)
            ),
            self.tr("Cancel and remove"),
            lambda: self._on_current(transfer.key, self._transfers.cancel),
            no=self.tr("Go on"),
        )

    def _ask_to_discard(self, transfer: Transfer) -> None:
        ask_first(
            self,
            self.tr("Discard {0}?").format(display_name(transfer.title)),
            self.tr("{0} are removed from quarantine. The log keeps the entries about it.").format(
                figures.size(transfer.row.done_bytes if transfer.row else transfer.done_bytes)
            ),
            self.tr("Discard"),
            lambda: self._on_current(transfer.key, self._transfers.discard),
        )

    def _on_current(self, key: str, do: Callable[[Transfer], object]) -> None:
        """On the transfer as it is when the answer comes."""
        if (transfer := self._transfers.by_key(key)) is not None:
            do(transfer)

    def _clear_one(self, transfer: Transfer) -> None:
        if transfer.job is not None:
            self.shell.jobs.forget(transfer.job)

    def _show_model(self, transfer: Transfer) -> None:
        if transfer.model and transfer.state != "failed":
            self.shell.go("model", transfer.model)

    def _show_in_log(self, transfer: Transfer) -> None:
        self.shell.go("audit", transfer.model or transfer.title)

    def _open_menu(self, at: QPoint) -> None:
        transfer = self._chosen()
        if transfer is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in ("pause", "resume", "retry", "cancel", "discard", "clear", "model", "log"):
            button = self._detail.button(action)
            if not button.isHidden():
                menu.addAction(button.text(), partial(self._do, action))
        menu.popup(self._table.viewport().mapToGlobal(at))

    def _show_error(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()


def _belongs(transfer: Transfer, key: str) -> bool:
    if key == "all":
        return True
    if key == "running":
        return transfer.active or transfer.elsewhere
    if key == "waiting":
        return transfer.waits
    return not (transfer.active or transfer.elsewhere or transfer.waits)


def _speed(transfer: Transfer) -> str | None:
    return None if transfer.per_s is None else figures.decimal(transfer.per_s / (1 << 20), 1)
