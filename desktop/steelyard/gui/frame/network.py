"""Every connection attempt of this session, allowed and refused: what the network pill opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.tables.cells import MarkCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.labels import Label, Paragraph
from steelyard.gui.widgets.layouts import Rule, column, holder, row
from steelyard.gui.widgets.popover import Popover

_MOST_ROWS = 200


class Attempt(Protocol):
    """One attempt, as the service lists it."""

    @property
    def time(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def allowed(self) -> bool: ...
    @property
    def why(self) -> str: ...
    @property
    def asked_by(self) -> str: ...


class NetworkPopover(Popover):
    """Opens below the network pill."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "", 620)
        self.setAccessibleName(self.tr("Connections of this session"))
        self.panel.setAccessibleName(self.tr("Connections of this session"))
        self._state = Paragraph()
        self._table = Table(
            (
                Column(self.tr("Time"), 80),
                Column(self.tr("Host"), 0),
                Column(self.tr("Outcome"), 104),
                Column(self.tr("Asked by"), 120),
                Column(self.tr("Why"), 160),
            ),
            self.tr("Connections of this session"),
            select="none",
        )
        head = holder(row(Label(self.tr("Network"), weight=fonts.SEMIBOLD), margins=(16, 0, 16, 0)))
        head.setFixedHeight(40)
        self.body.addWidget(head)
        self.body.addWidget(Rule())
        self.body.addWidget(holder(column(self._state, margins=(16, 10, 16, 12))))
        self._rule = Rule()
        self.body.addWidget(self._rule)
        self._table.setProperty("lastRowOpen", True)
        self.body.addWidget(self._table)
        self.body.addSpacing(4)
        self.show_attempts((), offline=False, by_policy=False)

    def show_attempts(self, attempts: Sequence[Attempt], *, offline: bool, by_policy: bool) -> None:
        """Newest first."""
        if by_policy:
            said = self.tr(
                "Policy keeps this installation offline. Every attempt is refused and listed."
            )
        elif offline:
            said = self.tr("The offline switch is on. Every attempt is refused and listed.")
        else:
            said = self.tr(
                "Nothing connects unless someone asks for it. Every attempt is listed here."
            )
        if not attempts:
            said += " " + self.tr("There was none in this session.")
        self._state.setText(said)
        self._table.set_rows([_row(n, attempt) for n, attempt in enumerate(attempts[:_MOST_ROWS])])
        self._table.setVisible(bool(attempts))
        self._rule.setVisible(bool(attempts))
        self._table.setFixedHeight(32 * (1 + min(8, len(attempts))))
        if self.isVisible():
            self.place()


def _row(number: int, attempt: Attempt) -> Row:
    translate = QCoreApplication.translate
    outcome = (
        MarkCell("yes", translate("NetworkPopover", "Allowed"))
        if attempt.allowed
        else MarkCell("refused", translate("NetworkPopover", "Refused"))
    )
    return Row(
        number,
        (
            TextCell(figures.moment(attempt.time).rsplit(" ", 1)[-1], tone="text_2"),
            TextCell(display_name(attempt.host), weight=fonts.MEDIUM),
            outcome,
            TextCell(attempt.asked_by, tone="text_2"),
            TextCell(display_name(attempt.why), tone="text_2"),
        ),
        tooltip=display_name(attempt.why),
    )
