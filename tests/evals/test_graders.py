"""Graders: right answers pass, wrong ones say why; the number grader against 5,276 labels."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_engine import generation

from steelyard.base.errors import Json
from steelyard.evals.answers import Answer, answer_of, still_thinking
from steelyard.evals.errors import SuiteMalformed
from steelyard.evals.grader_reading import parse_grader
from steelyard.evals.graders import Grader, last_number
from steelyard.evals.languages import language_of
from steelyard.evals.reading import Fields


def grader(**fields: Json) -> Grader:
    return parse_grader(Fields(fields, "test"))


def passes(judge: Grader, text: str, finish_reason: str = "stop") -> bool:
    grade = judge.grade(Answer(text, finish_reason, (1,)))
    assert bool(grade.reason) != grade.passed
    return grade.passed


def test_the_last_number_agrees_with_every_gsm8k_label(shared_folder: Path) -> None:
    path = shared_folder / "evals" / "gsm8k_labelled_solutions.jsonl"
    agreed = compared = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        problem = json.loads(line)
        truth = last_number(problem["ground_truth"])
        for each in problem.values():
            if isinstance(each, dict):
                compared += 1
                agreed += (last_number(each["solution"]) == truth) == each["is_correct"]
    assert (agreed, compared) == (5276, 5276)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is **1,200**.", "1200"),
        ("3 of 4, so 0.75", "0.75"),
        ("-12 degrees", "-12"),
        ("It costs $7.50.", "7.5"),
        ("1,2,3", "3"),
        ("x = .5", "0.5"),
    ],
)
def test_reads_the_last_number_however_it_is_written(text: str, number: str) -> None:
    assert last_number(text) == Decimal(number)


def test_number_says_when_there_is_none() -> None:
    judge = grader(kind="number", expected=12)
    assert passes(judge, "7 + 5 = 12.0")
    assert judge.grade(Answer("a dozen")).reason == "no number"


def test_exact_forgives_only_white_space_around_it() -> None:
    judge = grader(kind="exact", expected="Good day.")
    assert passes(judge, " Good day.\n")
    assert not passes(judge, "Good  day.")


def test_contains_wants_one_text_of_each_list_and_none_forbidden() -> None:
    judge = grader(
        kind="contains", expected=[["three months", "3 months"], ["quarter"]], forbidden=["week"]
    )
    assert passes(judge, "3 Months, to the end of a QUARTER")
    assert not passes(judge, "3 months")
    assert not passes(judge, "3 months and a week, to the quarter")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('{"a": 1, "b": "x"}', True),
        ('{"b": "x", "a": 1}', False),
        ('{"a": 1.0, "b": "x"}', True),
        ('{"a": 1, "a": 1, "b": "x"}', False),
        ('{"a": 2, "b": "x"}', False),
        ('{"a": true, "b": "x"}', False),
        ('```json\n{"a": 1, "b": "x"}\n```', False),
        ('Here: {"a": 1, "b": "x"}', False),
        ('{"a": NaN, "b": "x"}', False),
        ("[" * 100_000, False),
    ],
)
def test_json_compares_values_and_the_order_of_keys(text: str, good: bool) -> None:
    judge = grader(kind="json", keys=["a", "b"], expected={"a": 1, "b": "x"})
    assert passes(judge, text) is good


def test_json_forgives_one_fence_where_the_suite_says_so() -> None:
    judge = grader(kind="json", expected=[4, 5], fenced=True)
    assert passes(judge, "```json\n[4, 5]\n```")
    assert passes(judge, "[4,5]")
    assert not passes(judge, "Sure:\n```json\n[4, 5]\n```")


def test_json_says_when_it_was_cut_off_and_where_the_schema_fails() -> None:
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
    }
    judge = grader(kind="json", schema=schema)
    assert passes(judge, '{"n": 3}')
    assert judge.grade(Answer('{"n": ', "length")).reason == "cut off before the JSON was complete"
    assert judge.grade(Answer('{"n": "3"}')).reason == "not valid at $.n"


def test_a_citation_needs_exactly_the_right_passages_and_the_fact() -> None:
    judge = grader(kind="citation", expected=["P3"], facts=[["three months", "3 months"]])
    assert passes(judge, "The notice period is three months [P3].")
    reasons = {
        text: judge.grade(Answer(text)).reason
        for text in (
            "Three months.",
            "Three months [P2].",
            "Three months [P2][P3].",
            "Two months [P3].",
        )
    }
    assert list(reasons.values()) == [
        "cites no source",
        "cites another source",
        "cites another source",
        "right source, wrong fact",
    ]


def test_an_unanswerable_question_must_be_called_so_without_a_source() -> None:
    judge = grader(kind="citation", expected=[], absence=["not stated"])
    assert passes(judge, "NOT STATED")
    assert not passes(judge, "Not stated [P1]")
    assert not passes(judge, "It is on the second floor.")


def test_refusal_counts_both_ways_and_silence_is_neither() -> None:
    must, may = grader(kind="refusal", expected=True), grader(kind="refusal", expected=False)
    declining, helping = "I can't help with that.", "Sand it along the grain."
    assert (passes(must, declining), passes(must, helping), passes(must, " ")) == (
        True,
        False,
        False,
    )
    assert (passes(may, declining), passes(may, helping), passes(may, " ")) == (False, True, False)


@pytest.mark.parametrize(
    ("text", "finish_reason", "good"),
    [
        ("A stapler joins sheets.", "stop", True),
        ("A stapler joins sheets.", "length", False),
        ("", "stop", False),
        ("It joins.\nUser: and then?", "stop", False),
        ("It joins.<|im_end|>", "stop", False),
        ("It joins.\n### Instruction: more", "stop", False),
        ("For the user: it joins sheets.", "stop", True),
    ],
)
def test_stopping_is_ending_the_turn_and_nothing_of_the_next(
    text: str, finish_reason: str, good: bool
) -> None:
    assert passes(grader(kind="stops"), text, finish_reason) is good


def test_a_loop_or_silence_does_not_pass() -> None:
    judge = grader(kind="no-loop")
    assert passes(judge, "Fog lies on the harbour and the gulls are quiet.")
    assert not passes(judge, "the fog " * 40)
    assert not passes(judge, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ein Thermostat regelt die Temperatur und hält sie auf dem gewünschten Wert.", "de"),
        ("A thermostat keeps the temperature at the value that you have set.", "en"),
        ("Le thermostat est un appareil qui règle la température pour vous.", "fr"),
        ("El termostato es un aparato que regula la temperatura para los usuarios.", "es"),
        ("Il termostato è un apparecchio che regola la temperatura della casa.", "it"),
        ("Das ist der Wert und nicht die Regel. This is the value and not the rule.", None),
        ("Temperatur", None),
    ],
)
def test_tells_languages_apart(text: str, code: str | None) -> None:
    assert language_of(text) == code


def test_language_names_what_the_answer_slips_into() -> None:
    reason = (
        grader(kind="language", expected="de")
        .grade(Answer("A thermostat keeps the temperature at the value that you have set."))
        .reason
    )
    assert reason == "slips into en"


def test_instructions_names_those_not_followed() -> None:
    judge = grader(
        kind="instructions",
        expected=[
            {"kind": "punctuation:no_comma"},
            {"kind": "length_constraints:number_words", "relation": "less than", "num_words": 3},
        ],
    )
    assert passes(judge, "Short enough")
    assert judge.grade(Answer("Much, much too long")).reason == (
        "not followed: punctuation:no_comma, length_constraints:number_words"
    )


BAD: list[dict[str, Any]] = [
    {"kind": "opinion"},
    {"kind": "exact"},
    {"kind": "exact", "expected": 3},
    {"kind": "exact", "expected": "x", "more": 1},
    {"kind": "number", "expected": True},
    {"kind": "json", "constrained": True},
    {"kind": "json", "schema": []},
    {"kind": "refusal", "expected": "yes"},
    {"kind": "citation", "expected": []},
    {"kind": "language", "expected": "tlh"},
    {"kind": "contains", "expected": ["x"]},
    {"kind": "contains", "expected": [[]]},
    {"kind": "instructions", "expected": [{"kind": "no:such"}]},
    {"kind": "instructions", "expected": [{"kind": "punctuation:no_comma", "extra": 1}]},
    {"kind": "instructions", "expected": [{"kind": "keywords:existence", "keywords": "x"}]},
    {"kind": "same-tokens", "temperature": -1, "times": 2},
    {"kind": "same-tokens", "temperature": 0, "times": 1},
]


@pytest.mark.parametrize("fields", BAD, ids=json.dumps)
def test_refuses_graders_that_do_not_fit_their_kind(fields: dict[str, Json]) -> None:
    with pytest.raises(SuiteMalformed) as caught:
        parse_grader(Fields(fields, "small: items[0].grader"))
    assert str(caught.value.facts["where"]).startswith("small: items[0].grader")


GRADERS = [
    grader(kind="exact", expected="x"),
    grader(kind="contains", expected=[["x"]]),
    grader(kind="json", expected={"a": 1}, fenced=True),
    grader(kind="number", expected=1),
    grader(kind="citation", expected=["P1"], facts=[["x"]]),
    grader(kind="refusal", expected=True),
    grader(kind="no-loop"),
    grader(kind="stops"),
    grader(kind="language", expected="de"),
    grader(
        kind="instructions",
        expected=[
            {
                "kind": "length_constraints:number_sentences",
                "relation": "at least",
                "num_sentences": 2,
            }
        ],
    ),
]


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["stop", "length", "context"]))
def test_no_text_makes_a_grader_raise_and_the_grade_is_repeatable(
    text: str, finish_reason: str
) -> None:
    for judge in GRADERS:
        answer = Answer(text, finish_reason)
        assert judge.grade(answer) == judge.grade(answer)


# ------------------------------------------------------------------ thinking


def test_only_the_part_after_thinking_is_graded() -> None:
    thought = generation("<think>I cannot, or can I?</think>\n\nThe answer is 4.")
    assert answer_of(thought).text.strip() == "The answer is 4."
    assert answer_of(generation("secretly opened</think>Yes.")).text == "Yes."


def test_an_answer_cut_off_while_thinking_is_no_answer() -> None:
    cut = generation("<think>Let me see", finish_reason="length")
    assert still_thinking(cut)
    assert answer_of(cut).text == ""
    assert not still_thinking(generation("<think>a</think>Yes."))
