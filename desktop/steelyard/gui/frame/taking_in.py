"""Files and folders that were dropped, chosen or named: models become import jobs, bundles are inspected first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.frame.dropped import Dropped, look_at
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Shell

if TYPE_CHECKING:
    from steelyard.service.requests import ReceiptChecked


class TakingIn(QObject):
    """One for each window.

    Signals:
        told(str, str, str): something to be said above the page: its mood, a sentence, and the rest.
    """

    told = Signal(str, str, str)

    def __init__(self, window: QWidget, shell: Shell) -> None:
        super().__init__(window)
        self._window, self._shell = window, shell
        self._bundles: deque[Path] = deque()
        self._open: QDialog | None = None

    def take(self, paths: Sequence[Path]) -> None:
        """Do with each what it is for; say of the rest why not."""
        dropped = look_at(paths)
        self._import(dropped)
        self._bundles.extend(dropped.paths("bundle"))
        self._inspect_next()
        for receipt in dropped.paths("receipt"):
            self._check_receipt(receipt)
        for folder in dropped.paths("places"):
            self.find_models(folder)
        if dropped.wrong:
            names = ", ".join(display_name(one.path.name) for one in dropped.wrong)
            why = " ".join(dict.fromkeys(one.why for one in dropped.wrong))
            self.told.emit("amber", self.tr("Not taken in: {0}.").format(names), why)

    def find_models(self, folder: Path | None = None) -> None:
        """Look for models in other programs' folders, or in one folder, and offer to adopt them."""
        from steelyard.gui.pages.found_models import FoundModelsDialog  # noqa: PLC0415  # brings the service

        FoundModelsDialog(self._window, self._shell, folder).open()

    def _import(self, dropped: Dropped) -> None:
        from steelyard.service import requests  # noqa: PLC0415  # long since imported by the service

        job = None
        for path in dropped.paths("model"):
            title = self.tr("Import {0}").format(display_name(path.name))
            job = self._shell.jobs.act(requests.ImportModel(path), title=title)
        if job is not None:
            self._shell.go("transfers", job)

    def _check_receipt(self, path: Path) -> None:
        from steelyard.service import requests  # noqa: PLC0415  # long since imported by the service

        self._shell.jobs.act(
            requests.CheckReceipt(path),
            title=self.tr("Check {0}").format(display_name(path.name)),
            on_result=self._receipt_checked,
            on_error=self._receipt_refused,
            owner=self,
        )

    def _receipt_checked(self, checked: ReceiptChecked) -> None:
        by = self.tr("Received by {0}, {1}.").format(
            display_name(checked.receiver), figures.day(checked.received_at)
        )
        if checked.ok:
            said = self.tr("The receipt answers bundle {0}.").format(figures.count(checked.serial))
            self.told.emit("green", said, by)
        else:
            wrong = " ".join(display_name(problem.detail) for problem in checked.problems)
            self.told.emit("red", self.tr("The receipt does not answer what was sent."), wrong)

    def _receipt_refused(self, error: SteelyardError) -> None:
        self.told.emit("red", error.message, error.next_step)

    def _inspect_next(self) -> None:
        """One bundle after the other: each is a decision of its own."""
        if self._open is not None or not self._bundles:
            return
        from steelyard.gui.pages.bundle_in import BundleInDialog  # noqa: PLC0415  # brings the service

        dialog = BundleInDialog(self._window, self._shell, self._bundles.popleft())
        dialog.finished.connect(self._on_finished)
        self._open = dialog
        dialog.open()

    def _on_finished(self) -> None:
        self._open = None
        self._inspect_next()
