"""What the window remembers for its next start: where it was, and how it looked, so that the first paint needs to
wait for nothing. Never a setting's truth: what the settings say is applied as soon as they have been read.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Remembered:
    """A small file in the configuration folder; where it cannot be written, nothing is remembered."""

    def __init__(self, config: Path) -> None:
        self._file = QSettings(str(config / "window.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """`system`, `light` or `dark`."""
        return str(self._file.value("theme", "system"))

    @property
    def language(self) -> str:
        """`system`, `en` or `de`."""
        return str(self._file.value("language", "system"))

    @property
    def geometry(self) -> QByteArray | None:
        """For `QWidget.restoreGeometry`, or None."""
        saved = self._file.value("geometry")
        return saved if isinstance(saved, QByteArray) else None

    def keep_look(self, theme: str, language: str) -> None:
        """Remember what the settings said."""
        if (theme, language) != (self.theme, self.language):
            self._file.setValue("theme", theme)
            self._file.setValue("language", language)
            self._file.sync()

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Remember where the window was."""
        self._file.setValue("geometry", geometry)
        self._file.sync()
