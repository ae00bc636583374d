"""Starts the window: the application object, its look and language, the job runner, the main window; and ends it.

The service is opened in a thread while the window is being built, so that the first paint does not wait for it.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from steelyard.base.errors import Json, SteelyardError
from steelyard.gui import figures, translation
from steelyard.gui.frame.palette import Command
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import App, JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.pages import specs
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.widgets.focus import FocusRing

log = logging.getLogger(__name__)

_FIRST_PAGE = "library"
_SETTINGS_WAIT_S = 0.4
"""Longest wait for the person's appearance before the first paint; then the system's is used."""


def make_application(argv: Sequence[str] = ("steelyard",), theme: str = "system") -> QApplication:
    """The one QApplication, dressed. Tests and the gallery use it too."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(argv))
    app.setApplicationName("Steelyard")
    app.setApplicationDisplayName("Steelyard")
    app.setDesktopFileName("steelyard")
    app.setStyle("Fusion")
    figures.ensure_separators()
    app.setFont(fonts.font())
    appearance.apply(app, theme)
    return app


def run(
    service: App | None = None,
    argv: Sequence[str] = ("steelyard",),
    *,
    flags: Mapping[str, Json] | None = None,
) -> int:
    """Open the window and stay until it is closed.

    Args:
        service: an opened service, which stays open; None: open one, and close it at the end.
        flags: settings for this process only, where the service is opened here.

    Returns:
        The process's exit code.
    """
    early = _EarlySettings(service or partial(_open_service, flags))
    app = make_application(argv)
    settings = early.wait(_SETTINGS_WAIT_S)
    appearance.apply(app, str(settings.get("window.theme", "system")))
    appearance.follow_system(app)
    translation.install(app, str(settings.get("window.language", "system")))
    focus_ring = FocusRing(app)
    runner = JobRunner(early.service if service is None else service)
    window = Window(runner, specs(), sources=(_Models(runner).commands,))
    _connect(app, window, runner)
    window.show()
    # A page's module imports the service; shown before it is there, the window would wait for it.
    if service is None:
        runner.opened.connect(lambda: window.go(_FIRST_PAGE))
    else:
        window.go(_FIRST_PAGE)
    with _Interruptible(window):
        code = app.exec()
    focus_ring.deleteLater()
    runner.close()
    return code


def _open_service(flags: Mapping[str, Json] | None) -> App:
    from steelyard.service import Steelyard  # noqa: PLC0415  # in a thread, not before the first paint

    service: App = Steelyard.open(flags=flags)
    return service


class _EarlySettings:
    """Opens the service in a thread at once and reads the window's settings from it."""

    def __init__(self, source: App | Callable[[], App]) -> None:
        self._source = source
        self._service: App | None = None
        self._error: BaseException | None = None
        self._values: dict[str, Any] = {}
        self._opened = threading.Event()
        self._read = threading.Event()
        threading.Thread(target=self._work, name="open", daemon=True).start()

    def wait(self, seconds: float) -> dict[str, Any]:
        """The settings, or nothing when it takes longer."""
        self._read.wait(seconds)
        return dict(self._values)

    def service(self) -> App:
        """The opened service; waits for it. For the job runner's thread.

        Raises:
            Exception: whatever opening it raised.
        """
        self._opened.wait()
        if self._error is not None:
            raise self._error
        assert self._service is not None
        return self._service

    def _work(self) -> None:
        try:
            source = self._source
            self._service = source() if callable(source) else source
        except Exception as error:  # noqa: BLE001  # handed on: the job runner raises it where it is shown
            self._error = error
        self._opened.set()
        if self._service is not None:
            self._values = _settings(self._service)
        self._read.set()


def _settings(service: App) -> dict[str, Any]:
    """Settings by key; nothing where they cannot be read, which the settings page then says."""
    from steelyard.service import requests  # noqa: PLC0415  # in a thread

    try:
        policy = service.run(requests.ShowPolicy())
    except SteelyardError as error:
        log.warning("the window's settings could not be read: %s", error)
        return {}
    return {value.key: value.value for value in policy.values}


class _Models:
    """Models for the command palette, as last listed."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._models: tuple[Any, ...] = ()
        self._go: Callable[[str, object], None] | None = None
        runner.opened.connect(self.refresh)
        runner.settled.connect(self.refresh)

    def refresh(self, _: object = None) -> None:
        """Ask for the list."""
        self._runner.ask(_list_models, self._take, lambda _: None)

    def _take(self, result: Any) -> None:
        self._models = tuple(result.models)

    def commands(self) -> list[Command]:
        """One for each model: open it."""
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, Window)), None)
        if window is None:
            return []
        return [
            Command(
                display_name(model.title or model.name),
                display_name(" · ".join(p for p in (model.publisher, model.quantization) if p)),
                window.tr("Model"),
                "library",
                partial(window.go, "model", model.name),
            )
            for model in self._models
        ]


def _list_models() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ListModels()


def _connect(app: QApplication, window: Window, runner: JobRunner) -> None:
    def take_in(paths: list[Path]) -> None:
        from steelyard.service import requests  # noqa: PLC0415  # after the first paint

        for path in paths:
            title = window.tr("Import {0}").format(display_name(path.name))
            runner.act(requests.ImportModel(path), title=title)
        window.top.tasks.click()

    window.paths_taken.connect(take_in)
    window.reference_taken.connect(lambda reference: window.go("browse", reference))
    window.theme_asked.connect(lambda theme: appearance.apply(app, theme))
    QGuiApplication.setQuitOnLastWindowClosed(True)


class _Interruptible:
    """Lets Ctrl+C in the terminal close the window.

    Python runs a signal's handler between bytecodes, of which an idle event loop executes none; a socket that the
    interpreter writes to on a signal wakes it, at no cost while nothing happens.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, window)
        self._notifier.activated.connect(self._woken)

    def __enter__(self) -> None:
        self._fd = signal.set_wakeup_fd(self._writer.fileno())
        self._before = signal.signal(signal.SIGINT, lambda *_: self._window.close())

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._fd)
        signal.signal(signal.SIGINT, self._before)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _woken(self) -> None:
        self._reader.recv(64)
