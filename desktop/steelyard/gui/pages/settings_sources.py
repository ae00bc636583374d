"""Sources in the settings: the places models can be had from; add one, drop one; what policy listed stays."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.page import Shell
from steelyard.gui.tables.cells import MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.dialogs import ask as ask_first
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.form import FormDialog, PathField
from steelyard.gui.widgets.labels import Paragraph
from steelyard.gui.widgets.layouts import column, holder
from steelyard.service import requests as ask

_KINDS = ("hub", "mirror", "folder", "bundles")
_PLACES = frozenset({"folder", "bundles"})


class SourceForm(FormDialog):
    """What a new source is, where it is, and how it is reached."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            QCoreApplication.translate("SourceForm", "Add a source"),
            QCoreApplication.translate(
                "SourceForm",
                "Nothing is asked of it until somebody refreshes or downloads, and only where policy allows its host.",
            ),
            QCoreApplication.translate("SourceForm", "Add"),
        )
        self.kind = Select(width=300)
        for kind in _KINDS:
            self.kind.addItem(words.source_kind(kind), kind)
        self.name = TextField("site-mirror")
        self.location = PathField("folder", self.tr("Folder of models"))
        self.authorities = PathField("file", self.tr("Certificate authorities"))
        self.proxy = TextField("http://proxy.site:3128")
        self.token = TextField("HUB_TOKEN")
        self.add(self.tr("&Kind"), self.kind)
        self.add(self.tr("&Name"), self.name, self.tr("As lists and commands will call it."))
        self._location = self.add(self.tr("&Where"), self.location)
        self._remote = [
            self.add(
                self.tr("Certificate &authorities"),
                self.authorities,
                self.tr("A file to trust instead of the system's. Empty: the system's."),
            ),
            self.add(self.tr("&Proxy"), self.proxy, self.tr("Empty: the system's.")),
            self.add(
                self.tr("Variable with its access &token"),
                self.token,
                self.tr("Of the environment. Empty: the system's keyring is asked."),
            ),
        ]
        self.kind.currentIndexChanged.connect(lambda _place: self._follow_kind())
        self._follow_kind()

    def request(self) -> ask.AddSource:
        """What was typed."""
        remote = self.kind.key not in _PLACES
        return ask.AddSource(
            name=self.name.text().strip(),
            kind=str(self.kind.key),
            location=self.location.text,
            ca_file=self.authorities.path if remote else None,
            proxy=(self.proxy.text().strip() or None) if remote else None,
            token_variable=self.token.text().strip() if remote else "",
        )

    def _follow_kind(self) -> None:
        place = self.kind.key in _PLACES
        self.location.set_choosable(place or self.kind.key == "mirror")
        self.location.field.setPlaceholderText("/srv/models" if place else "https://hub.site")
        for field in self._remote:
            field.setVisible(not place)
        self.adjustSize()


class SourcesPanel(QWidget):
    """A table of the sources with what can be done about them."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._sources: dict[str, ask.SourceRow] = {}
        self._policy = ""
        self._banner = Banner("red")
        self._banner.hide()
        self._add = Button(self.tr("Add"), icon="plus", small=True)
        self._add.clicked.connect(self._open_form)
        self._drop = Button(self.tr("Drop"), icon="x", small=True)
        self._drop.clicked.connect(self._ask_drop)
        self._refresh = Button(self.tr("Refresh"), icon="refresh", small=True)
        self._refresh.clicked.connect(self._start_refresh)
        self._table = Table(
            (
                Column(self.tr("Source")),
                Column(self.tr("Kind"), 132),
                Column(self.tr("Where"), 0),
                Column(self.tr("Usable now"), 196),
                Column(self.tr("Models"), 80, end=True),
                Column(self.tr("Asked"), 100, end=True, optional=700),
            ),
            self.tr("Sources"),
            fit_height=True,
        )
        self._table.current_changed.connect(lambda _key: self._follow_choice())
        self._card = Card(self.tr("Sources"))
        self._card.body.addWidget(self._table)
        self._card.add_to_header(self._refresh, self._drop, self._add)
        self._about = Paragraph("", size=11)
        self._card.body.addWidget(holder(column(self._about, margins=(16, 8, 16, 10))))
        self.setLayout(column(self._banner, self._card, gap=12))
        self._follow_choice()

    def refresh(self) -> None:
        """Ask for the list again."""
        self._shell.jobs.ask(
            ask.ListSources(), self._show, self._failed, owner=self, replaces="sources"
        )

    def set_policy(self, name: str) -> None:
        """Name of the managed policy that lists sources; empty: none does."""
        self._policy = name
        self._follow_choice()

    def _show(self, listed: ask.SourceList) -> None:
        self._sources = {source.name: source for source in listed.sources}
        self._table.set_rows([self._row(source) for source in listed.sources])
        self._follow_choice()

    def _row(self, source: ask.SourceRow) -> Row:
        fixed = self._fixed_by() if source.managed else ""
        usable = (
            MarkCell("yes", self.tr("Yes"))
            if source.reachable
            else MarkCell("refused", words.why_unreachable(source.why))
        )
        return Row(
            source.name,
            (
                TextCell(words.source_name(source.name), weight=fonts.MEDIUM, after=fixed),
                TextCell(words.source_kind(source.kind), tone="text_2"),
                TextCell(display_name(source.location), tone="text_2"),
                usable,
                NumberCell(figures.count(source.entries)),
                TextCell(
                    figures.day(source.refreshed_at)
                    if source.refreshed_at and source.kind != "embedded"
                    else figures.MISSING,
                    tone="text_2",
                    end=True,
                ),
            ),
            tooltip=display_name(source.location),
        )

    def _fixed_by(self) -> str:
        return (
            self.tr("fixed by {0}").format(display_name(self._policy))
            if self._policy
            else (self.tr("fixed by policy"))
        )

    def _chosen(self) -> ask.SourceRow | None:
        key = self._table.current_key()
        return self._sources.get(key) if isinstance(key, str) else None

    def _follow_choice(self) -> None:
        chosen = self._chosen()
        self._drop.setEnabled(chosen is not None and self._droppable(chosen))
        self._refresh.setEnabled(
            chosen is not None and chosen.reachable and chosen.kind != "embedded"
        )
        self._about.setText(self._words(chosen))

    @staticmethod
    def _droppable(source: ask.SourceRow) -> bool:
        return not source.managed and source.kind != "embedded"

    def _words(self, source: ask.SourceRow | None) -> str:
        if source is None:
            return self.tr("They are asked in this order. Choose one to refresh or drop it.")
        parts = []
        if source.managed:
            parts.append(
                self.tr("{0}: it cannot be dropped here.").format(
                    self._fixed_by()[:1].upper() + self._fixed_by()[1:]
                )
            )
        elif source.kind == "embedded":
            parts.append(self.tr("These facts came with Steelyard and go with it."))
        if source.has_token:
            parts.append(self.tr("An access token is known for it; it is never shown or logged."))
        if source.kind == "mirror":
            parts.append(
                self.tr("Its index is signed by {0}.").format(display_name(source.signed_by))
                if source.signed_by
                else self.tr("No trusted key has signed its index.")
            )
        if not source.reachable and source.why:
            parts.append(words.why_unreachable(source.why) + ".")
        return " ".join(parts)

    # ------------------------------------------------------------------ add, drop, refresh

    def _open_form(self) -> None:
        form = SourceForm(self)

        def submit() -> None:
            request = form.request()
            if not request.name or not request.location:
                form.say(self.tr("A source needs a name and a place."))
                return
            self._shell.jobs.act(
                request,
                title=self.tr("Add {0}").format(display_name(request.name)),
                on_result=lambda _added: form.succeed(),
                on_error=form.fail,
                owner=form,
            )

        form.submitted.connect(submit)
        form.accepted.connect(self.refresh)
        form.open()

    def _ask_drop(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        forget = CheckBox(
            self.tr("Also forget the {0} models learned from it").format(
                figures.count(chosen.entries)
            )
        )
        ask_first(
            self,
            self.tr("Drop {0}?").format(display_name(chosen.name)),
            self.tr("It is no longer asked. Models in the store stay."),
            self.tr("Drop"),
            lambda: self._drop_one(chosen.name, forget.isChecked()),
            extra=forget,
        )

    def _drop_one(self, name: str, forget: bool) -> None:
        self._act(ask.RemoveSource(name, forget), self.tr("Drop {0}").format(display_name(name)))

    def _start_refresh(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            title = self.tr("Ask {0}").format(display_name(chosen.name))
            self._act(ask.RefreshCatalog(source=chosen.name), title)

    def _act(self, request: object, title: str) -> None:
        self._banner.hide()
        self._shell.jobs.act(
            request, title=title, on_result=self._done, on_error=self._failed, owner=self
        )

    def _done(self, result: object) -> None:
        if isinstance(result, ask.CatalogRefreshed) and result.problems:
            said = " ".join(display_name(problem) for problem in result.problems)
            self._banner.say("amber", self.tr("It did not answer in full."), said)
            self._banner.show()
        self.refresh()

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()
