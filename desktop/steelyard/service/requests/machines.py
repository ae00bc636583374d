"""This machine, and what fits it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProbeMachine:
    """`engine` asks a worker what the inference engine sees (about a third of a second more)."""

    engine: bool = True


@dataclass(frozen=True)
class AskFit:
    """What a target needs: a model in the store, a path to a GGUF file, or a variant of a catalog entry
    (`owner/name:QUANTIZATION`), whose answer is a formula's.

    Attributes:
        entry: reference of the catalog entry that the target is a variant of, where its files lie in another
            repository; the target's own repository when empty.
    """

    target: str
    context_tokens: int = 0
    kv_type: str = "f16"
    sequences: int = 1
    entry: str = ""
