"""A JSON schema as a grammar that llama.cpp follows while it samples.

Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import json
from typing import Any

import llama_cpp
from llama_cpp.llama_grammar import json_schema_to_gbnf

from steelyard.base.errors import Json
from steelyard.runtime.errors import SchemaRefused
from steelyard.runtime.workers.llama_library import EngineLog
from steelyard.runtime.workers.llama_model import LlamaModel

SCHEMA_LIMIT_BYTES = 256 * 1024
"""Schemas for answers are a few kilobytes; repetition counts in a schema unfold into its grammar."""

GRAMMAR_LIMIT_BYTES = 4 * 1024 * 1024

# The converter lets control characters stand in strings, where RFC 8259 section 7 wants them escaped.
_LOOSE_CHARACTER = r'[^"\\] |'
_CHARACTER = r'[^"\\\x7F\x00-\x1F] |'

# The converter trusts the schema's shape and fails in all these ways when it is off.
_CONVERTER_FAILURES = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    RecursionError,
)


def grammar_sampler(model: LlamaModel, schema: dict[str, Json], log: EngineLog) -> Any:
    """A llama.cpp sampler that leaves only tokens with which the answer can become JSON of this schema.

    Raises:
        SchemaRefused: it is too large, points to other documents, or says what a grammar cannot.
    """
    grammar = _gbnf(schema)
    log.clear()
    sampler = llama_cpp.llama_sampler_init_grammar(model.vocab, grammar.encode(), b"root")
    if not sampler:
        words = list(log.problems)[-1:]
        raise _refused(words[0] if words else "llama.cpp could not read the grammar made from it")
    return sampler


def _gbnf(schema: dict[str, Json]) -> str:
    text = json.dumps(schema)
    if len(text) > SCHEMA_LIMIT_BYTES:
        raise _refused(f"it is longer than {SCHEMA_LIMIT_BYTES // 1024} KiB")
    if remote := _remote_reference(schema):
        raise _refused(f"it points to another document, {remote}")
    try:
        grammar = str(json_schema_to_gbnf(text)).replace(_LOOSE_CHARACTER, _CHARACTER)
    except _CONVERTER_FAILURES as error:
        raise _refused(f"the converter says {type(error).__name__}: {error}") from error
    if len(grammar) > GRAMMAR_LIMIT_BYTES:
        raise _refused("its repetition counts unfold into too large a grammar")
    return grammar


def _remote_reference(schema: dict[str, Json]) -> str | None:
    left: list[Json] = [schema]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                return reference[:200]
            left += value.values()
    return None


def _refused(reason: str) -> SchemaRefused:
    return SchemaRefused(
        f"The JSON schema cannot guide an answer: {reason}.",
        next_step="Use objects, arrays, strings, numbers, enums and bounds; leave out the rest.",
        reason=reason,
    )
