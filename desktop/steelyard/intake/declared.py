"""What the publisher declared of bytes that are held because they differ, kept beside them for whoever compares.

Nothing rests on it: the verdict stands in the store's record, this only lets a person see both digests later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, MalformedInput

_NAME = "declared.json"
_MOST_BYTES = 1024 * 1024


def keep(folder: Path, declared: Mapping[str, str]) -> None:
    """Write the declared digests by path into a quarantine folder, as far as the disk lets it."""
    value: dict[str, Json] = dict(declared)
    with contextlib.suppress(OSError):  # the bytes are held whether or not this can be written
        write_bytes(folder / _NAME, canonical_bytes(value))


def read(folder: Path) -> dict[str, str]:
    """The digests by path; empty where none were kept or what is there cannot be read."""
    path = folder / _NAME
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        value = strict_loads(path.read_bytes())
    except (OSError, MalformedInput):
        return {}
    if not isinstance(value, dict):
        return {}
    return {name: text for name, text in value.items() if isinstance(text, str)}
