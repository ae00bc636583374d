"""What the llama.cpp engine answers: on the starter model, which comes with the program."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from formats.gguf_builder import tiny_llama
from steelyard.base.digests import digest_of
from steelyard.base.errors import Json, SteelyardError, UsageError
from steelyard.base.progress import Progress, Reporter
from steelyard.runtime import wire
from steelyard.runtime.engine import Engine
from steelyard.runtime.errors import NoChatTemplate, SchemaRefused
from steelyard.runtime.records import Generation, GenerationRequest, LoadRequest, Message, Sampling
from steelyard.runtime.supervisor import Worker

GREEDY = Sampling(temperature=0, max_tokens=48)
QUESTION = (Message("user", "Who are you, and what can you do?"),)
STORY = "The house at the end of the long road had a small garden. "


def asked(sampling: Sampling = GREEDY, text: str | None = None) -> GenerationRequest:
    if text is None:
        return GenerationRequest(messages=QUESTION, sampling=sampling)
    return GenerationRequest(prompt=text, sampling=sampling)


def sampling(**values: Any) -> Sampling:
    return Sampling(**{"temperature": 0, "max_tokens": 48, **values})


def test_loading_tells_what_was_loaded(starter: Path) -> None:
    heard: list[Progress] = []
    engine = Engine.load(LoadRequest(starter), Reporter(heard.append))
    try:
        loaded = engine.loaded
        assert loaded.engine["name"] == "llama.cpp"
        assert loaded.engine["version"].startswith("llama-cpp-python ")
        assert "llama.cpp" in loaded.engine["build"]
        assert loaded.context_tokens == 1024
        assert loaded.vocabulary == 2048
        assert 2_000_000 < loaded.parameters < 5_000_000
        assert loaded.template_digest is not None
        assert loaded.confinement in {"namespace", "seccomp", "none"}
        assert loaded.load_s > 0
        assert loaded.resident_bytes > 10_000_000
        assert {progress.stage for progress in heard} == {"loading"}
        assert heard[-1].done == heard[-1].total == starter.stat().st_size
    finally:
        engine.close()
    assert not engine.alive


def test_the_pieces_make_up_the_text(engine: Engine) -> None:
    pieces: list[str] = []
    answer = engine.generate(asked(), on_text=pieces.append)
    assert "".join(pieces) == answer.text != ""
    assert answer.finish_reason == "stop"
    assert answer.completion_tokens == len(answer.token_ids)
    assert "<|" not in answer.text


def test_the_figures_of_an_answer_belong_together(engine: Engine) -> None:
    answer = engine.generate(asked(text=STORY))
    assert answer.prompt_tokens == len(engine.tokenize(STORY))
    assert 0 < answer.time_to_first_token_s <= answer.elapsed_s
    assert answer.tokens_per_s > 0
    assert answer.rendered_prompt == STORY


def test_messages_go_through_the_models_own_template(engine: Engine) -> None:
    rendered = engine.render(QUESTION)
    assert rendered == f"<|user|>\n{QUESTION[0].content}<|end|>\n<|assistant|>\n"
    answer = engine.generate(asked())
    assert answer.rendered_prompt == rendered
    assert answer.prompt_tokens == len(engine.tokenize(rendered, special=True))


def test_control_tokens_in_a_plain_prompt_are_text(engine: Engine) -> None:
    assert len(engine.tokenize("<|end|>", special=True)) == 1
    assert len(engine.tokenize("<|end|>")) > 1
    prompt = "a <|end|> b"
    assert engine.generate(asked(text=prompt)).prompt_tokens == len(engine.tokenize(prompt))


def test_greedy_gives_the_same_tokens_three_times_and_in_another_process(
    engine: Engine, starter: Path
) -> None:
    answers = [engine.generate(asked(text=STORY)) for _ in range(3)]
    other = Engine.load(LoadRequest(starter, threads=1), Reporter())
    try:
        answers.append(other.generate(asked(text=STORY)))
    finally:
        other.close()
    assert len({answer.token_ids for answer in answers}) == 1
    assert len(answers[0].token_ids) > 5


def test_a_seed_gives_the_same_answer_and_another_seed_another(engine: Engine) -> None:
    wild = {"temperature": 1.5, "top_k": 0, "top_p": 1.0}
    first, again = (engine.generate(asked(sampling(seed=7, **wild), STORY)) for _ in range(2))
    others = {engine.generate(asked(sampling(seed=n, **wild), STORY)).text for n in range(4)}
    assert first.token_ids == again.token_ids
    assert first.seed == again.seed == 7
    assert len(others) == 4


def test_without_a_seed_the_one_drawn_is_reported_and_repeats_the_answer(engine: Engine) -> None:
    wild = {"temperature": 1.2, "top_k": 0}
    free = engine.generate(asked(sampling(**wild), STORY))
    repeated = engine.generate(asked(sampling(seed=free.seed, **wild), STORY))
    assert free.seed >= 0
    assert repeated.token_ids == free.token_ids


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 0.0001, "top_k": 0}, {"min_p": 1.0}])
def test_each_narrowing_at_its_end_is_greedy(engine: Engine, narrow: dict[str, Any]) -> None:
    greedy = engine.generate(asked(text=STORY))
    narrowed = engine.generate(asked(sampling(temperature=1.0, seed=3, **narrow), STORY))
    assert narrowed.token_ids == greedy.token_ids


def test_the_repetition_penalty_keeps_tokens_from_coming_back(engine: Engine) -> None:
    text = "word word word word word word word"
    free = engine.generate(asked(sampling(max_tokens=30), text))
    held = engine.generate(asked(sampling(max_tokens=30, repetition_penalty=50.0), text))
    prompt = set(engine.tokenize(text))
    assert len(set(free.token_ids)) < len(free.token_ids)
    assert len(set(held.token_ids)) == len(held.token_ids)
    assert not prompt & set(held.token_ids)


def test_a_stop_string_ends_the_answer_and_is_not_part_of_it(engine: Engine) -> None:
    whole = engine.generate(asked()).text
    stop = whole[len(whole) // 2 : len(whole) // 2 + 4]
    pieces: list[str] = []
    answer = engine.generate(asked(sampling(stop=("never said", stop))), on_text=pieces.append)
    assert answer.text == whole[: whole.index(stop)]
    assert "".join(pieces) == answer.text
    assert answer.finish_reason == "stop"


def test_the_answer_is_as_long_as_allowed(engine: Engine) -> None:
    answer = engine.generate(asked(sampling(max_tokens=3), STORY))
    assert (answer.completion_tokens, answer.finish_reason) == (3, "length")


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": -0.1},
        {"temperature": float("1e9")},
        {"top_p": 1.1},
        {"top_k": -1},
        {"max_tokens": 0},
        {"seed": -2},
        {"seed": 2**32 - 1},
        {"repetition_penalty": 0.0},
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(engine: Engine, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        engine.generate(asked(sampling(**values), STORY))
    assert caught.value.facts["field"] == next(iter(values))


def test_both_messages_and_a_prompt_or_neither_are_refused(engine: Engine) -> None:
    for request in (GenerationRequest(messages=QUESTION, prompt="x"), GenerationRequest()):
        with pytest.raises(UsageError):
            engine.generate(request)


SCHEMAS: list[dict[str, Any]] = [
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "count": {"type": "integer"},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3},
        },
        "required": ["name", "count", "tags"],
        "additionalProperties": False,
    },
    {"enum": ["yes", "no"]},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2},
    {"const": {"greeting": "Grüße 🌍", "n": None, '"quoted"\n': '\\ud83c "\t\u0001', "maximum": 3}},
    {
        "type": "object",
        "properties": {'Straße "\\n"': {"type": "null"}},
        "required": ['Straße "\\n"'],
    },
    {"type": "string", "minLength": 4, "maxLength": 4},
    {"$ref": "#/$defs/colour", "$defs": {"colour": {"enum": ["red", "blue"]}}, "title": "Colour"},
    {"type": "string", "pattern": "^[A-C]{3}$", "description": "three letters"},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("temperature", [0, 1.5])
def test_a_schema_leaves_only_valid_json(
    engine: Engine, schema: dict[str, Any], temperature: float
) -> None:
    values = {"temperature": temperature, "seed": 11, "json_schema": schema, "max_tokens": 300}
    pieces: list[str] = []
    answer = engine.generate(asked(sampling(**values)), on_text=pieces.append)
    assert answer.finish_reason == "stop"
    jsonschema.validate(json.loads(answer.text), schema)
    assert "\ufffd" not in "".join(pieces)
    assert answer.token_ids == engine.generate(asked(sampling(**values))).token_ids


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.org/schema.json"},
        {"properties": {"a": {"$ref": "other.json"}}},
        {"type": "no such type"},
        {"type": "object", "properties": ["not", "an", "object"]},
        {"enum": ["x" * 300_000]},
        {"type": "string", "pattern": "^(?=lookahead)$"},
        {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}},
        {"type": "array", "items": {"type": "number"}, "uniqueItems": True},
        {"type": "string", "pattern": "^.*$"},
        {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 3},
        {"type": "string", "maxLength": 10**9},
        {"type": "object", "required": ["a"]},
        {"type": ["string", "null"], "maxLength": 3},
        {"allOf": [{"type": "string"}]},
        {"not": {"type": "string"}},
        {"const": "half a character \ud83c"},
    ],
)
def test_a_schema_no_grammar_can_say_is_refused(engine: Engine, schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefused):
        engine.generate(asked(sampling(json_schema=schema)))
    assert engine.generate(asked(sampling(max_tokens=2), STORY)).completion_tokens == 2


def test_characters_of_several_tokens_come_whole(engine: Engine) -> None:
    """The grammar leaves nothing but this text, whose characters the vocabulary has only as bytes."""
    pieces: list[str] = []
    text = "日本語 🌍 नमस्ते"
    answer = engine.generate(asked(sampling(json_schema={"const": text})), on_text=pieces.append)
    assert json.loads(answer.text) == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert answer.completion_tokens > len(text)


def test_two_callers_of_one_engine_both_get_their_own_answer(engine: Engine) -> None:
    texts = [STORY, "Seven and five make "]
    alone = [engine.generate(asked(text=text)).token_ids for text in texts]
    together: dict[str, Generation] = {}

    def ask(text: str) -> None:
        together[text] = engine.generate(asked(text=text))

    callers = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert [together[text].token_ids for text in texts] == alone


def test_two_engines_at_once(engine: Engine, starter: Path) -> None:
    other = Engine.load(LoadRequest(starter.with_name("starter-Q4_K_M.gguf")), Reporter())
    try:
        answers: list[Generation] = []
        caller = threading.Thread(target=lambda: answers.append(other.generate(asked())))
        caller.start()
        mine = engine.generate(asked())
        caller.join(60)
        assert other.pid != engine.pid
        assert mine.completion_tokens > 0
        assert answers[0].completion_tokens > 0
    finally:
        other.close()


def long_text(engine: Engine, tokens: int) -> str:
    text = STORY
    while len(engine.tokenize(text)) < tokens:
        text += STORY
    return text


def first_position(worker: Worker, text: str, how: Sampling) -> tuple[int, Generation]:
    """Where the prompt was begun to be computed, and the answer."""
    positions: list[Json] = []

    def listen(event: dict[str, Json]) -> None:
        if event.get("stage") == "prefill" and "done" in event:
            positions.append(event["done"])

    request = wire.generation_request_to_json(asked(how, text))
    value = worker.call("generate", request, timeout_s=60, on_event=listen)
    assert isinstance(positions[0], int)
    return positions[0], wire.generation_from_json(value)


def test_a_shared_beginning_is_computed_once_and_changes_nothing(
    engine: Engine, starter: Path, start: Callable[..., Worker]
) -> None:
    begin = long_text(engine, 640)
    worker = start("llama")
    load = wire.load_request_to_json(LoadRequest(starter, threads=1))
    worker.call("load", load, timeout_s=60)
    first, _ = first_position(worker, begin + "One day", GREEDY)
    reused, answer = first_position(worker, begin + "The cat", GREEDY)
    assert (first, reused) == (0, 512)
    assert answer.token_ids == engine.generate(asked(GREEDY, begin + "The cat")).token_ids
    unseeded = Sampling(temperature=0.7, max_tokens=3)
    everything, _ = first_position(worker, begin + "The cat", unseeded)
    assert everything > 600
    after, again = first_position(worker, begin + "The cat", GREEDY)
    assert after == 512
    assert again.token_ids == answer.token_ids


def test_an_unseeded_conversation_goes_on_where_it_was(
    starter: Path, start: Callable[..., Worker]
) -> None:
    worker = start("llama")
    worker.call("load", wire.load_request_to_json(LoadRequest(starter, threads=1)), timeout_s=60)
    how = Sampling(temperature=0.7, max_tokens=8)
    begin = STORY.strip()
    _, answer = first_position(worker, begin, how)
    position, _ = first_position(worker, begin + answer.text + " And", how)
    assert position >= answer.prompt_tokens


def test_a_model_without_a_template_takes_prompts_only(tmp_path: Path) -> None:
    path = tmp_path / "plain.gguf"
    path.write_bytes(tiny_llama())
    engine = Engine.load(LoadRequest(path), Reporter())
    try:
        assert engine.loaded.template_digest is None
        with pytest.raises(NoChatTemplate):
            engine.render(QUESTION)
        with pytest.raises(NoChatTemplate):
            engine.generate(asked())
        assert engine.generate(asked(sampling(max_tokens=1), "the")).prompt_tokens > 1
    finally:
        engine.close()


def test_the_beginning_of_text_token_is_never_doubled(tmp_path: Path) -> None:
    counts = []
    for number, template in enumerate(
        ["{{ messages[0].content }}", "{{ bos_token }}{{ messages[0].content }}"]
    ):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(tiny_llama(tokenizer__chat_template=template))
        engine = Engine.load(LoadRequest(path), Reporter())
        try:
            counts.append(engine.generate(asked(sampling(max_tokens=1))).prompt_tokens)
            assert engine.loaded.template_digest == digest_of(template.encode())
        finally:
            engine.close()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ '%01000000000d' | format(1) }}",
        "{{ lipsum(n=1000000) }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
    ],
)
def test_a_hostile_template_is_a_typed_error_and_the_engine_lives(
    template: str, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.gguf"
    path.write_bytes(tiny_llama(tokenizer__chat_template=template))
    try:
        engine = Engine.load(LoadRequest(path), Reporter())
    except SteelyardError:
        return
    try:
        with pytest.raises(SteelyardError):
            engine.render(QUESTION)
        assert engine.generate(asked(sampling(max_tokens=1), "the")).completion_tokens <= 1
    finally:
        engine.close()


def test_a_benchmark_gives_one_figure_per_repetition(engine: Engine) -> None:
    heard: list[Progress] = []
    before = engine.generate(asked(text=STORY))
    figures = engine.benchmark(
        prompt_tokens=64, generated_tokens=8, repetitions=3, report=Reporter(heard.append)
    )
    assert (figures.prompt_tokens, figures.generated_tokens) == (64, 8)
    assert len(figures.prompt_tokens_per_s) == len(figures.generation_tokens_per_s) == 3
    assert min(figures.prompt_tokens_per_s + figures.generation_tokens_per_s) > 0
    assert heard[-1].stage == "benchmark"
    assert engine.generate(asked(text=STORY)).token_ids == before.token_ids


def test_the_reference_story_model_continues_as_known(shared_folder: Path) -> None:
    path = shared_folder / "models" / "stories260K-F32.gguf"
    engine = Engine.load(LoadRequest(path), Reporter())
    try:
        answer = engine.generate(asked(text="Once upon a time"))
        assert answer.text.startswith(", there was a little girl named Lily")
    finally:
        engine.close()
