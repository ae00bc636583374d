"""`steelyard complete`, `chat` and `bench`."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from steelyard.base.errors import Cancelled, Json, SteelyardError, UsageError
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, Session, covers, session
from steelyard.cli.models import ModelName
from steelyard.runtime.records import Message, Sampling
from steelyard.service import requests as ask
from steelyard.service.operation import TextDelta, to_json

Temperature = Annotated[float, typer.Option(min=0.0, max=5.0, help="0 is greedy.")]
MaxTokens = Annotated[int, typer.Option(min=1, help="Longest answer, in tokens.")]
Seed = Annotated[int, typer.Option(min=-1, max=2**32 - 2, help="-1 draws one.")]
Context = Annotated[int, typer.Option("--context", "-c", min=0, help="Context length in tokens.")]
System = Annotated[Optional[str], typer.Option(help="System prompt.")]  # noqa: UP045


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("complete")(complete)
    app.command("chat")(chat)
    app.command("bench")(bench)


def _write(event: object) -> None:
    if isinstance(event, TextDelta):
        sys.stdout.write(output.plain(event.text))
        sys.stdout.flush()


@covers("model.complete")
def complete(
    model: ModelName,
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="What to answer; - reads stdin.")],
    system: System = None,
    temperature: Temperature = 0.7,
    top_p: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.95,
    top_k: Annotated[int, typer.Option(min=0)] = 40,
    min_p: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.0,
    repetition_penalty: Annotated[float, typer.Option(min=0.01, max=100.0)] = 1.0,
    max_tokens: MaxTokens = 512,
    seed: Seed = -1,
    stop: Annotated[Optional[list[str]], typer.Option(help="Ends the answer; repeatable.")] = None,  # noqa: UP045
    schema: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--json-schema", help="File with a JSON schema the answer must match."),
    ] = None,
    context: Context = 0,
    raw: Annotated[bool, typer.Option("--raw", help="No chat template.")] = False,
    json: JsonFlag = False,
) -> None:
    """Answer one prompt."""
    with session("model.complete", as_json=json) as s:
        request = ask.Complete(
            model=model,
            prompt=_read_stdin() if prompt == "-" else prompt,
            system=system,
            raw=raw,
            context_tokens=context,
            sampling=Sampling(
                temperature=temperature,
                top_p=top_p,
                top_k=top_k,
                min_p=min_p,
                repetition_penalty=repetition_penalty,
                max_tokens=max_tokens,
                seed=seed,
                stop=tuple(stop or ()),
                json_schema=_read_schema(schema) if schema else None,
            ),
        )
        result: ask.Completion = s.run(request, on_event=None if json else _write)
    if json:
        output.print_result("model.complete", to_json(result))
    else:
        output.line()
        output.note(_figures(result))


def _read_stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _not_utf8() -> UsageError:
    return UsageError("What came on stdin is not text in UTF-8.", next_step="Convert it first.")


def _read_schema(path: Path) -> dict[str, Json]:
    try:
        schema = jsonlib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"The schema {path} cannot be read: {error}.",
            next_step="Give a file with one JSON object.",
            path=str(path),
        ) from error
    if not isinstance(schema, dict):
        raise UsageError(f"The schema {path} is not a JSON object.", path=str(path))
    return schema


def _figures(result: ask.Completion) -> str:
    return (
        f"{result.completion_tokens} tokens, {result.tokens_per_s:.1f} tokens/s, first after "
        f"{result.time_to_first_token_s:.2f} s, {result.finish_reason}, seed {result.seed}"
    )


@covers("model.load", "model.unload", "model.complete")
def chat(
    model: ModelName,
    system: System = None,
    temperature: Temperature = 0.7,
    max_tokens: MaxTokens = 1024,
    seed: Seed = -1,
    context: Context = 0,
) -> None:
    """Talk to a model. Nothing is stored. /new starts over, /exit or end of input ends."""
    with session("model.complete", as_json=False) as s:
        loaded: ask.ModelLoaded = s.run(ask.LoadModel(model, context))
        output.note(
            f"{loaded.name} {loaded.quantization}, {loaded.context_tokens:,} tokens of context. "
            "Not stored. /new starts over, /exit ends."
        )
        sampling = Sampling(temperature=temperature, max_tokens=max_tokens, seed=seed)
        base = ask.Complete(
            model=model, sampling=sampling, context_tokens=context, keep_loaded=True, system=system
        )
        _converse(s, base)
        s.run(ask.UnloadModel(model))


def _converse(s: Session, base: ask.Complete) -> None:
    turns: list[Message] = []
    while (said := _next_line(s)) is not None:
        if said == "/new":
            turns = []
            continue
        if not said.strip():
            continue
        asked = [*turns, Message("user", said)]
        try:
            answer: ask.Completion = s.run(
                dataclasses.replace(base, messages=tuple(asked)), on_event=_write
            )
        except Cancelled:
            raise
        except SteelyardError as error:
            output.note(error.diagnosis())
            continue
        output.line()
        output.note(_figures(answer))
        turns = [*asked, Message("assistant", answer.text)]


def _next_line(s: Session) -> str | None:
    if sys.stdin.isatty():
        sys.stderr.write("> ")
        sys.stderr.flush()
    s.waiting_for_person = True
    try:
        said = sys.stdin.readline()
    except UnicodeDecodeError as error:
        raise _not_utf8() from error
    finally:
        s.waiting_for_person = False
    return None if not said or said.strip() == "/exit" else said.rstrip("\n")


@covers("model.bench")
def bench(
    model: ModelName,
    prompt_tokens: Annotated[int, typer.Option(min=1)] = 512,
    generated_tokens: Annotated[int, typer.Option(min=1)] = 128,
    repetitions: Annotated[int, typer.Option(min=1, max=100)] = 5,
    json: JsonFlag = False,
) -> None:
    """Measure prompt and generation speed."""
    with session("model.bench", as_json=json) as s:
        result: ask.BenchmarkResult = s.run(
            ask.Benchmark(model, prompt_tokens, generated_tokens, repetitions)
        )
    if json:
        output.print_result("model.bench", to_json(result))
        return
    for word, rate in (
        ("Prompt", result.prompt_tokens_per_s),
        ("Generation", result.generation_tokens_per_s),
    ):
        output.line(f"{word:<12}{rate.median:>10.1f} tokens/s  ({rate.low:.1f} to {rate.high:.1f})")
