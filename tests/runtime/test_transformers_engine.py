"""The transformers engine on the starter's safetensors folder: the same answers, the same manners."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from steelyard.base.errors import Cancelled, Json, NotFound
from steelyard.base.progress import CancelToken, Reporter
from steelyard.runtime import wire
from steelyard.runtime.engine import Engine
from steelyard.runtime.errors import (
    ContextTooLong,
    EngineRefusedModel,
    NotSupportedByEngine,
    WorkerDied,
)
from steelyard.runtime.records import GenerationRequest, LoadRequest, Message, Sampling
from steelyard.runtime.supervisor import Worker

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("torch") and importlib.util.find_spec("transformers")),
    reason="the transformers extra is not installed",
)

QUESTION = (Message("user", "Who are you, and what can you do?"),)
STORY = "The house at the end of the long road"


@pytest.fixture(scope="session")
def folder(starter: Path) -> Path:
    return starter.with_name("hf")


@pytest.fixture(scope="module")
def torch_engine(folder: Path) -> Iterator[Engine]:
    loaded = Engine.load(LoadRequest(folder, engine="transformers", threads=1), Reporter())
    yield loaded
    loaded.close()


def request(prompt: str | None = None, **values: Any) -> GenerationRequest:
    sampling = Sampling(**{"temperature": 0, "max_tokens": 24, **values})
    if prompt is None:
        return GenerationRequest(messages=QUESTION, sampling=sampling)
    return GenerationRequest(prompt=prompt, sampling=sampling)


def test_both_engines_give_the_same_tokens(torch_engine: Engine, engine: Engine) -> None:
    torch_answer, llama_answer = torch_engine.generate(request()), engine.generate(request())
    assert torch_answer.token_ids == llama_answer.token_ids
    assert torch_answer.text == llama_answer.text != ""
    assert torch_answer.rendered_prompt == llama_answer.rendered_prompt
    assert torch_answer.prompt_tokens == llama_answer.prompt_tokens
    assert torch_answer.finish_reason == llama_answer.finish_reason
    assert torch_engine.loaded.template_digest == engine.loaded.template_digest


@pytest.mark.parametrize("text", ["Grüße, 日本語 🌍", "a <|end|> b", "", " two  spaces\n\ttab"])
@pytest.mark.parametrize("special", [False, True])
def test_both_engines_cut_text_alike(
    torch_engine: Engine, engine: Engine, text: str, special: bool
) -> None:
    assert torch_engine.tokenize(text, special=special) == engine.tokenize(text, special=special)


def test_loading_tells_what_was_loaded(torch_engine: Engine, engine: Engine) -> None:
    loaded = torch_engine.loaded
    assert loaded.engine["name"] == "transformers"
    assert "torch" in loaded.engine["build"]
    assert loaded.parameters == engine.loaded.parameters
    assert loaded.vocabulary == engine.loaded.vocabulary
    assert loaded.context_tokens == 1024
    assert loaded.confinement == engine.loaded.confinement


def test_the_pieces_make_up_the_text(torch_engine: Engine) -> None:
    pieces: list[str] = []
    answer = torch_engine.generate(request(), on_text=pieces.append)
    assert "".join(pieces) == answer.text


def test_a_seed_repeats_the_answer(torch_engine: Engine) -> None:
    wild = {"temperature": 1.5, "top_k": 0, "top_p": 0.99, "min_p": 0.01}
    answers = {torch_engine.generate(request(STORY, seed=5, **wild)).token_ids for _ in range(2)}
    others = {torch_engine.generate(request(STORY, seed=n, **wild)).token_ids for n in range(3)}
    assert len(answers) == 1
    assert len(others) == 3


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 0.0001, "top_k": 0}, {"min_p": 1.0}])
def test_each_narrowing_at_its_end_is_greedy(torch_engine: Engine, narrow: dict[str, Any]) -> None:
    narrowed = torch_engine.generate(request(STORY, temperature=1.0, seed=3, **narrow))
    assert narrowed.token_ids == torch_engine.generate(request(STORY)).token_ids


def test_the_repetition_penalty_is_llama_cpps(torch_engine: Engine, engine: Engine) -> None:
    held = request("word word word word", repetition_penalty=1.5, max_tokens=12)
    assert torch_engine.generate(held).token_ids == engine.generate(held).token_ids


def test_a_stop_string_ends_the_answer(torch_engine: Engine) -> None:
    whole = torch_engine.generate(request()).text
    stop = whole[len(whole) // 2 : len(whole) // 2 + 3]
    answer = torch_engine.generate(request(stop=(stop,)))
    assert (answer.text, answer.finish_reason) == (whole[: whole.index(stop)], "stop")


def test_cancel_in_the_middle_of_an_answer(torch_engine: Engine) -> None:
    token = CancelToken()
    answer = torch_engine.generate(
        request(STORY, max_tokens=900), on_text=lambda _: token.cancel(), cancel=token
    )
    assert answer.finish_reason == "cancelled"
    assert answer.completion_tokens < 900
    assert torch_engine.generate(request(STORY, max_tokens=2)).completion_tokens == 2


def test_cancel_in_the_middle_of_a_prompt(torch_engine: Engine) -> None:
    """Between two layers: the prompt is one batch, so nothing else would stop it."""
    token = CancelToken()

    def call_off(event: dict[str, Json]) -> None:
        if "done" in event:
            token.cancel()

    value = torch_engine._worker.call(
        "generate",
        wire.generation_request_to_json(request(STORY * 50)),
        timeout_s=60,
        on_event=call_off,
        cancel=token,
    )
    answer = wire.generation_from_json(value)
    assert answer.finish_reason == "cancelled"
    assert answer.prompt_tokens > 300
    assert torch_engine.generate(request(STORY, max_tokens=2)).completion_tokens == 2


def test_a_request_that_was_called_off_already_is_not_begun(torch_engine: Engine) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        torch_engine.generate(request(), cancel=token)
    assert torch_engine.alive


def test_a_prompt_longer_than_the_context_is_refused(torch_engine: Engine) -> None:
    with pytest.raises(ContextTooLong):
        torch_engine.generate(request("word " * 2000))


def test_a_schema_is_refused_with_the_way_out(torch_engine: Engine) -> None:
    with pytest.raises(NotSupportedByEngine) as caught:
        torch_engine.generate(request(json_schema={"type": "string"}))
    assert "GGUF" in caught.value.next_step


def test_a_benchmark_gives_figures(torch_engine: Engine) -> None:
    figures = torch_engine.benchmark(prompt_tokens=16, generated_tokens=2, repetitions=2)
    assert len(figures.prompt_tokens_per_s) == len(figures.generation_tokens_per_s) == 2


@pytest.fixture(scope="module")
def torch_worker() -> Iterator[Worker]:
    """A worker without a model; a load that was refused leaves it so."""
    worker = Worker.start("transformers")
    yield worker
    worker.kill()


def load(worker: Worker, folder: Path, **values: Any) -> None:
    asked = wire.load_request_to_json(LoadRequest(folder, engine="transformers", **values))
    worker.call("load", asked, timeout_s=120)


def test_what_the_engine_does_not_have_is_refused_before_anything_is_loaded(
    torch_worker: Worker, folder: Path
) -> None:
    with pytest.raises(NotSupportedByEngine):
        load(torch_worker, folder, kv_type="q8_0")


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder to damage."""
    return Path(shutil.copytree(folder, tmp_path / "model"))


def test_code_in_a_repository_is_never_run(
    torch_worker: Worker, changed: Path, tmp_path: Path
) -> None:
    witness = tmp_path / "ran"
    (changed / "code.py").write_text(f"open({str(witness)!r}, 'w')\n")
    config = json.loads((changed / "config.json").read_text())
    config |= {
        "model_type": "unheard-of",
        "auto_map": {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"},
    }
    (changed / "config.json").write_text(json.dumps(config))
    with pytest.raises(EngineRefusedModel):
        load(torch_worker, changed)
    assert not witness.exists()


def test_a_pickle_instead_of_safetensors_is_never_opened(
    torch_worker: Worker, changed: Path, tmp_path: Path
) -> None:
    witness = tmp_path / "ran"
    (changed / "model.safetensors").unlink()
    pickle = b"cos\nsystem\n(S'touch " + str(witness).encode() + b"'\ntR."
    (changed / "pytorch_model.bin").write_bytes(pickle)
    with pytest.raises(EngineRefusedModel):
        load(torch_worker, changed)
    assert not witness.exists()


def test_truncated_weights_are_refused_and_the_worker_says_why(
    torch_worker: Worker, changed: Path
) -> None:
    weights = changed / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(EngineRefusedModel) as caught:
        load(torch_worker, changed)
    assert caught.value.facts["engine_words"]


def test_a_folder_that_is_not_there(torch_worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(torch_worker, tmp_path / "none")


def test_sigkill_in_the_middle_of_an_answer_is_a_typed_error(
    torch_engine: Engine, kill: Callable[[int], None]
) -> None:
    """The last test of the module: the engine does not survive it."""
    with pytest.raises(WorkerDied):
        torch_engine.generate(
            request(STORY, max_tokens=900),
            on_text=lambda _: kill(torch_engine.pid),
        )
    assert not torch_engine.alive
