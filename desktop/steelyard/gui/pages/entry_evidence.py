"""Evidence for a catalog entry: who told what and when, and the digests its publisher declares."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.page import page_column, scrolling
from steelyard.gui.tables.cells import DigestCell, MarkCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.labels import Elided, Paragraph
from steelyard.gui.widgets.layouts import Note, clear, column, holder, row
from steelyard.gui.widgets.marks import TrustMark
from steelyard.service.requests import CatalogDetail


class EntryEvidenceTab(QWidget):
    """Facts and their origin at the left, declared digests at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._origin = Card(self.tr("Where this is known from"), padded=True)
        self._table = Table(
            (
                Column(self.tr("Variant")),
                Column(self.tr("Publisher hash"), 148),
                Column(self.tr("SHA-256"), 200),
            ),
            self.tr("Declared digests"),
            fit_height=True,
        )
        digests = Card(
            self.tr("Declared digests"), note=self.tr("what arrives is compared with them")
        )
        digests.body.addWidget(self._table)
        left = scrolling(holder(column(self._origin, None)), self.tr("Where this is known from"))
        left.setFixedWidth(440)
        content = page_column(
            self,
            note=Note(
                self.tr(
                    "Nothing here has been verified: these are a source's words. "
                    "Bytes, signature, scan and approval are proven once the files are in the store."
                )
            ),
        )
        both = row(gap=16)
        both.addWidget(left)
        both.addWidget(scrolling(holder(column(digests, None)), self.tr("Declared digests")), 1)
        content.addLayout(both, 1)

    def show_entry(self, detail: CatalogDetail, source_word: str) -> None:
        """Show it anew."""
        entry = detail.row
        body = self._origin.body
        clear(body)
        if entry.warning:
            body.addWidget(TrustMark("refused", display_name(entry.warning)))
            body.addSpacing(8)
        lines = [
            (self.tr("Source"), source_word),
            (self.tr("Learned"), words.learned(entry.learned_at)),
            (self.tr("Also from"), ", ".join(detail.other_sources)),
            (self.tr("Commit"), detail.revision),
            (self.tr("License"), entry.declared_license),
            (
                self.tr("Access"),
                self.tr("gated: its publisher asks for an agreement and a token")
                if detail.gated
                else "",
            ),
        ]
        for word, value in lines:
            if value:
                label = Elided(word, tone="text_2")
                label.setFixedWidth(104)
                line = row(label, gap=8)
                line.addWidget(Paragraph(display_name(value), tone="text"), 1)
                body.addWidget(holder(line))
                body.addSpacing(6)
        if detail.verify_note:
            body.addSpacing(4)
            body.addWidget(Paragraph(words.facts_as_of(entry.learned_at), size=11))
        self._table.set_rows(
            [
                Row(
                    variant.reference,
                    (
                        TextCell(display_name(variant.label), weight=fonts.MEDIUM),
                        MarkCell("yes", self.tr("Declared"))
                        if variant.publisher_hash
                        else MarkCell("not-mentioned", self.tr("None known")),
                        DigestCell(variant.publisher_hash)
                        if variant.publisher_hash
                        else TextCell(figures.MISSING, tone="text_3"),
                    ),
                    tooltip=display_name(variant.reference),
                )
                for variant in detail.variants
            ]
        )
