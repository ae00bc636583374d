"""The strip of Browse that says where its rows come from, when each source was asked, and asks them again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from steelyard.gui import figures
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.buttons import Button, Link
from steelyard.gui.widgets.cards import Panel
from steelyard.gui.widgets.labels import Elided
from steelyard.gui.widgets.layouts import Icon, clear, column, holder, row
from steelyard.service.requests import SourceRow

MOST, MOST_NARROW, ROOMY = 3, 2, 820
"""Sources named, and the width in px from which on there is room for the larger number; more are counted."""
ASKED = frozenset({"hub", "mirror", "folder", "bundles"})
"""Kinds that can be asked again; what came with the program changes with the program only."""


class SourceStrip(Panel):
    """One line, 44 px.

    Signals:
        refresh_asked(): the person wants the sources asked.
        settings_asked(): the person wants to see or change the list of sources.
    """

    refresh_asked = Signal()
    settings_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(48)
        self._line = row(gap=20)
        self._why = Elided("", size=11, tone="text_2")
        self._why.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._settings = Link(self.tr("Sources"), size=11)
        self._settings.clicked.connect(self.settings_asked)
        self.refresh_button = Button(self.tr("Refresh"), icon="refresh", small=True)
        self.refresh_button.clicked.connect(self.refresh_asked)
        self.refresh_button.setEnabled(False)
        outer = row(gap=16, margins=(16, 0, 12, 0))
        outer.addLayout(self._line, 1)
        outer.addWidget(self._why)
        outer.addWidget(self._settings)
        outer.addWidget(self.refresh_button)
        self.setLayout(outer)
        self.setAccessibleName(self.tr("Where these rows come from"))
        self._busy = False
        self._named = 0
        self._sources: tuple[SourceRow, ...] = ()

    def show_sources(self, sources: tuple[SourceRow, ...], *, busy: bool) -> None:
        """Name the first of them; `busy`: they are being asked right now."""
        self._sources, self._busy = sources, busy
        self._name_sources()
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._most() != self._named:
            self._name_sources()

    def _most(self) -> int:
        return MOST if self.width() >= ROOMY else MOST_NARROW

    def _name_sources(self) -> None:
        sources, self._named = self._sources, self._most()
        clear(self._line)
        # What knows something comes first; an empty source says least.
        named = sorted(sources, key=lambda s: (s.entries == 0, s.kind != "embedded"))[: self._named]
        for source in named:
            self._line.addWidget(self._source(source), 0, Qt.AlignmentFlag.AlignVCenter)
        if len(sources) > self._named:
            more = self.tr("and {0} more").format(len(sources) - self._named)
            self._line.addWidget(Elided(more, size=11, tone="text_2"))
        self._line.addStretch(1)

    @staticmethod
    def _source(source: SourceRow) -> QWidget:
        icon = {"embedded": "archive", "folder": "folder", "bundles": "archive"}.get(
            source.kind, "globe"
        )
        when = words.refreshed(source)
        below = " · ".join(p for p in (figures.count(source.entries), when) if p)
        texts = column(
            Elided(words.source_name(source.name), size=11, weight=fonts.MEDIUM),
            Elided(below, size=11, tone="text_2"),
            gap=0,
        )
        box = holder(row(Icon(icon, size=14), holder(texts), gap=8))
        box.setAccessibleName(f"{words.source_name(source.name)}: {below}")
        return box

    def _follow(self) -> None:
        asked = [source for source in self._sources if source.kind in ASKED]
        reachable = any(source.reachable for source in asked)
        why = next((source.why for source in asked if source.why), "")
        self.refresh_button.setEnabled(reachable and not self._busy)
        if self._busy:
            self._why.setText(self.tr("Asking the sources…"))
        elif reachable:
            self._why.setText("")
        elif why:
            self._why.setText(words.why_unreachable(why))
        else:
            self._why.setText(self.tr("No source to ask; add one in the settings."))
        self.refresh_button.setAccessibleDescription(self._why.text())
