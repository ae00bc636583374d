"""Graders from suite files: the `grader` object of an item, read strictly; its `kind` picks the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from steelyard.evals.graders import (
    Citation,
    Contains,
    Exact,
    Grader,
    Instructions,
    JsonValue,
    Language,
    NoLoop,
    Number,
    Refusal,
    SameTokens,
    Stops,
)
from steelyard.evals.instructions import KINDS, Instruction
from steelyard.evals.languages import SMALL_WORDS
from steelyard.evals.reading import Fields


def parse_grader(fields: Fields) -> Grader:
    """The grader a suite's item asks for.

    Raises:
        SuiteMalformed: an unknown kind, or fields that do not fit it.
    """
    kind = fields.text("kind")
    if kind not in _PARSERS:
        fields.refuse(f"asks for the grader {kind!r}; known are {', '.join(_PARSERS)}")
    grader = _PARSERS[kind](fields)
    fields.done()
    return grader


def _json_value(fields: Fields) -> Grader:
    compared = fields.has("expected")
    schema = fields.mapping("schema") or None
    grader = JsonValue(
        keys=fields.texts("keys"),
        expected=fields.value("expected") if compared else None,
        compared=compared,
        schema=schema,
        constrained=fields.flag("constrained"),
        fenced=fields.flag("fenced"),
    )
    if grader.constrained and schema is None:
        fields.refuse("is constrained but has no schema")
    return grader


def _number(fields: Fields) -> Grader:
    value = fields.value("expected")
    if isinstance(value, bool) or not isinstance(value, int | float):
        fields.refuse("needs 'expected' as a number")
    return Number(Decimal(str(value)))


def _citation(fields: Fields) -> Grader:
    grader = Citation(
        frozenset(fields.texts("expected")), fields.text_lists("facts"), fields.texts("absence")
    )
    if not grader.expected and not grader.absence:
        fields.refuse("needs the passages expected, or what says that none has it")
    return grader


def _language(fields: Fields) -> Grader:
    code = fields.text("expected")
    if code not in SMALL_WORDS:
        fields.refuse(f"names the language {code!r}; known are {', '.join(SMALL_WORDS)}")
    return Language(code)


def _instructions(fields: Fields) -> Grader:
    return Instructions(tuple(map(_instruction, fields.objects("expected"))))


def _instruction(fields: Fields) -> Instruction:
    name = fields.text("kind")
    if name not in KINDS:
        fields.refuse(f"names the instruction {name!r}, which is not known")
    parameters = fields.rest()
    wanted = KINDS[name].parameters
    fits = parameters.keys() == wanted.keys() and all(
        isinstance(value, wanted[key]) and not isinstance(value, bool)
        for key, value in parameters.items()
    )
    if not fits:
        fields.refuse(f"needs exactly {', '.join(wanted) or 'no parameters'} for {name}")
    return Instruction(name, parameters)


def _same_tokens(fields: Fields) -> Grader:
    temperature = fields.value("temperature")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or temperature < 0:
        fields.refuse("needs 'temperature' as a number from 0")
    times = fields.positive("times")
    if times < 2:
        fields.refuse("needs 'times' of at least 2")
    return SameTokens(float(temperature), times)


_PARSERS: Mapping[str, Callable[[Fields], Grader]] = {
    "exact": lambda fields: Exact(fields.text("expected")),
    "contains": lambda fields: Contains(fields.text_lists("expected"), fields.texts("forbidden")),
    "json": _json_value,
    "number": _number,
    "citation": _citation,
    "refusal": lambda fields: Refusal(fields.take("expected", bool)),
    "no-loop": lambda fields: NoLoop(),
    "stops": lambda fields: Stops(),
    "language": _language,
    "instructions": _instructions,
    "same-tokens": _same_tokens,
}
