"""How fast a download may be, over all its connections together."""

from __future__ import annotations

import threading
from collections.abc import Callable

PIECES_PER_S = 20
"""A limited connection reads in pieces of this part of a second, so that it flows instead of hopping."""

SMALLEST_PIECE_BYTES = 4096
"""No limit is lower than this a second either: a slower connection could not be told from a stalled one."""


class Pace:
    """A limit of bytes per second; 0 is none. From several threads at once."""

    def __init__(
        self,
        bytes_per_s: int,
        clock: Callable[[], float],
        wait: Callable[[float], None],
    ) -> None:
        """Nothing was spent yet.

        Args:
            clock: monotonic, in seconds.
            wait: waits so many seconds, or raises when the download is called off.
        """
        self.bytes_per_s = max(bytes_per_s, SMALLEST_PIECE_BYTES) if bytes_per_s else 0
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._free_at_s = clock()

    def most(self, wanted_bytes: int) -> int:
        """How much to read at once."""
        if not self.bytes_per_s:
            return wanted_bytes
        return min(wanted_bytes, max(SMALLEST_PIECE_BYTES, self.bytes_per_s // PIECES_PER_S))

    def spend(self, count: int) -> None:
        """So many bytes arrived: wait until they were due."""
        if not self.bytes_per_s:
            return
        with self._lock:
            now_s = self._clock()
            self._free_at_s = max(self._free_at_s, now_s) + count / self.bytes_per_s
            ahead_s = self._free_at_s - now_s
        # The first piece of a second may come at once; only what runs ahead of the limit waits.
        if ahead_s > 1 / PIECES_PER_S:
            self._wait(ahead_s)
