"""One transfer in full: what happened, what was kept, the next step, and its files with what was declared and found."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from steelyard.base.errors import ExitCode
from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import transfers_words as words
from steelyard.gui.pages.page import scrolling
from steelyard.gui.tables.cells import DigestCell, MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import fonts
from steelyard.gui.transfer import Transfer
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.labels import Paragraph
from steelyard.gui.widgets.layouts import Rule, column, holder, row

_FACTS_WIDTH = 340
_LABEL_WIDTH = 84

_PART_MARKS = {
    "matches": "yes",
    "in-store": "yes",
    "differs": "no",
    "here": "pending",
    "partial": "begun",
    "waiting": "begun",
}


class TransferCard(Card):
    """The chosen transfer.

    Signals:
        asked(str): `pause`, `resume`, `retry`, `cancel`, `discard`, `clear`, `model` or `log`.
    """

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("TransferCard", "Transfer"))
        self._shown: Transfer | None = None
        self._buttons: dict[str, Button] = {}
        for action, icon, word in (
            ("pause", "pause", self.tr("Pause")),
            ("resume", "play", self.tr("Resume")),
            ("retry", "refresh", self.tr("Try again")),
            ("cancel", "x", self.tr("Cancel")),
            ("discard", "trash", self.tr("Discard")),
            ("clear", "x", self.tr("Clear")),
            ("model", "library", self.tr("Show model")),
            ("log", "audit", self.tr("Show in log")),
        ):
            button = Button(word, icon=icon, small=True)
            button.clicked.connect(lambda _=False, action=action: self.asked.emit(action))
            self._buttons[action] = button
            self.add_to_header(button)
        self._banner = Banner("red")
        self._banner.hide()
        self._lines: dict[str, Paragraph] = {}
        self._labels: dict[str, Paragraph] = {}
        self._files = Table(
            (
                Column(self.tr("File")),
                Column(self.tr("Declared digest"), 168, optional=560),
                Column(self.tr("Found digest"), 168, optional=420),
                Column(self.tr("State"), 104),
                Column(self.tr("Here"), 84, end=True, optional=620),
                Column(self.tr("Size"), 84, end=True),
            ),
            self.tr("Files of the transfer"),
            select="none",
        )
        self._no_files = Paragraph(self.tr("Its files are listed here once they are known."))
        self._lay_out()

    def _lay_out(self) -> None:
        facts = column(gap=6, margins=(16, 12, 16, 12))
        for key, word in (
            ("kind", self.tr("Kind")),
            ("files", self.tr("Files")),
            ("size", self.tr("Size")),
            ("now", self.tr("Now")),
            ("kept", self.tr("Kept")),
            ("next", self.tr("Next step")),
        ):
            facts.addLayout(self._line(key, word))
        facts.addStretch(1)
        self._left = scrolling(holder(facts), self.tr("Facts of the transfer"))
        self._left.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that keys can scroll it
        right = column(gap=0)
        right.addWidget(self._files, 1)
        self._no_files_box = holder(column(self._no_files, None, margins=(16, 12, 16, 12)))
        right.addWidget(self._no_files_box, 1)
        both: QHBoxLayout = row(gap=0)
        both.addWidget(self._left)
        both.addWidget(Rule(upright=True))
        both.addLayout(right, 1)
        self._banner_box = holder(column(self._banner, margins=(12, 12, 12, 12)))
        self._banner_box.hide()
        self.body.addWidget(self._banner_box)
        self.body.addLayout(both, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _line(self, key: str, word: str) -> QVBoxLayout:
        label, value = Paragraph(word), Paragraph(tone="text")
        label.setFixedWidth(_LABEL_WIDTH)
        self._labels[key], self._lines[key] = label, value
        line = row(gap=8)
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(value, 1)
        return column(line, gap=0)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What takes the keyboard, as it reads."""
        return (*self._buttons.values(), self._left, self._files)

    def button(self, action: str) -> Button:
        """The button of an action."""
        return self._buttons[action]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._left.setFixedWidth(min(_FACTS_WIDTH, self.width() * 2 // 5))

    def show_transfer(self, transfer: Transfer) -> None:
        """Draw it as it is now."""
        self._shown = transfer
        self.set_title(display_name(transfer.title), words.state_word(transfer.state))
        self._show_buttons(transfer)
        self._show_problem(transfer)
        self._say("kind", words.kind_word(transfer.kind))
        self._say("files", words.files_words(transfer))
        self._say("size", words.amount(transfer))
        self._say("now", transfer.file)
        self._say("kept", words.kept(transfer))
        self._say("next", "" if self._banner.isVisibleTo(self) else words.next_step(transfer))
        rows = _file_rows(transfer)
        self._files.set_rows(rows)
        self._files.setVisible(bool(rows))
        self._no_files_box.setVisible(not rows)

    def _say(self, key: str, said: str) -> None:
        shown = display_name(said)
        if self._lines[key].text() != shown:
            self._lines[key].setText(shown)
        self._lines[key].setVisible(bool(shown))
        self._labels[key].setVisible(bool(shown))

    def _show_buttons(self, transfer: Transfer) -> None:
        possible = {
            "pause": transfer.can_pause,
            "resume": transfer.can_resume,
            "retry": transfer.can_retry,
            "cancel": transfer.can_cancel,
            "discard": transfer.can_discard,
            "clear": transfer.can_clear and not transfer.can_discard,
            "model": bool(transfer.model) and transfer.state != "failed",
            "log": True,
        }
        for action, button in self._buttons.items():
            if button.isHidden() == possible[action]:
                button.setVisible(possible[action])

    def _show_problem(self, transfer: Transfer) -> None:
        error = transfer.job.error if transfer.job is not None else None
        if error is not None and error.exit_code != ExitCode.CANCELLED:
            self._banner.say_error(error)
        elif transfer.reason and transfer.kind == "held":
            headline = self.tr("These bytes were refused.")
            self._banner.say("amber", headline, display_name(transfer.reason))
        elif transfer.reason and error is None and not transfer.active:
            headline = self.tr("It stands still.")
            self._banner.say("blue", headline, display_name(transfer.reason))
        else:
            self._banner_box.hide()
            return
        self._banner.show()
        self._banner_box.show()


def _file_rows(transfer: Transfer) -> list[Row]:
    translate = QCoreApplication.translate
    part_words = {
        "matches": translate("TransferCard", "Matches"),
        "in-store": translate("TransferCard", "In the store"),
        "differs": translate("TransferCard", "Differs"),
        "here": translate("TransferCard", "To be judged"),
        "partial": translate("TransferCard", "In part"),
        "waiting": translate("TransferCard", "Waits"),
    }
    rows = []
    for part in transfer.parts:
        state = part.state if part.state in part_words else "waiting"
        rows.append(
            _row(
                part.path,
                (part.expected, part.found),
                MarkCell(_PART_MARKS[state], part_words[state]),
                (part.here_bytes, part.size_bytes),
            )
        )
    if rows:
        return rows
    for file in transfer.arrived:
        known = {
            "matches": MarkCell("yes", part_words["matches"]),
            "differs": MarkCell("no", part_words["differs"]),
        }
        none_given = MarkCell("not-mentioned", translate("TransferCard", "None given"))
        declared = file.sha256 if file.publisher_hash == "matches" else ""
        mark = known.get(file.publisher_hash, none_given)
        rows.append(
            _row(file.path, (declared, file.sha256), mark, (file.size_bytes, file.size_bytes))
        )
    return rows or _facts_of_error(transfer, part_words["differs"])


def _facts_of_error(transfer: Transfer, differs: str) -> list[Row]:
    """The one file that an error names, with both digests."""
    facts = transfer.job.error.facts if transfer.job is not None and transfer.job.error else {}
    path, expected, actual = (facts.get(name) for name in ("path", "expected", "actual"))
    if not (isinstance(path, str) and isinstance(expected, str) and isinstance(actual, str)):
        return []
    return [_row(path, (expected, actual), MarkCell("no", differs), (0, 0))]


def _row(path: str, digests: tuple[str, str], mark: MarkCell, sizes: tuple[int, int]) -> Row:
    none = QCoreApplication.translate("TransferCard", "none")
    shown = [DigestCell(digest) if digest else TextCell(none, tone="text_3") for digest in digests]
    here, size = sizes
    return Row(
        path,
        (
            TextCell(display_name(path), weight=fonts.MEDIUM),
            *shown,
            mark,
            NumberCell(figures.size(here) if here else None, tone="text_2"),
            NumberCell(figures.size(size) if size else None),
        ),
        tooltip=display_name("\n".join((path, *(digest for digest in digests if digest)))),
    )
