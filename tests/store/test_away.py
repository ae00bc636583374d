"""A store whose disk or share is not there is away: shown as it was known, never empty, never made anew."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.store.disk import disk_errors
from steelyard.store.errors import DiskFailed, NotAStore, StoreAway, StoreReadOnly
from steelyard.store.opening import create
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import CLEAN, put

ONE = {"a.gguf": b"weights" * 99, "README.md": b"one"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "share" / "models"


@pytest.fixture
def far(home: Home, place: Path) -> Home:
    """A home whose store lies elsewhere."""
    create(place, None)
    return replace(home, location=place)


def test_models_last_seen_are_shown_while_it_is_away_and_nothing_is_made(
    far: Home, place: Path
) -> None:
    with Store(far) as store:
        one = put(store, ONE, "one")
    place.rename(place.with_name("unplugged"))
    with Store(far) as store:
        assert store.away
        assert store.models() == (one,)
        assert store.index.blobs()
        assert store.free_bytes() == 0
        for change in (
            lambda: store.verify(one),
            lambda: store.verify_before_load(one),
            lambda: store.lease(one),
            lambda: store.remove(one),
            lambda: store.set_state(one, State.VERIFIED),
            store.new_quarantine,
        ):
            with pytest.raises(StoreAway):
                change()
    assert not place.exists()
    place.with_name("unplugged").rename(place)
    with Store(far) as store:
        assert not store.away
        assert store.verify(one).ok


def test_an_empty_mount_point_is_away_not_new(far: Home, place: Path) -> None:
    with Store(far) as store:
        put(store, ONE, "one")
    place.rename(place.with_name("unplugged"))
    place.mkdir()
    with Store(far) as store:
        assert store.away
        assert [m.name for m in store.models()] == ["one"]
    assert list(place.iterdir()) == []


def test_a_place_that_was_never_seen_is_away_and_says_so_instead_of_empty(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for location in (tmp_path / "empty", tmp_path / "nothing"):
        with Store(replace(home, location=location)) as store:
            assert store.away
            with pytest.raises(StoreAway):
                store.models()
            with pytest.raises(StoreAway):
                store.get("one")
    assert list((tmp_path / "empty").iterdir()) == []


def test_one_that_goes_away_while_it_is_open_is_noticed_before_anything_is_done(
    far: Home, place: Path
) -> None:
    with Store(far) as store:
        one = put(store, ONE, "one")
        place.rename(place.with_name("unplugged"))
        assert not store.is_current
        with pytest.raises(StoreAway):
            store.verify(one)
        with pytest.raises(StoreAway):
            put(store, {"b.gguf": b"new"}, "two")
        assert store.get("one").state is State.ADMITTED
        assert not place.exists()
        place.with_name("unplugged").rename(place)
        assert store.is_current
        assert store.verify(one).ok


def test_another_store_in_its_place_is_noticed(far: Home, place: Path, tmp_path: Path) -> None:
    with Store(far) as store:
        shutil.rmtree(place)
        create(place, None)
        assert not store.is_current


def test_the_own_store_on_an_unplugged_disk_is_away_too(home: Home, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    create(disk, None)
    home.store.symlink_to(disk)
    disk.rename(tmp_path / "unplugged")
    with Store(home) as store:
        assert store.away
    assert not disk.exists()


OPENER = """
import sys
from pathlib import Path
from steelyard.base.paths import Home
from steelyard.store.store import Store

home = Home(Path(sys.argv[1]) / "data", Path(sys.argv[1]) / "config")
print("ready", flush=True)
sys.stdin.readline()
store = Store(home)
print("open", flush=True)
sys.stdin.readline()
assert store.is_current
store.new_quarantine().discard()
"""


def test_several_that_begin_a_store_at_once_begin_the_same_one(home: Home) -> None:
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "desktop"), "PATH": "/usr/bin"}
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(home.data.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for _ in range(4)
    ]
    for expected in ("ready\n", "open\n"):
        for opener in openers:
            assert opener.stdout is not None
            assert opener.stdout.readline() == expected
        for opener in openers:
            assert opener.stdin is not None
            opener.stdin.write("go\n")
            opener.stdin.flush()
    for opener in openers:
        opener.communicate(timeout=60)
    assert [opener.returncode for opener in openers] == [0, 0, 0, 0]


def test_a_store_is_made_only_in_an_empty_folder_and_once(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(NotAStore):
        create(tmp_path / "full", None)
    create(tmp_path / "new", None)
    with pytest.raises(NotAStore):
        create(tmp_path / "new", None)
    with pytest.raises(NotAStore):
        create(tmp_path / "other", "no-such-group-here")
    assert not (tmp_path / "other").exists()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of its own."""
    point = tmp_path / "mnt"
    point.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(point)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("mounting is not permitted here")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=False, capture_output=True)


def test_an_unmounted_disk_is_away_and_comes_back(home: Home, mounted: Path) -> None:
    location = mounted / "store"
    create(location, None)
    far = replace(home, location=location)
    with Store(far) as store:
        one = put(store, ONE, "one")
    shutil.copytree(location, home.data / "disk")
    subprocess.run(["umount", str(mounted)], check=True)
    with Store(far) as store:
        assert store.away
        assert store.models() == (one,)
    assert list(mounted.iterdir()) == []
    shutil.copytree(home.data / "disk", location)
    with Store(far) as store:
        assert store.verify_before_load(one).state is State.ADMITTED


@pytest.mark.parametrize("shared", [False, True])
def test_on_read_only_media_models_are_listed_verified_and_loaded(
    home: Home, mounted: Path, shared: bool
) -> None:
    location = mounted / "store"
    # One's own index was last used with a write-ahead log, a shared one with a plain journal.
    create(location, mounted.group() if shared else None)
    far = replace(home, location=location)
    with Store(far) as store:
        one = put(store, ONE, "one")
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    with Store(far) as store:
        assert not store.away
        assert not store.writable
        assert store.models() == (one,)
        assert store.verify_before_load(one) == one
        assert store.verify(one).ok
        with store.lease(one):
            assert store.main_file(one).read_bytes() == ONE["a.gguf"]
        with pytest.raises(StoreReadOnly):
            store.set_trust(one, CLEAN)
        with pytest.raises(StoreReadOnly):
            store.remove(one)


def test_a_disk_without_links_and_modes_holds_the_same_store(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # what vfat and exfat answer

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(Path, "chmod", refuse)
    create(tmp_path / "fat", None)
    with Store(replace(home, location=tmp_path / "fat")) as store:
        one = put(store, ONE, "one")
        assert store.verify(one).ok
        assert store.remove(one).freed_bytes == one.manifest.size_bytes
        assert list(store.views.iterdir()) == []


def test_a_file_too_large_for_fat32_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(DiskFailed) as refusal, disk_errors(tmp_path, 5 << 30):
        raise OSError(errno.EFBIG, "File too large")
    assert "5,368,709,120 bytes" in refusal.value.message
    assert "FAT32" in refusal.value.next_step


def test_a_real_fat_disk_holds_the_same_store(home: Home, tmp_path: Path) -> None:
    maker = shutil.which("mkfs.vfat")
    if maker is None or os.geteuid() != 0:
        pytest.skip("making and mounting a FAT disk needs mkfs.vfat and root")
    image, point = tmp_path / "fat.img", tmp_path / "fat"
    image.write_bytes(bytes(16 * 1024 * 1024))
    point.mkdir()
    subprocess.run([maker, str(image)], check=True, capture_output=True)
    mounting = ["mount", "-o", "loop", str(image), str(point)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("mounting a FAT image is not permitted here")
    try:
        create(point / "store", None)
        with Store(replace(home, location=point / "store")) as store:
            one = put(store, ONE, "one")
            assert store.verify_before_load(one).state is State.ADMITTED
            store.remove(one)
    finally:
        subprocess.run(["umount", str(point)], check=True)
