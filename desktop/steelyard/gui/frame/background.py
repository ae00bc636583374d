"""Hashes again, while nothing else runs, what was not verified for long; off unless a setting asks for it."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from steelyard.base.errors import SteelyardError
from steelyard.gui.jobs import JobRunner

_LOOK_EVERY_MS = 10 * 60 * 1000
_log = logging.getLogger(__name__)


class BackgroundCheck(QObject):
    """Looks now and then whether a scrub is due; it runs as a job that can be seen and stopped."""

    def __init__(self, runner: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Ask whether one is due, unless something runs."""
        if not self._runner.busy:
            self._runner.consult(_due, self._begin, self._cannot_tell, owner=self)

    def _begin(self, request: Any) -> None:
        if request is not None and not self._runner.busy:
            self._runner.act(request, title=self.tr("Check the store in the background"))

    def _cannot_tell(self, error: SteelyardError) -> None:
        # The Library says what is wrong with the store; this only waits for the next time.
        _log.info("no check in the background: %s", error)


def _due(service: Any) -> object:
    from steelyard.service.storing import scrub_due  # noqa: PLC0415  # in a worker thread

    return scrub_due(service)
