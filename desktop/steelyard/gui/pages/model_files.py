"""Files: every file with its size, its digest, and whether the publisher declared one."""

from __future__ import annotations

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import page_column, scrolling
from steelyard.gui.tables.cells import DigestCell, MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.layouts import Note, column, holder
from steelyard.service import requests as ask

_MARKS = {"matches": "yes", "differs": "no", "none-given": "not-mentioned"}


class FilesTab(ModelTab):
    """One table."""

    def __init__(self) -> None:
        super().__init__()
        self._table = Table(
            (
                Column(self.tr("File")),
                Column(self.tr("Publisher hash"), 150),
                Column(self.tr("SHA-256"), 200),
                Column(self.tr("Size, bytes"), 130, end=True),
                Column(self.tr("Size"), 96, end=True),
            ),
            self.tr("Files"),
            fit_height=True,
        )
        card = Card(self.tr("Files"))
        self._card = card
        card.body.addWidget(self._table)
        content = page_column(
            self,
            note=Note(
                self.tr(
                    "Copy a row to get the whole digest. Files with equal digests are kept once."
                )
            ),
        )
        content.addWidget(scrolling(holder(column(card, None)), self.tr("Files")), 1)

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        self._card.set_title(self.tr("Files"), figures.count(len(detail.files)))
        words = {
            "matches": self.tr("Matches"),
            "differs": self.tr("Differs"),
            "none-given": self.tr("None given"),
        }
        self._table.set_rows(
            [
                Row(
                    file.path,
                    (
                        TextCell(display_name(file.path), weight=fonts.MEDIUM),
                        MarkCell(_MARKS[file.publisher_hash], words[file.publisher_hash]),
                        DigestCell(file.sha256),
                        NumberCell(figures.count(file.size_bytes)),
                        NumberCell(figures.size(file.size_bytes), tone="text_2"),
                    ),
                )
                for file in detail.files
            ]
        )
