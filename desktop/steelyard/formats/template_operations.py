"""What a chat template may do to texts, lists and numbers, each checked before it allocates.

Only what stands here and in `ALLOWED_FILTERS` exists for a template. Semantics are Jinja's and Python's.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2.filters import do_indent, do_round, do_title, make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, SandboxedFormatter
from markupsafe import Markup, soft_str

from steelyard.formats.template_meter import MAX_INTEGER_BITS, Meter, exceeded

ALLOWED_FILTERS = frozenset(
    {
        "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby",
        "int", "items", "last", "length", "lower", "map", "max", "min", "reject", "rejectattr", "reverse",
        "safe", "select", "selectattr", "sort", "string", "trim", "truncate", "upper",
    }
)  # fmt: skip
"""Jinja's own filters whose work is linear in values that are bounded already. The others are refused by
name: none of 70 published templates uses them, and several (`wordwrap`, `urlize`, `batch`) amplify."""

SCALARS = (str, int, float, bool, type(None))

_WIDE = re.compile(r"\d{5,}")
_PERCENT = re.compile(
    r"%(?:%|(?:\(\w+\))?[-+ #0]{0,5}([0-9]{0,4})(?:\.([0-9]{0,4}))?([diouxXeEfFgGcrsa]))"
)
_NUMBER_CHARS = 512
"""More than any number prints as without a width: `%f` of 1e308 has 316."""


def percent_format(meter: Meter, template: str, arguments: Any) -> str:
    """`template % arguments`, for the plain forms of a conversion: no `*`, widths of at most four digits."""
    conversions, chars, escaped = 0, len(template), False
    position = template.find("%")
    while position >= 0:
        match = _PERCENT.match(template, position)
        if match is None:
            raise exceeded("width in a % format", "four digits")
        if match[3]:
            conversions += 1
            chars += int(match[1] or 0) + int(match[2] or 0) + _NUMBER_CHARS
            escaped = escaped or match[3] in "ra" or isinstance(template, Markup)
        position = template.find("%", match.end())
    factor = 12 if escaped else 1
    if isinstance(arguments, Mapping):
        largest = max((meter.printed_chars(value) for value in arguments.values()), default=0)
        chars += conversions * largest * factor
    else:
        many = arguments if isinstance(arguments, tuple) else (arguments,)
        chars += sum(factor * meter.printed_chars(value) for value in many)
    meter.check_chars(chars)
    return str(template % arguments) if not isinstance(template, Markup) else template % arguments


def binary_operation(meter: Meter, symbol: str, left: Any, right: Any) -> Any:
    """One of `+ - * / // % **`, refused when its result would be too large."""
    meter.step()
    if symbol == "*":
        _check_repetition(meter, left, right)
        _check_repetition(meter, right, left)
    elif symbol == "+" and isinstance(left, str) and isinstance(right, str):
        meter.check_chars(len(left) + len(right))
    elif symbol == "+" and isinstance(left, list | tuple) and isinstance(right, list | tuple):
        meter.check_items(len(left) + len(right))
    elif symbol == "%" and isinstance(left, str):
        result = percent_format(meter, left, right)
        meter.charge(result)
        return result
    elif symbol == "**":
        _check_power(left, right)
    result = _OPERATORS[symbol](left, right)
    meter.charge(result)
    return result


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


def _check_power(base: Any, exponent: Any) -> None:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and base.bit_length() * abs(exponent) > 2 * MAX_INTEGER_BITS:
        raise exceeded("size of a number", f"{MAX_INTEGER_BITS} bits")


def _check_repetition(meter: Meter, repeated: Any, count: Any) -> None:
    if not isinstance(count, int):
        return
    if isinstance(repeated, str):
        meter.check_chars(len(repeated) * count)
    elif isinstance(repeated, list | tuple):
        meter.check_items(len(repeated) * count)


def stepping(meter: Meter, values: Iterable[Any]) -> Iterator[Any]:
    """The same values, each counted as a step."""
    for value in values:
        meter.step()
        yield value


def bounded_list(meter: Meter, values: Iterable[Any]) -> list[Any]:
    """`list(values)` with an end to it."""
    if isinstance(values, str | list | tuple):
        meter.check_items(len(values))
    collected: list[Any] = []
    for value in stepping(meter, values):
        meter.check_items(len(collected))
        collected.append(value)
    meter.charge(collected)
    return collected


def join_texts(meter: Meter, values: Iterable[Any], separator: str = "") -> str:
    """`separator.join(map(str, values))`, and what `~` does."""
    texts: list[str] = []
    total = 0
    for value in stepping(meter, values):
        meter.check_items(len(texts))
        text = value if type(value) is str else str(value)
        if text is not value:
            meter.charge(text)
        total += len(text) + len(separator)
        meter.check_chars(total)
        texts.append(text)
    result = separator.join(texts)
    meter.charge(result)
    return result


def _replace(meter: Meter, text: str, old: str, new: str, count: int = -1) -> str:
    if len(new) > len(old):
        found = text.count(old) if count < 0 else min(count, text.count(old))
        # Markup escapes what it is given, up to five characters for one.
        factor = 5 if isinstance(text, Markup) else 1
        meter.check_chars(len(text) + found * len(new) * factor)
    return text.replace(old, new, count)


def _padded(name: str) -> Callable[..., str]:
    def pad(meter: Meter, text: str, width: int, *fill: str) -> str:
        meter.check_chars(width)
        padded: str = getattr(text, name)(width, *fill)
        return padded

    return pad


def _split(name: str) -> Callable[..., list[str]]:
    def split(meter: Meter, text: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
        if maxsplit < 0:
            pieces = len(text) // 2 + 1 if sep is None else text.count(sep) + 1
            if pieces > 10_000 and sep is None:
                pieces = sum(1 for _ in stepping(meter, re.finditer(r"\S+", text)))
        else:
            pieces = min(maxsplit, len(text)) + 1
        meter.check_items(pieces)
        parts: list[str] = getattr(text, name)(sep, maxsplit)
        return parts

    return split


def _splitlines(meter: Meter, text: str, keepends: bool = False) -> list[str]:
    meter.check_items(sum(text.count(mark) for mark in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") + 1)
    return text.splitlines(keepends)


def _join(meter: Meter, text: str, values: Iterable[Any]) -> str:
    pieces = bounded_list(meter, values)
    factor = 5 if isinstance(text, Markup) else 1
    total = sum(len(piece) for piece in pieces if isinstance(piece, str))
    meter.check_chars(factor * (total + len(text) * len(pieces)))
    return text.join(pieces)


GUARDED_TEXT_METHODS: dict[str, Callable[..., Any]] = {
    "center": _padded("center"),
    "join": _join,
    "ljust": _padded("ljust"),
    "replace": _replace,
    "rjust": _padded("rjust"),
    "rsplit": _split("rsplit"),
    "split": _split("split"),
    "splitlines": _splitlines,
    "zfill": _padded("zfill"),
}
"""By name: called with the meter, the text and the template's arguments."""

_PLAIN_TEXT_METHODS = frozenset(
    {
        "capitalize", "casefold", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
        "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable",
        "isspace", "istitle", "isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
        "rfind", "rindex", "rpartition", "rstrip", "startswith", "strip", "swapcase", "title", "upper",
    }
)  # fmt: skip

METHODS: dict[type, frozenset[str]] = {
    str: frozenset(GUARDED_TEXT_METHODS) | _PLAIN_TEXT_METHODS,
    dict: frozenset({"copy", "get", "items", "keys", "values"}),
    list: frozenset({"copy", "count", "index"}),
    tuple: frozenset({"count", "index"}),
    float: frozenset({"is_integer"}),
}
"""Which methods of which types a template may name."""


class BoundedFormatter(SandboxedFormatter):
    """`str.format` with bounded widths, every field counted."""

    def __init__(self, environment: SandboxedEnvironment, meter: Meter) -> None:
        super().__init__(environment)
        self._meter = meter

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one field; the specification has no braces left in it here."""
        if _WIDE.search(format_spec):
            raise exceeded("width in a format", "four digits")
        text: str = super().format_field(value, format_spec)
        self._meter.charge(text)
        return text


class Method:
    """A method of a text, list or mapping as a template holds it: calling it is counted and guarded."""

    def __init__(self, environment: SandboxedEnvironment, meter: Meter, bound: Any) -> None:
        self._environment = environment
        self._meter = meter
        self._bound = bound

    def __repr__(self) -> str:
        return f"<method {self._bound.__name__}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        owner, name = self._bound.__self__, self._bound.__name__
        self._meter.step()
        if not isinstance(owner, str):
            result = self._bound(*args, **kwargs)
        elif name == "format":
            if isinstance(owner, Markup):
                raise TypeError("format() on text marked safe is not offered to chat templates")
            formatter = BoundedFormatter(self._environment, self._meter)
            result = formatter.vformat(owner, args, kwargs)
        elif name in GUARDED_TEXT_METHODS:
            result = GUARDED_TEXT_METHODS[name](self._meter, owner, *args, **kwargs)
        else:
            result = self._bound(*args, **kwargs)
        self._meter.charge(result)
        return result


def _filter_join(
    context: Context, meter: Meter, value: Iterable[Any], d: str = "", attribute: Any = None
) -> str:
    if attribute is not None:
        value = map(make_attrgetter(context.environment, attribute), value)
    return join_texts(meter, value, str(d))


def _filter_list(_context: Context, meter: Meter, value: Iterable[Any]) -> list[Any]:
    return bounded_list(meter, value)


def _filter_replace(
    _context: Context, meter: Meter, s: Any, old: Any, new: Any, count: int | None = None
) -> str:
    return _replace(meter, str(s), str(old), str(new), -1 if count is None else count)


def _filter_format(_context: Context, meter: Meter, value: Any, *args: Any, **kwargs: Any) -> str:
    if args and kwargs:
        raise TypeError("can't handle positional and keyword arguments at the same time")
    return percent_format(meter, soft_str(value), kwargs or args)


def _filter_center(_context: Context, meter: Meter, value: Any, width: int = 80) -> str:
    meter.check_chars(width)
    return soft_str(value).center(width)


def _filter_title(_context: Context, meter: Meter, s: Any) -> str:
    text = soft_str(s)
    # Jinja splits the text into words and separators, which takes 50 times its size.
    meter.check_items(len(text))
    return do_title(text)


def _filter_indent(
    _context: Context,
    meter: Meter,
    s: str,
    width: int | str = 4,
    first: bool = False,
    blank: bool = False,
) -> str:
    step = len(width) if isinstance(width, str) else width
    lines = sum(s.count(mark) for mark in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") + 2
    meter.check_items(lines)
    meter.check_chars(len(s) + lines * step)
    return do_indent(s, width, first, blank)


def _filter_round(
    _context: Context, _meter: Meter, value: float, precision: int = 0, method: Any = "common"
) -> float:
    if abs(precision) > 300:
        raise exceeded("decimals in a rounding", "300")
    return do_round(value, precision, method)


def _filter_sum(
    context: Context, meter: Meter, iterable: Iterable[Any], attribute: Any = None, start: Any = 0
) -> Any:
    if attribute is not None:
        iterable = map(make_attrgetter(context.environment, attribute), iterable)
    total = start
    for value in iterable:
        total = binary_operation(meter, "+", total, value)
    return total


def _filter_unique(
    context: Context,
    meter: Meter,
    value: Iterable[Any],
    case_sensitive: bool = False,
    attribute: Any = None,
) -> Iterator[Any]:
    getter = make_attrgetter(context.environment, attribute)
    seen: set[Any] = set()
    for item in stepping(meter, value):
        key = scalar_key(getter(item))
        if isinstance(key, str) and not case_sensitive:
            key = key.lower()
        if key not in seen:
            seen.add(key)
            yield item


def _filter_tojson(
    _context: Context,
    meter: Meter,
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    *,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    weight = meter.weigh(value)
    step = len(indent) if isinstance(indent, str) else indent or 0
    between = sum(len(text) for text in separators or ())
    meter.check_chars(weight.nodes * (step * (weight.depth + 1) + between))
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


GUARDED_FILTERS: dict[str, Callable[..., Any]] = {
    "center": _filter_center,
    "format": _filter_format,
    "indent": _filter_indent,
    "join": _filter_join,
    "list": _filter_list,
    "replace": _filter_replace,
    "round": _filter_round,
    "sum": _filter_sum,
    "title": _filter_title,
    "tojson": _filter_tojson,
    "unique": _filter_unique,
}
"""Filters with a guard of their own: called with the context, the meter, the value and the arguments."""


def scalar_key(key: Any) -> Any:
    """A key for a mapping or set: hashing anything but a scalar can be made slow on purpose."""
    if not isinstance(key, SCALARS):
        raise TypeError(f"a {type(key).__name__} cannot be a key in a chat template")
    return key
