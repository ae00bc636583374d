"""Counts what a chat template spends while it renders, and stops it before it is too much.

Three limits hold at every step: processor time, bytes allocated in total over the render (so never more than
that at once), and the size of any one value. A container's size is that of the tree it prints as, so that
`[x, x]` nested thirty times is refused when it is built, not when it is printed or compared.
"""

from __future__ import annotations

import sys
import time
from collections.abc import ItemsView, Iterable, KeysView, Mapping, MappingView, ValuesView
from typing import NamedTuple

from steelyard.formats.errors import TemplateOverLimit

RENDER_LIMIT_S = 0.6
"""Of processor time, so that a busy machine fails no real template, which takes a few milliseconds."""
ALLOCATION_LIMIT_BYTES = 96 * 1024 * 1024
"""Summed over the whole render; with one more step under way it still stays below 256 MiB."""
STEP_BYTES = 64
"""Charged for every step, which bounds their number and covers small objects."""
_BYTES_PER_LOOK = 32 * STEP_BYTES
"""The clock is read once per this much spending: a step in a large value spends more than that."""
MAX_TEXT_CHARS = 4_000_000
"""About a million tokens: the longest context in use."""
MAX_NODES = 100_000
MAX_DEPTH = 64
MAX_INTEGER_BITS = 64
"""Enough for any count; wide integers allow slow arithmetic and colliding hashes."""


class Weight(NamedTuple):
    """A value as a tree: its nodes, the characters of its texts, and how deep it is."""

    nodes: int
    chars: int
    depth: int


_CONTAINERS = (list, tuple, dict, set, frozenset, MappingView)


def exceeded(what: str, limit: str) -> TemplateOverLimit:
    """The error for a template that wants more than any real one."""
    return TemplateOverLimit(
        f"The chat template was stopped at a limit that no real one reaches: {what}, at most {limit}. "
        "Nothing was sent to the model.",
        next_step="Use the template of the model's publisher.",
        limit=what,
    )


class Meter:
    """Belongs to one render. Every method that counts raises `TemplateOverLimit` when a limit is reached."""

    def __init__(self, limit_s: float = RENDER_LIMIT_S) -> None:
        self._deadline_s = time.thread_time() + limit_s
        self._limit_s = limit_s
        self._spent_bytes = 0
        self._next_look_bytes = 0
        # Containers are immutable inside the sandbox, so a weight stays true; holding the object keeps its
        # id from being given to another. What is held was charged, so the total bounds this table too.
        self._weights: dict[int, tuple[object, Weight]] = {}

    def spend(self, size_bytes: int) -> None:
        """Count an allocation, and look at the clock."""
        self._spent_bytes += size_bytes
        if self._spent_bytes > ALLOCATION_LIMIT_BYTES:
            raise exceeded("memory", f"{ALLOCATION_LIMIT_BYTES // 2**20} MiB")
        if self._spent_bytes < self._next_look_bytes:
            return
        self._next_look_bytes = self._spent_bytes + _BYTES_PER_LOOK
        if time.thread_time() > self._deadline_s:
            raise exceeded("processor time", f"{self._limit_s} s")

    def step(self) -> None:
        """Count one step."""
        self.spend(STEP_BYTES)

    def check_chars(self, count: int) -> None:
        """Refuse a text before it is made."""
        if count > MAX_TEXT_CHARS:
            raise exceeded("length of one text", f"{MAX_TEXT_CHARS:,} characters")

    def check_items(self, count: int) -> None:
        """Refuse a list before it is made."""
        if count > MAX_NODES:
            raise exceeded("items in one value", f"{MAX_NODES:,}")

    def charge(self, value: object) -> None:
        """Count a value the template has just made, and refuse it when it is too large in itself."""
        if isinstance(value, str):
            self.check_chars(len(value))
            self.spend(STEP_BYTES + sys.getsizeof(value))
        elif isinstance(value, int):
            if value.bit_length() > MAX_INTEGER_BITS:
                raise exceeded("size of a number", f"{MAX_INTEGER_BITS} bits")
            self.step()
        elif isinstance(value, _CONTAINERS):
            self.spend(STEP_BYTES + sys.getsizeof(value) + STEP_BYTES * len(value))
            self.weigh(value)
        else:
            self.step()

    def weigh(self, value: object, depth: int = 0) -> Weight:
        """The size of a value as a tree."""
        if isinstance(value, str):
            return Weight(1, len(value), 0)
        if not isinstance(value, _CONTAINERS):
            return Weight(1, 0, 0)
        known = self._weights.get(id(value))
        if known is not None:
            return known[1]
        if depth > MAX_DEPTH:
            raise exceeded("nesting", f"{MAX_DEPTH} levels")
        nodes, chars, deepest = 1, 0, 0
        for child in _children(value):
            weight = self.weigh(child, depth + 1)
            nodes += weight.nodes
            chars += weight.chars
            deepest = max(deepest, weight.depth + 1)
            if nodes > MAX_NODES or chars > MAX_TEXT_CHARS or deepest > MAX_DEPTH:
                self._refuse(nodes, chars)
        result = Weight(nodes, chars, deepest)
        if not isinstance(value, MappingView):
            self._weights[id(value)] = (value, result)
        return result

    def _refuse(self, nodes: int, chars: int) -> None:
        self.check_chars(chars)
        self.check_items(nodes)
        raise exceeded("nesting", f"{MAX_DEPTH} levels")

    def printed_chars(self, value: object) -> int:
        """At most how many characters `str`, `repr` or JSON can make of a value: 12 per character."""
        weight = self.weigh(value)
        return weight.chars if isinstance(value, str) else 12 * weight.chars + 32 * weight.nodes


def _children(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, ItemsView):
        return [part for pair in value for part in pair]
    assert isinstance(value, list | tuple | set | frozenset | KeysView | ValuesView)
    return list(value)
