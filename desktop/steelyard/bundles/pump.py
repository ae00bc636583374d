"""Moving a file's bytes once: read by one thread, hashed by others at the same time, written in between.

`hashlib` lets other threads run while it hashes, so reading and hashing cost the longer of the two, not the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from steelyard.bundles.blocks import ReadInto

PIECE_BYTES = 4 * 1024 * 1024
"""Two of these are in flight: one is hashed while the next is read."""

SMALL_BYTES = 512 * 1024

Consumer = Callable[[memoryview], None]


def pump(
    read: ReadInto,
    size_bytes: int,
    consumers: Sequence[Consumer],
    on_bytes: Callable[[int], None],
    *,
    start: int = 0,
    write: Consumer | None = None,
) -> int:
    """Read from `start` until `size_bytes`, or until the source ends.

    Args:
        consumers: each gets every piece in order, in a thread of its own; hashers.
        write: gets every piece in order, in the calling thread.
        on_bytes: called with the size of each piece; may raise `Cancelled`.

    Returns:
        Where it stopped: `size_bytes`, or less where the source ends early.

    Raises:
        Whatever `read`, `write` and `on_bytes` raise.
    """
    left = size_bytes - start
    if left <= SMALL_BYTES:
        return _pour(read, start, left, consumers, on_bytes, write=write)
    buffers = [memoryview(bytearray(min(PIECE_BYTES, left))) for _ in range(2)]
    pending: list[Future[None]] = []
    done = start
    with ThreadPoolExecutor(max(1, len(consumers)), "hash") as hashing:
        turn = 0
        while done < size_bytes:
            buffer = buffers[turn][: size_bytes - done]
            count = read(done, buffer)
            for each in pending:
                each.result()
            if not count:
                return done
            piece = buffer[:count]
            pending = [hashing.submit(consumer, piece) for consumer in consumers]
            if write is not None:
                write(piece)
            done += count
            turn = 1 - turn
            on_bytes(count)
        for each in pending:
            each.result()
    return done


def _pour(
    read: ReadInto,
    start: int,
    left: int,
    consumers: Sequence[Consumer],
    on_bytes: Callable[[int], None],
    *,
    write: Consumer | None,
) -> int:
    """A small file is done before a thread would have started."""
    buffer = memoryview(bytearray(max(0, left)))
    done = 0
    while done < left:
        count = read(start + done, buffer[done:])
        if not count:
            break
        piece = buffer[done : done + count]
        for consumer in consumers:
            consumer(piece)
        if write is not None:
            write(piece)
        done += count
        on_bytes(count)
    return start + done
