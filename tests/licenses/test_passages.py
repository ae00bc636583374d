"""Passages are the text's own words, found whatever its layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.license_texts import APACHE, BSD_2, BSD_3, MIT
from steelyard.licenses.facts import shipped
from steelyard.licenses.passages import LONGEST_PASSAGE_CHARS, passage
from steelyard.licenses.words import read_words

TEXTS = {"apache-2.0": APACHE, "mit": MIT, "bsd-2-clause": BSD_2, "bsd-3-clause": BSD_3}


@pytest.mark.parametrize("license_id", TEXTS)
def test_every_locator_finds_its_passage_in_any_layout(license_id: str) -> None:
    text = TEXTS[license_id]
    for layout in (text, text.upper(), text.replace("\n", "\r\n"), " ".join(text.split())):
        document = read_words(layout)
        for question, locator in shipped().by_id[license_id].locators.items():
            found = passage(document, locator)
            assert found, (license_id, question)
            assert found in layout
            assert len(found) <= LONGEST_PASSAGE_CHARS
            assert locator.split()[-1].casefold() in found.casefold()


def test_a_passage_is_its_paragraph() -> None:
    found = passage(read_words(MIT), "The above copyright notice")
    assert found is not None
    assert " ".join(found.split()) == (
        "The above copyright notice and this permission notice shall be included in all "
        "copies or substantial portions of the Software."
    )


def test_a_list_item_is_a_passage_of_its_own() -> None:
    text = "You must:\na. keep notices,\nb. mark\n   changes, and\nc. pass on the text."
    assert passage(read_words(text), "mark changes") == "b. mark\n   changes, and"


def test_of_a_long_paragraph_the_sentence_is_shown() -> None:
    text = "First sentence. " * 80 + "Here stands the wanted thing. And more. " + "Rest. " * 300
    found = passage(read_words(text), "wanted thing")
    assert found is not None
    assert found.startswith("Here stands the wanted thing. And more.")
    assert len(found) <= LONGEST_PASSAGE_CHARS
    assert found.endswith("Rest.")


def test_words_that_are_not_there_give_no_passage() -> None:
    assert passage(read_words(MIT), "Grant of Patent License") is None
    assert passage(read_words(""), "anything") is None


@given(st.text(alphabet="ab .\n1)", max_size=200), st.sampled_from(["a", "a b", "b a b"]))
def test_a_passage_is_always_a_piece_of_the_text(text: str, locator: str) -> None:
    found = passage(read_words(text), locator)
    assert found is None or found in text
