"""The Markdown renderer: the only way text from outside is shown as more than plain text.

It loads nothing: no image, no style sheet, no address, local or remote. HTML stays the letters it is written in. Links
are text; nothing happens when one is pressed. What is too long or too deeply nested to be laid out quickly is shown as
plain text instead.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QByteArray, QEvent, QObject, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from steelyard.gui.names import visible_text
from steelyard.gui.theme import appearance, fonts

MOST_CHARS = 30_000
"""Of a card that is laid out; the rest is left out, and the widget says so."""
_DEEPEST = 12
"""Levels of quotes and lists. Qt makes a frame of each, and lays them out one inside the other."""
_MOST_CELLS = 2_000
_LONGEST_LINE = 3_000
"""A paragraph is shorter; laying out one line costs more than its share once it is longer."""
_FEATURES = QTextDocument.MarkdownFeature(
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub.value
    | QTextDocument.MarkdownFeature.MarkdownNoHTML.value
)


def can_be_laid_out(text: str) -> bool:
    """Whether Markdown is tame enough to be laid out in the window's own thread."""
    cells = 0
    for line in text.split("\n"):
        lead = re.match(r"[\s>*+\-\d.)]*", line)
        marks = len(re.findall(r"[>*+\-]|\d+[.)]", lead.group())) if lead else 0
        indent = len(line) - len(line.lstrip())
        rule = not line.strip(" *-_")
        if (marks > _DEEPEST and not rule) or indent > 4 * _DEEPEST:
            return False
        cells += line.count("|")
        if len(line) > _LONGEST_LINE:
            return False
        if cells > _MOST_CELLS or line.count("[") > 400 or line.count("`") > 400:
            return False
    return True


class _Sealed(QTextDocument):
    """A document that answers every question for a resource itself: with a dot for an image, else with no bytes.

    No answer is not enough: for an image without one, Qt's layout opens the file that the image names.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setDefaultFont(fonts.font())
        self.setDocumentMargin(16)
        self.setIndentWidth(20)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        del name
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return QByteArray()
        dot = QImage(1, 1, QImage.Format.Format_ARGB32)
        dot.fill(0)
        return dot


class MarkdownView(QTextBrowser):
    """Shows a document; keys scroll it, text can be marked and copied."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        self._text = ""
        super().__init__(parent)
        self.setDocument(_Sealed(self))
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setFont(fonts.font())
        self.setAccessibleName(name)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded: what names a file or an address gets no bytes."""
        del kind, name
        return QByteArray()

    def show_markdown(self, text: str) -> bool:
        """Show a document.

        Returns:
            Whether all of it is shown.
        """
        self._text = visible_text(text[:MOST_CHARS])
        self._render()
        return len(text) <= MOST_CHARS

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._text:
            self._render()  # formats keep the colours of the theme they were made in

    def _render(self) -> None:
        before = self.document()
        document = _Sealed(self)
        if can_be_laid_out(self._text):
            document.setMarkdown(self._text, _FEATURES)
            _dress(document)  # before it is shown, so that no layout ever meets an image
        else:
            document.setPlainText(_broken(self._text))
        self.setDocument(document)
        before.deleteLater()
        self.moveCursor(QTextCursor.MoveOperation.Start)


def _broken(text: str) -> str:
    """Lines that are too long, in pieces."""
    return "\n".join(
        line[at : at + _LONGEST_LINE]
        for line in text.split("\n")
        for at in range(0, max(len(line), 1), _LONGEST_LINE)
    )


def _dress(document: QTextDocument) -> None:
    """The window's sizes and colours; images become their words."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.begin()
    while block.isValid():
        _dress_block(cursor, block)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame)
    cursor.endEditBlock()


def _dress_block(cursor: QTextCursor, block: QTextBlock) -> None:
    level = block.blockFormat().headingLevel()
    code = block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeLanguage) or bool(
        block.blockFormat().property(QTextFormat.Property.BlockCodeFence)
    )
    shape = QTextBlockFormat()
    in_list = block.textList() is not None
    if level:
        shape.setTopMargin(12 if block.position() else 0)
        shape.setBottomMargin(4)
    elif not code:
        shape.setTopMargin(0)
        shape.setBottomMargin(2 if in_list else 8)
    if code:
        shape.setBackground(appearance.color("sunken"))
    cursor.setPosition(block.position())
    cursor.mergeBlockFormat(shape)
    # Fragments are listed before any is changed: changing one ends the iteration.
    for start, length, look in _fragments(block)[::-1]:
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        if look.isImageFormat():
            said = look.stringProperty(QTextFormat.Property.ImageAltText)
            quiet = QTextCharFormat()
            quiet.setForeground(appearance.color("text_3"))
            cursor.insertText(f"⟨{said or look.toImageFormat().name()[:80]}⟩", quiet)
            continue
        cursor.setCharFormat(_face(look, level, code=code))


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    found = []
    walk = block.begin()
    while not walk.atEnd():
        fragment = walk.fragment()
        if fragment.isValid():
            found.append((fragment.position(), fragment.length(), fragment.charFormat()))
        walk += 1
    return found


def _face(look: QTextCharFormat, level: int, *, code: bool) -> QTextCharFormat:
    made = QTextCharFormat(look)
    if level:
        made.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        made.setProperty(QTextFormat.Property.FontPixelSize, 16 if level <= 2 else 13)
        made.setFontWeight(QFont.Weight.DemiBold)
    elif code or look.fontFixedPitch():
        made.setFontFamilies(fonts.mono().families())
        made.setProperty(QTextFormat.Property.FontPixelSize, 11)
    if look.isAnchor():
        # A link that leads nowhere from here: its words, without the look of something to press.
        made.setAnchor(False)
        made.setAnchorHref("")
        made.setForeground(appearance.color("text"))
        made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    return made


def _dress_table(table: QTextTable) -> None:
    look = table.format()
    look.setBorder(1)
    look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    look.setBorderBrush(appearance.color("line"))
    look.setBorderCollapse(True)
    look.setCellPadding(5)
    look.setCellSpacing(0)
    look.setTopMargin(6)
    look.setBottomMargin(6)
    table.setFormat(look)
