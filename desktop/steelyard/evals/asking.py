"""One item, asked and graded: a sample whatever happens, so that nothing that ran is ever missing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import CancelToken
from steelyard.evals.answers import Answer, answer_of, still_thinking
from steelyard.evals.engine import Engine
from steelyard.evals.graders import Grade, JsonValue, SameTokens
from steelyard.evals.records import Sample
from steelyard.evals.suites import Item
from steelyard.runtime.records import Generation, GenerationRequest, Message, Sampling

THINKING_TOKENS = 1024
"""Added once for a model that thinks although it was asked not to, so that its answer is judged at all."""

DIVERSION = "Name three things found in a kitchen."
"""Asked between two askings of the same prompt, so that the engine cannot just answer from its cache."""


@dataclass(frozen=True)
class Asked:
    """What came of an item.

    Attributes:
        sample: to store.
        token_ids: what was generated; None when there was an error.
        error: what the engine raised, or None.
    """

    sample: Sample
    token_ids: tuple[int, ...] | None
    error: SteelyardError | None


def ask(engine: Engine, item: Item, *, seed: int, raw: bool, cancel: CancelToken) -> Asked:
    """Put an item to an engine and grade the answer.

    Args:
        raw: give the last user turn as plain text, without the chat template.
        seed: of sampling, for items that sample.

    Raises:
        Cancelled: called off.
    """
    started_s = time.monotonic()
    try:
        generation, grade = _generate_and_grade(engine, item, seed, raw, cancel)
    except Cancelled:
        raise
    except SteelyardError as error:
        sample = _sample(item, "", Grade(passed=False, reason=error.message), 0, started_s)
        return Asked(sample, None, error)
    sample = _sample(item, generation.text, grade, generation.completion_tokens, started_s)
    sample = replace(sample, finish_reason=generation.finish_reason)
    return Asked(sample, generation.token_ids, None)


def _generate_and_grade(
    engine: Engine, item: Item, seed: int, raw: bool, cancel: CancelToken
) -> tuple[Generation, Grade]:
    request = request_for(item, seed=seed, raw=raw)
    generation = _generate(engine, request, cancel)
    if isinstance(item.grader, SameTokens):
        return generation, _same_again(engine, request, item.grader, generation, cancel)
    if still_thinking(generation) and generation.finish_reason == "length":
        longer = request.sampling.max_tokens + THINKING_TOKENS
        request = replace(request, sampling=replace(request.sampling, max_tokens=longer))
        generation = _generate(engine, request, cancel)
    return generation, item.grader.grade(answer_of(generation))


def _same_again(
    engine: Engine,
    request: GenerationRequest,
    grader: SameTokens,
    first: Generation,
    cancel: CancelToken,
) -> Grade:
    """The second asking follows at once (the prompt may be cached), later ones after a diversion."""
    for number in range(2, grader.times + 1):
        if number > 2:
            _generate(engine, _diversion(request), cancel)
        again = _generate(engine, request, cancel)
        if again.token_ids != first.token_ids:
            at = _first_difference(first.token_ids, again.token_ids)
            return Grade(passed=False, reason=f"asking {number} differs from token {at + 1} on")
    return grader.grade(Answer(first.text, first.finish_reason, first.token_ids))


def _diversion(request: GenerationRequest) -> GenerationRequest:
    messages = (Message("user", DIVERSION),) if request.messages else ()
    prompt = None if request.messages else DIVERSION
    return replace(
        request,
        messages=messages,
        prompt=prompt,
        sampling=replace(request.sampling, max_tokens=8),
    )


def _generate(engine: Engine, request: GenerationRequest, cancel: CancelToken) -> Generation:
    generation = engine.generate(request, cancel=cancel)
    cancel.check()
    return generation


def request_for(item: Item, *, seed: int, raw: bool) -> GenerationRequest:
    """What an item asks of the engine: greedy decoding, unless its grader says otherwise; no thinking."""
    grader = item.grader
    sampling = Sampling(
        temperature=grader.temperature if isinstance(grader, SameTokens) else 0.0,
        max_tokens=item.max_tokens,
        seed=seed,
        json_schema=dict(grader.schema)
        if isinstance(grader, JsonValue) and grader.constrained and grader.schema
        else None,
    )
    if raw:
        return GenerationRequest(prompt=item.messages[-1].content, sampling=sampling)
    return GenerationRequest(messages=item.messages, sampling=sampling, thinking=False)


def prompt_tokens(engine: Engine, item: Item, *, raw: bool) -> int:
    """How many tokens the item's prompt takes.

    Raises:
        SteelyardError: the template cannot render it, or the engine failed.
    """
    text = item.messages[-1].content if raw else engine.render(item.messages, thinking=False)
    return len(engine.tokenize(text, special=not raw))


def _sample(item: Item, answer: str, grade: Grade, tokens: int, started_s: float) -> Sample:
    return Sample(
        row=item.task,
        item_id=item.id,
        prompt=written_out(item.messages),
        answer=answer,
        passed=grade.passed,
        reason=grade.reason,
        completion_tokens=tokens,
        elapsed_s=round(time.monotonic() - started_s, 4),
    )


def written_out(messages: Sequence[Message]) -> str:
    """A conversation as one text for people: a single user turn as it is, else each turn under its role."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"{message.role}:\n{message.content}" for message in messages)


def _first_difference(a: Sequence[int], b: Sequence[int]) -> int:
    pairs = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
