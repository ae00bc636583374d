"""What is dropped on the window: the overlay says what will happen, or why not; then exactly that happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.transfers_scenes import Desk, bundle_report
from steelyard.gui.frame.dropped import look_at
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.bundle_in import BundleInDialog
from steelyard.gui.pages.found_models import FoundModelsDialog
from steelyard.service import requests as ask

AT, COPY = QPoint(300, 300), Qt.DropAction.CopyAction
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def service() -> Desk:
    return Desk()


@pytest.fixture
def window(qtbot: QtBot, runner: JobRunner, service: Desk) -> Iterator[Window]:
    service.on(ask.InspectBundle, lambda *_: bundle_report())
    service.on(ask.FindModels, lambda *_: ask.ModelsFound((), ()))
    made = Window(runner, specs())
    qtbot.addWidget(made)
    made.show()
    yield made
    service.go_on.set()
    qtbot.waitUntil(lambda: not runner.busy)


def held_over(window: Window, *urls: QUrl) -> QMimeData:
    """Something is held over the window."""
    data = QMimeData()
    data.setUrls(list(urls))
    enter = QDragEnterEvent(AT, COPY, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted(), "let in, so that the reason can be read"
    return data


def may_be_dropped(window: Window, data: QMimeData) -> bool:
    move = QDragMoveEvent(AT, COPY, data, LEFT, NONE)
    QApplication.sendEvent(window, move)
    return move.isAccepted()


def drop(window: Window, *paths: Path) -> None:
    data = held_over(window, *(QUrl.fromLocalFile(str(path)) for path in paths))
    QApplication.sendEvent(window, QDropEvent(QPointF(AT), COPY, data, LEFT, NONE))


def model_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.json").touch()
    (folder / "model.safetensors").touch()
    return folder


def bundle_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "bundle.json").touch()
    return folder


def touch(path: Path) -> Path:
    path.touch()
    return path


# ---------------------------------------------------------------------- what it is


@pytest.mark.parametrize("name", ["a.gguf", "A.GGUF", "model-00001-of-00003.gguf"])
def test_a_gguf_file_is_a_model(tmp_path: Path, name: str) -> None:
    assert look_at([touch(tmp_path / name)]).paths("model") == (tmp_path / name,)


def test_a_folder_with_weights_is_a_model(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    assert look_at([folder]).headline == "Import as model"


@pytest.mark.parametrize("name", ["B.steelyard", "B.steelyard.001"])
def test_a_container_or_its_first_part_is_a_bundle(tmp_path: Path, name: str) -> None:
    seen = look_at([touch(tmp_path / name)])
    assert seen.paths("bundle") == (tmp_path / name,)
    assert seen.headline == "Inspect bundle"


def test_a_bundle_folder_and_its_manifest_are_the_same_bundle(tmp_path: Path) -> None:
    folder = bundle_folder(tmp_path / "B")
    assert look_at([folder]).paths("bundle") == (folder,)
    assert look_at([folder / "bundle.json"]).paths("bundle") == (folder,)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("B.steelyard.002", "first part"),
        ("model.safetensors", "Drop the folder"),
        ("pytorch_model.bin", "run code"),
        ("model.pt", "run code"),
        ("model.zip", "Unpack"),
        ("notes.txt", "neither a GGUF file"),
    ],
)
def test_what_cannot_be_taken_in_says_why(tmp_path: Path, name: str, why: str) -> None:
    seen = look_at([touch(tmp_path / name)])
    assert not seen.usable
    assert why in seen.explained


def test_what_is_gone_and_empty_folders_say_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "any more" in look_at([tmp_path / "gone.gguf"]).explained
    assert "neither" in look_at([tmp_path / "empty"]).explained


def test_a_folder_of_folders_is_a_place_to_look_in(tmp_path: Path) -> None:
    (tmp_path / "models" / "one").mkdir(parents=True)
    seen = look_at([tmp_path / "models"])
    assert seen.paths("places") == (tmp_path / "models",)


def test_several_are_told_together_with_what_is_left_out(tmp_path: Path) -> None:
    paths = [touch(tmp_path / name) for name in ("a.gguf", "b.gguf", "c.bin")]
    seen = look_at(paths)
    assert seen.headline == "Import 2 models"
    assert "1 of 3 are left out" in seen.explained
    assert seen.names == "a.gguf, b.gguf, c.bin"


# ---------------------------------------------------------------------- what happens


def test_the_overlay_says_what_dropping_does_and_goes_away(window: Window, tmp_path: Path) -> None:
    data = held_over(window, QUrl.fromLocalFile(str(touch(tmp_path / "a\u202e.gguf"))))
    hint = window._drop_hint
    assert hint.isVisible()
    assert hint.accessibleName() == "Import as model"
    assert "a⟨U+202E⟩.gguf" in hint.accessibleDescription()
    assert may_be_dropped(window, data)
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()


def test_wrong_things_say_why_and_cannot_be_dropped(window: Window, tmp_path: Path) -> None:
    data = held_over(window, QUrl.fromLocalFile(str(touch(tmp_path / "a.bin"))))
    assert "run code" in window._drop_hint.accessibleDescription()
    assert not may_be_dropped(window, data)
    data = held_over(window, QUrl("https://hub.example/owner/name"))
    assert "Ctrl+K" in window._drop_hint.accessibleDescription()
    assert not may_be_dropped(window, data)


def test_a_dropped_model_becomes_an_import_in_transfers(
    qtbot: QtBot, window: Window, service: Desk, tmp_path: Path
) -> None:
    drop(window, touch(tmp_path / "a.gguf"), model_folder(tmp_path / "m"))
    assert window.here == "transfers"
    qtbot.waitUntil(lambda: ask.ImportModel(tmp_path / "m") in service.asked)
    qtbot.waitUntil(lambda: len(window.transfers.running) == 2)
    chosen = window.page("transfers")._chosen()  # type: ignore[union-attr]
    assert chosen.title == "m"


def test_a_dropped_bundle_is_inspected_and_the_next_one_after_it(
    qtbot: QtBot, window: Window, service: Desk, tmp_path: Path
) -> None:
    one, two = touch(tmp_path / "1.steelyard"), touch(tmp_path / "2.steelyard")
    drop(window, one, two)
    (dialog,) = window.findChildren(BundleInDialog)
    qtbot.waitUntil(lambda: ask.InspectBundle(one) in service.asked)
    assert ask.InspectBundle(two) not in service.asked
    dialog.close_button.click()
    qtbot.waitUntil(lambda: ask.InspectBundle(two) in service.asked)
    assert not any(isinstance(request, ask.ImportBundle) for request in service.asked)


def test_a_dropped_folder_of_folders_is_searched(
    qtbot: QtBot, window: Window, service: Desk, tmp_path: Path
) -> None:
    (tmp_path / "models" / "one").mkdir(parents=True)
    drop(window, tmp_path / "models")
    assert window.findChildren(FoundModelsDialog)
    qtbot.waitUntil(lambda: ask.FindModels(tmp_path / "models") in service.asked)


def test_a_receipt_is_checked_and_the_answer_said_above_the_page(
    qtbot: QtBot, window: Window, service: Desk, tmp_path: Path
) -> None:
    path = touch(tmp_path / "B-43.receipt.json")
    answer = ask.ReceiptChecked(True, 43, "lab 3", "2025-11-18T14:02:11.000Z", (), (), ())
    service.on(ask.CheckReceipt, lambda *_: answer)
    drop(window, path)
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.accessibleName() == "The receipt answers bundle 43."
    assert "lab 3, 18 Nov 2025" in window.notice.accessibleDescription()


def test_what_is_left_out_is_said_above_the_page(window: Window, tmp_path: Path) -> None:
    drop(window, touch(tmp_path / "a.gguf"), touch(tmp_path / "b.bin"))
    assert window.notice.isVisible()
    assert window.notice.accessibleName() == "Not taken in: b.bin."
    assert "run code" in window.notice.accessibleDescription()
    window.notice.buttons.itemAt(0).widget().click()
    assert not window.notice.isVisible()
