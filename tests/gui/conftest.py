"""The window under test: dressed, without a display, and with a service that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.service_stand_in import Service
from steelyard.gui.app import make_application
from steelyard.gui.jobs import JobRunner
from steelyard.gui.theme import appearance
from steelyard.gui.theme.tokens import LIGHT


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["steelyard"]


@pytest.fixture(scope="session")
def dressed_once(qapp: QApplication) -> QApplication:
    """The application with our style, fonts and the light theme."""
    return make_application(theme="light")


@pytest.fixture(autouse=True)
def dressed(dressed_once: QApplication) -> Iterator[QApplication]:
    """Light theme and left to right again after a test that changed them."""
    yield dressed_once
    if appearance.tokens() is not LIGHT or appearance.choice() != "light":
        appearance.apply(dressed_once, "light")
    dressed_once.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def service() -> Service:
    """A service that answers as the test tells it."""
    return Service()


@pytest.fixture
def runner(service: Service, qapp: QApplication) -> Iterator[JobRunner]:
    """A job runner on that service, ended after the test."""
    made = JobRunner(service)
    yield made
    made.close(wait_s=10)
    made.deleteLater()
    assert not [t for t in threading.enumerate() if t.name.startswith(("ask", "act"))]
