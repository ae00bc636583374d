"""Models that lie in other programs' folders: which are there, which are known, and adopting the chosen ones."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Shell
from steelyard.gui.tables.cells import CheckCell, MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.labels import Elided, Paragraph
from steelyard.gui.widgets.layouts import column, row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.gui.widgets.sheet import Sheet
from steelyard.service import requests as ask


class FoundModelsDialog(Sheet):
    """Looks at once; adopts what is ticked.

    Args:
        folder: where to look; None looks at the usual places.
    """

    def __init__(self, parent: QWidget, shell: Shell, folder: Path | None = None) -> None:
        super().__init__(
            parent,
            QCoreApplication.translate("FoundModelsDialog", "Models on this machine"),
            width=860,
            height=600,
        )
        self._shell, self._folder = shell, folder
        self._found: dict[str, ask.FoundModel] = {}
        self._banner = Banner("red")
        self._banner.hide()
        self._where = Elided("", size=11, tone="text_2")
        self._other = Button(self.tr("Look in a folder…"), icon="folder")
        self._other.clicked.connect(self._choose_folder)
        self._table = Table(
            (
                Column("", 40, name=self.tr("Chosen")),
                Column(self.tr("Model")),
                Column(self.tr("Program"), 124),
                Column(self.tr("Format"), 84),
                Column(self.tr("Here"), 132),
                Column(self.tr("Link"), 104),
                Column(self.tr("Size"), 92, end=True),
            ),
            self.tr("Models found"),
            select="checks",
        )
        self._table.checks_changed.connect(self._show_choice)
        self._card = Card()
        self._card.setAccessibleName(self.tr("Models found"))
        self._skeleton = Skeleton(6)
        self._empty = EmptyState(
            "search",
            self.tr("Nothing was found"),
            self.tr("Neither Hugging Face's cache nor Ollama nor LM Studio has a model here."),
        )
        self._empty.hide()
        self._how = Segmented(
            (Choice("copy", self.tr("Copy")), Choice("link", self.tr("Link"))),
            self.tr("How to adopt"),
        )
        self._how.chosen_changed.connect(lambda _key: self._show_choice())
        self._means = Paragraph(size=11)
        self._adopt = Button(self.tr("Adopt"), icon="import", kind="primary")
        self._adopt.clicked.connect(self._start)
        self._card.body.addWidget(self._skeleton)
        self._card.body.addWidget(self._table, 1)
        self._card.body.addWidget(self._empty, 1)
        self.body.addLayout(row(self._where, None, self._other, gap=12))
        self.body.addWidget(self._banner)
        self.body.addWidget(self._card, 1)
        how = row(gap=16)
        how.addWidget(self._how)
        how.addLayout(column(self._means, gap=0), 1)
        self.body.addLayout(how)
        self.add_buttons(self._adopt)
        self._show_choice()
        self.look()

    def look(self) -> None:
        """Read names and headers; nothing is opened by an engine, nothing is changed."""
        self._skeleton.show()
        self._table.hide()
        self._empty.hide()
        self._banner.hide()
        looking = self.tr("Looking in {0}…").format(display_name(str(self._folder)))
        self._where.setText(looking if self._folder else self.tr("Looking in the usual places…"))
        self._shell.jobs.ask(
            ask.FindModels(self._folder), self._show, self._failed, owner=self, replaces="find"
        )

    def _show(self, found: ask.ModelsFound) -> None:
        self._found = {model.path: model for model in found.models}
        self._skeleton.hide()
        places = ", ".join(display_name(place) for place in found.looked_in)
        self._where.setText(self.tr("Looked in {0}").format(places) if places else "")
        self._table.set_rows([self._row(model) for model in found.models])
        self._table.setVisible(bool(found.models))
        self._empty.setVisible(not found.models)
        self._show_choice()

    def _row(self, model: ask.FoundModel) -> Row:
        here = (
            MarkCell("yes", self.tr("In the store"))
            if model.known
            else MarkCell("begun", self.tr("Not here yet"), tone="text_2")
        )
        link = (
            TextCell(self.tr("possible"), tone="text_2")
            if model.linkable
            else TextCell(self.tr("other disk"), tone="text_3")
        )
        return Row(
            model.path,
            (
                CheckCell(self.tr("Chosen")),
                TextCell(display_name(model.title), weight=fonts.MEDIUM),
                TextCell(self._program(model.origin), tone="text_2"),
                TextCell(display_name(model.format), tone="text_2"),
                here,
                link,
                NumberCell(figures.size(model.size_bytes)),
            ),
            tooltip=display_name(model.path),
        )

    def _program(self, origin: str) -> str:
        return {
            "huggingface": "Hugging Face",
            "ollama": "Ollama",
            "lm-studio": "LM Studio",
            "folder": self.tr("Folder"),
        }.get(origin, display_name(origin))

    def _chosen(self) -> list[ask.FoundModel]:
        keys = self._table.checked_keys()
        return [self._found[key] for key in keys if isinstance(key, str) and key in self._found]

    def _show_choice(self) -> None:
        chosen = self._chosen()
        linking = self._how.chosen == "link"
        copied = [model for model in chosen if not linking or not model.linkable]
        if linking:
            said = self.tr(
                "A link takes no space: both programs use the same bytes on disk. The other program could still "
                "change them; the next check here would find that and stop the model from being loaded."
            )
            if copied:
                said += " " + self.tr("{0} lie on another disk and are copied.").format(len(copied))
        else:
            said = self.tr(
                "A copy takes its size again, and nothing the other program does can change it."
            )
        self._means.setText(said)
        size = figures.size(sum(model.size_bytes for model in chosen))
        words = self.tr("Adopt {0}, {1}").format(len(chosen), size)
        self._adopt.setText(words if chosen else self.tr("Adopt"))
        self._adopt.setEnabled(bool(chosen))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Look for models in a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._look_in)
        dialog.open()

    def _look_in(self, name: str) -> None:
        self._folder = Path(name)
        self._empty.hide()
        self.look()

    def _start(self) -> None:
        job = None
        for model in self._chosen():
            link = self._how.chosen == "link" and model.linkable
            job = self._shell.jobs.act(
                ask.AdoptModel(Path(model.path), link=link),
                title=self.tr("Adopt {0}").format(display_name(model.title)),
            )
        if job is not None:
            self.accept()
            self._shell.go("transfers", job)

    def _failed(self, error: SteelyardError) -> None:
        self._skeleton.hide()
        self._banner.say_error(error)
        self._banner.show()
