"""The import button and its menu, the same in Library and Transfers: file, folder, bundle, models on this machine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from steelyard.gui.pages.page import Shell
from steelyard.gui.widgets.buttons import Button, Kind

_BUNDLES = "*.steelyard *.steelyard.001 bundle.json"


class ImportButton(Button):
    """Opens the menu; what is chosen goes the way of what is dropped."""

    def __init__(self, shell: Shell, *, kind: Kind = "primary") -> None:
        super().__init__(
            QCoreApplication.translate("ImportButton", "Import"), icon="import", kind=kind
        )
        self._shell = shell
        menu = QMenu(self)
        menu.addAction(self.tr("A GGUF file…"), self.choose_file)
        menu.addAction(self.tr("A model folder…"), self.choose_folder)
        menu.addAction(self.tr("A bundle…"), self.choose_bundle)
        menu.addSeparator()
        menu.addAction(self.tr("Models on this machine…"), shell.find_models)
        self.setMenu(menu)

    def choose_file(self) -> None:
        """Ask for a file."""
        filters = [self.tr("GGUF files (*.gguf)"), self.tr("All files (*)")]
        self._choose(self.tr("Import a GGUF file"), QFileDialog.FileMode.ExistingFile, filters)

    def choose_folder(self) -> None:
        """Ask for a folder."""
        self._choose(self.tr("Import a model folder"), QFileDialog.FileMode.Directory, [])

    def choose_bundle(self) -> None:
        """Ask for a bundle: its file, its first part, or its manifest."""
        filters = [self.tr("Bundles ({0})").format(_BUNDLES), self.tr("All files (*)")]
        self._choose(self.tr("Inspect a bundle"), QFileDialog.FileMode.ExistingFile, filters)

    def _choose(self, headline: str, mode: QFileDialog.FileMode, filters: list[str]) -> None:
        dialog = QFileDialog(self.window(), headline)
        dialog.setFileMode(mode)
        if filters:
            dialog.setNameFilters(filters)
        dialog.fileSelected.connect(lambda name: self._shell.take_in([Path(name)]))
        dialog.open()
