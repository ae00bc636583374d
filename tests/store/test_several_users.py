"""A store for several accounts: one group writes, everyone reads, whatever anyone's umask."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.store.errors import ModelInUse, StoreReadOnly
from steelyard.store.opening import create
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import CLEAN, put

pytestmark = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root may become several accounts"
)

GROUP = 65_111
ANNE, BERT, RITA = 65_201, 65_202, 65_203
ONE = {"a.gguf": b"weights" * 99, "sub/README.md": b"one"}
TWO = {"a.gguf": b"weights" * 99, "LICENSE": b"two"}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that others can reach; pytest's own is for this account alone."""
    folder = Path(tempfile.mkdtemp(prefix="steelyard-shared-"))
    folder.chmod(0o755)
    monkeypatch.setattr("steelyard.store.opening._group_number", lambda *_: GROUP)
    create(folder / "store", "writers")
    yield folder
    shutil.rmtree(folder)


def home_of(account: int, place: Path) -> Home:
    folder = place / str(account)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, account, account)
    return Home(folder / "data", folder / "config", place / "store")


def fork() -> int:
    """`os.fork`; from Python 3.12 on it warns where a test runner has threads, none of which matter here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def as_account(
    account: int, place: Path, work: Callable[[Store], None], *, writer: bool, umask: int = 0o077
) -> None:
    """Run `work` on the store in a process of that account."""
    home = home_of(account, place)
    pid = fork()
    if pid == 0:
        code = 1
        try:
            os.setgroups([GROUP] if writer else [])
            os.setgid(account)
            os.setuid(account)
            os.umask(umask)
            home.prepare()
            with Store(home) as store:
                work(store)
            code = 0
        except BaseException:  # noqa: BLE001  # the child's outermost frame
            traceback.print_exc()
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o000])
def test_whoever_writes_everyone_of_the_group_can_go_on_and_others_read(
    place: Path, umask: int
) -> None:
    def anne(store: Store) -> None:
        assert store.shared
        assert store.writable
        put(store, ONE, "one")

    def bert(store: Store) -> None:
        assert store.verify(store.get("one")).ok
        put(store, TWO, "two")
        store.set_pin(store.get("one"), "bert wants it")
        store.set_pin(store.get("one"), None)
        put(store, {"c.gguf": b"bert's"}, "three")

    def anne_again(store: Store) -> None:
        store.remove(store.get("three"))
        store.set_state(store.get("two"), State.VERIFIED)
        assert store.copies.digests() == store.index.digests()

    def rita(store: Store) -> None:
        assert not store.writable
        one, two = store.get("one"), store.get("two")
        assert two.state is State.VERIFIED
        assert store.verify(one).ok
        assert store.verify_before_load(one) == one
        with store.lease(one):
            assert store.main_file(one).read_bytes() == ONE["a.gguf"]
        for change in (
            lambda: store.remove(one),
            lambda: store.set_trust(one, CLEAN),
            store.new_quarantine,
            lambda: store.set_pin(one, "mine"),
        ):
            with pytest.raises(StoreReadOnly):
                change()
        with pytest.raises(PermissionError):
            (store.view(one) / "planted.json").write_text("{}")
        with pytest.raises(PermissionError):
            store.main_file(one).open("r+b")
        with pytest.raises(PermissionError):
            list(store.home.quarantine.iterdir())

    as_account(ANNE, place, anne, writer=True, umask=umask)
    as_account(BERT, place, bert, writer=True, umask=umask)
    as_account(ANNE, place, anne_again, writer=True, umask=umask)
    as_account(RITA, place, rita, writer=False, umask=umask)


def test_folders_and_files_have_the_modes_that_make_it_so(place: Path) -> None:
    as_account(ANNE, place, lambda store: put(store, ONE, "one") and None, writer=True)
    for path in (place / "store").rglob("*"):
        status = path.lstat()
        mode = stat.S_IMODE(status.st_mode)
        assert status.st_gid == GROUP, path
        if "quarantine" in path.parts:
            assert not mode & 0o007 or path.is_file(), path
        elif path.is_dir():
            assert mode == 0o2775, path
        elif "blobs" in path.parts or "models" in path.parts:
            assert mode == 0o444, path
        else:
            assert mode & 0o444 == 0o444, path
            assert not mode & 0o002, path


@contextlib.contextmanager
def meanwhile(
    account: int, place: Path, work: Callable[[Store, Callable[[], None]], None]
) -> Iterator[None]:
    """A reader's process beside ours: entered when it first pauses, and let go on when left."""
    home_of(account, place)
    paused, go_on = os.pipe(), os.pipe()

    def pause() -> None:
        os.write(paused[1], b"x")
        os.read(go_on[0], 1)

    pid = fork()
    if pid == 0:
        code = 1
        try:
            as_account(account, place, lambda store: work(store, pause), writer=False)
            code = 0
        finally:
            os._exit(code)
    os.close(paused[1])
    assert os.read(paused[0], 1) == b"x"
    yield
    os.write(go_on[1], b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    for descriptor in (paused[0], *go_on):
        os.close(descriptor)


def test_a_readers_lease_stops_a_writers_removal(place: Path) -> None:
    def rita(store: Store, pause: Callable[[], None]) -> None:
        with store.lease(store.get("one")):
            pause()

    def refused(store: Store) -> None:
        with pytest.raises(ModelInUse):
            store.remove(store.get("one"))

    as_account(ANNE, place, lambda store: put(store, ONE, "one") and None, writer=True)
    with meanwhile(RITA, place, rita):
        as_account(ANNE, place, refused, writer=True)
    as_account(ANNE, place, lambda store: store.remove(store.get("one")) and None, writer=True)


def test_a_reader_sees_what_a_writer_does_meanwhile(place: Path) -> None:
    def rita(store: Store, pause: Callable[[], None]) -> None:
        assert [m.name for m in store.models()] == ["one"]
        pause()
        assert [m.name for m in store.models()] == ["one", "two"]
        assert store.verify_before_load(store.get("two")).state is State.ADMITTED

    as_account(ANNE, place, lambda store: put(store, ONE, "one") and None, writer=True)
    with meanwhile(RITA, place, rita):
        as_account(BERT, place, lambda store: put(store, TWO, "two") and None, writer=True)


def test_a_damaged_file_stops_a_readers_load_and_a_writer_then_quarantines_it(place: Path) -> None:
    as_account(ANNE, place, lambda store: put(store, ONE, "one") and None, writer=True)
    blob = next(p for p in (place / "store" / "models" / "one").rglob("*.gguf"))
    data = bytearray(blob.read_bytes())
    data[9] ^= 1
    with blob.open("r+b") as stream:
        stream.write(data)

    def rita(store: Store) -> None:
        outcome = store.verify(store.get("one"))
        assert outcome.mismatched == ("a.gguf",)
        assert store.get("one").state is State.ADMITTED

    def anne(store: Store) -> None:
        assert not store.verify(store.get("one")).ok
        assert store.get("one").state is State.QUARANTINED

    as_account(RITA, place, rita, writer=False)
    as_account(ANNE, place, anne, writer=True)
