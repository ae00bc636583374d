"""Removing says what it will free, keeps what others share, and keeps the record."""

from __future__ import annotations

from steelyard.base.paths import Home
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import everything, put

ONE = {"a.gguf": b"shared" * 10, "README.md": b"one"}
TWO = {"a.gguf": b"shared" * 10, "README.md": b"two!"}


def test_a_dry_run_says_what_goes_and_changes_nothing(home: Home) -> None:
    store = Store(home)
    model = put(store, ONE, "one")
    before = everything(home)
    planned = store.remove(model, dry_run=True)
    assert (planned.dry_run, planned.freed_bytes) == (True, 63)
    assert set(planned.blobs_removed) == {entry.sha256 for entry in model.manifest.files}
    assert everything(home) == before
    assert store.get("one") == model


def test_shared_content_stays_for_the_other_model(home: Home) -> None:
    store = Store(home)
    one, two = put(store, ONE, "one"), put(store, TWO, "two")
    removal = store.remove(one)
    assert removal.freed_bytes == 3
    assert removal.blobs_shared == (two.manifest.files[0].sha256,)
    assert store.check_unchanged(two)
    assert store.verify(two).ok
    assert not (home.store / "models" / "one").exists()
    assert store.remove(two).freed_bytes == 64
    kept = [path for path in everything(home) if not path.startswith("quarantine/")]
    assert kept == []


def test_the_record_stays_and_importing_again_revives_it(home: Home) -> None:
    store = Store(home)
    model = put(store, ONE, "one")
    store.remove(model)
    retired = store.get("one")
    assert (retired.state, retired.digest) == (State.RETIRED, model.digest)
    assert put(store, ONE, "one").state is State.ADMITTED
    assert store.verify(store.get("one")).ok
    assert len(store.models()) == 1


def test_a_retired_record_gives_its_name_to_another_model(home: Home) -> None:
    store = Store(home)
    old = put(store, ONE, "one")
    store.remove(old)
    new = put(store, TWO, "one", name_given=True)
    assert store.get("one") == new
    assert store.get(old.digest).name == f"one-retired-{old.digest[7:15]}"
    revived = put(store, ONE, "one")
    assert (revived.name, store.get("one")) == ("one-2", new)


def test_a_file_somebody_added_to_the_view_does_not_stop_the_removal(home: Home) -> None:
    store = Store(home)
    model = put(store, ONE, "one")
    (store.view(model) / "note.txt").write_text("x")
    store.remove(model)
    assert not (home.store / "models" / "one").exists()
