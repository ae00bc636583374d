"""Block hashes: SHA-256 of every 1 MiB of a file, so that damage has a place and only that place is fetched
again.

A list is 32 bytes a block, in order, nothing else. Files of one block need none: their digest is their list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK_BYTES = 1024 * 1024
DIGEST_BYTES = 32

ReadInto = Callable[[int, memoryview], int]
"""`(offset, buffer)` → bytes read; fewer than asked only at the end of the file."""

OnBytes = Callable[[int], None]
"""Called with the size of each piece; may raise `Cancelled`."""


@dataclass(frozen=True)
class BlockList:
    """The hashes of a file's blocks.

    Attributes:
        digests: 32 bytes a block.
        block_bytes: size of every block but the last.
    """

    size_bytes: int
    digests: bytes
    block_bytes: int = BLOCK_BYTES

    @classmethod
    def of_whole(cls, size_bytes: int, sha256: str) -> BlockList:
        """A file without a list: one block, whose hash is the file's."""
        digest = bytes.fromhex(sha256.removeprefix("sha256:"))
        return cls(size_bytes, digest if size_bytes else b"", max(size_bytes, 1))

    @property
    def fits(self) -> bool:
        """True if there is one hash for every block of the file."""
        return len(self.digests) == -(-self.size_bytes // self.block_bytes) * DIGEST_BYTES

    def __iter__(self) -> Iterator[Block]:
        for number, start in enumerate(range(0, self.size_bytes, self.block_bytes)):
            end = min(start + self.block_bytes, self.size_bytes)
            digest = self.digests[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]
            yield Block(start, end, digest)


@dataclass(frozen=True)
class Block:
    """Bytes `start` to `end` (exclusive) of a file and their SHA-256."""

    start: int
    end: int
    digest: bytes

    def is_in(self, data: bytes | bytearray | memoryview) -> bool:
        """True if these are the block's bytes."""
        whole = len(data) == self.end - self.start
        return whole and hashlib.sha256(data).digest() == self.digest


class BlockHasher:
    """Makes a list from a file that comes in pieces of any size."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._current = hashlib.sha256()
        self._filled = 0

    def update(self, piece: memoryview) -> None:
        """Take the next bytes."""
        start = 0
        while start < len(piece):
            taken = min(BLOCK_BYTES - self._filled, len(piece) - start)
            self._current.update(piece[start : start + taken])
            start += taken
            self._filled += taken
            if self._filled == BLOCK_BYTES:
                self._close()

    def finish(self) -> bytes:
        """The list."""
        if self._filled:
            self._close()
        return bytes(self._digests)

    def _close(self) -> None:
        self._digests += self._current.digest()
        self._current = hashlib.sha256()
        self._filled = 0


def count(size_bytes: int) -> int:
    """How many blocks a file of this size has."""
    return -(-size_bytes // BLOCK_BYTES)


def needs_list(size_bytes: int) -> bool:
    """True if a file has more than one block."""
    return size_bytes > BLOCK_BYTES


def damaged(blocks: BlockList, read: ReadInto, on_bytes: OnBytes) -> tuple[Block, ...]:
    """The blocks of a file that are not what they should be, or cannot be read."""
    buffer = memoryview(bytearray(min(blocks.block_bytes, max(blocks.size_bytes, 1))))
    wrong = []
    for block in blocks:
        try:
            got = read(block.start, buffer[: block.end - block.start])
        except OSError:
            got = 0
        if not block.is_in(buffer[:got]):
            wrong.append(block)
        on_bytes(block.end - block.start)
    return tuple(wrong)


def ranges(blocks: tuple[Block, ...]) -> tuple[tuple[int, int], ...]:
    """Blocks as byte ranges `(start, end)`, neighbours joined."""
    joined: list[tuple[int, int]] = []
    for block in blocks:
        if joined and joined[-1][1] == block.start:
            joined[-1] = (joined[-1][0], block.end)
        else:
            joined.append((block.start, block.end))
    return tuple(joined)
