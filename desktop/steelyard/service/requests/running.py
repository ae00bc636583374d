"""Loading, answering, measuring speed."""

from __future__ import annotations

from dataclasses import dataclass, field

from steelyard.base.errors import Json
from steelyard.runtime.records import Message, Sampling


@dataclass(frozen=True)
class LoadModel:
    """Load a model and keep it until it is unloaded or this process ends."""

    model: str
    context_tokens: int = 0


@dataclass(frozen=True)
class ModelLoaded:
    """What runs now."""

    name: str
    model_digest: str
    quantization: str
    engine: dict[str, str]
    context_tokens: int
    confinement: str
    load_s: float
    resident_bytes: int


@dataclass(frozen=True)
class UnloadModel:
    """End the worker; its memory comes back."""

    model: str


@dataclass(frozen=True)
class ModelUnloaded:
    """What was unloaded; `was_loaded` False when there was nothing to do."""

    name: str
    was_loaded: bool


@dataclass(frozen=True)
class Complete:
    """Answer a prompt or a conversation. Text arrives as `TextDelta` events while it is written.

    Attributes:
        prompt: one user turn; ignored when `messages` are given.
        raw: give the prompt to the model as it is, without the chat template.
        keep_loaded: leave the model loaded afterwards (the window), or unload it (a single command).
    """

    model: str
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    system: str | None = None
    raw: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    context_tokens: int = 0
    thinking: bool = True
    keep_loaded: bool = False


@dataclass(frozen=True)
class Completion:
    """A finished answer and its figures."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    time_to_first_token_s: float
    tokens_per_s: float
    model_digest: str
    seed: int
    context_tokens: int = 0
    template_digest: str | None = None


@dataclass(frozen=True)
class Benchmark:
    """llama-bench's method in small: one prompt pass and one generation, after a warm-up."""

    model: str
    prompt_tokens: int = 512
    generated_tokens: int = 128
    repetitions: int = 5


@dataclass(frozen=True)
class Rate:
    """Median, lowest and highest of the repetitions."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class BenchmarkResult:
    """Tokens per second. `parallel` stays empty until the engine serves several clients."""

    prompt_tokens_per_s: Rate
    generation_tokens_per_s: Rate
    parallel: tuple[dict[str, Json], ...]
    repetitions: int
    model_digest: str
