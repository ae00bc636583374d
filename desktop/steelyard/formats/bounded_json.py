"""JSON from outside, read with limits on its size and its number of values; duplicate keys are refused."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.formats.errors import ConfigMalformed, FileMissing
from steelyard.formats.gguf_cursor import over_limit, unreadable

MAX_VALUES = 500_000
"""About 100 MB of Python objects at worst."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """The whole content of a small regular file.

    Raises:
        FileMissing, FileUnreadable: there is nothing to read.
        TooLarge: more than `limit_bytes`.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileMissing(f"{path.name} is not a regular file.", path=str(path))
        if status.st_size > limit_bytes:
            raise over_limit(f"the size of {path.name}", status.st_size, limit_bytes)
        with path.open("rb") as stream:
            return stream.read(limit_bytes)
    except FileNotFoundError as error:
        raise FileMissing(f"There is no file {path}.", path=str(path)) from error
    except OSError as error:
        raise unreadable(path, error) from error


def loads_bounded(data: bytes, *, what: str, max_values: int = MAX_VALUES) -> Json:
    """Parse JSON after counting how many values it can have at most.

    Raises:
        TooLarge: more than `max_values` values.
        MalformedInput: not strict JSON (see `steelyard.base.canonical.strict_loads`), or text that is no
            Unicode, which could be neither hashed nor logged.
    """
    values = sum(data.count(mark) for mark in (b",", b"[", b"{")) + 1
    if values > max_values:
        raise over_limit(f"the number of values in {what}", values, max_values)
    value = strict_loads(data, what=what)
    if _SURROGATE.search(data):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise MalformedInput(f"{what} has half of a character (a lone surrogate).") from error
    return value


def read_object(path: Path, *, limit_bytes: int, max_values: int = MAX_VALUES) -> dict[str, Json]:
    """Read a file that must hold one JSON object.

    Raises:
        ConfigMalformed: it holds something else, or is not strict JSON.
        As `read_bounded` and `loads_bounded`.
    """
    try:
        value = loads_bounded(
            read_bounded(path, limit_bytes), what=path.name, max_values=max_values
        )
    except MalformedInput as error:
        if type(error) is not MalformedInput:
            raise
        raise ConfigMalformed(error.message, file=path.name) from error
    if not isinstance(value, dict):
        raise ConfigMalformed(f"{path.name} does not hold a JSON object.", file=path.name)
    return value
