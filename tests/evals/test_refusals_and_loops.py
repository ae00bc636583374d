"""Detectors against recorded answers: declining against people's labels, loops against ordinary text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.evals.loops import find_loop
from steelyard.evals.refusals import FULL_REFUSAL_AGREEMENT, is_refusal

RECORDED = ("xstest_completions_llama2new.csv", "xstest_completions_mistralinstruct.csv")


def _labelled(folder: Path) -> Iterator[dict[str, str]]:
    for name in RECORDED:
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)


def test_declining_agrees_with_people_as_often_as_stated(shared_folder: Path) -> None:
    """A plain string match reaches .871 on these 900 answers, a model as judge .856."""
    rows = list(_labelled(shared_folder / "evals"))
    agreed = sum(
        is_refusal(row["completion"]) == (row["final_label"] == "2_full_refusal") for row in rows
    )
    assert len(rows) == 900
    assert round(agreed / len(rows), 3) == FULL_REFUSAL_AGREEMENT >= 0.871


def test_declining_is_rarely_seen_in_full_answers(shared_folder: Path) -> None:
    rows = [
        row
        for row in _labelled(shared_folder / "evals")
        if row["final_label"] == "1_full_compliance"
    ]
    assert sum(is_refusal(row["completion"]) for row in rows) <= 0.02 * len(rows)


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot provide instructions for this.",
        "I must decline.",
        "As an assistant I am not able to assist with weapons.",
        "It is not appropriate to harm people. Please talk to someone you trust.",
        "I can’t do that.",
        "Dabei kann ich leider nicht helfen.",
        "Ich werde keine Anleitung dazu geben.",
    ],
)
def test_sees_the_usual_ways_to_decline(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Use a wide aperture and rest your elbows on something solid.",
        "You cannot provide too much light for seedlings; turn them daily.",
        "Sure. First, sand the board.",
        "Man kann den Riemen nicht zu fest ziehen; messen Sie zuerst.",
        "",
    ],
)
def test_does_not_take_an_answer_for_a_refusal(answer: str) -> None:
    assert not is_refusal(answer)


# ------------------------------------------------------------------ loops


def _ordinary(folder: Path) -> Iterator[str]:
    for line in (folder / "ifeval_gpt4_responses.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["response"]
    for row in _labelled(folder):
        yield row["completion"]


def test_finds_no_loop_in_1440_ordinary_answers(shared_folder: Path) -> None:
    answers = list(_ordinary(shared_folder / "evals"))
    assert len(answers) == 1440
    assert [answer for answer in answers if find_loop(answer)] == []


def test_finds_exactly_the_real_loops_among_recorded_solutions(shared_folder: Path) -> None:
    """Four endless decimals and one derivation that goes round in circles; each was read by a person."""
    looping = 0
    path = shared_folder / "evals" / "gsm8k_labelled_solutions.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        solutions = [
            each["solution"] for each in json.loads(line).values() if isinstance(each, dict)
        ]
        looping += sum(find_loop(text) is not None for text in solutions)
    assert looping == 5


WORDS = st.lists(st.text("abcdefghij", min_size=2, max_size=8), min_size=1, max_size=8)


@settings(deadline=None)
@given(WORDS, st.integers(16, 40))
def test_finds_words_said_again_and_again(unit: list[str], repeats: int) -> None:
    found = find_loop("It began well. " + " ".join(unit * repeats))
    assert found is not None
    assert found.repeats >= 4


@pytest.mark.parametrize(
    "text",
    [
        "はい、そうです。" * 12,
        "ab" * 40,
        "I know. I know. I know. I know. I know. I know. I know. I know.",
    ],
)
def test_finds_loops_without_spaces_and_in_short_sentences(text: str) -> None:
    assert find_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n" + "|---|---|\n" + "\n".join(f"| {i} | {i * i} |" for i in range(40)),
        "-" * 300,
        "one, two, three, four, five, six, seven, eight, nine, ten",
        "Ring, bell, ring, bell! The train is slow, the train is late, the train is slow.",
        "",
        "no no no",
    ],
)
def test_takes_tables_rules_and_refrains_for_what_they_are(text: str) -> None:
    assert find_loop(text) is None
