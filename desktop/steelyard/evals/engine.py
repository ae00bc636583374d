"""What an evaluation needs of an engine and must be told about a model: no more than this.

`runtime.engine.Engine` fits the protocol; so does a few lines of a test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from steelyard.base.progress import CancelToken, Reporter
from steelyard.runtime.records import Generation, GenerationRequest, Loaded, Message
from steelyard.store.records import Verification


class Measured(Protocol):
    """Speeds of a benchmark's repetitions, in tokens per second."""

    @property
    def prompt_tokens_per_s(self) -> Sequence[float]:
        """Reading the prompt, one figure per repetition."""
        ...

    @property
    def generation_tokens_per_s(self) -> Sequence[float]:
        """Writing, one figure per repetition."""
        ...


class Engine(Protocol):
    """A loaded model."""

    @property
    def loaded(self) -> Loaded:
        """What the worker said once the model was loaded."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the process that holds the model still runs."""
        ...

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_text: Callable[[str], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Generation:
        """Answer; raises a `SteelyardError` when it cannot."""
        ...

    def tokenize(self, text: str, *, special: bool = False) -> Sequence[int]:
        """Token ids; with `special`, control tokens written in the text count as such."""
        ...

    def render(self, messages: Sequence[Message], *, thinking: bool = True) -> str:
        """What the chat template makes of messages, open for the model's turn."""
        ...

    def benchmark(
        self, *, prompt_tokens: int, generated_tokens: int, repetitions: int, report: Reporter
    ) -> Measured:
        """Measure both speeds after a warm-up."""
        ...


@dataclass(frozen=True)
class Subject:
    """The model under test.

    Attributes:
        model_name, model_digest, quantization: as the store has them.
        verify: hashes the model's files again, now.
    """

    model_name: str
    model_digest: str
    quantization: str
    verify: Callable[[], Verification]
