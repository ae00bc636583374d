"""A piece of work as the window shows it: where it stands, how fast it goes, how long it still takes, and its end."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from steelyard.base.errors import SteelyardError
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.pace import Pace


class Job(QObject):
    """One running or finished piece of work. Lives in the main thread.

    Attributes:
        title: for people.
        state: `waiting`, `running`, `done`, `failed`, `cancelled` or `paused` (called off to go on later).
        progress: the last one reported, or None.
        result, error: when it has ended.
        listed: shown in the task list.

    Signals:
        changed(): progress or state changed.
        ended(): it is done, failed, cancelled or paused.
    """

    changed = Signal()
    ended = Signal()

    def __init__(self, title: str, request: object, *, listed: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.request = request
        self.listed = listed
        self.state = "waiting"
        self.progress: Progress | None = None
        self.result: object = None
        self.error: SteelyardError | None = None
        self.cancel_asked = False
        self.pause_asked = False
        self.started_s = time.monotonic()
        self.token = CancelToken()
        self._pace = Pace()

    @property
    def active(self) -> bool:
        """It waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None while that is not known."""
        progress = self.progress
        if self.state == "done":
            return 1.0
        if progress is None or not progress.total:
            return None
        return min(1.0, progress.done / progress.total)

    @property
    def per_s(self) -> float | None:
        """Speed in the progress's unit, or None while there is too little to tell."""
        return self._pace.per_s(time.monotonic())

    @property
    def left_s(self) -> float | None:
        """Seconds left at that speed, or None."""
        progress, per_s = self.progress, self.per_s
        if progress is None or progress.total is None or not per_s:
            return None
        return max(0.0, (progress.total - progress.done) / per_s)

    def cancel(self) -> None:
        """Ask it to stop at its next safe point."""
        self.cancel_asked = True
        self.token.cancel()
        self.changed.emit()

    def pause(self) -> None:
        """Ask it to stop at its next safe point, with what arrived kept: it is to go on later."""
        if not self.cancel_asked:
            self.pause_asked = True
            self.cancel()

    def take_progress(self, progress: Progress) -> None:
        """Note where it stands. For the runner."""
        self.progress = progress
        self._pace.note(progress.stage, progress.done, time.monotonic())
        self.changed.emit()
