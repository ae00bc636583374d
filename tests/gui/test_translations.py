"""The German words are complete, fit the source, and reach the window."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from steelyard.gui import figures, translation
from steelyard.gui.pages.settings import HIDDEN
from steelyard.gui.pages.settings_words import option_help, option_title, section_title
from steelyard.gui.pages.trust import state_title
from steelyard.gui.widgets.slider import ContextSlider
from steelyard.policy.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "installers"))

import translations  # noqa: E402  # lies beside the setup, not in the package

GERMAN = translations.ts_path("de")
FIXED_WORDS = {"Chat", "Commit", "Engine", "Host", "Offline", "Repository", "Scan", "Tokenizer"}
"""Words of the trade that German writes as English does; verdicts and names of quantities aside."""


@dataclass(frozen=True)
class Words:
    """Something to translate: its context, the English, and what tells two uses of it apart."""

    context: str
    source: str
    comment: str = ""


def read(ts: Path) -> dict[Words, ET.Element]:
    """The translation element of everything in a .ts file."""
    return {
        Words(
            context.findtext("name", ""),
            message.findtext("source", ""),
            message.findtext("comment", ""),
        ): message.find("translation")
        for context in ET.parse(ts).getroot().iter("context")
        for message in context.iter("message")
    }


@pytest.fixture(scope="module")
def german() -> dict[Words, str]:
    return {words: element.text or "" for words, element in read(GERMAN).items()}


def translating_calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(place, enclosing class, call) of every `tr(…)` and `translate(…)` of words in the window's source."""
    for path in sorted(translations.SOURCES.rglob("*.py")):
        classes: dict[ast.AST, str] = {}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            inside = node.name if isinstance(node, ast.ClassDef) else classes.get(node, "")
            for child in ast.iter_child_nodes(node):
                classes[child] = inside
            if isinstance(node, ast.Call) and callee(node) in ("tr", "translate"):
                if callee(node) == "translate" and owner(node) not in ("", "QCoreApplication"):
                    continue  # a painter's
                yield f"{path.relative_to(ROOT)}:{node.lineno}", classes[node], node


def callee(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def owner(call: ast.Call) -> str:
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def test_words_are_literals_and_tr_is_asked_of_the_object_itself() -> None:
    wrong = []
    for place, inside, call in translating_calls():
        literal = all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args)
        enough = len(call.args) >= (1 if callee(call) == "tr" else 2)
        own = callee(call) == "translate" or (owner(call) == "self" and inside)
        if not (literal and enough and own and not call.keywords):
            wrong.append(f"{place}: {ast.unparse(call)}")
    assert wrong == []


def test_lupdate_sees_every_word_under_the_name_it_is_looked_up_by(tmp_path: Path) -> None:
    in_source = set()
    for _, inside, call in translating_calls():
        said = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        in_source.add(Words(inside, *said) if callee(call) == "tr" else Words(*said))
    translations.update(tmp_path / "fresh.ts", "de")
    assert set(read(tmp_path / "fresh.ts")) == in_source


def test_the_german_file_has_every_word_of_the_source_and_no_other(tmp_path: Path) -> None:
    translations.update(tmp_path / "fresh.ts", "de")
    fresh, kept = set(read(tmp_path / "fresh.ts")), set(read(GERMAN))
    assert (fresh - kept, kept - fresh) == (set(), set()), "run installers/translations.py update"


def test_every_word_is_translated() -> None:
    unfinished = [w for w, e in read(GERMAN).items() if e.get("type") or not (e.text or "").strip()]
    assert unfinished == []


def test_what_reads_as_in_english_is_a_word_of_the_trade(german: dict[Words, str]) -> None:
    same = {w.source for w, text in german.items() if text == w.source}
    sentences = {text for text in same if " " in re.sub(r"\{\d\}", "", text).strip(" :·#")}
    assert sentences == set()
    assert same >= FIXED_WORDS
    assert len(same) < 0.1 * len(german)


def test_placeholders_line_ends_and_marks_are_kept(german: dict[Words, str]) -> None:
    def parts(text: str) -> Counter[str]:
        return Counter(re.findall(r"\{\d\}|\n|…$|(?<!&)&(?=\w)", text))

    wrong = [(w.source, text) for w, text in german.items() if parts(w.source) != parts(text)]
    assert wrong == []


def test_keys_are_unique_within_a_page(german: dict[Words, str]) -> None:
    keys = Counter(
        (words.context, key.lower())
        for words, text in german.items()
        for key in re.findall(r"(?<!&)&(\w)", text)
    )
    assert [key for key, times in keys.items() if times > 1] == []


def test_the_packed_file_says_what_the_edited_one_says(
    german: dict[Words, str], tmp_path: Path, qapp: QApplication
) -> None:
    translations.release(GERMAN, tmp_path / "fresh.qm")
    for qm in (tmp_path / "fresh.qm", translations.qm_path("de")):
        loaded = QTranslator()
        assert loaded.load(str(qm))
        wrong = {
            words: said
            for words, text in german.items()
            if (said := loaded.translate(words.context, words.source, words.comment)) != text
        }
        assert wrong == {}, "run installers/translations.py release"


@pytest.fixture
def in_german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    assert translation.install(qapp, "de") == "de"
    yield
    translation.install(qapp, "en")
    QLocale.setDefault(before)


@pytest.mark.usefixtures("in_german")
def test_words_in_force_are_german(qtbot: QtBot) -> None:
    slider = ContextSlider(4096, 1024)
    qtbot.addWidget(slider)
    assert slider.accessibleName() == "Kontextlänge"
    assert state_title("admitted") == "Zugelassen"
    assert option_title("window.language") == "Sprache"
    assert figures.time_left(5) == "noch 5 s"
    assert figures.decimal(1234.5) == "1.234,5"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


@pytest.mark.usefixtures("in_german")
def test_every_option_that_is_shown_is_named_in_german() -> None:
    shown = [option for option in OPTIONS if option.key not in HIDDEN]
    untold = [option.key for option in shown if option_help(option.key) == option.help]
    assert untold == []
    sections = {option.section for option in shown} - {"Engine"}
    assert [name for name in sections if section_title(name) == name] == []


def test_english_is_back_after_german(in_german: None, qapp: QApplication) -> None:
    assert translation.install(qapp, "en") == "en"
    assert state_title("admitted") == "Admitted"
    assert qapp.findChildren(QTranslator) == []
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_an_update_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    copy = tmp_path / "steelyard_de.ts"
    text = GERMAN.read_text("utf-8")
    gone = text.replace("<source>Library</source>", "<source>Shelf</source>")
    assert gone != text
    copy.write_text(gone, "utf-8")
    translations.update(copy, "de")
    updated = read(copy)
    assert Words("Pages", "Shelf") not in updated
    assert updated[Words("Pages", "Library")].get("type") == "unfinished"
    assert updated[Words("Pages", "Chat")].text == "Chat"
