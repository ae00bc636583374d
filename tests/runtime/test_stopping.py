"""Stop strings: never shown, never missed, and the cutting into pieces makes no difference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steelyard.runtime.workers.stopping import StopFilter

LETTERS = st.text("abc", max_size=12)


def run(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    filter_, shown = StopFilter(stops), ""
    for piece in pieces:
        shown += filter_.push(piece)
        if filter_.stopped:
            return shown, True
    return shown + filter_.finish(), False


@given(st.lists(LETTERS, max_size=8), st.lists(st.text("abc", max_size=4), max_size=3))
def test_how_the_text_is_cut_makes_no_difference(pieces: list[str], stops: list[str]) -> None:
    text = "".join(pieces)
    assert run(pieces, stops) == run(list(text), stops) == run([text], stops)


@given(st.lists(LETTERS, max_size=8), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_what_is_shown_is_the_text_up_to_the_first_stop(
    pieces: list[str], stops: list[str]
) -> None:
    text = "".join(pieces)
    shown, stopped = run(pieces, stops)
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    assert stopped == any(stop in text for stop in stops)
    if not stopped:
        assert shown == text


def test_only_what_may_become_a_stop_string_is_held_back() -> None:
    filter_ = StopFilter(["\nUser:"])
    assert filter_.push("Hello\nUs") == "Hello"
    assert filter_.push("ing it") == "\nUsing it"
    assert filter_.push("\n") == ""
    assert filter_.push("User: hi") == ""
    assert filter_.stopped
    assert filter_.push("more") == ""


def test_without_stop_strings_nothing_is_held_back() -> None:
    assert StopFilter([]).push("\nUser") == "\nUser"
    assert StopFilter([""]).push("\nUser") == "\nUser"
