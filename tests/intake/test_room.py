"""Room on the disk: promised once, really taken where the file system can, given back whatever happens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from steelyard.base.errors import Cancelled
from steelyard.base.progress import CancelToken
from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.pull_folder import is_done_with, leave, open_folder
from steelyard.intake.room import LEAD_BYTES, ROOM, SPARE_BYTES, Room
from steelyard.store.errors import DiskFull
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.store import Store

MIB = 1024 * 1024


def expected(name: str, size_bytes: int) -> Expected:
    file = ExpectedFile("x.gguf", size_bytes, "sha256:" + "0" * 64, None)
    return Expected("http://hub", f"maker/{name}", "0" * 40, (file,))


def folder(store: Store, wanted: Expected) -> QuarantineFolder:
    return open_folder(store, wanted)


def reserve(store: Store, opened: QuarantineFolder, wanted: Expected) -> Room:
    return Room.reserve(store, opened, wanted, CancelToken())


@pytest.fixture
def promises_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform on which room cannot be taken, so that a test may ask for all there is."""
    monkeypatch.setattr(sys, "platform", "another")


@pytest.mark.skipif(sys.platform != "linux", reason="the file system is asked on Linux only")
def test_room_is_taken_shrinks_as_bytes_arrive_and_is_given_back(store: Store) -> None:
    wanted = expected("a", LEAD_BYTES + 40 * MIB)
    opened = folder(store, wanted)
    room_file = opened.path / ROOM
    with reserve(store, opened, wanted) as room:
        taken = room_file.stat().st_blocks * 512
        assert taken in (0, 40 * MIB)  # 0: this file system cannot
        room.arrived(20 * MIB)
        if taken:
            assert room_file.stat().st_blocks * 512 == 20 * MIB
        room.arrived(20 * MIB)
        assert room_file.stat().st_size == 0
    assert not room_file.exists()
    opened.discard()


def test_two_pulls_are_not_promised_the_same_space(store: Store, promises_only: None) -> None:
    size_bytes = int(store.free_bytes() * 0.6)
    first, second = expected("a", size_bytes), expected("b", size_bytes)
    one, two = folder(store, first), folder(store, second)
    room = reserve(store, one, first)
    with pytest.raises(DiskFull) as refusal:
        reserve(store, two, second)
    assert "promised to other downloads" in refusal.value.message
    assert not (two.path / ROOM).exists()
    room.close()
    reserve(store, two, second).close()
    one.discard()
    two.discard()


def test_the_room_of_a_pull_that_died_is_free_again(store: Store, promises_only: None) -> None:
    size_bytes = int(store.free_bytes() * 0.6)
    first, second = expected("a", size_bytes), expected("b", size_bytes)
    one, two = folder(store, first), folder(store, second)
    reserve(store, one, first)
    one.release()  # as the system does when a process is killed
    reserve(store, two, second).close()
    assert not (one.path / ROOM).exists()
    two.discard()


def test_what_is_there_already_needs_no_room(store: Store, promises_only: None) -> None:
    size_bytes = store.free_bytes() - SPARE_BYTES + 300_000
    wanted = expected("a", size_bytes)
    opened = folder(store, wanted)
    with pytest.raises(DiskFull) as refusal:
        reserve(store, opened, wanted)
    assert refusal.value.facts["needed_bytes"] == size_bytes + SPARE_BYTES
    opened.discard()


@pytest.mark.skipif(sys.platform != "linux", reason="the file system is asked on Linux only")
def test_calling_off_gives_everything_back(store: Store) -> None:
    wanted = expected("a", LEAD_BYTES + MIB)
    opened = folder(store, wanted)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Room.reserve(store, opened, wanted, token)
    assert not (opened.path / ROOM).exists()
    opened.discard()


def test_a_folder_that_is_done_with_goes_and_another_stays(store: Store) -> None:
    wanted = expected("a", 10)
    opened = folder(store, wanted)
    path: Path = opened.path
    leave(store, opened)
    assert path.is_dir()
    again = folder(store, wanted)
    is_done_with(again)
    leave(store, again)
    assert not path.exists()
