"""The record of what a model is: made by a scan in a worker, sent through a pipe, kept in the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import cast

from steelyard.base.errors import Json, MalformedInput

MAX_SHORT_CHARS = 300
MAX_METADATA = 512
_EXACT = 2**53 - 1
"""Larger integers do not survive canonical JSON; they become texts."""


@dataclass(frozen=True)
class ModelFacts:
    """What a model is, read from its own bytes. Texts are from outside.

    Attributes:
        format: `gguf` or `safetensors`.
        title: the model's name for itself, or empty.
        quantization: `Q4_K_M`, `BF16`, `GPTQ 4-bit`, ...; empty when not known.
        architecture: `llama`, ...; empty when not known.
        parameters: number of weights over all files; None when not known.
        context_length: tokens it was trained for; None when not known.
        tokenizer_digest: see `gguf_tokenizer` and `hf_config`; two models of the same kind of file compare.
        template_digest: `sha256:` of the chat template's text, or None.
        header_license: `general.license` of a GGUF header.
        base_models: as declared.
        metadata: header or config values that are short; arrays only by their length.
        findings: what must be weighed before use, one sentence each.
        notes: what is worth knowing, one sentence each.
    """

    format: str
    title: str
    publisher: str
    quantization: str
    architecture: str
    parameters: int | None
    context_length: int | None
    tokenizer_digest: str | None
    template_digest: str | None
    chat_template: str | None
    header_license: str | None
    base_models: tuple[str, ...] = ()
    metadata: dict[str, Json] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """JSON of all fields, by name."""
        value = asdict(self)
        for name in ("base_models", "findings", "notes"):
            value[name] = list(value[name])
        return cast("dict[str, Json]", value)

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> ModelFacts:
        """The inverse of `as_json`.

        Raises:
            MalformedInput: a field is missing or of another type.
        """
        return cls(
            format=_text(value, "format"),
            title=_text(value, "title"),
            publisher=_text(value, "publisher"),
            quantization=_text(value, "quantization"),
            architecture=_text(value, "architecture"),
            parameters=_whole(value, "parameters"),
            context_length=_whole(value, "context_length"),
            tokenizer_digest=_text_or_none(value, "tokenizer_digest"),
            template_digest=_text_or_none(value, "template_digest"),
            chat_template=_text_or_none(value, "chat_template"),
            header_license=_text_or_none(value, "header_license"),
            base_models=_texts(value, "base_models"),
            metadata=_object(value, "metadata"),
            findings=_texts(value, "findings"),
            notes=_texts(value, "notes"),
        )


def _wrong(name: str) -> MalformedInput:
    return MalformedInput(f"The scan's answer has no proper {name!r}.", field=name)


def _text_or_none(value: Mapping[str, Json], name: str) -> str | None:
    item = value.get(name)
    if item is not None and not isinstance(item, str):
        raise _wrong(name)
    return item


def _text(value: Mapping[str, Json], name: str) -> str:
    item = _text_or_none(value, name)
    if item is None:
        raise _wrong(name)
    return item


def _whole(value: Mapping[str, Json], name: str) -> int | None:
    item = value.get(name)
    if item is not None and (not isinstance(item, int) or isinstance(item, bool)):
        raise _wrong(name)
    return item


def _texts(value: Mapping[str, Json], name: str) -> tuple[str, ...]:
    items = value.get(name)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise _wrong(name)
    return tuple(str(item) for item in items)


def _object(value: Mapping[str, Json], name: str) -> dict[str, Json]:
    item = value.get(name)
    if not isinstance(item, dict):
        raise _wrong(name)
    return item


def short_value(value: Json) -> Json:
    """A value fit for `metadata`: long texts cut, numbers that JSON cannot hold as texts, others by their size."""
    if isinstance(value, str):
        return value if len(value) <= MAX_SHORT_CHARS else value[:MAX_SHORT_CHARS] + "…"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, list | dict):
        return f"{len(value):,} entries"
    return value
