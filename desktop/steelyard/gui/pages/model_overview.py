"""Overview: what the model says of itself: its card through our Markdown renderer, and its facts."""

from __future__ import annotations

from PySide6.QtCore import Qt

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import page_column, scrolling
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.labels import Elided, Paragraph
from steelyard.gui.widgets.layouts import clear, column, holder, row
from steelyard.gui.widgets.markdown import MarkdownView
from steelyard.service import requests as ask

_SHOWN_KEYS = 24

Facts = list[tuple[str, str]]


class OverviewTab(ModelTab):
    """Two columns: the card at the left, facts at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._reader = MarkdownView(self.tr("Model card"))
        self._card = Card(self.tr("Model card"))
        self._none = EmptyState(
            "doc", self.tr("No model card"), self.tr("None came with this model.")
        )
        self._card.body.addWidget(self._reader, 1)
        self._card.body.addWidget(self._none, 1)
        self._facts = Card(self.tr("Facts"), padded=True)
        self._lines = column(gap=6)
        self._facts.body.addLayout(self._lines)
        self._facts.body.addStretch(1)
        content = page_column(self)
        both = row(gap=16)
        both.addWidget(self._card, 1)
        facts = scrolling(holder(column(self._facts, None)), self.tr("Facts"))
        facts.setFixedWidth(424)
        facts.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        both.addWidget(facts)
        content.addLayout(both, 1)

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        self._show(detail.card, self._facts_of(detail))

    def show_entry(self, detail: ask.CatalogDetail) -> None:
        """An entry of the catalog."""
        self._show(detail.card, self._facts_of_entry(detail))

    def _show(self, card: str | None, facts: Facts) -> None:
        note = self.tr("the publisher's words; images and addresses are not loaded")
        if card and not self._reader.show_markdown(_without_front_matter(card)):
            note = self.tr("the publisher's words, shortened")
        self._card.set_title(self.tr("Model card"), note if card else "")
        self._reader.setVisible(bool(card))
        self._none.setVisible(not card)
        clear(self._lines)
        for word, value in facts:
            label = Elided(display_name(word), tone="text_2", mode=Qt.TextElideMode.ElideMiddle)
            label.setFixedSize(184, 20)
            line = row(gap=8)
            line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Paragraph(display_name(value), tone="text"), 1)
            self._lines.addWidget(holder(line))

    def _facts_of(self, detail: ask.ModelDetail) -> Facts:
        model = detail.model
        source = detail.source
        trained = figures.count(model.context_length) if model.context_length else figures.MISSING
        where = source.get("repository") or source.get("path") or source.get("kind")
        lines = [
            (self.tr("Title"), model.title),
            (self.tr("Publisher"), model.publisher),
            (self.tr("Architecture"), model.architecture),
            (self.tr("Parameters"), figures.parameters(model.parameters)),
            (self.tr("Trained for"), self.tr("{0} tokens").format(trained)),
            (self.tr("Base models"), ", ".join(detail.base_models)),
            (self.tr("Came from"), str(where or "")),
            (self.tr("Commit"), str(source.get("commit") or "")),
            (self.tr("Added"), figures.moment(model.added_at)),
        ]
        shown = [
            (key, str(value))
            for key, value in detail.metadata.items()
            if not key.startswith("tokenizer.")
        ]
        return [(word, value) for word, value in lines if value] + shown[:_SHOWN_KEYS]

    def _facts_of_entry(self, detail: ask.CatalogDetail) -> Facts:
        entry = detail.row
        active = entry.active_parameters
        trained = figures.count(entry.context_length) if entry.context_length else figures.MISSING
        dimensions = ", ".join(
            f"{name} {figures.count(n)}" for name, n in detail.dimensions.items()
        )
        lines = [
            (self.tr("Reference"), entry.reference),
            (self.tr("Publisher"), entry.publisher),
            (self.tr("Architecture"), entry.architecture),
            (self.tr("Task"), words.task_word(entry.task)),
            (self.tr("Parameters"), figures.parameters(entry.parameters)),
            (self.tr("Active for a token"), figures.parameters(active) if active else ""),
            (self.tr("Trained for"), self.tr("{0} tokens").format(trained)),
            (self.tr("Base models"), ", ".join(detail.base_models)),
            (self.tr("Dimensions"), dimensions),
            (self.tr("Tags"), ", ".join(detail.tags)),
        ]
        return [(word, value) for word, value in lines if value]


def _without_front_matter(card: str) -> str:
    lines = card.split("\n")
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                return "\n".join(lines[number + 1 :]).strip()
    return card.strip()
