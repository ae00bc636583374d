"""Prompt and generation speed by llama-bench's method: random tokens, a warm-up, repetitions, no sampling.

llama-bench (llama.cpp/tools/llama-bench): `pp` computes a prompt in batches, `tg` one token at a time, each
from an empty context.
"""

from __future__ import annotations

import random
import time
from typing import Protocol

from steelyard.base.errors import Json, UsageError
from steelyard.runtime.job import Job

_SEED = 1


class Context(Protocol):
    """What is measured: an engine's context."""

    @property
    def vocabulary(self) -> int:
        """Number of token ids."""
        ...

    @property
    def limit_tokens(self) -> int:
        """How many tokens it can hold."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def prefill(self, tokens: list[int], job: Job) -> None:
        """Compute a prompt."""
        ...

    def advance(self, token: int) -> bool:
        """Compute one more token."""
        ...

    def wait(self) -> None:
        """Until the computing has ended."""
        ...


def benchmark(
    context: Context, job: Job, *, prompt_tokens: int, generated_tokens: int, repetitions: int
) -> Json:
    """Measure.

    Returns:
        `prompt_tokens_per_s` and `generation_tokens_per_s`, one figure per repetition, and how many tokens
        were taken: fewer than asked for where the context holds fewer.

    Raises:
        UsageError: a count below 1.
        Cancelled: called off.
        WorkerOutOfMemory, EngineFailed: it could not be computed.
    """
    if min(prompt_tokens, generated_tokens, repetitions) < 1:
        raise UsageError("A benchmark needs at least one token and one repetition.")
    room = context.limit_tokens - 1
    prompt = _random_tokens(context, min(prompt_tokens, room))
    answer = _random_tokens(context, min(generated_tokens, room))
    _prompt_rate(context, job, prompt)
    _generation_rate(context, job, answer[:1])
    prompt_rates: list[Json] = []
    generation_rates: list[Json] = []
    for done in range(repetitions):
        job.emit({"stage": "benchmark", "done": done, "total": repetitions})
        prompt_rates.append(_prompt_rate(context, job, prompt))
        generation_rates.append(_generation_rate(context, job, answer))
    context.clear()
    return {
        "prompt_tokens": len(prompt),
        "generated_tokens": len(answer),
        "prompt_tokens_per_s": prompt_rates,
        "generation_tokens_per_s": generation_rates,
    }


def _random_tokens(context: Context, count: int) -> list[int]:
    source = random.Random(_SEED)  # noqa: S311  # any tokens will do; the same ones each time
    return [source.randrange(context.vocabulary) for _ in range(count)]


def _prompt_rate(context: Context, job: Job, tokens: list[int]) -> float:
    context.clear()
    context.wait()
    started_s = time.perf_counter()
    context.prefill(tokens, job)
    context.wait()
    return len(tokens) / (time.perf_counter() - started_s)


def _generation_rate(context: Context, job: Job, tokens: list[int]) -> float:
    context.clear()
    context.wait()
    started_s = time.perf_counter()
    for token in tokens:
        job.check()
        context.advance(token)
        context.wait()
    return len(tokens) / (time.perf_counter() - started_s)
