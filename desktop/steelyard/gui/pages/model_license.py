"""License: fourteen answers with clauses, three witnesses, the passage, and obligations nobody ticks but a person."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QTextCursor
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QPlainTextEdit,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from steelyard.base.errors import SteelyardError
from steelyard.gui import paint
from steelyard.gui.names import display_name, plain_tooltip
from steelyard.gui.pages.license_words import fact_tone, group_title, question_title
from steelyard.gui.pages.model_tab import ModelTab
from steelyard.gui.pages.page import Shell, page_column, scrolling
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.widgets import marks
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.chips import Tag
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.labels import Elided, Label, Paragraph, small
from steelyard.gui.widgets.layouts import Icon, Note, Rule, clear, column, holder, row
from steelyard.licenses.records import Answer, Obligation, Witness
from steelyard.service import requests as ask

GROUPS = ("using", "passing-on", "legal")
ANSWER_HEIGHT = 82


class AnswerTile(QAbstractButton):
    """One question: its title and clause, the state with its word, the fact. Choosing it shows the passage."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setFixedHeight(ANSWER_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        word = marks.state_word(answer.state.value)
        self.setAccessibleName(f"{question_title(answer.question)}: {word}")
        self.setAccessibleDescription(f"{answer.clause} {answer.fact}".strip())
        self.setToolTip(plain_tooltip(display_name(answer.fact)))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        state = self.answer.state.value
        silent = state == "not-mentioned"
        if self.isChecked():
            paint.box(painter, self.rect(), fill="accent_tint", border="accent", width=2)
        else:
            paint.box(
                painter,
                self.rect(),
                fill=None if silent else "surface",
                border="field" if silent else "line",
                dashed=silent,
            )
        inner = self.rect().adjusted(12, 10, -12, -8)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        first = inner.adjusted(0, 0, 0, 0)
        first.setHeight(20)
        strip = paint.Strip(first, mirrored=mirrored)
        face = fonts.font(11)
        clause = display_name(self.answer.clause) or "–"
        end = strip.take_end(min(fonts.width(face, clause) + 1, inner.width() // 2), 8)
        paint.text(painter, end, clause, face=face, tone="text_3", align=paint.TRAILING)
        paint.text(painter, strip.rest(), question_title(self.answer.question))
        second = first.translated(0, 21)
        marks.draw(
            painter,
            second,
            state,
            marks.state_word(state),
            glyph=16,
            tone=marks.state_tone(state),
            weight=fonts.MEDIUM,
        )
        third = first.translated(0, 42)
        paint.text(painter, third, display_name(self.answer.fact), face=face, tone=fact_tone(state))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Witnesses(Card):
    """Three witnesses side by side, and what counts; a banner above them when they disagree."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("What names the license"))
        self._line = row(gap=0)
        self._headline = Label(weight=fonts.SEMIBOLD)
        self._words = Paragraph(tone="text")
        self._symbol = Icon("warn", tone="amber")
        head = row(gap=12, margins=(16, 8, 16, 8))
        head.addWidget(self._symbol)
        head.addLayout(column(self._headline, self._words, gap=0), 1)
        self._head = holder(head)
        self.body.addWidget(self._head)
        self._rule = Rule()
        self.body.addWidget(self._rule)
        self.body.addLayout(self._line)

    def show_witnesses(self, answers: ask.LicenseAnswers) -> None:
        """Show them anew."""
        clear(self._line)
        self._head.setVisible(bool(answers.findings))
        self._rule.setVisible(bool(answers.findings))
        self.set_border("amber" if answers.findings else "line")
        if answers.findings:
            self._headline.setText(display_name(answers.findings[0]))
            self._words.setText("\n".join(display_name(text) for text in answers.findings[1:]))
            self._words.setVisible(len(answers.findings) > 1)
        for place, witness in enumerate(answers.witnesses):
            if place:
                self._line.addWidget(Rule(upright=True))
            self._line.addWidget(self._witness(witness), 1)

    def _witness(self, witness: Witness) -> QWidget:
        icon, title = {
            "card": ("tag", self.tr("Model card tag")),
            "file": ("doc", self.tr("LICENSE file")),
        }.get(witness.kind, ("header", self.tr("Header of the file")))
        head = row(Icon(icon, size=14), Elided(title, size=11, tone="text_2"), None, gap=6)
        if witness.counts:
            head.addWidget(Tag(self.tr("counts"), accent=True))
        says = display_name(witness.says) if witness.says else self.tr("silent")
        known = witness.id or (self.tr("not known") if witness.says else "")
        words = " · ".join(part for part in (display_name(witness.where), known) if part)
        return holder(
            column(
                head,
                Elided(says, weight=fonts.SEMIBOLD, tone="text" if witness.says else "text_3"),
                Elided(words, size=11, tone="text_2"),
                gap=2,
                margins=(16, 10, 16, 10),
            )
        )


class PassageCard(Card):
    """The words of the license text that came with the model, around the passage that answers a question."""

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("PassageCard", "Passage"))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._text.setAccessibleName(self.tr("License text"))
        self._text.document().setDocumentMargin(12)
        self._whole = ""
        self._marked: QTextCursor | None = None
        self.body.addWidget(self._text, 1)

    def set_text(self, text: str | None, *, at_hand: bool = True) -> None:
        """The whole license text, or None. `at_hand`: the model's files are here, so a text could be."""
        self._whole = _flowing(text or "")
        if not text:
            self._marked = None
            self._text.setExtraSelections([])
        self._text.setPlainText(
            self._whole
            if text
            else self.tr("No license text came with this model.")
            if at_hand
            else self.tr(
                "The text itself comes with the files; its passages are shown once they are here."
            )
        )

    def show_answer(self, answer: Answer) -> None:
        """Show what the text says to a question, on the ground of a passage, if the text has it."""
        clause = display_name(answer.clause)
        self.set_title(self.tr("Clause {0}").format(clause) if clause else self.tr("No clause"))
        passage = _flowing(answer.passage or "")
        place = self._whole.find(passage) if passage else -1
        self._marked = None
        self._text.setExtraSelections([])
        cursor = self._text.textCursor()
        cursor.setPosition(max(place, 0))
        self._text.setTextCursor(cursor)
        if place < 0:
            return
        self._text.centerCursor()
        cursor.setPosition(place + len(passage), cursor.MoveMode.KeepAnchor)
        self._marked = cursor
        self._mark()

    def _mark(self) -> None:
        if self._marked is not None:
            marked = QTextEdit.ExtraSelection()
            marked.cursor = self._marked
            marked.format.setBackground(appearance.color("accent_tint"))
            self._text.setExtraSelections([marked])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._mark()  # a format keeps the colour of the theme it was made in


def _flowing(text: str) -> str:
    """A text whose lines were broken by hand, one line a paragraph, so that it fits any width."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n\n".join(
        display_name(" ".join(paragraph.split())) for paragraph in paragraphs if paragraph.strip()
    )


class LicenseTab(ModelTab):
    """The grid, the witnesses, the passage, the obligations."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._asks: tuple[str, ask.ShowLicense | ask.ExplainLicense] | None = None
        self._shown = ""
        self._said = ""
        self._tiles: list[AnswerTile] = []
        self._witnesses = Witnesses()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._skeleton = Skeleton(10)
        self._passage = PassageCard()
        self._obligations = Card(self.tr("Obligations"))
        self._obligations.body.addStretch(1)
        self._note = Note(self.tr("A summary, not legal advice."))
        self._banner = Banner("red")
        self._banner.hide()
        grid = holder(self._grid)
        left = holder(column(self._banner, self._witnesses, grid, self._skeleton, None, gap=12))
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(16)
        right.addWidget(self._passage, 3)
        right.addWidget(self._obligations, 2)
        side = holder(right)
        side.setFixedWidth(376)
        content = page_column(self, note=self._note)
        both = row(gap=16)
        both.addWidget(scrolling(left, self.tr("Answers")), 1)
        both.addWidget(side)
        self._both = holder(both)
        self._unknown = EmptyState(
            "doc",
            self.tr("The license is not known"),
            self.tr(
                "The entry names no license that has been read here. The text that comes with the "
                "files decides; it is compared once they are in the store."
            ),
        )
        self._unknown.hide()
        content.addWidget(self._both, 1)
        content.addWidget(self._unknown, 1)
        self._witnesses.hide()

    def show_detail(self, detail: ask.ModelDetail) -> None:
        super().show_detail(detail)
        self._asks = (detail.model.digest, ask.ShowLicense(detail.model.name))
        self._said = ""

    def show_declared(self, license_id: str | None, declared: str) -> None:
        """An entry that is not in the store: the license it names, without a text to compare it with."""
        self._said = declared or license_id or ""
        if license_id is None:
            self._asks = None
            self._shown = ""
            self._show_unknown()
        else:
            self._asks = (license_id, ask.ExplainLicense(license_id))

    def opened(self) -> None:
        if self._asks is not None and self._shown != self._asks[0]:
            self._shown, request = self._asks
            self._shell.jobs.ask(request, self._show, self._failed, owner=self, replaces="license")

    def _show_unknown(self) -> None:
        self._both.hide()
        self._unknown.show()
        self._note.set_parts(self.tr("A summary, not legal advice."))

    def _failed(self, error: SteelyardError) -> None:
        self._shown = ""
        self._skeleton.hide()
        self._banner.say_error(error)
        self._banner.show()

    def _show(self, answers: ask.LicenseAnswers) -> None:
        self._skeleton.hide()
        self._unknown.hide()
        self._both.show()
        if self._said:
            self._banner.say(
                "blue",
                self.tr("The entry says {0}.").format(display_name(self._said)),
                self.tr(
                    "That is its publisher's word. The text that comes with the files decides; "
                    "it is compared once they are in the store."
                ),
            )
        self._banner.setVisible(bool(self._said))
        self._witnesses.setVisible(bool(answers.witnesses or answers.findings))
        self._witnesses.show_witnesses(answers)
        self._fill_grid(answers)
        self._passage.set_text(answers.text, at_hand=not self._said)
        self._fill_obligations(answers.obligations)
        parts: list[str | QWidget | None] = [self.tr("A summary, not legal advice.")]
        if answers.text_digest:
            parts.append(DigestLabel(answers.text_digest, self.tr("License text")))
        parts.append(self.tr("Summary {0}").format(answers.summary_version))
        self._note.set_parts(*parts)
        chosen = next((tile for tile in self._tiles if tile.answer.passage), self._tiles[0])
        self._choose(chosen)

    def _fill_grid(self, answers: ask.LicenseAnswers) -> None:
        from steelyard.licenses.library import questions  # noqa: PLC0415  # read once a license is shown

        clear(self._grid)
        self._tiles = []
        rows = [1, 1, 1]
        for place, group in enumerate(GROUPS):
            self._grid.addWidget(Label(group_title(group), weight=fonts.SEMIBOLD), 0, place)
            self._grid.setColumnStretch(place, 1)
        for question in questions():
            tile = AnswerTile(answers.answers[question.key])
            tile.clicked.connect(lambda _checked=False, tile=tile: self._choose(tile))
            place = GROUPS.index(question.group)
            self._grid.addWidget(tile, rows[place], place)
            rows[place] += 1
            self._tiles.append(tile)
        legend = Paragraph(
            self.tr(
                "Yes is always the freer answer. Not mentioned: the whole text was read and is silent; "
                "that is not a yes. Not known: not read, or not in the files."
            ),
            size=11,
        )
        place = rows.index(min(rows))
        self._grid.addWidget(legend, rows[place], place, Qt.AlignmentFlag.AlignTop)

    def _choose(self, chosen: AnswerTile) -> None:
        for tile in self._tiles:
            tile.setChecked(tile is chosen)
        self._passage.show_answer(chosen.answer)

    def _fill_obligations(self, obligations: tuple[Obligation, ...]) -> None:
        body = self._obligations.body
        clear(body)
        for place, obligation in enumerate(obligations):
            if place:
                body.addWidget(Rule())
            line = row(gap=8, margins=(16, 8, 16, 8))
            line.addWidget(Icon("doc", size=14), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Paragraph(obligation.text, tone="text"), 1)
            line.addWidget(small(obligation.clause, tone="text_3"), 0, Qt.AlignmentFlag.AlignTop)
            body.addWidget(holder(line))
        if not obligations:
            body.addWidget(
                holder(column(Paragraph(self.tr("None that are known.")), margins=(16, 12, 16, 12)))
            )
        body.addStretch(1)
