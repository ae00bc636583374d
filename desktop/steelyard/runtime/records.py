"""What is asked of an engine and what it answers, the same for llama.cpp and transformers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from steelyard.base.errors import Json


@dataclass(frozen=True)
class Message:
    """One turn. `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True)
class LoadRequest:
    """How to load a model.

    Attributes:
        path: the GGUF file (its first part when split), or the safetensors folder.
        engine: `llama.cpp` or `transformers`.
        context_tokens: context length; 0 takes what the model was trained for, at most 8192.
        kv_type: `f16`, `q8_0` or `q4_0`.
        threads: 0 lets the worker choose (physical cores).
        gpu_layers: layers to offload; 0 none, -1 all.
    """

    path: Path
    engine: str = "llama.cpp"
    context_tokens: int = 0
    kv_type: str = "f16"
    threads: int = 0
    gpu_layers: int = 0


@dataclass(frozen=True)
class Loaded:
    """What the worker says once a model is loaded and warmed up.

    Attributes:
        engine: `{"name", "version", "build"}`.
        template_digest: `sha256:` of the chat template in use, or None: none is defined.
        confinement: how the worker is kept off the network: `namespace`, `seccomp` or `none`.
        resident_bytes: the worker's resident memory after warm-up.
    """

    engine: dict[str, str]
    context_tokens: int
    vocabulary: int
    parameters: int
    template_digest: str | None
    confinement: str
    load_s: float
    resident_bytes: int


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Temperature 0 is greedy: the same answer every time.

    Attributes:
        seed: -1 draws one and reports it.
        stop: strings that end the answer and are not part of it.
        json_schema: constrains the answer to JSON that is valid against it.
    """

    temperature: float = 0.7
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    max_tokens: int = 512
    seed: int = -1
    stop: tuple[str, ...] = ()
    json_schema: dict[str, Json] | None = None


@dataclass(frozen=True)
class GenerationRequest:
    """A prompt and how to continue it.

    Exactly one of `messages` (rendered through the chat template) and `prompt` (raw text) is given.
    """

    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    thinking: bool = True


@dataclass(frozen=True)
class Generation:
    """A finished answer.

    Attributes:
        text: the answer; the thinking part, if any, included between its own tags.
        token_ids: the generated ids, without the end-of-turn token.
        finish_reason: `stop` (end token or stop string), `length`, `context` or `cancelled`.
        seed: the one used.
        time_to_first_token_s: from taking up the request, rendering and prompt included.
        tokens_per_s: after the first token; over everything when there is only one.
        rendered_prompt: what the chat template made of the messages, or the prompt as given.
    """

    text: str
    token_ids: tuple[int, ...]
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    time_to_first_token_s: float
    tokens_per_s: float
    elapsed_s: float
    seed: int
    rendered_prompt: str


@dataclass(frozen=True)
class DeviceLoad:
    """What the engine would allocate on one device, in bytes. `kind` is `cpu` or `gpu`.

    Attributes:
        weights_bytes: None where the engine does not tell (`DryLoad.exact` is false).
        kv_bytes: KV cache and recurrent state.
    """

    name: str
    kind: str
    weights_bytes: int | None
    kv_bytes: int
    compute_bytes: int
    output_bytes: int


@dataclass(frozen=True)
class PrintedSize:
    """A size from the engine's log. `what` is `output`, `compute` or `context` (KV or recurrent state)."""

    what: str
    where: str
    mib: float


@dataclass(frozen=True)
class DryLoad:
    """What the engine says it would allocate for a file, without allocating it.

    Attributes:
        context_tokens: for each sequence, as the engine rounds it.
        exact: byte counts from the engine; else sizes from its log, off by up to `precision_bytes` each.
        printed: the sizes it logged.
        elapsed_s: in the worker, its start not counted.
    """

    context_tokens: int
    trained_context_tokens: int
    vocabulary: int
    devices: tuple[DeviceLoad, ...]
    exact: bool
    precision_bytes: int
    printed: tuple[PrintedSize, ...]
    elapsed_s: float


@dataclass(frozen=True)
class BenchmarkFigures:
    """Speeds by llama-bench's method, one figure per repetition.

    Attributes:
        prompt_tokens, generated_tokens: what was taken; fewer than asked for in a shorter context.
    """

    prompt_tokens: int
    generated_tokens: int
    prompt_tokens_per_s: tuple[float, ...]
    generation_tokens_per_s: tuple[float, ...]
