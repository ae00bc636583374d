"""What is asked, and what a model needs on each device, before anything is compared with what is free."""

from __future__ import annotations

from dataclasses import dataclass

USUAL_CONTEXT_TOKENS = 8192
"""Taken when none is asked for and the model was trained for more, as the engines do."""


def usual_context(trained_context_tokens: int | None) -> int:
    """The context taken when none is asked for."""
    return min(trained_context_tokens or USUAL_CONTEXT_TOKENS, USUAL_CONTEXT_TOKENS)


@dataclass(frozen=True)
class Question:
    """How the model is to be run.

    Attributes:
        context_tokens: for each sequence; 0 leaves it to the model.
        gpu_layers: layers to offload, the output layer counted; 0 none, -1 all.
    """

    context_tokens: int
    kv_type: str
    sequences: int
    gpu_layers: int


@dataclass(frozen=True)
class DeviceNeed:
    """One device's share in bytes.

    Attributes:
        name: the engine's (`CPU`, `CUDA0`), or the driver's where the engine was not asked.
        kind: `cpu` or `gpu`.
        gpu: index into the probe's list of GPUs, or None: the processor, or a GPU the probe does not know.
    """

    name: str
    kind: str
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    output_bytes: int
    gpu: int | None = None


@dataclass(frozen=True)
class Need:
    """A model's need at one context length.

    Attributes:
        context_tokens: for each sequence, as the engine rounds it.
        source: `engine` or `formula`.
        notes: sentences that qualify it.
    """

    context_tokens: int
    trained_context_tokens: int | None
    devices: tuple[DeviceNeed, ...]
    source: str
    notes: tuple[str, ...]
