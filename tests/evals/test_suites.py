"""Suite files: the shipped ones are sound, and anything that is not a suite is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from scripted_engine import item, suite_bytes

from steelyard.base.paths import resource
from steelyard.evals import suites
from steelyard.evals.errors import SuiteMalformed, SuiteNotFound
from steelyard.evals.graders import JsonValue, Refusal
from steelyard.evals.statistics import wilson
from steelyard.evals.verdicts import Rule


def test_every_shipped_suite_loads_with_the_fast_gate_first() -> None:
    found = suites.available()
    assert found[0].id == suites.GATE
    assert {suite.id for suite in found} == {
        path.stem for path in resource("suites").glob("*.json")
    }


def test_the_gate_has_its_rows_with_enough_items_to_pass() -> None:
    """A row under the interval rule could never pass if even a perfect score did not clear what it needs."""
    gate = suites.load(suites.GATE)
    least = {
        "json-schema": 8,
        "determinism": 4,
        "instruction-following": 12,
        "json-unconstrained": 10,
        "cite-context": 10,
        "refusal": 10,
        "over-refusal": 10,
        "looping": 8,
        "stays-in-german": 8,
        "answers-then-stops": 8,
    }
    assert set(gate.tasks) == set(least)
    for row in gate.rows:
        count = len(gate.of_task(row.name))
        assert count >= least[row.name]
        if row.rule is Rule.INTERVAL:
            assert wilson(count, count)[0] > row.needed
            assert wilson(count - 1, count)[0] < 1


def test_the_gate_asks_each_thing_once() -> None:
    gate = suites.load(suites.GATE)
    prompts = [each.messages[-1].content for each in gate.items]
    assert len(set(prompts)) == len(prompts)


def test_the_gates_schemas_are_schemas_and_bounded() -> None:
    """Unbounded text would let a weak model write until its tokens end: no fault of the engine."""
    gate = suites.load(suites.GATE)
    constrained = [each.grader for each in gate.of_task("json-schema")]
    for grader in constrained:
        assert isinstance(grader, JsonValue)
        assert grader.constrained
        Draft202012Validator.check_schema(dict(grader.schema or {}))
        assert _unbounded(grader.schema) == []


def _unbounded(schema: Any) -> list[Any]:
    if isinstance(schema, list):
        return [found for each in schema for found in _unbounded(each)]
    if not isinstance(schema, dict):
        return []
    loose = (
        (schema.get("type") == "string" and not {"maxLength", "pattern"} & set(schema))
        or (schema.get("type") == "array" and "maxItems" not in schema)
        or (schema.get("type") == "object" and schema.get("additionalProperties") is not False)
    )
    return ([schema] if loose else []) + [f for each in schema.values() for f in _unbounded(each)]


def test_the_gates_harmful_and_harmless_requests_are_graded_opposite_ways() -> None:
    gate = suites.load(suites.GATE)
    for task, expected in (("refusal", True), ("over-refusal", False)):
        assert all(each.grader == Refusal(expected) for each in gate.of_task(task))


def test_the_gate_asks_nothing_the_starter_was_taught() -> None:
    """The gate is made for real models: no prompt uses the wording of the starter's training data."""
    taught = (
        "Repeat",
        "Say exactly",
        "Copy this",
        "Echo:",
        "with the keys",
        "Return only JSON with these keys",
        "cite the source",
        "Context:",
        "What is the way to",
        "Give me steps to",
        "bullet list",
        "in upper case",
        "Say in German",
        "Translate into German",
        "Who are you",
        " plus ",
        " + ",
    )
    prompts = [each.messages[-1].content for each in suites.load(suites.GATE).items]
    assert [prompt for prompt in prompts if any(words in prompt for words in taught)] == []


def test_the_digest_names_the_content_and_not_its_layout() -> None:
    data = suite_bytes(item("a"))
    spaced = json.dumps(json.loads(data), indent=3).encode()
    other = suite_bytes(item("b"))
    digest = suites.parse(data).digest
    assert digest.startswith("sha256:")
    assert suites.parse(spaced).digest == digest != suites.parse(other).digest


def test_tasks_without_rows_become_rows_that_need_nine_tenths() -> None:
    suite = suites.parse(suite_bytes(item("a"), item("b", task="count"), item("c")))
    assert [(row.name, row.needed, row.rule) for row in suite.rows] == [
        ("greet", 0.9, Rule.SHARE),
        ("count", 0.9, Rule.SHARE),
    ]
    assert suite.version == "2"


def test_token_ids_are_read_by_quantization() -> None:
    suite = suites.parse(
        suite_bytes(item("a", extra=', "expected_token_ids": {"Q8_0": [1, 2], "Q4_K_M": [3]}'))
    )
    assert dict(suite.items[0].expected_token_ids) == {"Q8_0": (1, 2), "Q4_K_M": (3,)}


ROW = '{"task": "greet", "title": "Greets", "rule": "interval", "needed": 0.5}'
MALFORMED = {
    "not JSON": b"{",
    "not an object": b"[]",
    "no items": suite_bytes(),
    "a key twice": b'{"id": "a", "id": "b"}',
    "two items of one id": suite_bytes(item("a"), item("a")),
    "an unknown field": suite_bytes(item("a", extra=', "weight": 2')),
    "an unknown rule": suite_bytes(item("a"), rows=ROW.replace("interval", "luck")),
    "a share above one": suite_bytes(item("a"), rows=ROW.replace("0.5", "1.5")),
    "a row without items": suite_bytes(item("a"), rows=f"{ROW}, {ROW.replace('greet', 'count')}"),
    "a task without a row": suite_bytes(item("a"), item("b", task="count"), rows=ROW),
    "no tokens": suite_bytes(item("a").replace(b"16".decode(), "0")),
    "an assistant turn last": suite_bytes(item("a").replace('"user"', '"assistant"')),
    "an unknown role": suite_bytes(item("a").replace('"user"', '"oracle"')),
    "token ids that are text": suite_bytes(
        item("a", extra=', "expected_token_ids": {"Q8_0": ["1"]}')
    ),
    "a Boolean for a number": suite_bytes(item("a").replace("16", "true")),
}


@pytest.mark.parametrize("why", MALFORMED)
def test_refuses_what_is_not_a_suite(why: str) -> None:
    with pytest.raises(SuiteMalformed):
        suites.parse(MALFORMED[why])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(
    st.sampled_from(["id", "version", "title", "language", "system", "rows", "items", "more"]),
    JSON,
)
def test_any_value_in_any_field_is_read_or_refused_with_the_typed_error(
    field: str, value: object
) -> None:
    raw = json.loads(suite_bytes(item("a")))
    raw[field] = value
    try:
        suite = suites.parse(json.dumps(raw).encode())
    except SuiteMalformed:
        return
    assert suite.items


@settings(deadline=None)
@given(JSON)
def test_any_value_for_a_grader_is_read_or_refused_with_the_typed_error(value: object) -> None:
    raw = json.loads(suite_bytes(item("a")))
    raw["items"][0]["grader"] = value
    with pytest.raises(SuiteMalformed):
        suites.parse(json.dumps(raw).encode())


@pytest.mark.parametrize(
    "name", ["no-such", "../starter/LICENSE", "", "FAST-GATE", "fast-gate.json"]
)
def test_says_which_suites_there_are_when_the_name_is_wrong(name: str) -> None:
    with pytest.raises(SuiteNotFound) as caught:
        suites.load(name)
    assert suites.GATE in str(caught.value.next_step)
