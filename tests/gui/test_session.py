"""A start: first the paint, then the service, then the settings, then the first page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.gallery import gallery_specs
from gui.service_stand_in import Service
from steelyard.base.errors import OutOfResources
from steelyard.gui import session as session_module
from steelyard.gui.frame.window import Window
from steelyard.gui.remembered import Remembered
from steelyard.gui.session import Session
from steelyard.gui.theme import appearance
from steelyard.service import requests

Start = Callable[..., Session]


def policy(**changes: object) -> requests.PolicyInForce:
    """Settings in force."""
    values: dict[str, Any] = {
        "window.theme": "light",
        "window.language": "en",
        "window.first-run-done": True,
    }
    values |= {key.replace("_", ".", 1).replace("_", "-"): value for key, value in changes.items()}
    return requests.PolicyInForce(
        tuple(requests.PolicyValue(k, v, False, "default") for k, v in values.items())
    )


@pytest.fixture
def start(
    qtbot: QtBot,
    dressed: QApplication,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Start]:
    """Starts a session on the service of the test; ends it afterwards."""
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path))
    monkeypatch.setattr(session_module, "specs", gallery_specs)
    started: list[Session] = []
    service.on(requests.ListModels, lambda *_: SimpleNamespace(models=()))

    def begin(open_service: Callable[..., Any] = lambda _: service) -> Session:
        monkeypatch.setattr(session_module, "_open_service", open_service)
        made = Session(dressed, None, None)
        started.append(made)
        made.show()
        return made

    yield begin
    for session in started:
        session.window.hide()
        session.window.deleteLater()
        session.end()


def test_the_service_is_opened_after_the_first_paint(
    qtbot: QtBot, service: Service, start: Start
) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy())
    painted: list[bool] = []

    def opener(_: object) -> Service:
        painted.extend(
            w._was_painted for w in QApplication.topLevelWidgets() if isinstance(w, Window)
        )
        return service

    session = start(opener)
    qtbot.waitUntil(lambda: session.window.here == "library")
    assert True in painted


def test_the_first_steps_come_first_until_they_are_done(
    qtbot: QtBot, service: Service, start: Start
) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy(window_first_run_done=False))
    session = start()
    qtbot.waitUntil(lambda: session.window.here == "first-run")


def test_the_theme_of_the_settings_is_applied_and_remembered(
    qtbot: QtBot, service: Service, start: Start, tmp_path: Path
) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy(window_theme="dark"))
    session = start()
    qtbot.waitUntil(lambda: session.window.here == "library")
    assert appearance.tokens().name == "dark"
    assert Remembered(tmp_path / "config").theme == "dark"


def test_a_window_whose_settings_cannot_be_read_still_shows_its_first_page(
    qtbot: QtBot, start: Start
) -> None:
    session = start()
    qtbot.waitUntil(lambda: session.window.here == "library")


def test_a_service_that_does_not_open_is_said_with_the_next_step(
    qtbot: QtBot, start: Start
) -> None:
    def opener(_: object) -> Service:
        raise OutOfResources(
            "Another Steelyard uses this data folder.", next_step="Close it first."
        )

    session = start(opener)
    qtbot.waitUntil(session.window.notice.isVisible)
    assert session.window.notice.accessibleName() == "Another Steelyard uses this data folder."
    assert session.window.notice.accessibleDescription() == "Close it first."
    assert session.window.here == ""


def test_dropped_files_become_import_jobs(
    qtbot: QtBot, service: Service, start: Start, tmp_path: Path
) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy())
    done = threading.Event()
    service.on(requests.ImportModel, lambda *_: done.set())
    (tmp_path / "a.gguf").touch()
    session = start()
    qtbot.waitUntil(lambda: session.window.here == "library")
    with qtbot.waitSignal(session.runner.settled):
        session.window.shell.take_in([tmp_path / "a.gguf"])
    assert done.is_set()
    assert requests.ImportModel(tmp_path / "a.gguf") in service.asked
    assert session.window.here == "transfers"


def test_what_was_not_verified_for_long_is_hashed_again_while_nothing_runs(
    qtbot: QtBot, service: Service, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = requests.ScrubStore(older_than_days=7)
    monkeypatch.setattr("steelyard.gui.frame.background._due", lambda app: due)
    service.on(requests.ShowPolicy, lambda *_: policy())
    service.on(requests.ScrubStore, lambda *_: requests.StoreScrubbed(True, 1, 1, (), 0))
    session = start()
    qtbot.waitUntil(lambda: session.window.here == "library")
    with qtbot.waitSignal(session.runner.settled):
        session.window.background.look()
    assert due in service.asked


def test_models_are_found_in_the_palette(qtbot: QtBot, service: Service, start: Start) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy())
    model = SimpleNamespace(
        loaded=False,
        name="briefs",
        title="Briefs \u202e8B",
        publisher="harborlight",
        quantization="Q4_K_M",
    )
    service.on(requests.ListModels, lambda *_: SimpleNamespace(models=(model,)))
    session = start()
    qtbot.waitUntil(lambda: bool(session._models))
    session.window.open_palette()
    session.window.palette_panel.field.setText("harbor")
    shown = session.window.palette_panel._model.commands
    assert [command.title for command in shown] == ["Briefs ⟨U+202E⟩8B"]
    shown[0].run()
    assert session.window.here == "model"


def test_the_window_comes_back_where_it_was(
    qtbot: QtBot, service: Service, start: Start, tmp_path: Path
) -> None:
    service.on(requests.ShowPolicy, lambda *_: policy())
    first = start()
    qtbot.waitUntil(lambda: first.window.here == "library")
    first.window.resize(1234, 777)
    first.window.close()
    kept = Remembered(tmp_path / "config").geometry
    assert kept == first.window.saveGeometry()
    # The screen without a display is smaller than the window, so only that it is taken back can be seen.
    assert start().window.restoreGeometry(kept)
