"""A JSON schema as a grammar that llama.cpp follows while it samples.

Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import json
from typing import Any

import llama_cpp
from llama_cpp.llama_grammar import SchemaConverter

from steelyard.base.errors import Json
from steelyard.runtime.workers import schema_subset
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
        reason = words[0] if words else "llama.cpp could not read the grammar made from it"
        raise schema_subset.refused(reason)
    return sampler


class _Converter(SchemaConverter):  # type: ignore[misc]  # the binding ships no types
    """The binding's converter, with constants and names written so that GBNF reads them as they are."""

    def __init__(self) -> None:
        super().__init__(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)

    def _format_literal(self, literal: str) -> str:
        """`literal` is JSON text. The binding's own version forgets to escape backslashes."""
        text = json.dumps(json.loads(literal), ensure_ascii=False)
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _gbnf(schema: dict[str, Json]) -> str:
    try:
        size_bytes = len(json.dumps(schema, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        raise schema_subset.refused("it holds half a character (a lone surrogate)") from error
    if size_bytes > SCHEMA_LIMIT_BYTES:
        raise schema_subset.refused(f"it is longer than {SCHEMA_LIMIT_BYTES // 1024} KiB")
    schema_subset.check(schema)
    converter = _Converter()
    try:
        converter.visit(converter.resolve_refs(json.loads(json.dumps(schema)), "schema"), "")
        grammar = str(converter.format_grammar())
    except _CONVERTER_FAILURES as error:
        raise schema_subset.refused(f"{type(error).__name__}: {error}") from error
    if len(grammar) > GRAMMAR_LIMIT_BYTES:
        raise schema_subset.refused("it unfolds into too large a grammar")
    return grammar.replace(_LOOSE_CHARACTER, _CHARACTER)
