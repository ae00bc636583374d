"""Running a model: load, unload, answer, benchmark."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Iterator

from steelyard.runtime.engine import Engine
from steelyard.runtime.records import GenerationRequest, LoadRequest, Message
from steelyard.service.errors import ChangedMeanwhile, NothingToAnswer, NotLoadable
from steelyard.service.models import name_subject
from steelyard.service.operation import Context, TextDelta, operation
from steelyard.service.permission import check_use
from steelyard.service.requests import (
    Benchmark,
    BenchmarkResult,
    Complete,
    Completion,
    LoadModel,
    ModelLoaded,
    ModelUnloaded,
    Rate,
    UnloadModel,
)
from steelyard.store.records import Model, State
from steelyard.store.states import IN_STORE
from steelyard.store.verification import Reverify

ENGINES = {"gguf": "llama.cpp", "safetensors": "transformers"}


def loadable(context: Context, name: str, *, evaluating: bool = False) -> Model:
    """The model, if its state lets an engine open it and its bytes are still the verified ones.

    Args:
        evaluating: it is loaded to be evaluated, which policy lets happen before a gate was passed.

    Raises:
        NotFound: the store has no such model.
        NotLoadable, ModelNotAllowed, GateNeeded: its state, or policy, forbids it.
        CheckFailed: its bytes changed since they were verified.
    """
    store = context.installation.store
    model = store.get(name)
    name_subject(context, model)
    admitted_only = context.installation.settings.get("load.admitted-only")
    allowed = {State.ADMITTED} if admitted_only.value else {State.ADMITTED, State.VERIFIED}
    if model.state in IN_STORE:
        # Before its state: a model that policy objects to is verified for that very reason.
        check_use(context, model, evaluating=evaluating)
    if model.state not in allowed:
        raise NotLoadable(
            f"{model.name} is {model.state.value} and may not be loaded."
            + (f" {model.reason}" if model.reason else ""),
            next_step=(
                "Approve it with steelyard model approve."
                if model.state is State.VERIFIED
                else "Import a copy that verifies."
            ),
            model=model.name,
            state=model.state.value,
            key="load.admitted-only",
            origin=admitted_only.origin,
        )
    store.verify_before_load(
        model, context.report, states=frozenset(allowed), reverify=reverify(context)
    )
    return model


def reverify(context: Context) -> Reverify:
    """When policy wants files hashed again that nobody touched."""
    settings = context.installation.settings
    return Reverify(settings.text("load.reverify"), settings.number("load.reverify-days"))


@contextlib.contextmanager
def engine_for(
    context: Context, model: Model, context_tokens: int, *, keep: bool
) -> Iterator[Engine]:
    """Lend the engine of a model, loaded with what was asked for or what the settings say."""
    settings = context.installation.settings
    wanted = context_tokens or min(
        settings.number("engine.context-tokens"), model.manifest.context_length or 2**31
    )
    request = LoadRequest(
        path=context.installation.store.main_file(model),
        engine=ENGINES[model.manifest.format],
        context_tokens=wanted,
        threads=settings.number("engine.threads"),
    )
    pool = context.installation.engines
    store = context.installation.store
    with pool.use(
        model.digest, request, context.report, keep=keep, lease=lambda: store.lease(model)
    ) as engine:
        # Nothing may have been put in its place between the verification and the engine's opening it.
        if not context.installation.store.check_unchanged(model):
            engine.close()
            raise ChangedMeanwhile(
                f"The files of {model.name} changed while it was loaded; it was unloaded again.",
                next_step="Run steelyard model verify, and find out who writes into the store.",
                model=model.name,
            )
        context.facts["engine"] = dict(engine.loaded.engine)
        context.facts["template"] = engine.loaded.template_digest
        yield engine


@operation("model.load", summary="Load a model", mutates=True, audited=("context_tokens",))
def load_model(context: Context, request: LoadModel) -> ModelLoaded:
    """Start a worker and keep it until the model is unloaded or this process ends.

    Raises:
        NotFound, NotLoadable, CheckFailed: as `loadable`.
        OutOfResources: not enough memory, or the worker died.
    """
    model = loadable(context, request.model)
    with engine_for(context, model, request.context_tokens, keep=True) as engine:
        loaded = engine.loaded
    context.facts |= {"confinement": loaded.confinement, "context_tokens": loaded.context_tokens}
    return ModelLoaded(
        name=model.name,
        model_digest=model.digest,
        quantization=model.manifest.quantization,
        engine=loaded.engine,
        context_tokens=loaded.context_tokens,
        confinement=loaded.confinement,
        load_s=loaded.load_s,
        resident_bytes=loaded.resident_bytes,
    )


@operation("model.unload", summary="Unload a model", mutates=True)
def unload_model(context: Context, request: UnloadModel) -> ModelUnloaded:
    """End the worker; its memory comes back.

    Raises:
        NotFound: the store has no such model.
    """
    model = context.installation.store.get(request.model)
    name_subject(context, model)
    return ModelUnloaded(model.name, context.installation.engines.unload(model.digest))


@operation(
    "model.complete", summary="Answer a prompt", mutates=True, audited=("context_tokens", "raw")
)
def complete(context: Context, request: Complete) -> Completion:
    """Answer a prompt or a conversation; text arrives as `TextDelta` events while it is written.

    Raises:
        UsageError: neither a prompt nor messages.
        NotFound, NotLoadable, CheckFailed: as `loadable`.
        OutOfResources: the prompt is longer than the context, or the worker died.
        Cancelled: called off; the worker is kept.
    """
    messages = request.messages or ((Message("user", request.prompt),) if request.prompt else ())
    if not messages:
        raise NothingToAnswer("There is no prompt.", next_step="Give one with --prompt.")
    if request.system and messages[0].role != "system":
        messages = (Message("system", request.system), *messages)
    model = loadable(context, request.model)
    asked = GenerationRequest(
        messages=() if request.raw else messages,
        prompt=messages[-1].content if request.raw else None,
        sampling=request.sampling,
        thinking=request.thinking,
    )
    with engine_for(context, model, request.context_tokens, keep=request.keep_loaded) as engine:
        answer = engine.generate(
            asked, on_text=lambda text: context.emit(TextDelta(text)), cancel=context.cancel
        )
        context_tokens = engine.loaded.context_tokens
        template_digest = engine.loaded.template_digest
    context.facts |= {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "finish_reason": answer.finish_reason,
        "seed": answer.seed,
        "kept": "nothing",
    }
    # The engine hands back what it wrote so far; whoever asked has it already, piece by piece.
    context.cancel.check()
    return Completion(
        text=answer.text,
        finish_reason=answer.finish_reason,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        time_to_first_token_s=answer.time_to_first_token_s,
        tokens_per_s=answer.tokens_per_s,
        model_digest=model.digest,
        seed=answer.seed,
        context_tokens=context_tokens,
        template_digest=template_digest,
    )


@operation(
    "model.bench",
    summary="Measure prompt and generation speed",
    mutates=True,
    audited=("prompt_tokens", "generated_tokens", "repetitions"),
)
def benchmark(context: Context, request: Benchmark) -> BenchmarkResult:
    """llama-bench's method: a warm-up, then repetitions of one prompt pass and one generation.

    Raises:
        NotFound, NotLoadable, CheckFailed: as `loadable`.
        OutOfResources: the worker died.
    """
    model = loadable(context, request.model)
    with engine_for(context, model, 0, keep=False) as engine:
        measured = engine.benchmark(
            prompt_tokens=request.prompt_tokens,
            generated_tokens=request.generated_tokens,
            repetitions=request.repetitions,
            report=context.report,
        )
    result = BenchmarkResult(
        prompt_tokens_per_s=_rate(measured.prompt_tokens_per_s),
        generation_tokens_per_s=_rate(measured.generation_tokens_per_s),
        parallel=(),
        repetitions=request.repetitions,
        model_digest=model.digest,
    )
    context.facts["generation_tokens_per_s"] = round(result.generation_tokens_per_s.median, 2)
    return result


def _rate(values: tuple[float, ...]) -> Rate:
    return Rate(statistics.median(values), min(values), max(values))
