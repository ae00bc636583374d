"""The Markdown renderer shows a card and loads nothing, whatever the card says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from steelyard.gui.theme import appearance
from steelyard.gui.widgets.markdown import MOST_CHARS, MarkdownView, can_be_laid_out


@pytest.fixture
def view(qtbot: QtBot) -> MarkdownView:
    made = MarkdownView("Card")
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def test_headings_tables_and_lists_are_laid_out(view: MarkdownView) -> None:
    assert view.show_markdown("# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n")
    first = view.document().begin()
    assert first.blockFormat().headingLevel() == 1
    assert first.begin().fragment().charFormat().font().pixelSize() == 16
    assert len(view.document().rootFrame().childFrames()) == 1
    assert "#" not in view.toPlainText()


def test_html_stays_letters(view: MarkdownView) -> None:
    html = '<img src="file:///etc/passwd"><b>bold</b><script>alert(1)</script>'
    view.show_markdown(f"Before {html} after\n\n{html}\n")
    assert html in view.toPlainText()


@pytest.mark.parametrize("address", ["file://{}", "{}", "https://host.example/x.png", "qrc:/x.png"])
def test_no_image_is_loaded_and_its_words_are_shown(
    view: MarkdownView, tmp_path: Path, address: str
) -> None:
    picture = tmp_path / "picture.png"
    view.grab().save(str(picture))
    where = address.format(picture)
    view.show_markdown(f"![the words]({where})\n\n[ref]: {where}\n\n![other][ref]\n")
    view.grab()
    assert "⟨the words⟩" in view.toPlainText()
    kind = QTextDocument.ResourceType.ImageResource
    for found in (
        view.document().resource(kind.value, QUrl(where)),
        view.document().loadResource(kind.value, QUrl(where)),
    ):
        assert isinstance(found, QImage)
        assert found.size() == QSize(1, 1), "the image here was read from disk"


def test_an_image_that_reaches_the_layout_is_not_read_either(
    view: MarkdownView, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    view.grab().save(str(picture))
    view.textCursor().insertImage(str(picture))
    view.grab()
    kind = QTextDocument.ResourceType.ImageResource
    assert view.document().resource(kind.value, QUrl(str(picture))).size() == QSize(1, 1)


def test_without_the_seal_qt_reads_the_file_an_image_names(
    qtbot: QtBot, view: MarkdownView, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    view.grab().save(str(picture))
    plain = QTextDocument()
    plain.setMarkdown(f"![words]({picture})")
    kind = QTextDocument.ResourceType.ImageResource
    assert plain.resource(kind.value, QUrl(str(picture))) is not None


def test_a_link_is_words_and_pressing_it_does_nothing(view: MarkdownView) -> None:
    pressed: list[object] = []
    view.anchorClicked.connect(pressed.append)
    view.show_markdown("[safe words](https://evil.example) and https://bare.example\n")
    assert not view.openLinks()
    assert not view.openExternalLinks()
    assert "href" not in view.document().toHtml()
    assert view.source().isEmpty()
    assert pressed == []


def test_hidden_characters_are_written_out(view: MarkdownView) -> None:
    view.show_markdown("safe\u202etxt.exe\n")
    assert "⟨U+202E⟩" in view.toPlainText()


@pytest.mark.parametrize(
    "text",
    [
        ">" * 9_000,
        "- " * 9_000,
        "[" * MOST_CHARS,
        "`" * MOST_CHARS,
        "<" * MOST_CHARS,
        "|a" * MOST_CHARS,
        "_a" * MOST_CHARS,
        "&a;" * MOST_CHARS,
        "\n".join("  " * depth + "- x" for depth in range(200)),
        "\n".join("> " * 11 + "x" for _ in range(2_500)),
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_hostile_card_costs_little(view: MarkdownView, text: str) -> None:
    started_s = time.process_time()
    view.show_markdown(text)
    view.grab()
    assert time.process_time() - started_s < 1.0, "most take a tenth of this"


def test_what_is_too_deep_is_plain_and_what_is_too_long_is_cut(view: MarkdownView) -> None:
    assert not can_be_laid_out(">" * 50 + " x")
    assert can_be_laid_out("- - -\n***\n---\n> quote\n1. one\n")
    view.show_markdown(">" * 50 + " x")
    assert view.toPlainText().startswith(">>>")
    assert not view.show_markdown("word " * MOST_CHARS)


def test_colours_follow_the_theme(view: MarkdownView, dressed: QApplication) -> None:
    view.show_markdown("```\ncode\n```\n")
    for theme in ("dark", "light"):
        appearance.apply(dressed, theme)
        ground = view.document().begin().blockFormat().background().color()
        assert ground == appearance.color("sunken"), theme
