"""Showing a file where it lies, in the desktop's own file manager."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: str | Path) -> None:
    """Open the folder that holds a file, or the folder itself; nothing is run and nothing is opened but a folder."""
    place = Path(path)
    folder = place if place.is_dir() else place.parent
    if folder.is_dir():
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
