"""Which JSON schemas a grammar can hold an answer to, all of what they say; any other is refused.

The converter to a grammar passes over what it does not know (`maximum`, `uniqueItems`, a `maxLength` beside
a `pattern`), and the answer would then not be valid. So each schema must be of one of the shapes below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from steelyard.base.errors import Json
from steelyard.runtime.errors import SchemaRefused

MOST_REPETITIONS = 1000
"""A count unfolds into as many terms of the grammar."""

# JSON Schema 2020-12: these say something to people, not to validators, or only name other schemas.
_SILENT = {
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format",
    "$schema", "$id", "$comment", "$defs", "definitions",
}  # fmt: skip

_ALLOWED = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength"},
    "number": set[str](),
    "integer": set[str](),
    "boolean": set[str](),
    "null": set[str](),
}
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")

# Anything else in a pattern could let a quote or a control character into the string.
_PATTERN = re.compile(
    r"\^(?:[\w \-,:;/@#%&=+*?|()]|\{\d{1,3}(?:,\d{0,3})?\}|\[(?!\^)[\w \-,:;/@#%&=+.]+\])*\$"
)


def check(schema: Json) -> None:
    """Refuse a schema, or one inside it, that is of none of the shapes.

    Raises:
        SchemaRefused: fact `reason` says what is in the way.
    """
    left = [schema]
    while left:
        value = left.pop()
        if not isinstance(value, dict):
            raise refused("a schema in it is not an object")
        said = {name: inner for name, inner in value.items() if name not in _SILENT}
        _check_shape(said)
        left += _inner(value)


def refused(reason: str) -> SchemaRefused:
    """The error for a schema that cannot guide an answer."""
    return SchemaRefused(
        f"The JSON schema cannot guide an answer: {reason}.",
        next_step="Use types, properties, items, enums, counts and lengths; check the rest afterwards.",
        reason=reason,
    )


def _check_shape(said: dict[str, Json]) -> None:
    names = set(said)
    if "$ref" in names:
        if not str(said["$ref"]).startswith("#/"):
            raise refused(f"it points to another document, {str(said['$ref'])[:200]}")
        _check_only(names, {"$ref"})
    elif names & {"anyOf", "oneOf"}:
        _check_only(names, {"anyOf"} if "anyOf" in names else {"oneOf"})
    elif names & {"const", "enum"}:
        _check_only(names, {"type", "const" if "const" in names else "enum"})
    elif isinstance(said.get("type"), list):
        _check_only(names, {"type"})
    elif "pattern" in names:
        _check_only(names, {"type", "pattern"})
        if not _PATTERN.fullmatch(str(said["pattern"])):
            raise refused("its pattern uses more than plain characters, classes, groups and counts")
    elif "prefixItems" in names:
        _check_only(names, {"type", "prefixItems"})
    else:
        kind = said.get("type") or _implied(names)
        if kind not in _ALLOWED:
            raise refused(f"its type {str(kind)[:50]!r} is not known")
        _check_only(names, {"type", *_ALLOWED[str(kind)]})
        _check_values(said)


def _implied(names: set[str]) -> str:
    return next((kind for kind, allowed in _ALLOWED.items() if names & allowed), "object")


def _check_only(names: set[str], allowed: set[str]) -> None:
    if more := sorted(names - allowed):
        beside = sorted(names & allowed)
        raise refused(f"it says {more[0]!r}" + (f" beside {beside[0]!r}" if beside else ""))


def _check_values(said: dict[str, Json]) -> None:
    for name in _COUNTS:
        count = said.get(name, 0)
        if not isinstance(count, int) or not 0 <= count <= MOST_REPETITIONS:
            raise refused(f"{name} must be a number up to {MOST_REPETITIONS}")
    properties, required = said.get("properties", {}), said.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        raise refused("its properties are not an object, or what it requires is not a list")
    if missing := [str(name) for name in required if name not in properties]:
        raise refused(f"it requires {missing[0]!r} and does not describe it")


def _inner(value: dict[str, Json]) -> Iterator[Json]:
    for name in ("$defs", "definitions", "properties"):
        named = value.get(name)
        if isinstance(named, dict):
            yield from named.values()
    for name in ("anyOf", "oneOf", "prefixItems"):
        listed = value.get(name)
        if isinstance(listed, list):
            yield from listed
    if "items" in value:
        yield value["items"]
    additional = value.get("additionalProperties")
    if not isinstance(additional, bool | None):
        yield additional
