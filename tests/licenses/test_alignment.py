"""Alignment finds exactly the words that are the same, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steelyard.licenses.alignment import Run, align
from steelyard.licenses.words import window_hashes

WORDS = [f"w{i}" for i in range(60)]


def aligned(left: list[str], right: list[str]) -> list[Run]:
    return align(window_hashes(left), window_hashes(right))


def covered(runs: list[Run], side: str) -> set[int]:
    return {getattr(run, side) + step for run in runs for step in range(run.length)}


def test_equal_texts_are_one_run() -> None:
    assert aligned(WORDS, WORDS) == [Run(0, 0, 60)]


def test_a_changed_word_is_the_only_one_uncovered() -> None:
    changed = [*WORDS[:20], "other", *WORDS[21:]]
    runs = aligned(changed, WORDS)
    assert covered(runs, "left") == set(range(60)) - {20}
    assert covered(runs, "right") == set(range(60)) - {20}


def test_a_dropped_word_leaves_a_gap_on_one_side_only() -> None:
    runs = aligned(WORDS[:30] + WORDS[31:], WORDS)
    assert covered(runs, "left") == set(range(59))
    assert covered(runs, "right") == set(range(60)) - {30}


def test_a_repeated_word_is_left_uncovered_once() -> None:
    repeated = [*WORDS[:30], WORDS[29], *WORDS[30:]]
    runs = aligned(repeated, WORDS)
    assert len(covered(runs, "left")) == 60
    assert covered(runs, "right") == set(range(60))


def test_of_two_copies_the_first_is_taken() -> None:
    assert aligned(WORDS + WORDS, WORDS) == [Run(0, 0, 60)]


def test_sentences_in_another_order_are_not_the_same_text() -> None:
    runs = aligned(WORDS[30:] + WORDS[:30], WORDS)
    assert len(covered(runs, "right")) == 30


@given(
    st.lists(st.sampled_from("abcdef"), max_size=60),
    st.lists(st.sampled_from("abcdef"), max_size=60),
)
def test_runs_are_equal_words_that_rise_on_both_sides(left: list[str], right: list[str]) -> None:
    left_end = right_end = 0
    for run in aligned(left, right):
        assert run.length > 0
        assert run.left >= left_end
        assert run.right >= right_end
        left_end, right_end = run.left + run.length, run.right + run.length
        assert left[run.left : left_end] == right[run.right : right_end]
