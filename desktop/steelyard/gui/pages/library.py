"""Library: the models in the store with their four trust facts, grouped by state."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import trust
from steelyard.gui.pages.bundle_out import BundleOutDialog
from steelyard.gui.pages.importing import ImportButton
from steelyard.gui.pages.library_store import GoingOn, StoreView
from steelyard.gui.pages.page import Page, Shell, page_column
from steelyard.gui.tables.cells import CheckCell, Group, MarkCell, NumberCell, TextCell, VerdictCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import APART
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card, SelectionBar
from steelyard.gui.widgets.dialogs import ask as ask_first
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.layouts import row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.service import requests as ask

FILTER, FILTER_NARROW, ROOMY = 264, 148, 1100
"""Widths in px: of the filter, and from where on the page has room for the wide one."""
ORDER = ("admitted", "verified", "fetching", "quarantined", "rejected", "retired")


class LibraryPage(Page):
    """A table over all models; what is ticked can be verified, evaluated, removed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("LibraryPage", "Library"))
        self._models: dict[str, ask.ModelRow] = {}
        self._filter = TextField(self.tr("Filter models"), icon="filter")
        self._filter.textChanged.connect(lambda _text: self._fill())
        self._states = Segmented(
            (
                Choice("all", self.tr("All"), "0"),
                Choice("admitted", trust.state_title("admitted"), "0"),
                Choice("verified", trust.state_title("verified"), "0"),
                Choice("quarantined", trust.state_title("quarantined"), "0"),
                Choice("retired", trust.state_title("retired"), "0"),
            ),
            self.tr("State"),
        )
        self._states.chosen_changed.connect(lambda _key: self._fill())
        self._verify_all = Button(self.tr("Verify all"), icon="verify")
        self._verify_all.clicked.connect(self._verify_everything)
        self._import = ImportButton(shell)
        self._banner = Banner("green")
        self._banner.hide()
        self._going = GoingOn()
        self._store = StoreView(self, shell.jobs, self._banner, self._going)
        self._store.changed.connect(self._fill)
        self._table = self._make_table()
        self._skeleton = Skeleton(8)
        self._card = Card()
        self._card.setAccessibleName(self.tr("Models"))
        self._card.body.addWidget(self._skeleton)
        self._card.body.addWidget(self._table, 1)
        self._table.hide()
        self._empty = EmptyState(
            "library",
            self.tr("No model here"),
            self.tr("Drop a GGUF file or a model folder on the window, or import one."),
        )
        self._empty.hide()
        self._bar = self._make_bar()
        content = page_column(self, note=self._store.note)
        content.setSpacing(APART)
        content.addLayout(
            row(self._filter, 4, self._states, None, self._verify_all, 4, self._import)
        )
        content.addWidget(self._store.banner)
        content.addWidget(self._going)
        content.addWidget(self._banner)
        content.addWidget(self._card, 100)
        content.addWidget(self._empty, 100)
        content.addWidget(self._bar)
        content.addStretch(1)

    def _make_table(self) -> Table:
        table = Table(
            (
                Column("", 40, name=self.tr("Selected")),
                Column(self.tr("Model")),
                Column(self.tr("Quant."), 72),
                Column(self.tr("License"), 128),
                Column(self.tr("Publisher hash"), 114),
                Column(self.tr("Signature"), 112, optional=1060),
                Column(self.tr("Scan"), 104),
                Column(self.tr("Approval"), 108),
                Column(self.tr("Gate"), 142),
                Column(self.tr("Last verified"), 88, end=True, optional=980),
                Column(self.tr("Size, GiB"), 78, end=True),
            ),
            self.tr("Models"),
            select="checks",
        )
        table.checks_changed.connect(self._show_selection)
        table.opened.connect(lambda key: self.shell.go("model", key))
        return table

    def _make_bar(self) -> SelectionBar:
        bar = SelectionBar()
        self._verify_ticked = Button(self.tr("Verify"), icon="verify")
        self._evaluate = Button(self.tr("Evaluate"), icon="evaluate")
        self._export = Button(self.tr("Export bundle"), icon="export")
        self._more = Button(icon="dots", name=self.tr("More for what is selected"))
        self._verify_ticked.clicked.connect(self._verify_chosen)
        self._evaluate.clicked.connect(lambda: self.shell.go("evaluate", self._ticked()[0].name))
        self._export.clicked.connect(self._export_chosen)
        menu = QMenu(self._more)
        self._open = menu.addAction(
            self.tr("Open"), lambda: self.shell.go("model", self._ticked()[0].name)
        )
        self._pin = menu.addAction(self.tr("Pin…"), self._ask_pin)
        self._unpin = menu.addAction(self.tr("Unpin"), lambda: self._set_pins(False, ""))
        menu.addSeparator()
        self._remove = menu.addAction(self.tr("Remove…"), self._ask_removal)
        self._more.setMenu(menu)
        for button in (self._verify_ticked, self._evaluate, self._export, self._more):
            bar.buttons.addWidget(button)
        bar.hide()
        return bar

    def first_focus(self) -> QWidget | None:
        return self._table

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._filter.setFixedWidth(FILTER if self.width() >= ROOMY else FILTER_NARROW)

    # ------------------------------------------------------------------ data

    def refresh(self) -> None:
        self.shell.jobs.ask(ask.ListModels(), self._show, self._failed, owner=self, replaces="list")
        self._store.refresh()

    def _show(self, listed: ask.ModelList) -> None:
        self._models = {model.name: model for model in listed.models}
        for key in ("admitted", "verified", "quarantined", "retired"):
            self._states.set_count(key, figures.count(self._count(key)))
        self._states.set_count("all", figures.count(len(self._models)))
        self._store.count(listed)
        self._skeleton.hide()
        self._fill()

    def _count(self, state: str) -> int:
        return sum(_shown_state(model) == state for model in self._models.values())

    def _fill(self) -> None:
        if not self._skeleton.isHidden():
            return  # the models have not arrived yet
        wanted = self._filter.text().casefold()
        state = self._states.chosen
        shown = [
            model
            for model in self._models.values()
            if state in ("all", _shown_state(model))
            and wanted
            in f"{model.name} {model.title} {model.publisher} {model.license_id}".casefold()
        ]
        rows: list[Row] = []
        for group in ORDER:
            members = [model for model in shown if model.state == group]
            if members:
                words = f"{figures.count(len(members))} · {trust.state_meaning(group)}"
                rows.append(Row(("group", group), group=Group(trust.state_title(group), words)))
                rows += [self._row(model) for model in members]
        self._table.set_rows(rows)
        # The card ends with its last row; what does not fit scrolls.
        self._card.setMaximumHeight(self._table.content_height() + 2)
        self._card.setVisible(bool(rows))
        self._table.setVisible(bool(rows))
        # A store that is away is said to be away, never shown as empty.
        self._empty.setVisible(not rows and not self._store.away)
        self._show_selection()

    def _row(self, model: ask.ModelRow) -> Row:
        publisher, signed, scanned, approved = trust.facts(model)
        license_word = display_name(model.license_id or self.tr("not known"))
        gate = VerdictCell(model.gate or "NOT RUN", self._gate_words(model))
        return Row(
            model.name,
            (
                CheckCell(self.tr("Selected")),
                TextCell(
                    display_name(model.name),
                    weight=fonts.MEDIUM,
                    after=display_name(model.title),
                    tag=self.tr("Pinned") if model.pinned else "",
                ),
                TextCell(model.quantization or "–", tone="text_2"),
                MarkCell(model.license_state, license_word, about=self.tr("License")),
                MarkCell(publisher.state, publisher.word, about=self.tr("Publisher hash")),
                MarkCell(signed.state, signed.word, about=self.tr("Signature")),
                MarkCell(scanned.state, scanned.word, about=self.tr("Scan")),
                MarkCell(approved.state, approved.word, about=self.tr("Approval")),
                gate,
                NumberCell(figures.day(model.last_verified_at), tone="text_2"),
                NumberCell(figures.gib_fine(model.size_bytes)),
            ),
            tooltip=display_name(model.reason or model.pin_reason or model.title),
        )

    def _gate_words(self, model: ask.ModelRow) -> str:
        if model.gate is None:
            return ""
        return self.tr("{0} of {1}").format(model.gate_passed, model.gate_total)

    # ------------------------------------------------------------------ what can be done

    def _ticked(self) -> list[ask.ModelRow]:
        return [self._models[key] for key in self._table.checked_keys() if key in self._models]

    def _show_selection(self) -> None:
        ticked = self._ticked()
        self._bar.setVisible(bool(ticked))
        names = ", ".join(display_name(model.name) for model in ticked)
        size = figures.size(sum(model.size_bytes for model in ticked))
        self._bar.set_words(self.tr("{0} selected").format(len(ticked)), f"{names}, {size}")
        here, writable = not self._store.away, self._store.writable
        usable = bool(ticked) and all(trust.usable(model) for model in ticked)
        self._verify_all.setEnabled(here and not self._going.busy)
        self._open.setEnabled(len(ticked) == 1)
        self._evaluate.setEnabled(here and usable and len(ticked) == 1)
        self._verify_ticked.setEnabled(here and usable)
        self._export.setEnabled(here and usable)
        self._pin.setEnabled(writable and usable and not all(model.pinned for model in ticked))
        self._unpin.setEnabled(writable and any(model.pinned for model in ticked))
        removable = len(ticked) == 1 and ticked[0].state != "retired" and not ticked[0].pinned
        self._remove.setEnabled(writable and removable)

    def _verify_everything(self) -> None:
        self._store.verify(None)

    def _verify_chosen(self) -> None:
        for model in self._ticked():
            self._store.verify(model.name)

    def _export_chosen(self) -> None:
        BundleOutDialog(self, self.shell, tuple(self._ticked())).open()

    def _ask_pin(self) -> None:
        names = ", ".join(display_name(model.name) for model in self._ticked())
        reason = TextField(self.tr("Why it is kept"), name=self.tr("Reason"))
        ask_first(
            self,
            self.tr("Pin {0}?").format(names),
            self.tr("A pinned model is neither removed nor collected until it is unpinned."),
            self.tr("Pin"),
            lambda: self._set_pins(True, reason.text().strip()),
            extra=reason,
        )

    def _set_pins(self, pinned: bool, reason: str) -> None:
        for model in self._ticked():
            if model.pinned != pinned:
                self.shell.jobs.act(
                    ask.PinModel(model.name, reason, pinned),
                    title="",
                    on_result=lambda _: self.refresh(),
                    on_error=self._failed,
                    owner=self,
                    listed=False,
                )

    def _ask_removal(self) -> None:
        model = self._ticked()[0]
        ask_first(
            self,
            self.tr("Remove {0}?").format(display_name(model.name)),
            self.tr(
                "Its files are deleted from the store, except those other models share. "
                "Its record stays, so that runs and the log still name it."
            ),
            self.tr("Remove"),
            lambda: self._remove_model(model.name),
        )

    def _remove_model(self, name: str) -> None:
        self.shell.jobs.act(
            ask.RemoveModel(name),
            title=self.tr("Remove {0}").format(name),
            on_error=self._failed,
            owner=self,
        )

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()


def _shown_state(model: ask.ModelRow) -> str:
    return "quarantined" if model.state == "rejected" else model.state
