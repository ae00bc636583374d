"""Getting models in and out in the window, with the real service: pulled, paused, killed, poisoned; bundles by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from formats.gguf_builder import Tensor, build_gguf, small_gguf
from journeys.conftest import PACKAGE_ROOT
from simulators.hub import Hub
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
from steelyard.gui.widgets.dialogs import Question
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


# ---------------------------------------------------------------------- downloads

REPOSITORY, FILE = "maker/mid", "mid-Q8_0.gguf"
PULL_ELSEWHERE = """
import sys
from steelyard.service import Steelyard, requests as ask
with Steelyard.open() as desk:
    desk.run(ask.PullModel("maker/mid", file="mid-Q8_0.gguf", endpoint=sys.argv[1]))
"""


@pytest.fixture(scope="module")
def weights() -> bytes:
    """A GGUF file of some MiB."""
    metadata = {"general.architecture": "llama", "llama.context_length": 128}
    return build_gguf(metadata, [Tensor("x.weight", (1 << 20,))])


@pytest.fixture
def hub(weights: bytes) -> Iterator[Hub]:
    with Hub() as made:
        made.add(REPOSITORY, {FILE: weights})
        yield made


@pytest.fixture
def online(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made = open_desk(home_in(tmp_path / "online"), qtbot, offline=False)
    yield made
    made.close()


def pull(desk: Desk, hub: Hub) -> None:
    request = ask.PullModel(REPOSITORY, file=FILE, endpoint=hub.endpoint)
    desk.page.activate(desk.runner.act(request, title=f"Pull {REPOSITORY}"))


def begun(desk: Desk) -> Transfer:
    """The one download, once bytes of it lie in quarantine and the server has gone silent."""

    def there() -> bool:
        return any(t.state == "fetching" and t.row and t.row.done_bytes for t in desk.all())

    desk.until(there)
    (one,) = desk.all()
    return one


def test_a_download_is_paused_goes_on_and_is_finished(
    online: Desk, hub: Hub, weights: bytes
) -> None:
    hub.fail("stall", path=FILE, after=len(weights) // 2, times=1)
    pull(online, hub)
    transfer = begun(online)
    assert (transfer.can_pause, transfer.files) == (True, 1)
    online.qtbot.keyClick(online.page._table, Qt.Key.Key_Space)
    paused = online.until_state("paused")
    online.until(lambda: online.all()[0].can_resume)
    assert paused.key == transfer.key
    assert 0 < online.all()[0].done_bytes < len(weights)
    online.page._detail.button("resume").click()
    done = online.until_state("admitted")
    assert done.key == transfer.key
    assert done.model in online.models()
    sent = sum(request.sent_bytes for request in hub.downloads())
    assert sent < 1.5 * len(weights), "what had arrived was not fetched again"


def test_a_download_that_was_killed_elsewhere_waits_and_goes_on(
    online: Desk, hub: Hub, weights: bytes, tmp_path: Path
) -> None:
    hub.fail("stall", path=FILE, after=len(weights) // 2, times=1)
    elsewhere = subprocess.Popen(
        [sys.executable, "-c", PULL_ELSEWHERE, hub.endpoint],
        env={
            **os.environ,
            "STEELYARD_HOME": str(tmp_path / "online"),
            "PYTHONPATH": PACKAGE_ROOT,
        },
    )
    try:
        assert hub.stalling.wait(60)
        assert online.page is not None
        online.until(lambda: [t.elsewhere for t in online.all()] == [True])
        assert not online.all()[0].can_discard
    finally:
        elsewhere.send_signal(signal.SIGKILL)
        elsewhere.wait(30)
    online.until(lambda: [t.state for t in online.all()] == ["paused"])
    (left,) = online.all()
    assert left.reason
    assert 0 < left.done_bytes < len(weights)
    online.window.transfers.resume(left)
    assert online.until_state("admitted").model in online.models()


def test_a_poisoned_mirror_is_said_with_both_digests_and_the_next_step(
    online: Desk, hub: Hub
) -> None:
    hub.fail("flip", path=FILE)
    pull(online, hub)
    online.until(lambda: bool(online.all()) and not online.all()[0].active)
    online.until(lambda: "quarantined" in [transfer.state for transfer in online.all()])
    page = online.page
    held = next(t for t in online.all() if t.state == "quarantined")
    page._table.choose(held.key)
    assert page._detail._banner.isVisible()
    assert page._detail._banner.accessibleDescription(), "the next step"
    (file,) = page._detail._files.rows
    expected, found = file.cells[1].words, file.cells[2].words
    assert expected.startswith("sha256:")
    assert found.startswith("sha256:")
    assert expected != found
    assert not online.models() & {held.model}
    page._detail.button("discard").click()
    question = page.findChild(Question)
    assert question is not None
    question.yes_button.click()
    online.until(lambda: "quarantined" not in [transfer.state for transfer in online.all()])


def test_a_download_called_off_half_way_leaves_nothing(
    online: Desk, hub: Hub, weights: bytes
) -> None:
    hub.fail("stall", path=FILE, after=len(weights) // 2, times=1)
    pull(online, hub)
    begun(online)
    page = online.page
    page._detail.button("cancel").click()
    question = page.findChild(Question)
    assert question is not None
    question.yes_button.click()
    online.until_state("cancelled")
    online.until(lambda: not online.service.run(ask.ListTransfers()).transfers)
    assert not [name for name in online.models() if name.startswith("mid")]
