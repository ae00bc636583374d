"""A file that was right when it was verified and is another when it is loaded (THREATS 50, 51): it is not loaded.

The swap is made by a process of its own, at the moments that matter: before the look, after it, and again and
again while the store looks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from steelyard.base.digests import digest_of
from steelyard.base.errors import SteelyardError
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.store.errors import Damaged
from steelyard.store.records import Model, State
from steelyard.store.store import Store
from store.model_samples import put

GOOD = tiny_llama(general__name="good")
EVIL = tiny_llama(general__name="evil")
assert len(GOOD) == len(EVIL)

SWAPPER = """
import os, sys
from pathlib import Path
target, evil, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
good = target.read_bytes()
times = target.stat()
print("ready", flush=True)
def swap(data):
    if how == "replaced":
        new = target.with_name("new")
        new.write_bytes(data)
        new.replace(target)
    elif how == "linked":
        new = target.with_name("new")
        new.symlink_to(evil)
        new.replace(target)
    else:
        target.chmod(0o600)
        with target.open("r+b") as stream:
            stream.write(data)
        target.chmod(0o444)
    if how != "linked":
        os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
for order in sys.stdin:
    if order == "swap\\n":
        swap(evil.read_bytes())
        print("swapped", flush=True)
    else:
        for _ in range(200):
            swap(evil.read_bytes())
            swap(good)
        swap(evil.read_bytes())
        print("done", flush=True)
"""


class Swapper:
    """The other process."""

    def __init__(self, target: Path, evil: Path, how: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SWAPPER, str(target), str(evil), how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def order(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def swap(self) -> None:
        """Put the other file there, with the old one's size and times."""
        self.order("swap")
        assert self._read() == "swapped"

    def finish(self) -> None:
        """Wait for what was ordered, and end it."""
        assert self._read() == "done"

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def model(home: Home) -> Iterator[Model]:
    with Store(home) as store:
        yield put(store, {"tiny.gguf": GOOD})


@pytest.fixture(params=["replaced", "linked", "overwritten"])
def swapper(
    home: Home, model: Model, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Swapper]:
    evil = tmp_path / "evil.gguf"
    evil.write_bytes(EVIL)
    other = Swapper(home.store / "models" / "tiny" / "tiny.gguf", evil, request.param)
    try:
        yield other
    finally:
        other.close()


def test_50_swapped_before_the_look_it_is_quarantined(
    home: Home, model: Model, swapper: Swapper
) -> None:
    swapper.swap()
    with Store(home) as store:
        with pytest.raises(Damaged):
            store.verify_before_load(model)
        assert store.get("tiny").state is State.QUARANTINED


def test_50_swapped_after_the_look_the_second_look_sees_it(
    home: Home, model: Model, swapper: Swapper
) -> None:
    with Store(home) as store:
        store.verify_before_load(model)
        swapper.swap()
        assert not store.check_unchanged(model)
        with pytest.raises(Damaged):
            store.verify_before_load(model)


def test_50_swapped_all_the_time_no_look_takes_the_other_for_right(
    home: Home, model: Model, swapper: Swapper
) -> None:
    with Store(home) as store:
        swapper.order("go on")
        for _ in range(30):
            try:
                store.verify_before_load(store.get("tiny"))
            except SteelyardError:
                pass
        swapper.finish()
        with pytest.raises(SteelyardError):
            store.verify_before_load(store.get("tiny"))
        assert not store.verify(store.get("tiny")).ok


@pytest.mark.parametrize("request_", [ask.LoadModel("tiny"), ask.Complete("tiny", prompt="Hi")])
def test_50_no_operation_loads_it(
    home: Home, model: Model, swapper: Swapper, tmp_path: Path, request_: object
) -> None:
    swapper.swap()
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as desk:
        with pytest.raises(SteelyardError) as refusal:
            desk.run(request_)
        assert refusal.value.code in ("damaged", "not-admitted")
        assert desk.installation.engines.loaded() == frozenset() or not list(
            desk.installation.engines.loaded()
        )
        last = desk.installation.log.newest(1)[0]
        assert last.event.outcome.value in ("failed", "refused")


@pytest.mark.parametrize("bit", [0, 4001, len(GOOD) * 8 - 1])
def test_51_one_rotten_bit_anywhere_is_found_on_demand_and_never_loaded_again(
    home: Home, model: Model, bit: int
) -> None:
    blob = Store(home).blob_path(digest_of(GOOD))
    status = blob.stat()
    data = bytearray(GOOD)
    data[bit // 8] ^= 1 << bit % 8
    blob.chmod(0o600)
    blob.write_bytes(bytes(data))
    blob.chmod(0o444)
    os.utime(blob, ns=(status.st_atime_ns, status.st_mtime_ns))
    with Store(home) as store:
        outcome = store.verify(model)
        assert (outcome.ok, outcome.mismatched) == (False, ("tiny.gguf",))
        with pytest.raises(SteelyardError):
            store.verify_before_load(model)
        put(store, {"tiny.gguf": GOOD})
        assert store.verify_before_load(store.get("tiny")).state is State.ADMITTED
