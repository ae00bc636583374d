"""A lost or old index loses no model: the second copies beside the blobs make it whole again."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from steelyard.base.errors import MalformedInput
from steelyard.base.paths import Home
from steelyard.intake.starter import ensure_starter
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import CLEAN, everything, manifest, put, stage

ONE = {"a.gguf": b"weights" * 99, "README.md": b"one"}
TWO = {"a.gguf": b"weights" * 99, "LICENSE": b"two"}


def lose_index(home: Home) -> None:
    for path in home.store.glob("index.sqlite*"):
        path.unlink()


def test_a_deleted_index_is_made_again_with_every_record(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        put(store, TWO, "two", state=State.VERIFIED)
        store.set_pin(one, "the audit needs it")
        store.remove(put(store, {"b.gguf": b"gone"}, "gone"))
        before = store.index.all()
    files = everything(home)
    lose_index(home)
    with Store(home) as store:
        assert store.index.all() == before
        assert everything(home) == files
        assert store.entry("one").pin == "the audit needs it"
        assert not store.check_unchanged(one)  # nobody vouches for the bytes until they are read
        assert store.verify_before_load(one).state is State.ADMITTED
        assert store.check_unchanged(one)


def test_after_it_removal_and_sharing_work_as_before(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
        put(store, TWO, "two")
    lose_index(home)
    with Store(home) as store:
        removal = store.remove(store.get("one"))
        assert removal.freed_bytes == 3
        assert store.verify(store.get("two")).ok


def test_a_quarantined_model_stays_quarantined(home: Home) -> None:
    with Store(home) as store:
        folder = store.new_quarantine()
        folder.file("bad.gguf").write_bytes(b"bad")
        held = store.hold(manifest({"bad.gguf": b"bad"}), folder, CLEAN, State.REJECTED, "no model")
    lose_index(home)
    with Store(home) as store:
        again = store.get(held.digest)
        assert (again.state, again.reason) == (State.REJECTED, "no model")
        assert (store.view(again) / "bad.gguf").read_bytes() == b"bad"


def test_a_model_whose_files_are_not_there_waits_in_quarantine_until_they_are(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        view = store.view(one)
    lose_index(home)
    (view / "README.md").rename(home.data / "taken")
    with Store(home) as store:
        assert store.get("one").state is State.QUARANTINED
        (home.data / "taken").rename(view / "README.md")
        assert store.verify(one).ok
        assert store.get("one").state is State.ADMITTED


def test_an_older_index_that_was_put_back_learns_what_came_later(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    shutil.copy(home.store / "index.sqlite", home.data / "backup")
    with Store(home) as store:
        two = put(store, TWO, "two")
    lose_index(home)
    (home.data / "backup").rename(home.store / "index.sqlite")
    with Store(home) as store:
        assert store.get("two") == two
        assert store.verify(two).ok


def test_the_copy_follows_every_change_and_a_full_disk_only_delays_it(home: Home) -> None:
    def copies(store: Store) -> list[str]:
        return [json.loads(p.read_text())["state"] for p in store.copies.root.glob("*.json")]

    with Store(home) as store:
        one = put(store, ONE, "one", state=State.VERIFIED)
        assert copies(store) == ["verified"]

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", full)
            patch.setattr(Path, "replace", full)
            store.set_state(one, State.ADMITTED)
        assert copies(store) == ["verified"]
        assert store.index.copies_are_due()
    with Store(home) as store:
        assert copies(store) == ["admitted"]
        assert not store.index.copies_are_due()


def test_a_damaged_copy_is_passed_over_and_the_others_are_taken(home: Home) -> None:
    with Store(home) as store:
        one, two = put(store, ONE, "one"), put(store, TWO, "two")
        path = store.copies.root / f"{one.digest[7:]}.json"
        record = json.loads(path.read_text())
    lose_index(home)
    for damage in (b"", b"[]", b"{", json.dumps({**record, "manifest": 3}).encode()):
        path.write_bytes(damage)
        with Store(home) as store:
            assert [m.name for m in store.models()] == ["two"]
    other = store.copies.root / f"{two.digest[7:]}.json"
    path.write_bytes(other.read_bytes())  # the record of another model under this one's name
    with Store(home) as store:
        assert [m.name for m in store.models()] == ["two"]


def test_a_damaged_index_is_left_alone_and_the_way_out_is_named(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    lose_index(home)
    (home.store / "index.sqlite").write_bytes(b"not a database, by no means" * 100)
    with pytest.raises(MalformedInput) as refusal:
        Store(home)
    assert "made again from the records" in refusal.value.next_step
    (home.store / "index.sqlite").unlink()
    with Store(home) as store:
        assert store.verify(store.get("one")).ok


def test_the_starter_keeps_its_name_when_index_and_copies_are_lost(home: Home) -> None:
    with Store(home) as store:
        ensure_starter(store)
        before = [m.name for m in store.models()]
    lose_index(home)
    shutil.rmtree(home.store / "manifests")
    with Store(home) as store:
        ensure_starter(store)
        assert [m.name for m in store.models()] == before
        assert sorted(p.name for p in store.views.iterdir()) == sorted(before)
        assert all(store.verify(m).ok for m in store.models())


def test_a_removed_starter_does_not_come_back_with_a_lost_index(home: Home) -> None:
    with Store(home) as store:
        ensure_starter(store)
        for model in store.models():
            store.remove(model)
    lose_index(home)
    with Store(home) as store:
        ensure_starter(store)
        assert {m.state for m in store.models()} == {State.RETIRED}


def test_the_same_files_imported_again_take_their_old_folder(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    lose_index(home)
    shutil.rmtree(home.store / "manifests")
    with Store(home) as store:
        other = put(store, TWO, "one")
        assert other.name == "one-2"  # the folder holds other files, so it is somebody's
        again = store.admit(manifest(ONE, "one"), stage(store, ONE), CLEAN, State.ADMITTED)
        assert again.name == "one"
        assert store.verify(again).ok


def test_an_index_of_the_first_version_gets_its_copies(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    shutil.rmtree(home.store / "manifests")
    (home.store / "store.json").unlink()
    connection = sqlite3.connect(home.store / "index.sqlite", isolation_level=None)
    connection.executescript(
        "ALTER TABLE models DROP COLUMN pin; DROP TABLE copies_due; DROP TABLE birth;"
        "PRAGMA user_version = 1;"
    )
    connection.close()
    with Store(home) as store:
        assert store.index.born_ns == 0
        assert store.copies.digests() == store.index.digests()
        assert store.check_unchanged(store.get("one"))
