"""What every tab of model detail is: shown a model, told when it comes to the front."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from steelyard.service import requests as ask


class ModelTab(QWidget):
    """Base of the tabs. `detail` is the model at hand, None before the first."""

    def __init__(self) -> None:
        super().__init__()
        self.detail: ask.ModelDetail | None = None

    def show_detail(self, detail: ask.ModelDetail) -> None:
        """Another model, or the same one with newer facts."""
        self.detail = detail

    def opened(self) -> None:
        """The tab came to the front with a model at hand: ask now for what costs something."""
