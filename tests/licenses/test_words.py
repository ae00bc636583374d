"""Layout goes, meaning stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.licenses.words import WINDOW_WORDS, read_words, window_hashes, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You may copy the Work.", "YOU  MAY\n\tcopy the work"),
        ("the “Software”, as-is", 'the "Software" as-is'),
        ("non-commercial use", "non-\n   commercial use"),
        ("non-commercial use", "non-\n// commercial use"),
        ("the licence and its licensee's copies", "the license and its licensee’s copies"),
        ("see https://www.apache.org/licenses/", "see http://apache.org/licenses"),
        ("**Grant** of _rights_", "Grant of rights"),
        ("at [ai.example/terms](https://ai.example/terms) today", "at ai.example/terms today"),
        ("<p>Grant of <b>rights</b></p>", "Grant of rights"),
        ("the &quot;Work&quot;", 'the "Work"'),
        ("more than 1,000,000 users", "more than 1000000 users"),
        ("per\u00admission gran\u200bted", "permission granted"),
    ],
)
def test_two_layouts_of_one_text_give_the_same_words(one: str, other: str) -> None:
    assert list(read_words(one).words) == list(read_words(other).words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Llama 3.1", "Llama 3.2"),
        ("10% of revenue", "10 of revenue"),
        ("$5 million", "€5 million"),
        ("users > 700 million", "users < 700 million"),
        ("commercial", "non-commercial"),
        ("without ~~restriction~~", "without restriction"),
        ("may not", "may nоt"),  # a Cyrillic o
        ("<non-commercial only> MIT", "MIT"),
        ("the &#110;&#111;&#116; Work", "the Work"),
        ("[the policy](https://a.example)", "[the policy](https://b.example)"),
        ("授予许可", "授予许"),
    ],
)
def test_what_carries_meaning_is_kept(one: str, other: str) -> None:
    assert list(read_words(one).words) != list(read_words(other).words)


def test_a_comparison_sign_before_a_number_is_a_word() -> None:
    assert words_of("> 700 and >= 5, <3") == (">", "700", "and", ">=", "5", "<", "3")


def test_list_labels_stand_beside_the_words() -> None:
    document = read_words("1. You must:\n  (a) keep notices\n  ii) mark files, see Section 4(b)")
    assert list(document.words)[:2] == ["you", "must"]
    assert document.labels == {0: ("1",), 2: ("a",), 4: ("ii",)}
    assert list(document.words)[-3:] == ["section", "4", "b"]


@given(st.text(max_size=300))
def test_every_word_lies_where_it_says(text: str) -> None:
    document = read_words(text)
    assert len(document.words) == len(document.starts) == len(document.ends)
    end = 0
    for start, stop in zip(document.starts, document.ends, strict=True):
        assert end <= start < stop <= len(text)
        end = stop
    assert all(document.words)
    assert tuple(document.words) == words_of(text) or "<" in text or "&" in text or "](" in text


def test_a_hash_stands_for_each_window_and_no_other() -> None:
    words = ["to", "use", "copy", "modify", "merge", "publish"]
    hashes = window_hashes(words)
    assert len(hashes) == len(words) - WINDOW_WORDS + 1
    assert len(set(hashes)) == len(hashes)
    assert hashes[1:] == window_hashes(words[1:])
    # Fingerprints on disk depend on this very function; a change of it must be noticed.
    assert window_hashes(["permission", "is", "hereby"]) == [15_060_442_821_957_798_243]
    assert window_hashes(["two", "words"]) == []
