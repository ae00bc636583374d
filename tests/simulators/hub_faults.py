"""What can go wrong with an answer of the simulated hub, and for which answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def asked_range(value: str | None) -> tuple[int, int | None]:
    """What a Range header asks for: first byte, and one past the last or None."""
    first, last = (value or "bytes=0-").removeprefix("bytes=").split("-")
    return int(first), int(last) + 1 if last else None


@dataclass
class Fault:
    """Something that goes wrong.

    Attributes:
        kind: see `Hub.fail`.
        path: a file's path in its repository, or None: every file; `api` for metadata.
        times: how often it still strikes; None for always.
        skip: how often it lets pass before it strikes.
        byte: it strikes only answers that this byte of the file is part of.
        options: what the kind needs.
    """

    kind: str
    path: str | None
    times: int | None
    skip: int = 0
    byte: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def concerns(self, kind: str, path: str, asked: tuple[int, int | None]) -> bool:
        """True if it is about such an answer."""
        start, end = asked
        there = self.byte is None or (start <= self.byte and (end is None or self.byte < end))
        return self.kind == kind and self.path in (None, path) and self.times != 0 and there
