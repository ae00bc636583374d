"""Whatever happens in the middle: nothing is half admitted, and the next import goes on (THREATS 46, 47, 60)."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bundles.carrying import LARGE, MIB, TINY, Side, make, take, trusting, unpacked
from intake.judging import Unthinned
from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import CancelToken, Progress
from steelyard.bundles import verifying
from steelyard.bundles.errors import BundleUnreadable
from steelyard.bundles.sources import ContainerSource, FolderSource
from steelyard.signing.key_record import write_record
from steelyard.signing.own_keys import OwnKey
from steelyard.store.errors import DiskFailed, DiskFull, QuarantineBusy
from steelyard.store.records import State

TESTS = Path(__file__).resolve().parents[1]
NAMES = {"large", "tiny"}
PARTLY = sum(map(len, [*LARGE.values(), *TINY.values()]))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, anna: OwnKey) -> Path:
    """A folder bundle, a container, and the key's public part."""
    folder = tmp_path_factory.mktemp("made")
    side = Side.at(folder / "sender")
    side.put(LARGE, "large")
    side.put()
    make(side, folder / "x.steelyard", anna)
    make(side, folder / "x", anna)
    side.close()
    (folder / "anna.pem").write_bytes(write_record(anna.record))
    return folder


def check_whole(side: Side) -> None:
    """Nothing is half there: what is admitted verifies, what is not is in quarantine, kept for the next try."""
    live = {m.name for m in side.store.models() if m.state is State.ADMITTED}
    assert live <= NAMES
    for name in live:
        assert side.store.verify(side.store.get(name)).ok
    assert live == {p.name for p in (side.home.store / "models").glob("*")}
    assert side.store.index.intents() == ()


# ------------------------------------------------------------------ called off


def test_cancelled_at_every_report_it_goes_on_from_there(
    receiver: Side, made: Path, anna: OwnKey
) -> None:
    """Each try is called off one report later than the one before; what arrived is never copied twice."""
    copied, stop_at = 0, 0
    for stop_at in range(1, 200):
        token, reports = CancelToken(), 0

        def count(progress: Progress, limit: int = stop_at, token: CancelToken = token) -> None:
            nonlocal reports
            reports += 1
            if reports == limit:
                token.cancel()

        try:
            imported = take(
                receiver, made / "x.steelyard", trusting(anna), report=Unthinned(count, token)
            )
        except Cancelled:
            check_whole(receiver)
            continue
        copied = imported.bytes_copied
        break
    assert stop_at > 3
    assert copied < PARTLY
    assert receiver.names() == NAMES
    check_whole(receiver)
    assert list(receiver.home.quarantine.iterdir()) == []


# ------------------------------------------------------------------ killed

KILLER = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from bundles.carrying import NOW, Side, take, trusting
from intake.judging import Unthinned
from steelyard.signing.key_record import read_record

home, bundle, key, step = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
record = read_record(key.read_bytes())
CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "open", "os.truncate"}

def child(number):
    side = Side.at(home)
    left = number

    def count(event, arguments):
        nonlocal left
        if event in CHANGES and str(home) in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    reports = 0

    def also(progress):
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    take(side, bundle, trusting(record), report=Unthinned(also))
    os._exit(0)

kills = 0
while True:
    kills += 1
    pid = os.fork()
    if pid == 0:
        child(kills * step)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        break
    assert kills < 1000
print(kills - 1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("x.steelyard", 10),
        pytest.param("x.steelyard", 1, marks=pytest.mark.torture),
        pytest.param("x", 1, marks=pytest.mark.torture),
    ],
)
def test_killed_again_and_again_it_arrives_whole(
    tmp_path: Path, made: Path, anna: OwnKey, name: str, step: int
) -> None:
    """One home, one process after the other, each killed `step` steps later than the one before."""
    arguments = [tmp_path / "home", made / name, made / "anna.pem", step]
    done = subprocess.run(
        [sys.executable, "-c", KILLER, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{TESTS.parent / 'desktop'}:{TESTS}", "PATH": "/usr/bin"},
        timeout=240,
    )
    assert int(done.stdout) > 5
    side = Side.at(tmp_path / "home")
    assert side.names() == NAMES
    check_whole(side)
    assert list(side.home.quarantine.iterdir()) == []
    side.close()


def test_a_killed_import_keeps_its_bytes_for_the_next(
    tmp_path: Path, made: Path, anna: OwnKey
) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from bundles.carrying import MIB, Side, take, trusting
from intake.judging import Unthinned
from steelyard.signing.key_record import read_record

side = Side.at(Path(sys.argv[1]))

def stop(progress):
    if progress.stage == "copying" and progress.done > 2 * MIB:
        os.kill(os.getpid(), signal.SIGKILL)

record = read_record(Path(sys.argv[3]).read_bytes())
take(side, Path(sys.argv[2]), trusting(record), report=Unthinned(stop))
"""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            script,
            str(tmp_path / "home"),
            str(made / "x"),
            str(made / "anna.pem"),
        ],
        check=False,
        env={"PYTHONPATH": f"{TESTS.parent / 'desktop'}:{TESTS}", "PATH": "/usr/bin"},
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL
    side = Side.at(tmp_path / "home")
    assert side.names() == set()
    imported = take(side, made / "x", trusting(anna))
    assert imported.bytes_copied < PARTLY - 2 * MIB
    assert imported.complete
    check_whole(side)
    side.close()


# ------------------------------------------------------------------ the stick


class Stick:
    """Reads of a bundle until it is pulled out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
        self.left_bytes = 1 << 60
        self.bad_at = -1
        self.pulled: Path | None = None
        real = kind.read_into

        def read_into(source: object, path: str, offset: int, buffer: memoryview) -> int:
            self.left_bytes -= len(buffer)
            if self.left_bytes < 0:
                if self.pulled is not None and self.pulled.exists():
                    self.pulled.rename(self.pulled.with_name("elsewhere"))
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if path.endswith(".gguf") and offset <= self.bad_at < offset + len(buffer):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return int(real(source, path, offset, buffer))

        monkeypatch.setattr(kind, "read_into", read_into)


def on_stick(made: Path, tmp_path: Path, name: str) -> Path:
    import shutil

    path = tmp_path / "stick" / name
    path.parent.mkdir(exist_ok=True)
    (shutil.copytree if (made / name).is_dir() else shutil.copyfile)(made / name, path)
    return path


@pytest.mark.parametrize(("name", "kind"), [("x", FolderSource), ("x.steelyard", ContainerSource)])
def test_a_stick_removed_half_way_and_put_in_again(
    receiver: Side,
    made: Path,
    tmp_path: Path,
    anna: OwnKey,
    name: str,
    kind: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = on_stick(made, tmp_path, name)
    with pytest.MonkeyPatch.context() as patch:
        stick = Stick(patch, kind)
        stick.pulled, stick.left_bytes = path, PARTLY - 1000
        with pytest.raises(BundleUnreadable) as caught:
            take(receiver, path, trusting(anna))
        assert "kept" in caught.value.message
    check_whole(receiver)
    assert receiver.names() < NAMES
    (tmp_path / "stick" / "elsewhere").rename(path)
    imported = take(receiver, path, trusting(anna))
    assert imported.complete
    assert receiver.names() == NAMES
    assert imported.bytes_copied < PARTLY
    assert list(receiver.home.quarantine.iterdir()) == []


def test_a_bad_place_on_the_stick_ends_it_without_and_is_mended_with_a_second_copy(
    receiver: Side, made: Path, tmp_path: Path, anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on_stick(made, tmp_path, "x.steelyard")
    whole = unpacked(path)
    stick = Stick(monkeypatch, ContainerSource)
    stick.bad_at = MIB + 100
    with pytest.raises(BundleUnreadable):
        take(receiver, path, trusting(anna))
    check_whole(receiver)
    second = on_stick(made, tmp_path, "x")  # the second copy need not have the same shape
    with pytest.raises(SteelyardError):  # another bundle: the folder was made with another number
        take(receiver, path, trusting(anna), second=second)
    copy = tmp_path / "copy"
    for name, data in whole.items():
        target = copy.joinpath(*name.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    imported = take(receiver, path, trusting(anna), second=copy)
    assert imported.bytes_repaired == MIB
    assert receiver.names() == NAMES
    check_whole(receiver)


def test_verifying_says_where_a_stick_cannot_be_read(
    made: Path, anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = Stick(monkeypatch, ContainerSource)
    stick.bad_at = 2 * MIB
    look = verifying.look(made / "x.steelyard", trusting(anna), every_byte=True)
    (finding,) = look.findings
    assert finding.kind == "unreadable"
    assert finding.damaged_ranges == ((2 * MIB, 3 * MIB),)


def test_a_stick_pulled_while_verifying_is_said(
    made: Path, tmp_path: Path, anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on_stick(made, tmp_path, "x.steelyard")
    stick = Stick(monkeypatch, ContainerSource)
    stick.pulled, stick.left_bytes = path, MIB
    with pytest.raises(BundleUnreadable):
        verifying.look(path, trusting(anna), every_byte=True)


# ------------------------------------------------------------------ the store's disk


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_the_store_s_disk_fails_at_every_sync(
    tmp_path: Path, made: Path, anna: OwnKey, code: int
) -> None:
    side = Side.at(tmp_path / "home")
    real, left, failures = os.fsync, 0, 0

    def failing(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(code, os.strerror(code))
        real(descriptor)

    for number in range(1, 200):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", failing)
            left = number
            try:
                imported = take(side, made / "x.steelyard", trusting(anna))
            except (DiskFull, DiskFailed):
                failures += 1
                check_whole(side)
                continue
        assert imported.complete
        break
    assert failures > 5
    assert side.names() == NAMES
    check_whole(side)
    side.close()


def test_two_imports_of_the_same_bundle_at_once(
    receiver: Side, made: Path, tmp_path: Path, anna: OwnKey
) -> None:
    other = Side.at(tmp_path / "receiver")
    refusals = []

    def meanwhile(progress: Progress) -> None:
        if progress.stage == "copying" and progress.done and not refusals:
            with pytest.raises(QuarantineBusy) as caught:
                take(other, made / "x", trusting(anna))
            refusals.append(caught.value)

    take(receiver, made / "x", trusting(anna), report=Unthinned(meanwhile))
    assert refusals
    other.close()
    check_whole(receiver)


def test_what_a_broken_import_left_belongs_to_nobody_else(
    receiver: Side, made: Path, anna: OwnKey
) -> None:
    """A swap of the bytes that wait in quarantine is noticed: they are hashed again from their beginning."""
    token = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.stage == "copying" and progress.done > 3 * MIB:
            token.cancel()

    with pytest.raises(Cancelled):
        take(receiver, made / "x", trusting(anna), report=Unthinned(stop, token))
    waiting = next(receiver.home.quarantine.glob("*/files/large.gguf"))
    data = bytearray(waiting.read_bytes())
    data[5000] ^= 1
    waiting.write_bytes(bytes(data) + b"more")
    imported = take(receiver, made / "x", trusting(anna))
    assert imported.complete
    assert imported.bytes_repaired <= MIB
    check_whole(receiver)
    assert json.loads((made / "x" / "bundle.json").read_bytes())["serial"] == 2
