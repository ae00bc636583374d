"""Stop strings in a stream: what may be shown already, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence


class StopFilter:
    """Lets text through, except what is, or may still become, a stop string.

    How the text is cut into pieces makes no difference: the first stop string to be complete ends it.

    Args:
        stops: strings that end the text and are not part of it; empty ones are ignored.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def push(self, text: str) -> str:
        """Take more text; return what is certain not to belong to a stop string."""
        if self.stopped or not text:
            return ""
        if not self._stops:
            return text
        self._held += text
        if found := self._first_complete():
            self.stopped = True
            passed, self._held = self._held[: found[1]], ""
            return passed
        keep = self._undecided()
        passed, self._held = (
            self._held[: len(self._held) - keep],
            self._held[len(self._held) - keep :],
        )
        return passed

    def finish(self) -> str:
        """The text ended by itself: what was held back belongs to it."""
        rest, self._held = self._held, ""
        return rest

    def _first_complete(self) -> tuple[int, int] | None:
        """(end, start) of the stop string that ends first; of two that end together, the longer."""
        places = [(self._held.find(stop), stop) for stop in self._stops]
        return min(((at + len(stop), at) for at, stop in places if at >= 0), default=None)

    def _undecided(self) -> int:
        """Length of the longest end of the held text that begins a stop string."""
        longest = min(len(self._held), max(map(len, self._stops)) - 1)
        for size in range(longest, 0, -1):
            end = self._held[-size:]
            if any(stop.startswith(end) for stop in self._stops):
                return size
        return 0
