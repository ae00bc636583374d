"""Getting models in and out in the window, with the real service: pulled, paused, killed, poisoned; bundles by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from formats.gguf_builder import small_gguf
from steelyard.base.paths import Home
from steelyard.gui.app import make_application
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.bundle_in import BundleInDialog
from steelyard.gui.pages.bundle_out import BundleOutDialog
from steelyard.gui.pages.library import LibraryPage
from steelyard.gui.pages.transfers import TransfersPage
from steelyard.gui.transfer import Transfer
from steelyard.service import Steelyard
from steelyard.service import requests as ask

PATIENT_MS = 60_000


@dataclass
class Desk:
    """A window on a real installation of its own."""

    window: Window
    service: Steelyard
    runner: JobRunner
    qtbot: QtBot

    @property
    def page(self) -> TransfersPage:
        self.window.go("transfers")
        shown = self.window.page("transfers")
        assert isinstance(shown, TransfersPage)
        return shown

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENT_MS)

    def all(self) -> tuple[Transfer, ...]:
        return self.window.transfers.all

    def until_state(self, state: str) -> Transfer:
        self.until(lambda: state in [transfer.state for transfer in self.all()])
        return next(transfer for transfer in self.all() if transfer.state == state)

    def models(self) -> set[str]:
        listed = self.service.run(ask.ListModels())
        return {model.name for model in listed.models if model.state == "admitted"}

    def close(self) -> None:
        self.runner.close()
        self.service.close()
        self.window._quit_agreed = True
        self.window.close()
        self.window.deleteLater()


def open_desk(home: Home, qtbot: QtBot, *, offline: bool) -> Desk:
    make_application(theme="light")
    service = Steelyard.open(
        home,
        environment={},
        flags={"network.offline": offline},
        managed=home.data.parent / "none.json",
    )
    runner = JobRunner(service)
    window = Window(runner, specs())
    window.show()
    return Desk(window, service, runner, qtbot)


def home_in(folder: Path) -> Home:
    made = Home(folder / "data", folder / "config")
    made.prepare()
    return made


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made = open_desk(home_in(tmp_path / "receiver"), qtbot, offline=True)
    yield made
    made.close()


# ---------------------------------------------------------------------- bundles


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Steelyard]:
    """Another installation, with a key and the starter model."""
    home = home_in(tmp_path / "sender")
    with Steelyard.open(
        home, environment={}, flags={"network.offline": True}, managed=tmp_path / "none.json"
    ) as made:
        made.run(ask.CreateKey("records"))
        yield made


def small_model(folder: Path) -> Path:
    path = folder / "carried-Q8_0.gguf"
    path.write_bytes(small_gguf())
    return path


def came_back(receiver: Steelyard, sender: Steelyard, receipt: Path) -> ask.ReceiptChecked:
    """The receipt, as the sender checks it, who knows the receiver's key."""
    out = receipt.with_name("receiver.pub.pem")
    key = receiver.run(ask.ExportKey("receiver", out))
    sender.run(ask.TrustKey(out, "receiver", ("bundle",), fingerprint=key.fingerprint))
    checked = sender.run(ask.CheckReceipt(receipt))
    assert isinstance(checked, ask.ReceiptChecked)
    return checked


def test_a_bundle_is_refused_for_its_key_then_trusted_and_taken_in(
    desk: Desk, sender: Steelyard, tmp_path: Path
) -> None:
    taken = sender.run(ask.ImportModel(small_model(tmp_path)))
    stick = tmp_path / "stick"
    stick.mkdir()
    bundle = stick / "B.steelyard"
    sender.run(ask.CreateBundle((taken.model.name,), bundle, keys=("records",)))
    key = sender.run(ask.ExportKey("records", stick / "records.pub.pem"))

    desk.window.shell.take_in([bundle])
    (dialog,) = desk.window.findChildren(BundleInDialog)
    desk.until(lambda: dialog._report is not None)
    assert not dialog._import.isEnabled()
    assert "trusted key" in dialog._banner.accessibleDescription()
    assert taken.model.name not in desk.models()

    desk.service.run(
        ask.TrustKey(Path(key.path), "records", ("bundle",), fingerprint=key.fingerprint)
    )
    desk.service.run(ask.CreateKey("receiver"))
    dialog._again.click()
    desk.until(dialog._import.isEnabled)
    dialog._import.click()
    desk.until(dialog._folder.isVisible)
    assert dialog._banner.accessibleName() == "The bundle is in the store."
    assert taken.model.name in desk.models()
    assert Path(dialog._receipt).parent == stick
    assert came_back(desk.service, sender, Path(dialog._receipt)).ok
    assert desk.until_state("verified").kind == "bundle-in"


def test_the_library_exports_what_is_ticked_and_names_the_fingerprint(
    desk: Desk, tmp_path: Path
) -> None:
    desk.service.run(ask.CreateKey("records"))
    taken = desk.service.run(ask.ImportModel(small_model(tmp_path)))
    desk.window.go("library")
    library = desk.window.page("library")
    assert isinstance(library, LibraryPage)
    desk.until(lambda: taken.model.name in {row.key for row in library._table.rows})
    number = next(n for n, row in enumerate(library._table.rows) if row.key == taken.model.name)
    library._table._select_row(number, True)
    library._export.click()
    (dialog,) = library.findChildren(BundleOutDialog)
    desk.until(lambda: bool(dialog._keys))
    dialog._where.setText(str(tmp_path / "out.steelyard"))
    dialog._make.click()
    desk.until(dialog._folder.isVisible)
    report = desk.service.run(ask.InspectBundle(tmp_path / "out.steelyard"))
    assert [model.name for model in report.models] == [taken.model.name]
    assert [signer.name for signer in report.signers] == ["records"]
    assert desk.until_state("written").kind == "bundle-out"
