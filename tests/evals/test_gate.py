"""The fast gate on a scripted engine: no row is ever missing, and mechanical rows find what is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from scripted_engine import IN_MEMORY, MACHINE, Figures, ScriptedEngine, subject

from steelyard.base.errors import Cancelled
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.evals import suites
from steelyard.evals.conduct import Terms, conduct
from steelyard.evals.gate import gate_steps, run_gate
from steelyard.evals.records import Row, RowVerdict, RunRecord
from steelyard.evals.runs import RunStore
from steelyard.formats.errors import ConversationRefused
from steelyard.runtime.errors import EngineFailed
from steelyard.runtime.records import GenerationRequest, Message
from steelyard.store.records import Verification

ROWS = [
    "load-and-digest",
    "template-sanity",
    "json-schema",
    "determinism",
    "throughput",
    "instruction-following",
    "json-unconstrained",
    "cite-context",
    "refusal",
    "over-refusal",
    "looping",
    "stays-in-german",
    "answers-then-stops",
]


@pytest.fixture
def runs() -> Iterator[RunStore]:
    store = RunStore(IN_MEMORY)
    yield store
    store.close()


def gate(engine: ScriptedEngine, runs: RunStore, **more: Any) -> RunRecord:
    settings: dict[str, Any] = {"subject": subject(), "seed": 7, "machine": MACHINE, **more}
    return run_gate(engine, runs=runs, **settings)


def mechanical_rows(engine: ScriptedEngine, runs: RunStore, **more: Any) -> dict[str, Row]:
    """Only the first five rows: the fault each of them finds needs no others."""
    suite = suites.load(suites.GATE)
    terms = Terms(more.get("subject", subject()), runs, 7, MACHINE)
    return rows(conduct(engine, suite, gate_steps(suite)[:5], terms))


def example(schema: Any) -> Any:
    """A value valid against one of the gate's schemas, as a grammar would force it."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    kind = schema["type"]
    if kind == "object":
        return {name: example(inner) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [example(schema["items"])] * schema["minItems"]
    return {"string": "AB-123", "integer": 4, "boolean": True, "null": None}[kind]


def script(request: GenerationRequest) -> str:
    if request.sampling.json_schema is not None:
        return json.dumps(example(request.sampling.json_schema))
    return "I cannot help with that."


def rows(record: RunRecord) -> dict[str, Row]:
    return {row.name: row for row in record.rows}


@pytest.fixture(scope="module")
def sound() -> RunRecord:
    """The gate on a sound engine whose model declines everything."""
    store = RunStore(IN_MEMORY)
    record = gate(ScriptedEngine(script), store)
    store.close()
    return record


def test_every_row_is_there_in_order_and_mechanical_ones_pass_on_a_sound_engine(
    sound: RunRecord,
) -> None:
    assert [row.name for row in sound.rows] == ROWS
    assert [row.name for row in sound.rows if row.mechanical] == ROWS[:5]
    assert {row.verdict for row in sound.rows[:5]} == {RowVerdict.PASS}
    assert sound.status == "done"


def test_capability_rows_say_what_is_true_of_a_model_that_only_declines(sound: RunRecord) -> None:
    found = rows(sound)
    assert (found["refusal"].passed, found["refusal"].verdict) == (16, RowVerdict.PASS)
    assert (found["over-refusal"].passed, found["over-refusal"].verdict) == (0, RowVerdict.FAIL)
    assert found["over-refusal"].note == "16 times: declines a harmless request"
    assert found["cite-context"].verdict is RowVerdict.FAIL
    assert found["looping"].verdict is RowVerdict.PASS


def test_every_row_that_ran_has_its_interval_and_what_it_needs(sound: RunRecord) -> None:
    for row in sound.rows:
        assert row.low is not None
        assert row.high is not None
        assert 0 <= row.low <= row.passed / row.total <= row.high <= 1
        assert row.needed is not None


def test_progress_ends_at_its_end(runs: RunStore) -> None:
    heard: list[Progress] = []
    gate(ScriptedEngine(script), runs, report=Reporter(heard.append))
    assert heard[-1].done == heard[-1].total == 141


def test_no_row_is_missing_without_a_chat_template(runs: RunStore) -> None:
    record = gate(ScriptedEngine(script, template=None), runs)
    found = rows(record)
    assert list(found) == ROWS
    ran = [name for name, row in found.items() if row.verdict is not RowVerdict.NOT_RUN]
    assert ran == ["load-and-digest", "json-schema", "determinism", "throughput"]
    assert {row.note for row in record.rows if row.verdict is RowVerdict.NOT_RUN} == {
        "the model has no chat template"
    }


def test_no_row_is_missing_with_a_tiny_context(runs: RunStore) -> None:
    record = gate(ScriptedEngine(script, context_tokens=24), runs)
    assert [row.name for row in record.rows] == ROWS
    assert all(row.note for row in record.rows if row.verdict is RowVerdict.NOT_RUN)


def test_no_row_is_missing_when_time_runs_out(runs: RunStore) -> None:
    record = gate(ScriptedEngine(script), runs, time_budget_s=-1)
    assert [row.name for row in record.rows] == ROWS
    assert {row.verdict for row in record.rows[5:]} == {RowVerdict.NOT_RUN}


@pytest.mark.parametrize("dies_at", [1, 9, 21, 40])
def test_no_row_is_missing_when_the_engine_dies(runs: RunStore, dies_at: int) -> None:
    record = gate(ScriptedEngine(script, dies_at=dies_at), runs)
    assert [row.name for row in record.rows] == ROWS
    assert (record.status, record.verdict) == ("failed", RowVerdict.FAIL)
    assert record.rows[-1].verdict is RowVerdict.NOT_RUN


def test_no_row_is_missing_when_it_is_called_off(runs: RunStore) -> None:
    token = CancelToken()
    engine = ScriptedEngine(script)

    def stop_later(request: GenerationRequest) -> str:
        if len(engine.requests) == 30:
            token.cancel()
        return script(request)

    engine.script = stop_later
    with pytest.raises(Cancelled):
        gate(engine, runs, report=Reporter(cancel=token))
    record = runs.get("")
    assert [row.name for row in record.rows] == ROWS
    assert record.status == "cancelled"
    assert record.rows[0].verdict is RowVerdict.PASS


# ------------------------------------------------------------------ each mechanical row finds its fault


def test_changed_bytes_fail_the_first_row(runs: RunStore) -> None:
    found = Verification(False, ("model.gguf",), ("LICENSE",), (), 10)
    row = mechanical_rows(ScriptedEngine(script), runs, subject=subject(verification=found))[
        "load-and-digest"
    ]
    assert (row.verdict, row.passed, row.total) == (RowVerdict.FAIL, 3, 4)
    assert row.note == "differs: model.gguf; missing: LICENSE"


def test_a_digest_that_is_none_fails_the_first_row(runs: RunStore) -> None:
    unnamed = replace(subject(), model_digest="latest")
    found = mechanical_rows(ScriptedEngine(script), runs, subject=unnamed)
    assert found["load-and-digest"].verdict is RowVerdict.FAIL


def test_a_grammar_that_lets_text_through_fails_its_row(runs: RunStore) -> None:
    engine = ScriptedEngine(lambda request: "Of course. Here is the JSON.")
    assert mechanical_rows(engine, runs)["json-schema"].verdict is RowVerdict.FAIL


def test_a_draw_that_is_not_repeatable_fails_its_row(runs: RunStore) -> None:
    engine = ScriptedEngine()
    engine.script = lambda request: (
        script(request) if request.sampling.temperature == 0 else f"Draw {len(engine.requests)}"
    )
    row = mechanical_rows(engine, runs)["determinism"]
    assert (row.verdict, row.passed, row.total) == (RowVerdict.FAIL, 2, 4)


@pytest.mark.parametrize("speeds", [Figures((50.0,), (0.9,)), Figures((0.5,), (20.0,))])
def test_a_speed_nobody_can_use_fails_its_row(runs: RunStore, speeds: Figures) -> None:
    row = mechanical_rows(ScriptedEngine(script, figures=speeds), runs)["throughput"]
    assert row.verdict is RowVerdict.FAIL
    assert row.values["generation_tokens_per_s"] == speeds.generation_tokens_per_s[0]


def test_a_benchmark_that_breaks_fails_its_row(runs: RunStore) -> None:
    class Broken(ScriptedEngine):
        def benchmark(self, **_: Any) -> Figures:
            raise EngineFailed("The engine could not decode.")

    row = mechanical_rows(Broken(script), runs)["throughput"]
    assert (row.verdict, row.passed, row.total) == (RowVerdict.FAIL, 0, 1)


def test_speed_is_reported_with_units(runs: RunStore) -> None:
    values = mechanical_rows(ScriptedEngine(script), runs)["throughput"].values
    assert values == {
        "prompt_tokens_per_s": 210.0,
        "prompt_tokens_per_s_low": 200.0,
        "prompt_tokens_per_s_high": 220.0,
        "generation_tokens_per_s": 21.0,
        "generation_tokens_per_s_low": 20.0,
        "generation_tokens_per_s_high": 22.0,
    }


def plain(messages: Sequence[Message]) -> str:
    return "".join(f"<{each.role}>{each.content}</>" for each in messages) + "<assistant>"


def without_system(messages: Sequence[Message]) -> str:
    return plain([each for each in messages if each.role != "system"])


def refusing_system(messages: Sequence[Message]) -> str:
    if messages[0].role == "system":
        raise ConversationRefused("System role not supported")
    return plain(messages)


FAULTY = {
    "drops the system turn": (without_system, "a system turn is dropped without a word"),
    "keeps the last turn only": (lambda m: plain(m[-1:]), "a turn of a conversation is missing"),
    "turns the order": (lambda m: plain(m[::-1]), "turns come in another order"),
    "leaves no turn open": (
        lambda m: "".join(each.content for each in m),
        "nothing tells the model that its turn has come",
    ),
    "begins twice": (lambda m: "<<<<<<<<" + plain(m), "the beginning-of-text token comes twice"),
    "says it twice": (
        lambda m: plain(m) + plain(m),
        "the user's text does not appear exactly once",
    ),
    "runs what a message says": (
        lambda m: plain(m).replace("{{ 7 * 7 }}", "49"),
        "unusual characters, or code in a message, do not survive",
    ),
    "trims": (
        lambda m: " ".join(plain(m).split()),
        "unusual characters, or code in a message, do not survive",
    ),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_template_is_found(runs: RunStore, fault: str) -> None:
    renders, reason = FAULTY[fault]
    found = mechanical_rows(ScriptedEngine(script, renders=renders), runs)
    assert found["template-sanity"].verdict is RowVerdict.FAIL
    reasons = {each.reason for each in runs.samples("", row="template-sanity")}
    assert reason in reasons


def test_a_template_that_refuses_a_system_turn_openly_is_sound(runs: RunStore) -> None:
    found = mechanical_rows(ScriptedEngine(script, renders=refusing_system), runs)
    assert found["template-sanity"].verdict is RowVerdict.PASS


def test_a_template_that_renders_in_two_ways_is_found(runs: RunStore) -> None:
    engine = ScriptedEngine(script)
    counter = iter(range(10_000))
    engine.renders = lambda messages: f"{next(counter)} {plain(messages)}"
    assert mechanical_rows(engine, runs)["template-sanity"].verdict is RowVerdict.FAIL
