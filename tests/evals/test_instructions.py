"""Checked instructions: against IFEval's published verdicts, and by small examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from steelyard.evals.instructions import KINDS, Instruction, follows, follows_loosely

LEFT_OUT = {"language:response_language"}

# Where we differ from the published verdicts, and why. Anything else is a fault of ours.
NOT_SEEN_AS_ENGLISH = (
    "the published check also asks a language detector, which says these are not English"
)
DRAWN_LETTER = "the published check replaces a sign that is no letter by a letter drawn at random"
DIFFERENCES = {
    "strict": {
        "change_case:english_lowercase": (2, NOT_SEEN_AS_ENGLISH),
        "change_case:english_capital": (3, NOT_SEEN_AS_ENGLISH),
    },
    "loose": {
        "change_case:english_lowercase": (2, NOT_SEEN_AS_ENGLISH),
        "change_case:english_capital": (3, NOT_SEEN_AS_ENGLISH),
        "keywords:letter_frequency": (1, DRAWN_LETTER),
    },
}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _judged(folder: Path, reading: str) -> Iterator[tuple[str, Instruction, str, bool]]:
    answers = {
        each["prompt"]: each["response"] for each in _lines(folder / "ifeval_gpt4_responses.jsonl")
    }
    published = {each["prompt"]: each for each in _lines(folder / f"ifeval_gpt4_{reading}.jsonl")}
    for prompt in _lines(folder / "ifeval_prompts.jsonl"):
        verdicts = published[prompt["prompt"]]["follow_instruction_list"]
        for kind, kwargs, verdict in zip(
            prompt["instruction_id_list"], prompt["kwargs"], verdicts, strict=True
        ):
            yield prompt["prompt"], Instruction(kind, kwargs), answers[prompt["prompt"]], verdict


@pytest.mark.parametrize(("reading", "check"), [("strict", follows), ("loose", follows_loosely)])
def test_gives_the_published_verdict_on_every_recorded_answer(
    shared_folder: Path, reading: str, check: Callable[[Instruction, str], bool]
) -> None:
    differing: dict[str, int] = {}
    compared = 0
    for _, instruction, answer, verdict in _judged(shared_folder / "evals", reading):
        if instruction.kind in LEFT_OUT:
            continue
        compared += 1
        if check(instruction, answer) != verdict:
            differing[instruction.kind] = differing.get(instruction.kind, 0) + 1
    assert compared == 801
    assert differing == {kind: count for kind, (count, _) in DIFFERENCES[reading].items()}


def test_knows_every_published_kind_but_the_one_left_out(shared_folder: Path) -> None:
    published = {
        kind
        for prompt in _lines(shared_folder / "evals" / "ifeval_prompts.jsonl")
        for kind in prompt["instruction_id_list"]
    }
    assert published - set(KINDS) == LEFT_OUT


EXAMPLES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "keywords:existence",
        {"keywords": ["Scales", "awning"]},
        "An AWNING over scales.",
        "An awning.",
    ),
    (
        "keywords:frequency",
        {"relation": "at least", "keyword": "bell", "frequency": 2},
        "Bell, bell.",
        "A bell.",
    ),
    (
        "keywords:forbidden_words",
        {"forbidden_words": ["sea"]},
        "A season by the shore.",
        "The Sea.",
    ),
    (
        "keywords:letter_frequency",
        {"let_relation": "less than", "letter": "Z", "let_frequency": 1},
        "An apple.",
        "A prize.",
    ),
    (
        "length_constraints:number_sentences",
        {"relation": "less than", "num_sentences": 3},
        "Dr. Ode waits. It rains.",
        "One. Two. Three.",
    ),
    (
        "length_constraints:number_words",
        {"relation": "at least", "num_words": 4},
        "One two three four.",
        "One two three.",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "One.\n***\nTwo.",
        "One.\n***\n\n***\nTwo.",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"first_word": "salt", "num_paragraphs": 2, "nth_paragraph": 2},
        'One.\n\n"Salt, of course."',
        "Salt.\n\nTwo.",
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "[name] on [date]",
        "[name]",
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        "Done.\n\np. s. Thanks",
        "Done.",
    ),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        "- one\n* two",
        "- one\n- two\n- three",
    ),
    ("detectable_format:constrained_response", {}, "My answer is no.", "No."),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*one* and **two**",
        "*one* and ** **",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Part", "num_sections": 2},
        "Part 1\nx\nPart 2\ny",
        "Part 1\nx",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "{'a': 1}"),
    ("detectable_format:title", {}, "<<Salt>>\nText", "<<>>\nText"),
    ("combination:two_responses", {}, "One.\n******\nTwo.", "Same.\n******\nSame."),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Say it."},
        "say it. There.",
        "There. Say it.",
    ),
    ("startend:end_checker", {"end_phrase": "See you."}, 'Well. see you."', "See you. Well."),
    ("startend:quotation", {}, ' "All of it." ', '"Half" of it.'),
    ("punctuation:no_comma", {}, "No pause.", "A pause, here."),
    ("change_case:english_capital", {}, "WET FLOOR!", "Wet floor!"),
    ("change_case:english_lowercase", {}, "wet floor.", "Wet floor."),
    (
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        "A BIG, LOUD storm.",
        "a BIG storm.",
    ),
]


@pytest.mark.parametrize(
    ("kind", "parameters", "good", "bad"), EXAMPLES, ids=[each[0] for each in EXAMPLES]
)
def test_tells_followed_from_not_followed(
    kind: str, parameters: Mapping[str, Any], good: str, bad: str
) -> None:
    assert follows(Instruction(kind, parameters), good)
    assert not follows(Instruction(kind, parameters), bad)


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, *_ in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("kind", ["punctuation:no_comma", "keywords:forbidden_words"])
def test_an_empty_answer_follows_nothing(kind: str) -> None:
    assert not follows(Instruction(kind, {"forbidden_words": ["x"]}), " \n")


def test_a_keyword_is_text_and_not_a_pattern() -> None:
    wanted = Instruction("keywords:existence", {"keywords": ["(a+)+$"]})
    assert follows(wanted, "The pattern (a+)+$ is slow.")
    assert not follows(wanted, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")


def test_the_loose_reading_forgives_an_opening_line() -> None:
    quoted = Instruction("startend:quotation", {})
    answer = 'Here you are:\n"Soles for souls."'
    assert not follows(quoted, answer)
    assert follows_loosely(quoted, answer)
