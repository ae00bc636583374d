"""Overview: what the model says of itself: its facts and its card, as plain text."""

from __future__ import annotations

from PySide6.QtCore import Qt

from steelyard.gui import figures
from steelyard.gui.names import display_name, visible_text
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import page_column, scrolling
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.labels import Elided, Paragraph
from steelyard.gui.widgets.layouts import clear, column, holder, row
from steelyard.service import requests as ask

_SHOWN_KEYS = 24


class OverviewTab(ModelTab):
    """Two columns: the card at the left, facts at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._text = Paragraph(tone="text", line_height=20)
        card = Card(self.tr("Model card"), note=self.tr("the publisher's words, as plain text"))
        self._reader = scrolling(
            holder(column(self._text, None, margins=(16, 12, 16, 12))), self.tr("Model card")
        )
        self._reader.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that keys can scroll it
        self._none = EmptyState(
            "doc", self.tr("No model card"), self.tr("No README.md came with this model.")
        )
        card.body.addWidget(self._reader, 1)
        card.body.addWidget(self._none, 1)
        self._facts = Card(self.tr("Facts"), padded=True)
        self._lines = column(gap=6)
        self._facts.body.addLayout(self._lines)
        self._facts.body.addStretch(1)
        content = page_column(self)
        both = row(gap=16)
        both.addWidget(card, 1)
        facts = scrolling(holder(column(self._facts, None)), self.tr("Facts"))
        facts.setFixedWidth(424)
        facts.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        both.addWidget(facts)
        content.addLayout(both, 1)

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        card = detail.card or ""
        self._text.setText(visible_text("\n".join(_without_front_matter(card)).strip()))
        self._reader.setVisible(bool(card))
        self._none.setVisible(not card)
        clear(self._lines)
        for word, value in self._facts_of(detail):
            label = Elided(display_name(word), tone="text_2", mode=Qt.TextElideMode.ElideMiddle)
            label.setFixedSize(184, 20)
            line = row(gap=8)
            line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Paragraph(display_name(value), tone="text"), 1)
            self._lines.addWidget(holder(line))

    def _facts_of(self, detail: ask.ModelDetail) -> list[tuple[str, str]]:
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


def _without_front_matter(card: str) -> list[str]:
    lines = card.split("\n")
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                return lines[number + 1 :]
    return lines
