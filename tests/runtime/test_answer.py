"""The loop that makes an answer, with an engine made of a list of tokens."""

from __future__ import annotations

import time
from typing import cast

import pytest

from steelyard.base.errors import Cancelled, Json, UsageError
from steelyard.runtime import wire
from steelyard.runtime.job import Job
from steelyard.runtime.records import Generation, Sampling
from steelyard.runtime.workers.answer import SEND_EVERY_S, Answer, Prompt, TextSender, checked

END = -1


class Script:
    """A decoder that says what it was given, one word per token."""

    def __init__(self, words: list[str], room: int = 1000, cancel_at: int | None = None) -> None:
        self.words = words
        self.room = room
        self.cancel_at = cancel_at
        self.said = 0
        self.job: Job | None = None

    def prefill(self, tokens: list[int], job: Job) -> None:
        self.job = job
        if self.cancel_at == -1:
            job.cancel()
            job.check()

    def sample(self) -> int:
        if self.said == self.cancel_at and self.job is not None:
            self.job.cancel()
        self.said += 1
        return self.said - 1 if self.said <= len(self.words) else END

    def ends(self, token: int) -> bool:
        return token == END

    def text_of(self, token: int) -> str:
        return self.words[token]

    def rest_of_text(self) -> str:
        return ""

    def advance(self, token: int) -> bool:
        assert self.job is not None
        self.job.check()
        return token + 1 < self.room


def made(script: Script, **values: object) -> tuple[Generation, str]:
    """The answer, and the text as its events carried it."""
    shown: list[str] = []

    def hear(event: Json) -> None:
        shown.append(str(cast("dict[str, Json]", event).get("text", "")))

    sampling = checked(Sampling(**{"seed": 1, **values}))  # type: ignore[arg-type]  # test values
    answer = Answer(script, sampling, Job(1, "generate", hear))
    value = answer.make(Prompt([1, 2, 3], "the prompt"), time.perf_counter())
    return wire.generation_from_json(value), "".join(shown)


def test_an_answer_ends_with_the_end_token() -> None:
    answer, shown = made(Script(["Hel", "lo", "."]))
    assert (answer.text, shown, answer.finish_reason) == ("Hello.", "Hello.", "stop")
    assert answer.token_ids == (0, 1, 2)
    assert (answer.prompt_tokens, answer.completion_tokens) == (3, 3)
    assert answer.rendered_prompt == "the prompt"


def test_an_answer_can_be_empty() -> None:
    answer, shown = made(Script([]))
    assert (answer.text, shown, answer.finish_reason) == ("", "", "stop")
    assert (answer.time_to_first_token_s, answer.tokens_per_s) == (0, 0)


def test_a_stop_string_over_two_tokens() -> None:
    answer, shown = made(Script(["one", " EN", "D two"]), stop=("END",))
    assert (answer.text, shown, answer.finish_reason) == ("one ", "one ", "stop")


def test_what_began_like_a_stop_string_is_shown_at_the_end() -> None:
    answer, shown = made(Script(["one", " EN"]), stop=("END",))
    assert (answer.text, shown, answer.finish_reason) == ("one EN", "one EN", "stop")


def test_length_and_context_are_told_apart() -> None:
    assert made(Script(["a"] * 9), max_tokens=4)[0].finish_reason == "length"
    answer, _ = made(Script(["a"] * 9, room=6), max_tokens=9)
    assert (answer.finish_reason, answer.completion_tokens) == ("context", 6)


@pytest.mark.parametrize(("at", "text"), [(-1, ""), (0, "a"), (3, "abcd")])
def test_cancel_keeps_what_was_said(at: int, text: str) -> None:
    answer, shown = made(Script(list("abcdefgh"), cancel_at=at))
    assert (answer.text, shown, answer.finish_reason) == (text, text, "cancelled")


def test_text_is_sent_at_once_and_then_joined() -> None:
    now_s = 100.0
    sent: list[Json] = []
    sender = TextSender(Job(1, "generate", sent.append), clock=lambda: now_s)
    for letter in "abcdef":
        sender.push(letter)
        now_s += SEND_EVERY_S / 3
    sender.flush()
    assert sent == [{"text": "a"}, {"text": "bcd"}, {"text": "ef"}]
    assert sender.text == "abcdef"


def test_a_silent_engine_gives_signs_of_life() -> None:
    now_s = 100.0
    sent: list[Json] = []
    sender = TextSender(Job(1, "generate", sent.append), clock=lambda: now_s)
    for _ in range(30):
        sender.push("")
        now_s += 0.1
    assert sent == [{"text": ""}] * 3


def test_a_seed_is_drawn_only_where_none_is_given() -> None:
    assert checked(Sampling(seed=7)).seed == 7
    drawn = {checked(Sampling()).seed for _ in range(5)}
    assert len(drawn) > 1
    assert min(drawn) >= 0


def test_not_a_number_is_out_of_range() -> None:
    with pytest.raises(UsageError):
        checked(Sampling(temperature=float("nan")))


def test_a_hook_added_after_the_cancel_is_called_at_once() -> None:
    job = Job(1, "generate", lambda _: None)
    called: list[str] = []
    job.on_cancel(lambda: called.append("before"))
    job.cancel()
    job.on_cancel(lambda: called.append("after"))
    assert called == ["before", "after"]
    with pytest.raises(Cancelled):
        job.check()
