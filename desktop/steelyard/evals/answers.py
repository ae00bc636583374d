"""An answer as graders see it: without the part in which the model thinks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from steelyard.runtime.records import Generation

_THOUGHT = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<think(?:ing)?>")


@dataclass(frozen=True)
class Answer:
    """What is graded.

    Attributes:
        text: the answer proper.
        finish_reason: as the engine gave it: `stop`, `length`, `context` or `cancelled`.
        token_ids: what was generated, the thinking included.
    """

    text: str
    finish_reason: str = "stop"
    token_ids: tuple[int, ...] = ()


def answer_of(generation: Generation) -> Answer:
    """The answer proper of a generation; empty when it ended while still thinking."""
    text = _THOUGHT.sub("", generation.text)
    if still_thinking(generation):
        text = ""
    return Answer(text, generation.finish_reason, generation.token_ids)


def still_thinking(generation: Generation) -> bool:
    """Whether the model was cut off inside its thinking part."""
    return _OPEN_THOUGHT.search(_THOUGHT.sub("", generation.text)) is not None
