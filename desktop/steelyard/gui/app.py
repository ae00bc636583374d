"""Starts the window and ends it: the application object, its look, the session, Ctrl+C."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from steelyard.base.errors import Json
from steelyard.gui import figures
from steelyard.gui.jobs import App
from steelyard.gui.session import Session
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.widgets.focus import FocusRing


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
    app = make_application(argv)
    appearance.follow_system(app)
    focus_ring = FocusRing(app)
    session = Session(app, service, flags)
    session.show()
    with _Interruptible(session):
        code = app.exec()
    focus_ring.deleteLater()
    session.end()
    return code


class _Interruptible:
    """Lets Ctrl+C in the terminal close the window.

    Python runs a signal's handler between bytecodes, of which an idle event loop executes none; a socket that the
    interpreter writes to on a signal wakes it, at no cost while nothing happens.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, session)
        self._notifier.activated.connect(self._woken)

    def __enter__(self) -> None:
        self._fd = signal.set_wakeup_fd(self._writer.fileno())
        self._before = signal.signal(signal.SIGINT, lambda *_: self._session.window.close())

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._fd)
        signal.signal(signal.SIGINT, self._before)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _woken(self) -> None:
        self._reader.recv(64)
