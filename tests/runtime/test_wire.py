"""Records cross the pipe whole; an answer of another shape is noticed; errors keep their class and code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.base.errors import ExitCode, Json, MalformedInput, OutOfResources, SteelyardError
from steelyard.formats import errors as format_errors
from steelyard.runtime import errors, failure, wire
from steelyard.runtime.records import Generation, GenerationRequest, LoadRequest, Message, Sampling

REQUESTS = st.builds(
    GenerationRequest,
    messages=st.lists(st.builds(Message, st.text(), st.text()), max_size=3).map(tuple),
    prompt=st.none() | st.text(),
    sampling=st.builds(
        Sampling,
        temperature=st.floats(0, 2),
        top_k=st.integers(0, 100),
        stop=st.lists(st.text(), max_size=3).map(tuple),
        json_schema=st.none() | st.just(cast("dict[str, Json]", {"type": "object"})),
    ),
    thinking=st.booleans(),
)


@given(REQUESTS)
def test_a_request_arrives_as_it_was_sent(request_: GenerationRequest) -> None:
    value = json.loads(json.dumps(wire.generation_request_to_json(request_)))
    assert wire.generation_request_from_json(value) == request_


def test_a_load_request_carries_an_absolute_path() -> None:
    value = json.loads(json.dumps(wire.load_request_to_json(LoadRequest(Path("model.gguf")))))
    assert wire.load_request_from_json(value) == LoadRequest(Path("model.gguf").absolute())


ANSWER = Generation("hi", (1, 2), "stop", 3, 2, 0.1, 20.0, 0.2, 7, "prompt")


def test_an_answer_arrives_as_it_was_sent() -> None:
    assert wire.generation_from_json(json.loads(json.dumps(asdict(ANSWER)))) == ANSWER


@pytest.mark.parametrize("field", list(asdict(ANSWER)))
@pytest.mark.parametrize("wrong", [None, [None], {"a": 1}, True])
def test_a_field_of_another_type_is_noticed(field: str, wrong: Json) -> None:
    value = {**asdict(ANSWER), field: wrong}
    with pytest.raises(errors.FrameError):
        wire.generation_from_json(json.loads(json.dumps(value)))


def test_an_error_of_this_room_arrives_as_its_own_class() -> None:
    sent = errors.ContextTooLong("Too long.", next_step="Shorten it.", prompt_tokens=9)
    got = errors.error_from_json(errors.error_to_json(sent))
    assert type(got) is errors.ContextTooLong
    assert got.as_json() == sent.as_json()


def test_every_error_of_the_formats_arrives_as_its_own_class() -> None:
    kinds = [
        kind
        for kind in vars(format_errors).values()
        if isinstance(kind, type) and issubclass(kind, SteelyardError)
    ]
    assert kinds
    for kind in kinds:
        got = errors.error_from_json(errors.error_to_json(kind("What.", next_step="How.", a=1)))
        assert (type(got).code, got.exit_code) == (kind.code, kind.exit_code)
        assert isinstance(got, kind)


def test_an_error_nobody_here_knows_keeps_its_code_and_its_family() -> None:
    got = errors.error_from_json(
        {
            "code": "from-the-future",
            "message": "m",
            "next_step": "n",
            "facts": {"a": 1},
            "exit_code": 5,
        }
    )
    assert isinstance(got, MalformedInput)
    assert (got.code, got.exit_code, got.facts) == (
        "from-the-future",
        ExitCode.MALFORMED_INPUT,
        {"a": 1},
    )


@pytest.mark.parametrize(
    "value", [{}, {"exit_code": 999, "facts": []}, {"code": 5, "message": None}]
)
def test_a_malformed_error_is_still_an_error(value: dict[str, Json]) -> None:
    assert isinstance(errors.error_from_json(value), SteelyardError)


def test_a_kill_by_the_kernel_for_want_of_memory_is_told_apart() -> None:
    killed = failure.died("llama", -9, ["loading"], "load", kernel_killed=True)
    assert isinstance(killed, errors.WorkerOutOfMemory)
    assert isinstance(failure.died("llama", -9, [], "load", kernel_killed=False), errors.WorkerDied)
    assert isinstance(failure.died("llama", -6, [], "load", kernel_killed=True), errors.WorkerDied)
    assert isinstance(killed, OutOfResources)
