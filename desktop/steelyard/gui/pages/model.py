"""Model detail: one model, the same wherever it is opened from. One primary button that follows its state."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import trust
from steelyard.gui.pages.model_evidence import EvidenceTab
from steelyard.gui.pages.model_files import FilesTab
from steelyard.gui.pages.model_fit import FitTab
from steelyard.gui.pages.model_header import ModelHeader
from steelyard.gui.pages.model_license import LicenseTab
from steelyard.gui.pages.model_overview import OverviewTab
from steelyard.gui.pages.page import Crumb, Page, Shell
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import Skeleton
from steelyard.gui.widgets.labels import Label
from steelyard.gui.widgets.layouts import column, holder
from steelyard.gui.widgets.marks import TrustMark
from steelyard.gui.widgets.tabs import Tabs, TabStrip
from steelyard.service import requests as ask


class ModelPage(Page):
    """Header with the four trust facts, and the tabs Overview, Files, License, Fit, Evidence."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("ModelPage", "Model"))
        self._name = ""
        self._detail: ask.ModelDetail | None = None
        self._verify = Button(self.tr("Verify again"), icon="verify")
        self._verify.clicked.connect(self._start_verification)
        self._primary = Button(self.tr("Load"), icon="play", kind="primary")
        self._primary.clicked.connect(self._do_primary)
        self._header = ModelHeader(self._verify, self._primary)
        self._banner = Banner("red")
        self._banner_box = holder(column(self._banner, margins=(24, 0, 24, 12)))
        self._banner_box.hide()
        self._overview = OverviewTab()
        self._files = FilesTab()
        self._license = LicenseTab(shell)
        self._fit = FitTab(shell)
        self._evidence = EvidenceTab(shell)
        self._pages = (self._overview, self._files, self._license, self._fit, self._evidence)
        self._tabs = Tabs(
            (
                self.tr("Overview"),
                self.tr("Files"),
                self.tr("License"),
                self.tr("Fit"),
                self.tr("Evidence"),
            ),
            self.tr("About this model"),
        )
        self._skeleton = Skeleton(8)
        self._stack = QStackedWidget()
        self._stack.addWidget(holder(column(self._skeleton, None, margins=(24, 24, 24, 24))))
        for page in self._pages:
            self._stack.addWidget(page)
        self._tabs.currentChanged.connect(self._show_tab)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._header)
        outer.addWidget(self._banner_box)
        outer.addWidget(TabStrip(self._tabs))
        outer.addWidget(self._stack, 1)

    def first_focus(self) -> QWidget | None:
        return self._tabs

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str) and argument != self._name:
            self._name = argument
            self._detail = None
            self._banner_box.hide()
            self._header.start(argument)
            self._verify.setEnabled(False)
            self._primary.setEnabled(False)
            self._tabs.setCurrentIndex(0)
            self._show_tab(0)
        super().activate(argument)

    def refresh(self) -> None:
        if self._name:
            self.shell.jobs.ask(
                ask.ShowModel(self._name), self._show, self._failed, owner=self, replaces="show"
            )

    def _show(self, detail: ask.ModelDetail) -> None:
        self._detail = detail
        model = detail.model
        library = Crumb(QCoreApplication.translate("LibraryPage", "Library"), "library")
        self.set_title(model.name, (library,))
        tags = (
            model.format.upper(),
            model.quantization,
            self.tr("{0} parameters").format(figures.parameters(model.parameters)),
            figures.size(model.size_bytes),
        )
        facts: list[QWidget] = []
        if model.publisher:
            facts.append(Label(display_name(model.publisher), tone="text_2"))
        facts.append(DigestLabel(model.digest, self.tr("Model digest")))
        facts += [TrustMark(fact.state, fact.sentence) for fact in trust.facts(model)]
        self._header.show_model(model.name, tags, facts)
        self._follow_state(model)
        if model.reason:
            self._banner.say(
                "amber" if trust.usable(model) else "red",
                trust.state_title(model.state),
                display_name(model.reason),
            )
            self._banner_box.show()
        for page in self._pages:
            page.show_detail(detail)
        self._show_tab(self._tabs.currentIndex())

    def _follow_state(self, model: ask.ModelRow) -> None:
        usable = trust.usable(model)
        self._verify.setEnabled(usable)
        self._primary.setEnabled(usable)
        if model.state == "verified":
            self._primary.setText(self.tr("Approve"))
            self._primary.set_icon("tick")
        elif model.loaded:
            self._primary.setText(self.tr("Chat"))
            self._primary.set_icon("chat")
        else:
            self._primary.setText(self.tr("Load"))
            self._primary.set_icon("play")
        self._primary.updateGeometry()

    def _show_tab(self, index: int) -> None:
        if self._detail is None:
            self._stack.setCurrentIndex(0)  # structure, until there is something true to say
            return
        self._stack.setCurrentWidget(self._pages[index])
        self._pages[index].opened()

    def _do_primary(self) -> None:
        if self._detail is None:
            return
        model = self._detail.model
        if model.state == "verified":
            self._act(ask.ApproveModel(model.name), self.tr("Approve {0}").format(model.name))
        elif model.loaded:
            self.shell.go("chat", model.name)
        else:
            self._primary.setEnabled(False)
            self._act(ask.LoadModel(model.name), self.tr("Load {0}").format(model.name))

    def _act(self, request: object, title: str) -> None:
        name = self._name

        def failed(error: SteelyardError) -> None:
            if (
                name == self._name
            ):  # else the page shows another model by now; the task keeps the error
                self._failed(error)

        self.shell.jobs.act(request, title=title, on_result=self._done, on_error=failed, owner=self)

    def _done(self, result: object) -> None:
        if isinstance(result, ask.ModelLoaded):
            engine = result.engine.get("name", "")
            words = (
                f"{engine} · {result.name} · {result.quantization} · "
                f"{figures.tokens_short(result.context_tokens)}"
            )
            self.shell.show_engine(words, None)
        self.refresh()

    def _start_verification(self) -> None:
        self.shell.jobs.act(
            ask.VerifyModels(self._name),
            title=self.tr("Verify {0}").format(self._name),
            on_result=self._verified,
            on_error=self._failed,
            owner=self,
        )

    def _verified(self, result: ask.ModelsVerified) -> None:
        if result.ok:
            words = self.tr("{0} read in {1}.").format(
                figures.size(result.checked_bytes), figures.duration(result.elapsed_s)
            )
            self._banner.say("green", self.tr("Nothing differs."), words)
        else:
            wrong = ", ".join((*result.mismatched, *result.missing, *result.extra))
            self._banner.say(
                "red", self.tr("Not all files are as they were admitted."), display_name(wrong)
            )
        self._banner_box.show()
        self.refresh()

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner_box.show()
        if self._detail is not None:
            self._follow_state(self._detail.model)
