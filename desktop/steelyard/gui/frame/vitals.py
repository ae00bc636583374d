"""What the status bar and the network pill show: asked for at start and after each job; memory every few seconds."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from steelyard.gui.frame.network import NetworkPopover
from steelyard.gui.frame.statusbar import StatusBar
from steelyard.gui.frame.topbar import NetworkPill
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner

_MEMORY_EVERY_MS = 4000
_log = logging.getLogger(__name__)


class Vitals(QObject):
    """Keeps the frame's readings fresh.

    Args:
        runner: asks the service.
        status, pill, popover: what shows them.
    """

    def __init__(
        self, runner: JobRunner, status: StatusBar, pill: NetworkPill, popover: NetworkPopover
    ) -> None:
        super().__init__(status)
        self._runner, self._status, self._pill, self._popover = runner, status, pill, popover
        self._timer = QTimer(self)
        self._timer.setInterval(_MEMORY_EVERY_MS)
        self._timer.timeout.connect(self.read_memory)
        runner.opened.connect(self.refresh)
        runner.settled.connect(self._on_settled)

    def start(self) -> None:
        """Begin: after the first paint, so that nothing of it delays it."""
        self.read_memory()
        self._timer.start()
        self.refresh()

    @Slot()
    def read_memory(self) -> None:
        """Main memory of this machine, from the operating system."""
        import psutil  # noqa: PLC0415  # 20 ms that the first paint need not wait for

        memory = psutil.virtual_memory()
        self._status.show_memory(memory.total - memory.available, memory.total)

    @Slot()
    def _on_settled(self, job: object) -> None:
        # An answer adds to the log, and changes nothing else that stands here.
        if isinstance(job, Job) and not job.listed:
            self._runner.ask(
                _audit_head, self._on_audit, self._on_error, owner=self, replaces="audit"
            )
        else:
            self.refresh()

    def refresh(self, _: object = None) -> None:
        """Ask for the log's head, the connections, and the GPU."""
        ask = self._runner.ask
        ask(_audit_head, self._on_audit, self._on_error, owner=self, replaces="audit")
        ask(_connections, self._on_network, self._on_error, owner=self, replaces="network")
        ask(_machine, self._on_machine, self._on_error, owner=self, replaces="machine")

    def _on_audit(self, result: Any) -> None:
        self._status.show_log(result.total, None)

    def _on_network(self, result: Any) -> None:
        self._pill.show_state(
            offline=result.offline, by_policy=result.offline_by_policy, host=result.online_host
        )
        self._popover.show_attempts(
            result.connections, offline=result.offline, by_policy=result.offline_by_policy
        )

    def _on_machine(self, result: Any) -> None:
        gpu = result.gpus[0] if result.gpus else None
        if gpu is None or gpu.total_bytes is None or gpu.free_bytes is None:
            self._status.show_gpu(0, 0)
        else:
            self._status.show_gpu(gpu.total_bytes - gpu.free_bytes, gpu.total_bytes)

    def _on_error(self, error: Exception) -> None:
        # The pages show what went wrong; a reading that is missing is not worth a banner.
        _log.info("a reading for the frame failed: %s", error)


# Made in a worker thread: importing the service takes longer than a frame may wait.


def _audit_head() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ListAudit(limit=1)


def _connections() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ListConnections()


def _machine() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ProbeMachine(engine=False)
