"""Model detail of a catalog entry: the same page as a stored model's, before its files are here.

One primary button follows the state: ask a source for the files, download the chosen variant, go on with a paused
download, open what is in the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from steelyard.base.errors import NotFound, SteelyardError
from steelyard.gui import figures
from steelyard.gui.frame.reference import Named, is_place, named
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.entry_download import EntryDownload
from steelyard.gui.pages.entry_evidence import EntryEvidenceTab
from steelyard.gui.pages.entry_variants import VariantsTab
from steelyard.gui.pages.model_fit import FitTab
from steelyard.gui.pages.model_header import ModelHeader
from steelyard.gui.pages.model_license import LicenseTab
from steelyard.gui.pages.model_overview import OverviewTab
from steelyard.gui.pages.page import Crumb, Page, Shell
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.labels import Label
from steelyard.gui.widgets.layouts import column, holder
from steelyard.gui.widgets.marks import TrustMark
from steelyard.gui.widgets.tabs import Tabs, TabStrip
from steelyard.service import requests as ask

_FILES_TAB = 1


@dataclass(frozen=True)
class Step:
    """What the primary button does now.

    Attributes:
        key: `ask`, `download`, `import`, `continue` or `open`.
        word, icon: on the button.
        why_not: where the button is disabled.
    """

    key: str
    word: str
    icon: str
    why_not: str = ""


class EntryPage(Page):
    """Header, the line of a running download, and the tabs."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("EntryPage", "Model"))
        self._named = Named("", "", "")
        self._detail: ask.CatalogDetail | None = None
        self._sources: dict[str, ask.SourceRow] = {}
        self._again = Button(self.tr("Ask the sources"), icon="refresh")
        self._again.clicked.connect(self._ask_source)
        self._primary = Button(self.tr("Download"), icon="download", kind="primary")
        self._primary.clicked.connect(self._do_primary)
        self._header = ModelHeader(self._again, self._primary)
        self._banner = Banner("red")
        self._banner_box = holder(column(self._banner, margins=(24, 0, 24, 12)))
        self._banner_box.hide()
        self._download = EntryDownload(shell.jobs)
        self._download.changed.connect(self._follow_state)
        self._download.arrived.connect(self._arrived)
        self._download.failed.connect(self._failed)
        self._overview = OverviewTab()
        self._variants = VariantsTab()
        self._variants.chosen_changed.connect(lambda _variant: self._follow_state())
        self._variants.download_asked.connect(self._do_primary)
        self._license = LicenseTab(shell)
        self._fit = FitTab(shell)
        self._evidence = EntryEvidenceTab()
        self._pages: tuple[QWidget, ...] = (
            self._overview,
            self._variants,
            self._license,
            self._fit,
            self._evidence,
        )
        self._tabs = Tabs(
            (
                self.tr("Overview"),
                self.tr("Files and variants"),
                self.tr("License"),
                self.tr("Fit"),
                self.tr("Evidence"),
            ),
            self.tr("About this model"),
        )
        self._tabs.setCurrentIndex(_FILES_TAB)
        self._tabs.currentChanged.connect(self._show_tab)
        self._unknown = EmptyState(
            "browse",
            self.tr("Nothing is known of it here yet"),
            self.tr(
                "No source has told of this model. Asking one uses the network; it is the button above."
            ),
        )
        self._lay_out()

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        skeleton = Skeleton(8)
        self._skeleton = holder(column(skeleton, None, margins=(24, 24, 24, 24)))
        for page in (self._skeleton, self._unknown, *self._pages):
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._header)
        outer.addWidget(self._banner_box)
        outer.addWidget(self._download)
        outer.addWidget(TabStrip(self._tabs))
        outer.addWidget(self._stack, 1)

    def first_focus(self) -> QWidget | None:
        return self._tabs

    # ------------------------------------------------------------------ what is known

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str) and named(argument) != self._named:
            self._named = named(argument)
            self._detail = None
            self._banner_box.hide()
            self._download.about({self._named.repository})
            self._header.start(self._named.repository)
            self._tabs.setCurrentIndex(_FILES_TAB)
            self._stack.setCurrentWidget(self._skeleton)
            self._set_title(self._named.repository)
            self._follow_state()
        super().activate(argument)

    def _set_title(self, name: str) -> None:
        browse = Crumb(QCoreApplication.translate("BrowsePage", "Browse"), "browse")
        self.set_title(name, (browse,))

    def refresh(self) -> None:
        if not self._named.repository:
            return
        jobs = self.shell.jobs
        jobs.ask(ask.ListSources(), self._show_sources, owner=self, replaces="sources")
        self._download.refresh()
        jobs.ask(
            ask.ShowEntry(self._named.repository),
            self._show,
            self._not_shown,
            owner=self,
            replaces="show",
        )

    def _show_sources(self, listed: ask.SourceList) -> None:
        self._sources = {source.name: source for source in listed.sources}
        self._follow_state()

    def _show(self, detail: ask.CatalogDetail) -> None:
        self._detail = detail
        entry = detail.row
        self._set_title(entry.title or entry.reference)
        tags = (
            *(words.format_word(name) for name in entry.formats),
            self.tr("{0} parameters").format(figures.parameters(entry.parameters))
            if entry.parameters
            else "",
            self.tr("{0} GiB").format(sizes) if (sizes := words.size_range(entry)) else "",
        )
        self._header.show_model(entry.title or entry.reference, tags, self._facts(detail))
        self._overview.show_entry(detail)
        self._variants.show_entry(detail, self._named.file)
        self._license.show_declared(entry.license_id, entry.declared_license)
        self._evidence.show_entry(detail, words.source_name(entry.source))
        self._download.about(
            {self._named.repository, *(named(v.reference).repository for v in detail.variants)}
        )
        self._follow_state()
        self._show_tab(self._tabs.currentIndex())

    def _facts(self, detail: ask.CatalogDetail) -> list[QWidget]:
        entry = detail.row
        facts: list[QWidget] = [Label(display_name(entry.reference), tone="text_2")]
        if entry.warning:
            facts.append(TrustMark("refused", display_name(entry.warning)))
        license_state = entry.license_state or "not-known"
        said = self.tr("License {0}").format(words.license_word(entry))
        facts.append(TrustMark(license_state, said, about=words.facet_title("license")))
        facts.append(TrustMark(words.fit_mark(entry.fits), words.fit_sentence(entry.fits)))
        if detail.gated:
            facts.append(TrustMark("pending", self.tr("Gated by its publisher")))
        if detail.verify_note:
            facts.append(TrustMark("pending", words.to_be_verified(entry.learned_at)))
        return facts

    def _not_shown(self, error: SteelyardError) -> None:
        if isinstance(error, NotFound):
            self._stack.setCurrentWidget(self._unknown)
            self._follow_state()
        else:
            self._failed(error)

    def _show_tab(self, index: int) -> None:
        if self._detail is None:
            return
        page = self._pages[index]
        self._stack.setCurrentWidget(page)
        if page is self._fit:
            self._aim_fit()
            self._fit.opened()
        elif page is self._license:
            self._license.opened()

    def _aim_fit(self) -> None:
        chosen = self._variants.chosen
        if self._detail is not None and chosen is not None:
            self._fit.show_target(
                chosen.local or chosen.reference,
                self._detail.row.context_length,
                entry="" if chosen.local else self._detail.row.reference,
            )

    # ------------------------------------------------------------------ the primary button

    def _step(self) -> Step:
        chosen = self._variants.chosen if self._detail is not None else None
        if chosen is not None and chosen.local:
            return Step("open", self.tr("Open in the Library"), "library")
        if self._download.waits:
            return Step("continue", self.tr("Continue"), "play", self._why_not(""))
        if chosen is None:
            return Step("ask", self.tr("Ask the sources"), "globe", self._why_not(""))
        if is_place(chosen.reference):
            return Step("import", self.tr("Import"), "import")
        word = self.tr("Download")
        if chosen.size_bytes is not None:
            word = self.tr("Download {0}").format(figures.size(chosen.size_bytes))
        return Step("download", word, "download", self._why_not(chosen.source))

    def _why_not(self, source: str) -> str:
        """Why a source cannot be asked, or empty; without a name: why none of those that are asked can be."""
        known = self._sources.get(source)
        asked = (
            [known]
            if known is not None and known.kind != "embedded"
            else [s for s in self._sources.values() if s.kind in ("hub", "mirror")]
        )
        if not asked:
            return self.tr("No source to ask")
        if any(s.reachable for s in asked):
            return ""
        return words.why_unreachable(asked[0].why)

    def _follow_state(self) -> None:
        running = self._download.running
        step = self._step()
        self._primary.setText(step.word)
        self._primary.set_icon(step.icon)
        self._primary.setVisible(running is None)
        self._primary.setEnabled(not step.why_not)
        self._header.say(step.why_not if running is None else "")
        self._primary.setAccessibleDescription(step.why_not)
        self._primary.updateGeometry()
        self._again.setVisible(self._detail is not None)
        why = self._why_not("")
        self._again.setEnabled(not why and running is None)
        self._again.setToolTip(why)
        if self._stack.currentWidget() is self._fit:
            self._aim_fit()
            self._fit.opened()

    def _do_primary(self) -> None:
        step = self._step()
        chosen = self._variants.chosen
        if step.why_not or self._download.running is not None:
            return
        self._banner_box.hide()
        if step.key == "open" and chosen is not None and chosen.local:
            self.shell.go("model", chosen.local)
        elif step.key == "continue":
            self._download.resume()
        elif step.key == "download" and chosen is not None:
            source = self._sources.get(chosen.source)
            remote = source is not None and source.kind in ("hub", "mirror")
            self._download.pull(chosen.reference, chosen.source if remote else None)
        elif step.key == "import" and chosen is not None:
            self.shell.take_in([Path(chosen.reference)])
        elif step.key == "ask":
            self._ask_source()

    def _ask_source(self) -> None:
        self._banner_box.hide()
        self._again.setEnabled(False)
        self._primary.setEnabled(False)
        self.shell.jobs.act(
            ask.RefreshCatalog(reference=self._named.repository),
            title=self.tr("Ask about {0}").format(display_name(self._named.repository)),
            on_result=self._answered,
            on_error=self._failed,
            owner=self,
        )

    def _answered(self, result: ask.CatalogRefreshed) -> None:
        if result.problems:
            said = " ".join(display_name(problem) for problem in result.problems)
            self._banner.say("amber", self.tr("Not every source answered."), said)
            self._banner_box.show()
        self.refresh()

    def _arrived(self, taken: object) -> None:
        if isinstance(taken, ask.ModelTaken) and self.isVisible():
            self.shell.go("model", taken.model.name)  # nobody is taken away from another page
        else:
            self.refresh()

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner_box.show()
        self._follow_state()
