"""The runner: every sample kept as it finishes, every row there, whatever the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from scripted_engine import (
    IN_MEMORY,
    MACHINE,
    ScriptedEngine,
    generation,
    item,
    subject,
    suite_bytes,
)

from steelyard.base.errors import Cancelled
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.evals import suites
from steelyard.evals.asking import THINKING_TOKENS
from steelyard.evals.records import Row, RowVerdict, RunRecord
from steelyard.evals.runner import run_suite
from steelyard.evals.runs import RunStore
from steelyard.evals.suites import Suite
from steelyard.runtime.errors import EngineFailed, NotSupportedByEngine
from steelyard.runtime.records import GenerationRequest

GREET = [item(f"g{n}") for n in range(4)]
COUNT = [item(f"c{n}", task="count", grader='{"kind": "number", "expected": 3}') for n in range(3)]
SUITE = suites.parse(suite_bytes(*GREET, *COUNT))


@pytest.fixture
def runs() -> Iterator[RunStore]:
    store = RunStore(IN_MEMORY)
    yield store
    store.close()


def run(
    engine: ScriptedEngine,
    runs: RunStore,
    suite: Suite = SUITE,
    *,
    quantization: str = "Q8_0",
    on_row: object = None,
    report: Reporter | None = None,
    time_budget_s: float = float("inf"),
) -> RunRecord:
    return run_suite(
        engine,
        suite,
        subject=subject(quantization),
        runs=runs,
        seed=7,
        machine=MACHINE,
        on_row=on_row,  # type: ignore[arg-type]  # tests pass list.append
        report=report,
        time_budget_s=time_budget_s,
    )


def answers(request: GenerationRequest) -> str:
    content = request.messages[-1].content if request.messages else request.prompt or ""
    return "3" if " c" in content else "Yes."


def test_the_record_says_what_was_run_on_what(runs: RunStore) -> None:
    record = run(ScriptedEngine(answers), runs)
    assert record == runs.get(record.run_id)
    assert (record.status, record.verdict) == ("done", RowVerdict.PASS)
    assert (record.suite, record.suite_version, record.suite_digest) == ("small", "2", SUITE.digest)
    assert record.model_digest == subject().model_digest
    assert record.engine == {
        "name": "scripted",
        "version": "1.0",
        "build": "b1",
        "context_tokens": 4096,
    }
    assert (record.template_digest, record.seed, record.machine) == (
        "sha256:" + "cd" * 32,
        7,
        MACHINE,
    )
    assert record.samples == 7


def test_rows_are_counted_judged_and_told_in_order(runs: RunStore) -> None:
    told: list[Row] = []
    wrong_once = iter(["3", "4", "3"])
    engine = ScriptedEngine(
        lambda request: next(wrong_once) if " c" in request.messages[-1].content else "Yes."
    )
    record = run(engine, runs, on_row=told.append)
    assert tuple(told) == record.rows
    assert [(row.name, row.passed, row.total, row.verdict) for row in told] == [
        ("greet", 4, 4, RowVerdict.PASS),
        ("count", 2, 3, RowVerdict.WARN),
    ]
    assert [each.reason for each in runs.samples(record.run_id, row="count")] == [
        "",
        "another number",
        "",
    ]


def test_asks_greedily_without_thinking_and_with_the_seed(runs: RunStore) -> None:
    engine = ScriptedEngine(answers)
    run(engine, runs)
    assert len(engine.requests) == 7
    for request in engine.requests:
        assert (request.sampling.temperature, request.sampling.seed) == (0.0, 7)
        assert (request.sampling.max_tokens, request.thinking) == (16, False)


def test_every_sample_is_stored_before_the_next_item_is_asked(runs: RunStore) -> None:
    stored: list[int] = []

    def script(request: GenerationRequest) -> str:
        stored.append(runs.get("").samples)
        return answers(request)

    run(ScriptedEngine(script), runs)
    assert stored == list(range(7))


def test_progress_counts_items_from_nothing_to_all(runs: RunStore) -> None:
    heard: list[Progress] = []
    run(ScriptedEngine(answers), runs, report=Reporter(heard.append))
    assert {(each.stage, each.unit, each.total) for each in heard} == {("evaluating", "items", 7)}
    assert (heard[0].done, heard[-1].done) == (0, 7)


def test_one_bad_item_is_not_passed_and_the_run_goes_on(runs: RunStore) -> None:
    def script(request: GenerationRequest) -> str:
        if request.messages[-1].content == "Question g1":
            raise EngineFailed("The engine gave up on this prompt.")
        return answers(request)

    record = run(ScriptedEngine(script), runs)
    bad = next(each for each in runs.samples(record.run_id) if each.item_id == "g1")
    assert (bad.passed, bad.reason, bad.answer) == (False, "The engine gave up on this prompt.", "")
    assert (record.status, record.samples) == ("done", 7)
    assert (record.rows[0].passed, record.rows[0].total) == (3, 4)


@pytest.mark.parametrize("dies_at", range(1, 8))
def test_when_the_engine_dies_nothing_is_lost_or_made_up(runs: RunStore, dies_at: int) -> None:
    record = run(ScriptedEngine(answers, dies_at=dies_at), runs)
    assert (record.status, record.verdict) == ("failed", RowVerdict.FAIL)
    assert "ended" in record.note
    assert record.samples == dies_at
    assert [row.name for row in record.rows] == ["greet", "count"]
    complete = [row for row in record.rows if row.verdict is not RowVerdict.NOT_RUN]
    assert len(complete) == (1 if dies_at > 4 else 0)
    assert all(row.note for row in record.rows if row.verdict is RowVerdict.NOT_RUN)


@pytest.mark.parametrize("after", range(7))
def test_cancelling_keeps_what_was_done_and_says_so(runs: RunStore, after: int) -> None:
    token = CancelToken()
    asked: list[str] = []

    def script(request: GenerationRequest) -> str:
        asked.append(request.messages[-1].content)
        if len(asked) > after:
            token.cancel()
        return answers(request)

    with pytest.raises(Cancelled) as caught:
        run(ScriptedEngine(script), runs, report=Reporter(cancel=token))
    record = runs.get(str(caught.value.facts["run_id"]))
    assert (record.status, record.verdict, record.samples) == (
        "cancelled",
        RowVerdict.NOT_RUN,
        after,
    )
    assert [row.name for row in record.rows] == ["greet", "count"]
    assert record.rows[-1].note == "cancelled"


def test_an_error_nobody_foresaw_ends_the_run_as_failed(runs: RunStore) -> None:
    def script(request: GenerationRequest) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(ScriptedEngine(script), runs)
    record = runs.get("")
    assert (record.status, record.verdict, len(record.rows)) == ("failed", RowVerdict.NOT_RUN, 2)


def test_without_a_chat_template_behaviour_is_not_run_and_says_why(runs: RunStore) -> None:
    record = run(ScriptedEngine(answers, template=None), runs)
    assert {(row.verdict, row.note) for row in record.rows} == {
        (RowVerdict.NOT_RUN, "the model has no chat template")
    }
    assert (record.status, record.verdict) == ("done", RowVerdict.NOT_RUN)


def test_a_row_that_does_not_fit_the_context_is_not_run_as_a_whole(runs: RunStore) -> None:
    long = item("long", task="long").replace("Question long", "word " * 200)
    suite = suites.parse(suite_bytes(*GREET, item("short", task="long"), long))
    record = run(ScriptedEngine(answers, context_tokens=100), runs, suite)
    assert [row.verdict for row in record.rows] == [RowVerdict.PASS, RowVerdict.NOT_RUN]
    assert "loaded with 100" in record.rows[1].note


def test_rows_beyond_the_time_budget_are_not_run(runs: RunStore) -> None:
    record = run(ScriptedEngine(answers), runs, time_budget_s=-1)
    assert {row.verdict for row in record.rows} == {RowVerdict.NOT_RUN}
    assert "time budget" in record.rows[0].note


def test_what_the_engine_cannot_do_is_not_run(runs: RunStore) -> None:
    def script(request: GenerationRequest) -> str:
        raise NotSupportedByEngine("This engine cannot follow a schema.")

    record = run(ScriptedEngine(script), runs)
    assert {(row.verdict, row.note) for row in record.rows} == {
        (RowVerdict.NOT_RUN, "This engine cannot follow a schema.")
    }


# ------------------------------------------------------------------ thinking, schema, repeating


def test_a_model_that_thinks_anyway_gets_room_to_answer(runs: RunStore) -> None:
    def script(request: GenerationRequest) -> object:
        if request.sampling.max_tokens < THINKING_TOKENS:
            return generation("<think>Hm, is it", finish_reason="length")
        return generation("<think>Hm, is it? It is.</think>Yes.")

    suite = suites.parse(suite_bytes(GREET[0]))
    record = run(ScriptedEngine(script), runs, suite)  # type: ignore[arg-type]  # returns generations only
    assert record.rows[0].passed == 1
    assert runs.samples(record.run_id)[0].answer.startswith("<think>")


MECHANICAL = '{"task": "greet", "title": "Greets", "rule": "every-item"}'


def mechanical(grader: str, count: int = 1) -> Suite:
    items = [item(f"m{n}", grader=grader) for n in range(count)]
    return suites.parse(suite_bytes(*items, rows=MECHANICAL))


def test_a_constrained_item_hands_the_schema_to_the_engine(runs: RunStore) -> None:
    schema = '{"type": "object", "required": ["n"]}'
    suite = mechanical(f'{{"kind": "json", "schema": {schema}, "constrained": true}}')
    engine = ScriptedEngine(lambda request: '{"n": 1}')
    assert run(engine, runs, suite).rows[0].verdict is RowVerdict.PASS
    assert engine.requests[0].sampling.json_schema == {"type": "object", "required": ["n"]}


SAME = '{"kind": "same-tokens", "temperature": 0.8, "times": 3}'


def test_repeating_asks_at_once_and_after_something_else(runs: RunStore) -> None:
    engine = ScriptedEngine(
        lambda request: "Rain." if request.sampling.max_tokens == 16 else "Cup."
    )
    assert run(engine, runs, mechanical(SAME)).rows[0].verdict is RowVerdict.PASS
    asked = [request.messages[-1].content for request in engine.requests]
    assert [content == "Question m0" for content in asked] == [True, True, False, True]
    assert {request.sampling.temperature for request in engine.requests} == {0.8}
    assert {request.sampling.seed for request in engine.requests} == {7}


@pytest.mark.parametrize("differing", [1, 3])
def test_repeating_finds_the_asking_that_differs(runs: RunStore, differing: int) -> None:
    tokens = [(5, 6, 7)] * 4
    tokens[differing] = (5, 9, 7)
    script = iter(tokens)
    engine = ScriptedEngine(lambda request: generation("x", token_ids=next(script)))
    record = run(engine, runs, mechanical(SAME))
    assert record.rows[0].verdict is RowVerdict.FAIL
    assert record.rows[0].note == f"asking {2 if differing == 1 else 3} differs from token 2 on"


def test_no_tokens_at_all_are_not_called_the_same(runs: RunStore) -> None:
    engine = ScriptedEngine(lambda request: generation("", token_ids=()))
    assert run(engine, runs, mechanical(SAME)).rows[0].verdict is RowVerdict.FAIL


def test_mechanical_rows_run_on_plain_text_where_there_is_no_template(runs: RunStore) -> None:
    engine = ScriptedEngine(answers, template=None)
    record = run(engine, runs, mechanical('{"kind": "exact", "expected": "Yes."}'))
    assert record.rows[0].verdict is RowVerdict.PASS
    assert [(request.messages, request.prompt) for request in engine.requests] == [
        ((), "Question m0")
    ]


def test_a_mechanical_row_fails_where_the_engine_dies_in_it(runs: RunStore) -> None:
    suite = mechanical('{"kind": "exact", "expected": "Yes."}', 5)
    record = run(ScriptedEngine(answers, dies_at=3), runs, suite)
    assert (record.status, record.rows[0].verdict) == ("failed", RowVerdict.FAIL)
    assert (record.rows[0].passed, record.rows[0].total) == (2, 3)


# ------------------------------------------------------------------ published token ids

PUBLISHED = suites.parse(
    suite_bytes(
        item("a", extra=', "expected_token_ids": {"Q8_0": [1, 2], "Q4_K_M": [1, 3]}'),
        item("b", extra=', "expected_token_ids": {"Q8_0": [4]}'),
        item("c"),
    )
)


def published(request: GenerationRequest) -> object:
    ids = {"a": (1, 2), "b": (4,), "c": (9,)}[request.messages[-1].content[-1]]
    return generation("Yes.", token_ids=ids)


def test_published_token_ids_are_compared_for_this_quantization(runs: RunStore) -> None:
    engine = ScriptedEngine(published)  # type: ignore[arg-type]  # returns generations only
    record = run(engine, runs, PUBLISHED)
    row = record.rows[-1]
    assert (row.name, row.passed, row.total, row.verdict) == ("token-ids", 2, 2, RowVerdict.PASS)
    assert row.mechanical
    assert len(engine.requests) == 3

    other = run(replace(engine, requests=[]), runs, PUBLISHED, quantization="Q4_K_M").rows[-1]
    assert (other.passed, other.total, other.verdict) == (0, 1, RowVerdict.FAIL)


@pytest.mark.parametrize("quantization", ["F16", ""])
def test_a_quantization_without_published_ids_is_not_run(runs: RunStore, quantization: str) -> None:
    engine = ScriptedEngine(published)  # type: ignore[arg-type]  # returns generations only
    row = run(engine, runs, PUBLISHED, quantization=quantization).rows[-1]
    assert row.verdict is RowVerdict.NOT_RUN
    assert row.note.startswith("the suite has no token ids for")


def test_a_suite_without_published_ids_has_no_such_row(runs: RunStore) -> None:
    assert "token-ids" not in [row.name for row in run(ScriptedEngine(answers), runs).rows]
