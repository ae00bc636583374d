"""Bundles in the window: looked at first, refused with what policy asks, taken in, repaired; made and signed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.accessibility import unnamed_controls
from gui.transfers_scenes import (
    DAMAGED,
    DIGEST,
    FOUND,
    KEYS,
    OLD_SERIAL,
    SITE_KEY,
    STRANGER,
    UNTRUSTED,
    Desk,
    bundle_imported,
    bundle_report,
    model_row,
)
from steelyard.base.errors import CheckFailed
from steelyard.base.progress import Progress
from steelyard.bundles.errors import OldSerial
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.bundle_in import BundleInDialog
from steelyard.gui.pages.bundle_out import FAT32_PART_BYTES, BundleOutDialog
from steelyard.gui.pages.found_models import FoundModelsDialog
from steelyard.service import requests as ask

PATH = Path("/media/stick/B-2026-0043.steelyard.001")


@pytest.fixture
def service() -> Desk:
    made = Desk()
    made.on(ask.InspectBundle, lambda *_: bundle_report())
    made.on(ask.ListKeys, lambda *_: ask.KeyList(KEYS.keys[:1], "user"))
    made.on(ask.FindModels, lambda *_: FOUND)
    return made


@pytest.fixture
def window(qtbot: QtBot, runner: JobRunner, service: Desk) -> Iterator[Window]:
    made = Window(runner, specs())
    qtbot.addWidget(made)
    made.show()
    yield made
    service.go_on.set()
    qtbot.waitUntil(lambda: not runner.busy)


def looked_at(qtbot: QtBot, window: Window) -> BundleInDialog:
    dialog = BundleInDialog(window, window.shell, PATH)
    dialog.open()
    qtbot.waitUntil(lambda: dialog._report is not None)
    return dialog


def said(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def words(table: object) -> list[list[str]]:
    return [[cell.words for cell in row.cells] for row in table.rows]  # type: ignore[attr-defined]


# ---------------------------------------------------------------------- in


def test_a_trusted_bundle_is_shown_before_it_may_be_taken_in(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    dialog = looked_at(qtbot, window)
    assert "Sender: records.site · Serial: 43 · Made: 18 Nov 2025" in said(dialog)
    assert words(dialog._signers) == [["Site key 2", "k7f2-90aa", "Trusted"]]
    assert [row[0] for row in words(dialog._models)] == ["qwen3-8b", "gemma-3-4b-it"]
    assert [row[3] for row in words(dialog._models)] == ["New", "In the store"]
    assert dialog._import.isEnabled()
    assert not any(isinstance(request, ask.ImportBundle) for request in service.asked)
    assert unnamed_controls(dialog) == []


def test_an_untrusted_key_says_what_policy_asks_and_looking_again_helps(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.on(ask.InspectBundle, lambda *_: bundle_report(STRANGER, problems=UNTRUSTED))
    dialog = looked_at(qtbot, window)
    assert not dialog._import.isEnabled()
    assert "Policy asks for a signature by a trusted key" in dialog._banner.accessibleDescription()
    assert words(dialog._signers)[0][2] == "this key is not trusted here"
    service.on(ask.InspectBundle, lambda *_: bundle_report(SITE_KEY))
    dialog._again.click()
    qtbot.waitUntil(dialog._import.isEnabled)
    assert dialog._banner.accessibleName() == "Signed by a key that is trusted here."


def test_an_old_serial_is_taken_in_only_when_accepted(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.on(ask.InspectBundle, lambda *_: bundle_report(problems=OLD_SERIAL))
    service.ends[str(PATH)] = bundle_imported()
    dialog = looked_at(qtbot, window)
    assert not dialog._import.isEnabled()
    dialog._accept.setChecked(True)
    dialog._import.click()
    qtbot.waitUntil(dialog._folder.isVisible)
    assert ask.ImportBundle(PATH, key="records 1", accept_old_serial=True) in service.asked


def test_damage_is_mended_from_a_second_copy(qtbot: QtBot, window: Window, service: Desk) -> None:
    service.on(ask.InspectBundle, lambda *_: bundle_report(problems=DAMAGED))
    service.ends[str(PATH)] = bundle_imported(repaired_bytes=1 << 20)
    dialog = looked_at(qtbot, window)
    assert dialog._other.isVisible()
    assert not dialog._import.isEnabled()
    dialog._take_second("/media/other/B-2026-0043.steelyard.001")
    dialog._import.click()
    qtbot.waitUntil(dialog._folder.isVisible)
    second = Path("/media/other/B-2026-0043.steelyard.001")
    assert ask.ImportBundle(PATH, second=second, key="records 1") in service.asked
    assert "1.0 MiB repaired" in dialog._banner.accessibleDescription()


def test_an_old_serial_found_while_taking_in_can_be_accepted_then(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.ends[str(PATH)] = OldSerial("Serial 43 came before.", next_step="Ask the sender.")
    dialog = looked_at(qtbot, window)
    dialog._import.click()
    qtbot.waitUntil(dialog._accept.isVisible)
    assert not dialog._import.isEnabled()
    service.ends[str(PATH)] = bundle_imported()
    dialog._accept.setChecked(True)
    dialog._import.click()
    qtbot.waitUntil(dialog._folder.isVisible)


def test_which_key_signs_the_receipt_is_asked_where_there_are_several(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.on(ask.ListKeys, lambda *_: KEYS)
    service.ends[str(PATH)] = bundle_imported()
    dialog = looked_at(qtbot, window)
    qtbot.waitUntil(dialog._signing.isVisible)
    dialog._key.setCurrentIndex(1)
    assert not dialog._import.isEnabled(), "it is protected"
    dialog._passphrase.setText("open sesame")
    dialog._import.click()
    qtbot.waitUntil(dialog._folder.isVisible)
    made = next(request for request in service.asked if isinstance(request, ask.ImportBundle))
    assert (made.key, made.passphrase) == ("records 2", "open sesame")


def test_taking_in_goes_on_in_transfers_and_ends_with_the_receipt(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    go_on = threading.Event()

    def bring(_: object, emit: object, __: object) -> ask.BundleImported:
        emit(Progress("copying", 1 << 30, 8 << 30, detail="qwen3-8b.gguf"))  # type: ignore[operator]
        go_on.wait(10)
        return bundle_imported()

    service.on(ask.ImportBundle, bring)
    dialog = looked_at(qtbot, window)
    dialog._import.click()
    qtbot.waitUntil(lambda: "copying · 1.00 GiB of 8.00 GiB" in said(dialog))
    assert dialog.close_button.text() == "Go on in Transfers"
    qtbot.waitUntil(lambda: [each.kind for each in window.transfers.running] == ["bundle-in"])
    go_on.set()
    qtbot.waitUntil(dialog._folder.isVisible)
    assert "B-2026-0043.receipt.json" in dialog._banner.accessibleDescription()
    assert not dialog._import.isVisible()


def test_a_bundle_that_cannot_be_read_says_the_next_step(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    def broken(*_: object) -> None:
        raise CheckFailed("B.steelyard is not a bundle.", next_step="Ask the sender.")

    service.on(ask.InspectBundle, broken)
    dialog = BundleInDialog(window, window.shell, PATH)
    dialog.open()
    qtbot.waitUntil(dialog._banner.isVisible)
    assert dialog._banner.accessibleDescription() == "Ask the sender."
    assert not dialog._import.isEnabled()


# ---------------------------------------------------------------------- out


def asked_to_make(service: Desk) -> ask.CreateBundle:
    return next(request for request in service.asked if isinstance(request, ask.CreateBundle))


def test_a_bundle_is_made_with_what_was_chosen(qtbot: QtBot, window: Window, service: Desk) -> None:
    models = (model_row("qwen3-8b"), model_row("gemma-3-4b-it"))
    dialog = BundleOutDialog(window, window.shell, models)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog._keys))
    assert unnamed_controls(dialog) == []
    dialog._where.setText("/media/stick/B.steelyard")
    dialog._split.setCurrentIndex(1)
    dialog._evals.setChecked(True)
    service.ends["/media/stick/B.steelyard"] = bundle_report()
    dialog._make.click()
    qtbot.waitUntil(dialog._folder.isVisible)
    made = asked_to_make(service)
    assert made.models == ("qwen3-8b", "gemma-3-4b-it")
    assert (made.out, made.keys) == (Path("/media/stick/B.steelyard"), ("records 1",))
    assert (made.with_evals, made.with_notes) == (True, False)
    assert made.split_bytes == FAT32_PART_BYTES
    digits = DIGEST.rpartition(":")[2]
    assert f"{digits[:4]} {digits[4:8]}" in said(dialog), "to be read out by telephone"


def test_a_folder_is_not_split_and_unsigned_says_so(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.on(ask.ListKeys, lambda *_: ask.KeyList((), "user"))
    dialog = BundleOutDialog(window, window.shell, (model_row("qwen3-8b"),))
    dialog.open()
    qtbot.waitUntil(lambda: dialog._make.text() == "Export unsigned")
    assert "by default does not take it in" in said(dialog)
    dialog._split.setCurrentIndex(1)
    dialog._form._segments["folder"].setChecked(True)
    assert not dialog._where.text().endswith(".steelyard")
    service.ends[dialog._where.text()] = bundle_report()
    dialog._make.click()
    qtbot.waitUntil(lambda: any(isinstance(r, ask.CreateBundle) for r in service.asked))
    made = asked_to_make(service)
    assert (made.keys, made.split_bytes) == ((), 0)
    qtbot.waitUntil(dialog._folder.isVisible)


def test_a_protected_key_asks_for_its_passphrase_and_shows_it_nowhere(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    service.on(ask.ListKeys, lambda *_: KEYS)
    dialog = BundleOutDialog(window, window.shell, (model_row("qwen3-8b"),))
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog._keys))
    dialog._keys["records 2"][0].setChecked(True)
    assert dialog._passphrase.isVisible()
    assert not dialog._make.isEnabled()
    dialog._passphrase.setText("open sesame")
    dialog._make.click()
    qtbot.waitUntil(lambda: any(isinstance(r, ask.CreateBundle) for r in service.asked))
    made = asked_to_make(service)
    assert made.passphrase == "open sesame"
    assert "sesame" not in repr(made)
    assert dialog._passphrase.text() == ""


# ---------------------------------------------------------------------- on this machine


def test_models_found_are_adopted_by_link_where_that_is_possible(
    qtbot: QtBot, window: Window, service: Desk
) -> None:
    dialog = FoundModelsDialog(window, window.shell)
    dialog.open()
    qtbot.waitUntil(lambda: len(dialog._table.rows) == 3)
    assert unnamed_controls(dialog) == []
    assert not dialog._adopt.isEnabled()
    for number in (0, 2):
        dialog._table._select_row(number, True)
    dialog._how._segments["link"].setChecked(True)
    assert "both programs use the same bytes" in said(dialog)
    assert "1 lie on another disk and are copied." in said(dialog)
    dialog._adopt.click()
    qtbot.waitUntil(lambda: sum(isinstance(r, ask.AdoptModel) for r in service.asked) == 2)
    assert ask.AdoptModel(Path("/home/a/.ollama/models/qwen3:8b"), link=True) in service.asked
    assert ask.AdoptModel(Path("/mnt/d/lm/phi-4.gguf"), link=False) in service.asked
    assert window.here == "transfers"
