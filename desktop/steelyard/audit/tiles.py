"""Hashes of complete subtrees on disk, so that a root or a proof reads a few kilobytes and not the log.

`leaves.bin` holds 32 bytes an entry; `tree-1.bin` the roots over each 256 entries, `tree-2.bin` over each 65,536,
and so on. The higher files follow from the leaves: what is missing is made anew, so a log from before they
existed needs no conversion. They speed up, and decide nothing: a check of the whole log compares them too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from steelyard.audit.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

WIDTH_BITS = 8
WIDTH = 1 << WIDTH_BITS
LEVELS = 5
"""Up to 2^40 entries."""

_BLOCK_HASHES = 2_048


class Tiles:
    """The tree over the leaves in one folder. Not safe for two writers; the log's lock sees to that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, level: int) -> Path:
        """Level 0 holds the leaves."""
        return self._folder / ("leaves.bin" if level == 0 else f"tree-{level}.bin")

    def count(self, level: int = 0) -> int:
        """How many hashes a level holds; a torn last one does not count."""
        try:
            return self.file(level).stat().st_size // HASH_BYTES
        except FileNotFoundError:
            return 0

    def hashes(self, level: int = 0) -> Iterator[bytes]:
        """Every hash of a level, in order; a torn last one is left out."""
        try:
            stream = self.file(level).open("rb")
        except FileNotFoundError:
            return
        with stream:
            while block := stream.read(HASH_BYTES * _BLOCK_HASHES):
                for start in range(0, len(block) - HASH_BYTES + 1, HASH_BYTES):
                    yield block[start : start + HASH_BYTES]

    def node(self, level: int, index: int) -> bytes:
        """The root over the 2^level leaves from number index · 2^level on.

        Raises:
            LookupError: the leaves do not reach so far.
            OSError: a file cannot be read.
        """
        tile, inner = divmod(level, WIDTH_BITS)
        hashes = self._read(tile, index << inner, 1 << inner)
        return _fold(hashes)

    def write_leaves(self, first: int, leaves: list[bytes]) -> None:
        """Put leaf hashes at their place. They are not flushed: `sync` is, and the entries hold them too."""
        file = self.file(0)
        with file.open("r+b" if file.exists() else "w+b") as stream:
            stream.seek(first * HASH_BYTES)
            stream.write(b"".join(leaves))

    def complete(self) -> None:
        """Add the subtree roots that the leaves allow by now; whatever is missing is made anew."""
        for level in range(1, LEVELS + 1):
            have, want = self.count(level), self.count(level - 1) >> WIDTH_BITS
            if have >= want:
                return
            with self.file(level).open("ab") as stream:
                stream.truncate(have * HASH_BYTES)
                for index in range(have, want):
                    stream.write(_fold(self._read(level - 1, index << WIDTH_BITS, WIDTH)))

    def forget(self, level: int = 1) -> None:
        """Drop the subtree roots from a level on, to be made anew."""
        for higher in range(level, LEVELS + 1):
            self.file(higher).unlink(missing_ok=True)

    def sync(self) -> None:
        """Make everything durable."""
        for level in range(LEVELS + 1):
            try:
                descriptor = os.open(self.file(level), os.O_RDWR)
            except FileNotFoundError:
                return
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _read(self, level: int, first: int, count: int) -> list[bytes]:
        """`count` hashes of a level; those a file does not hold are made from the level below."""
        try:
            with self.file(level).open("rb") as stream:
                stream.seek(first * HASH_BYTES)
                data = stream.read(count * HASH_BYTES)
        except FileNotFoundError:
            data = b""
        found = [
            data[at : at + HASH_BYTES]
            for at in range(0, len(data) // HASH_BYTES * HASH_BYTES, HASH_BYTES)
        ]
        if len(found) < count and level == 0:
            raise LookupError(f"leaf {first + len(found)} is not recorded")
        found.extend(
            _fold(self._read(level - 1, index << WIDTH_BITS, WIDTH))
            for index in range(first + len(found), first + count)
        )
        return found


def _fold(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


class TreeBuilder:
    """The tree over leaf hashes as they come, and every subtree root a tile file should hold.

    Memory: at most 256 hashes a level.
    """

    def __init__(self, on_tile: Callable[[int, int, bytes], None] | None = None) -> None:
        """`on_tile(level, index, root)` is told of each complete subtree of 256^level leaves."""
        self.size = 0
        self._open: list[list[bytes]] = [[]]
        self._on_tile = on_tile

    def add(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        self._open[0].append(leaf)
        self.size += 1
        level = 0
        while len(self._open[level]) == WIDTH:
            root = _fold(self._open[level])
            self._open[level] = []
            level += 1
            if level == len(self._open):
                self._open.append([])
            self._open[level].append(root)
            if self._on_tile is not None:
                self._on_tile(level, (self.size >> (WIDTH_BITS * level)) - 1, root)

    def root(self) -> bytes:
        """The root over the leaves so far."""
        root: bytes | None = None
        for hashes in self._open:
            for left in reversed(_complete(hashes)):
                root = left if root is None else node_hash(left, root)
        return EMPTY_ROOT if root is None else root


def _complete(hashes: list[bytes]) -> list[bytes]:
    """The roots over the largest complete subtrees of at most 255 hashes, from left to right."""
    found: list[bytes] = []
    start = 0
    for bit in range(WIDTH_BITS - 1, -1, -1):
        if len(hashes) >> bit & 1:
            found.append(_fold(hashes[start : start + (1 << bit)]))
            start += 1 << bit
    return found
