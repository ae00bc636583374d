"""What stands in a table: one small class per kind of cell, each knowing how to draw itself and how to say itself.

Models hand these out under `CELL_ROLE`; `words` is what assistive technology reads and what a copy of the row holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from steelyard.gui import icons, paint
from steelyard.gui.figures import MISSING, percent, short_digest
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import Tone
from steelyard.gui.widgets import bars, chips, interval, marks
from steelyard.gui.widgets.choices import draw_check

CELL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""Holds the `Cell`."""
GROUP_ROLE = int(Qt.ItemDataRole.UserRole) + 2
"""Holds the `Group` when the row is a group row, else nothing."""
KEY_ROLE = int(Qt.ItemDataRole.UserRole) + 3
"""Holds the row's key."""


class Cell(Protocol):
    """Anything that can stand in a table."""

    @property
    def words(self) -> str:
        """The cell in words."""

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        """Draw into a rectangle that has its padding already."""


def _strip(painter: QPainter, rect: QRect) -> paint.Strip:
    mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return paint.Strip(rect, mirrored=mirrored)


@dataclass(frozen=True)
class TextCell:
    """Words, and perhaps 11 px words after them, and a tag.

    Attributes:
        text: from outside or not; plain either way.
        tone, weight, size: as everywhere.
        after: 11 px beside the text (the publisher, "in store").
        tag: a tag between the two ("Recommended").
        bold_if_selected: semibold in the selected row.
        end: at the trailing side.
    """

    text: str
    tone: Tone = "text"
    weight: int = fonts.REGULAR
    size: int = 13
    after: str = ""
    tag: str = ""
    bold_if_selected: bool = False
    end: bool = False

    @property
    def words(self) -> str:
        return ", ".join(part for part in (self.text, self.tag, self.after) if part)

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        weight = fonts.SEMIBOLD if selected and self.bold_if_selected else self.weight
        face = fonts.font(self.size, weight)
        if self.end:
            paint.text(painter, rect, self.text, face=face, tone=self.tone, align=paint.TRAILING)
            return
        strip = _strip(painter, rect)
        needed = fonts.width(face, self.text) + 1
        reserved = 8 + chips.tag_width(self.tag, accent=True) if self.tag else 0
        room = max(min(needed, strip.left_px - reserved), 24)
        paint.text(painter, strip.take(room, 8), self.text, face=face, tone=self.tone)
        if self.tag:
            width = chips.tag_width(self.tag, accent=True)
            chips.draw_tag(painter, strip.take(width, 8), self.tag, accent=True)
        if self.after:
            paint.text(painter, strip.rest(), self.after, face=fonts.font(11), tone="text_3")


@dataclass(frozen=True)
class NumberCell:
    """A number, at the end of its column, in tabular figures; None is a dash, never a zero."""

    text: str | None
    tone: Tone = "text"

    @property
    def words(self) -> str:
        return self.text or ""

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        tone: Tone = self.tone if self.text is not None else "text_3"
        paint.text(painter, rect, self.text or MISSING, tone=tone, align=paint.TRAILING)


@dataclass(frozen=True)
class MarkCell:
    """A 14 px trust mark and its word; grey unless it needs action.

    Attributes:
        state: see `widgets.marks.STATES`.
        word: beside it.
        tone: instead of the trust mark's own.
        about: said before the word.
    """

    state: str
    word: str
    tone: Tone | None = None
    about: str = ""

    @property
    def words(self) -> str:
        return f"{self.about}: {self.word}" if self.about else self.word

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        tone = self.tone or marks.trust_tone(self.state)
        marks.draw(painter, rect, self.state, self.word, glyph=14, tone=tone)


@dataclass(frozen=True)
class IconCell:
    """A 14 px icon and a medium word in one tone: what something is doing.

    Attributes:
        icon: its name.
        word: beside it.
        tone, icon_tone: of the word and of the icon.
        about: said before the word.
    """

    icon: str
    word: str
    tone: Tone = "text"
    icon_tone: Tone = "text_2"
    about: str = ""

    @property
    def words(self) -> str:
        return f"{self.about}: {self.word}" if self.about else self.word

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        strip = _strip(painter, rect)
        icons.paint(painter, self.icon, paint.centered(strip.take(14, 6), 14, 14), self.icon_tone)
        paint.text(painter, strip.rest(), self.word, tone=self.tone)


@dataclass(frozen=True)
class ProgressCell:
    """A line that fills, and the share in percent; where the share is not known, the line is empty.

    Attributes:
        per_mille: 0 to 1000, or None.
        moving: drawn in the accent; what rests is grey.
    """

    per_mille: int | None
    moving: bool = True

    @property
    def words(self) -> str:
        return "" if self.per_mille is None else percent(self.per_mille // 10 / 100)

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        strip = _strip(painter, rect)
        face = fonts.font(11)
        figure = strip.take_end(fonts.width(face, percent(1)) + 1, 8)
        paint.text(painter, figure, self.words, face=face, tone="text_2", align=paint.TRAILING)
        if self.per_mille is not None or self.moving:
            share = (self.per_mille or 0) / 1000
            bars.draw_progress(painter, strip.rest(), share, moving=self.moving)


@dataclass(frozen=True)
class ActionCell:
    """An icon that does something to its row: `Table.acted` tells of a click on it, and of Space on the row.

    Attributes:
        icon: its name.
        words: what it does.
        action: handed out.
    """

    icon: str
    words: str
    action: str

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        area = paint.centered(rect, 24, 24)
        paint.box(painter, area, fill="surface", border="line")
        icons.paint(painter, self.icon, paint.centered(area, 14, 14), "text_2")


@dataclass(frozen=True)
class VerdictCell:
    """A verdict chip, and words beside it ("11 of 11")."""

    verdict: str
    after: str = ""

    @property
    def words(self) -> str:
        return f"{chips.verdict_word(self.verdict)} {self.after}".strip()

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        word = chips.verdict_word(self.verdict)
        strip = _strip(painter, rect)
        chips.draw_verdict(painter, strip.take(chips.verdict_width(word), 8), self.verdict, word)
        if self.after:
            paint.text(painter, strip.rest(), self.after, tone="text_2")


@dataclass(frozen=True)
class MissingCell:
    """The not-measured chip, with its words."""

    words: str

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        chips.draw_missing(painter, rect, self.words)


@dataclass(frozen=True)
class TagCell:
    """A tag."""

    words: str
    accent: bool = False

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        chips.draw_tag(painter, rect, self.words, accent=self.accent)


@dataclass(frozen=True)
class IntervalCell:
    """An interval plot, and words beside it ("24–33")."""

    plot: interval.Interval
    after: str = ""
    width: int = 160

    @property
    def words(self) -> str:
        return self.plot.words or self.after

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        strip = _strip(painter, rect)
        interval.draw(painter, strip.take(self.width, 8), self.plot)
        if self.after:
            paint.text(painter, strip.rest(), self.after)


@dataclass(frozen=True)
class DigestCell:
    """A digest, shortened; said and copied whole."""

    digest: str

    @property
    def words(self) -> str:
        return self.digest

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        paint.text(painter, rect, short_digest(self.digest), face=fonts.mono(), tone="text_2")


@dataclass(frozen=True)
class CheckCell:
    """A check box that shows whether the row is selected; `Table(select="checks")` uses it."""

    words: str = ""

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        strip = _strip(painter, rect)
        draw_check(painter, strip.take(16), checked=selected)


@dataclass(frozen=True)
class EmptyCell:
    """Nothing."""

    words: str = ""

    def draw(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        return


@dataclass(frozen=True)
class Group:
    """A group row: 28 px, over all columns.

    Attributes:
        title: semibold ("Admitted"); may be empty.
        words: after it ("7 · may be used under the policy in force").
        icon: instead of the arrow that opens and closes the group.
        foldable: the rows below it can be hidden.
    """

    title: str
    words: str = ""
    icon: str | None = None
    foldable: bool = True
    folded: bool = False

    @property
    def said(self) -> str:
        """The row in words."""
        return f"{self.title} {self.words}".strip()


Select = Literal["none", "single", "checks"]
