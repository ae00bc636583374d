"""Files and variants of a catalog entry: every quantization with size, fit, quality evidence and publisher hash.

One is recommended, with the reason in a sentence; the chosen one is what the page's button downloads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from steelyard.fit import published
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.page import page_column, scrolling
from steelyard.gui.tables.cells import Cell, MarkCell, MissingCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.chips import Tag
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.labels import Elided, Label
from steelyard.gui.widgets.layouts import Note, Rule, column, holder, row
from steelyard.service.requests import CatalogDetail, VariantRow

_WHOLE = frozenset({"F32", "F16", "BF16", ""})
"""Not quantized: twice the size and more of Q8_0, for a loss that is already hard to measure."""


@dataclass(frozen=True)
class Recommendation:
    """The reference of the recommended variant, and why in a sentence; an empty reference: none."""

    reference: str
    reason: str


def recommend(variants: Sequence[VariantRow]) -> Recommendation:
    """The largest quantization that fits with room to spare by the catalog's estimate; else the largest that fits."""
    translate = QCoreApplication.translate
    sized = [v for v in variants if v.size_bytes is not None and v.fits]
    quantized = [v for v in sized if v.quantization.upper() not in _WHOLE] or sized
    for fits, reason in (
        (
            "yes",
            translate(
                "Variants",
                "The largest quantization that fits with room to spare, by the catalog's estimate.",
            ),
        ),
        (
            "tight",
            translate(
                "Variants",
                "The smallest that fits at all, by the catalog's estimate; little memory would be left.",
            ),
        ),
    ):
        fitting = [v for v in quantized if v.fits == fits]
        if fitting:
            pick = max if fits == "yes" else min
            best = pick(fitting, key=lambda v: v.size_bytes or 0)
            return Recommendation(best.reference, reason)
    if sized:
        return Recommendation(
            "", translate("Variants", "None fits this machine, by the catalog's estimate.")
        )
    return Recommendation(
        "", translate("Variants", "Nothing is recommended: the sizes are not known yet.")
    )


class VariantsTab(QWidget):
    """A line with the recommendation over a table.

    Signals:
        chosen_changed(object): the `VariantRow` that is chosen now, or None.
        download_asked(): Return or a double click on a row.
    """

    chosen_changed = Signal(object)
    download_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._variants: dict[str, VariantRow] = {}
        self.recommendation = Recommendation("", "")
        self._tag = Tag(self.tr("Recommended"), accent=True)
        self._best = Label("", weight=fonts.SEMIBOLD)
        self._reason = Elided("", tone="text_2")
        self._table = Table(
            (
                Column(self.tr("Variant")),
                Column(self.tr("Format"), 104, optional=860),
                Column(self.tr("File, GiB"), 84, end=True),
                Column(self.tr("Memory, GiB"), 100, end=True),
                Column(self.tr("Fits here"), 116),
                Column(self.tr("KL divergence"), 108, end=True, optional=760),
                Column(self.tr("Evidence for quality"), 176, optional=960),
                Column(self.tr("Publisher hash"), 148),
            ),
            self.tr("Variants"),
            fit_height=True,
        )
        self._table.current_changed.connect(self._on_current)
        self._table.opened.connect(lambda _key: self.download_asked.emit())
        self._card = Card()
        self._card.setAccessibleName(self.tr("Variants"))
        head = row(gap=10, margins=(16, 9, 16, 8))
        for widget in (self._tag, self._best):
            head.addWidget(widget)
        head.addWidget(self._reason, 1)
        self._card.body.addWidget(holder(head))
        self._card.body.addWidget(Rule())
        self._card.body.addWidget(self._table)
        self._none = EmptyState(
            "doc",
            self.tr("No file is known yet"),
            self.tr(
                "What is known of this model came without a list of files. Ask its source for one."
            ),
        )
        self._note = Note()
        content = page_column(self, note=self._note)
        self._scroll = scrolling(holder(column(self._card, None)), self.tr("Variants"))
        content.addWidget(self._scroll, 1)
        content.addWidget(self._none, 1)

    def show_entry(self, detail: CatalogDetail, prefer: str) -> None:
        """Show its variants.

        Args:
            prefer: the file or quantization somebody named, or empty: the recommended one is chosen at first.
        """
        before = self._table.current_key()
        self._variants = {v.reference: v for v in detail.variants}
        self.recommendation = recommend(detail.variants)
        best = self._variants.get(self.recommendation.reference)
        self._tag.setVisible(best is not None)
        self._best.setVisible(best is not None)
        self._best.setText(display_name(best.label) if best else "")
        self._reason.setText(self.recommendation.reason)
        self._scroll.setVisible(bool(detail.variants))
        self._none.setVisible(not detail.variants)
        self._table.set_rows([self._row(v) for v in detail.variants])
        if before not in self._variants:
            self._table.choose(self._first(detail, prefer))
        self._note.set_parts(*self._notes(detail))

    def _first(self, detail: CatalogDetail, prefer: str) -> str:
        wanted = prefer.casefold()
        named = next(
            (
                v
                for v in detail.variants
                if wanted and wanted in f"{v.reference} {v.label}".casefold()
            ),
            None,
        )
        local = next((v for v in detail.variants if v.local), None)
        best = self._variants.get(self.recommendation.reference)
        first = named or best or local or next(iter(detail.variants), None)
        return first.reference if first else ""

    @property
    def chosen(self) -> VariantRow | None:
        """The variant the page's button is about."""
        key = self._table.current_key()
        return self._variants.get(key) if isinstance(key, str) else None

    def _on_current(self, _key: object) -> None:
        self.chosen_changed.emit(self.chosen)

    def _row(self, variant: VariantRow) -> Row:
        size = variant.size_bytes
        quality = published.published_quality(variant.quantization)
        evidence: Cell = MissingCell(self.tr("not measured"))
        divergence: Cell = NumberCell(None)
        if quality is not None:
            evidence = TextCell(self.tr("published, {0}").format(published.MODEL), tone="text_2")
            divergence = NumberCell(figures.decimal(quality.kl_divergence, 4), tone="text_2")
        elif variant.quantization.upper() in _WHOLE and variant.quantization:
            evidence = TextCell(self.tr("not quantized"), tone="text_2")
        return Row(
            variant.reference,
            (
                TextCell(
                    display_name(variant.label),
                    weight=fonts.MEDIUM,
                    bold_if_selected=True,
                    tag=self.tr("Recommended")
                    if variant.reference == self.recommendation.reference
                    else "",
                    after=self.tr("in store") if variant.local else "",
                ),
                TextCell(words.format_word(variant.format), tone="text_2"),
                NumberCell(
                    None
                    if size is None
                    else self._about(figures.gib_fine(size), variant.size_source),
                ),
                NumberCell(
                    None if variant.needed_bytes is None else figures.gib(variant.needed_bytes)
                ),
                MarkCell(words.fit_mark(variant.fits), words.fit_word(variant.fits)),
                divergence,
                evidence,
                self._hash(variant),
            ),
            tooltip=display_name(variant.reference),
        )

    @staticmethod
    def _about(size: str, source: str) -> str:
        return f"≈ {size}" if source == "formula" else size

    def _hash(self, variant: VariantRow) -> Cell:
        if variant.publisher_hash:
            return MarkCell("yes", self.tr("Declared"))
        return MarkCell("not-mentioned", self.tr("None known"))

    def _notes(self, detail: CatalogDetail) -> list[str]:
        notes = [
            self.tr(
                "Memory: by the catalog's own estimate, a formula; Fit asks for any context length."
            )
        ]
        if any(v.size_source == "formula" for v in detail.variants):
            notes.append(self.tr("≈ computed from parameters and bits per weight."))
        notes.append(self.tr("A figure published for another model is a prior, not a promise."))
        return notes
