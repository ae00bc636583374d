"""One run of the window: paint first, then open the service, then read the settings and show the first page.

The order is the point. Importing and opening the service takes longer than a person should look at nothing; and a page
needs the service, so it is shown when that is there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from steelyard.base.errors import Json, SteelyardError
from steelyard.base.paths import Home
from steelyard.gui import translation
from steelyard.gui.frame.palette import Command
from steelyard.gui.frame.window import Window
from steelyard.gui.job import Job
from steelyard.gui.jobs import App, JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.pages import specs
from steelyard.gui.remembered import Remembered
from steelyard.gui.theme import appearance

log = logging.getLogger(__name__)

_FIRST_PAGE = "library"


class Session(QObject):
    """The job runner and the window, from the first paint to the end.

    Args:
        app: the application.
        service: an opened service, which stays open; None: open one, and close it at the end.
        flags: settings for this process only, where the service is opened here.
    """

    def __init__(
        self, app: QApplication, service: App | None, flags: Mapping[str, Json] | None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._remembered = Remembered(Home.locate().config)
        self._painted = threading.Event()
        self._models: tuple[Any, ...] = ()
        appearance.apply(app, self._remembered.theme)
        self._language = translation.install(app, self._remembered.language)
        opener: Callable[[], App] = partial(self._open_after_paint, flags)
        self.runner = JobRunner(service if service is not None else opener, parent=self)
        self.window = self._make_window()
        if service is not None:
            self._ask_settings()
        self.runner.opened.connect(self._ask_settings)
        self.runner.opened.connect(self._ask_models)
        self.runner.settled.connect(self._on_settled)

    def show(self) -> None:
        """Show the window."""
        self.window.show()

    def end(self) -> None:
        """Stop what runs, wait for the threads, close the service."""
        self._painted.set()
        self.runner.close()

    def _make_window(self) -> Window:
        window = Window(self.runner, specs(), sources=(self._model_commands,))
        if (geometry := self._remembered.geometry) is not None:
            window.restoreGeometry(geometry)
        window.painted.connect(self._painted.set)
        window.painted.connect(window.vitals.start)
        window.reference_taken.connect(lambda reference: window.go("browse", reference))
        window.theme_asked.connect(self._set_theme)
        window.closing.connect(lambda: self._remembered.keep_geometry(window.saveGeometry()))
        return window

    def _open_after_paint(self, flags: Mapping[str, Json] | None) -> App:
        """In a worker thread. Two threads of Python share one interpreter: opening would hold up the first paint."""
        self._painted.wait()
        return _open_service(flags)

    # ------------------------------------------------------------------ settings

    def _ask_settings(self) -> None:
        self.runner.ask(_show_policy, self._on_settings, self._on_no_settings, owner=self)

    def _on_settings(self, policy: Any) -> None:
        values = {value.key: value.value for value in policy.values}
        theme, language = str(values["window.theme"]), str(values["window.language"])
        self._remembered.keep_look(theme, language)
        if theme != appearance.choice():
            appearance.apply(self._app, theme)
        if translation.language(language) != self._language:
            self._start_again_in(language)
        self._go_first(_FIRST_PAGE if values["window.first-run-done"] else "first-run")

    def _on_no_settings(self, error: SteelyardError) -> None:
        # The settings page says what is wrong with them; the window works without.
        log.warning("the window's settings could not be read: %s", error)
        self._go_first(_FIRST_PAGE)

    def _go_first(self, page: str) -> None:
        if not self.window.here:  # else somebody was quicker and is somewhere already
            self.window.go(page)

    def _start_again_in(self, language: str) -> None:
        """Words are set when a widget is made, so another language takes another window."""
        self._language = translation.install(self._app, language)
        old, self.window = self.window, self._make_window()
        self.window.show()
        old.hide()
        old.deleteLater()

    def _set_theme(self, theme: str) -> None:
        appearance.apply(self._app, theme)
        self._remembered.keep_look(theme, self._remembered.language)

    # ------------------------------------------------------------------ models

    def _on_settled(self, job: object) -> None:
        # An answer changes no model; listing hundreds of them after each would be felt.
        if isinstance(job, Job) and (job.listed or job.state == "failed"):
            self._ask_models()

    def _ask_models(self) -> None:
        self.runner.ask(
            _list_models, self._on_models, self._on_no_models, owner=self, replaces="models"
        )

    def _on_models(self, result: Any) -> None:
        self._models = tuple(result.models)
        if not any(model.loaded for model in self._models):
            self.window.status.show_engine("", None)  # it was unloaded, or its worker ended

    def _on_no_models(self, error: SteelyardError) -> None:
        # The library says so; the palette then offers no models.
        log.info("the palette has no models: %s", error)

    def _model_commands(self) -> list[Command]:
        return [
            Command(
                display_name(model.title or model.name),
                display_name(" · ".join(p for p in (model.publisher, model.quantization) if p)),
                self.tr("Model"),
                "library",
                partial(self.window.go, "model", model.name),
            )
            for model in self._models
        ]


def _open_service(flags: Mapping[str, Json] | None) -> App:
    from steelyard.service import Steelyard  # noqa: PLC0415  # in a worker thread, after the first paint

    service: App = Steelyard.open(flags=flags)
    return service


def _show_policy() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ShowPolicy()


def _list_models() -> object:
    from steelyard.service import requests  # noqa: PLC0415  # in a worker thread

    return requests.ListModels()
