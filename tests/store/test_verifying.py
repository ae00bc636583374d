"""Bit rot, swaps, planted links, missing disks are noticed; a repaired model comes back (THREATS 49-53)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from steelyard.base.errors import Cancelled
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.store.errors import Damaged, ModelRetired, NotAdmitted, StoreAway
from steelyard.store.records import Model, State
from steelyard.store.store import Store
from store.model_samples import manifest, put, stage

FILES = {"config.json": b"{}", "sub/w.safetensors": b"weights" * 500, "README.md": b"# card"}


@pytest.fixture
def store(home: Home) -> Store:
    return Store(home)


@pytest.fixture
def model(store: Store) -> Model:
    return put(store, FILES, "folder")


def flip(path: Path) -> None:
    """Change one bit and put the modification time back, as a careful attacker or a bad disk would."""
    before = path.stat()
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.chmod(0o444)


def test_a_whole_model_verifies_and_its_time_is_noted(store: Store, model: Model) -> None:
    seen: list[Progress] = []
    outcome = store.verify(model, Reporter(seen.append))
    assert outcome.ok
    assert outcome.checked_bytes == model.manifest.size_bytes
    assert seen[-1].done == seen[-1].total == model.manifest.size_bytes
    assert store.get("folder").last_verified_at >= model.last_verified_at  # type: ignore[operator]  # set


def test_one_flipped_bit_is_found_and_quarantines_the_model(store: Store, model: Model) -> None:
    flip(store.view(model) / "sub/w.safetensors")
    assert not store.check_unchanged(model)
    outcome = store.verify(model)
    assert (outcome.ok, outcome.mismatched) == (False, ("sub/w.safetensors",))
    now = store.get("folder")
    assert now.state is State.QUARANTINED
    assert "sub/w.safetensors" in now.reason
    with pytest.raises(NotAdmitted):
        store.verify_before_load(now)


def test_a_swap_after_verification_does_not_get_loaded(store: Store, model: Model) -> None:
    assert store.verify(model).ok
    target = store.view(model) / "config.json"
    replacement = target.with_name("other")
    replacement.write_bytes(b"[]")
    replacement.replace(target)
    with pytest.raises(Damaged) as refusal:
        store.verify_before_load(model)
    assert refusal.value.facts["mismatched"] == ["config.json"]
    assert store.get("folder").state is State.QUARANTINED


def test_an_untouched_model_is_not_read_again_before_loading(store: Store, model: Model) -> None:
    seen: list[Progress] = []
    assert store.verify_before_load(model, Reporter(seen.append)) == model
    assert seen == []


def test_a_touched_but_equal_file_is_read_once_and_then_trusted(store: Store, model: Model) -> None:
    os.utime(store.view(model) / "config.json")
    seen: list[Progress] = []
    assert store.verify_before_load(model, Reporter(seen.append)).state is State.ADMITTED
    assert seen
    seen.clear()
    store.verify_before_load(model, Reporter(seen.append))
    assert seen == []


def test_a_file_added_to_the_view_is_extra_and_stops_the_load(store: Store, model: Model) -> None:
    # An engine picks up files by name: a planted adapter or tokenizer would change the model.
    (store.view(model) / "sub" / "adapter_config.json").write_text("{}")
    assert not store.check_unchanged(model)
    (store.view(model) / "more").mkdir()
    with pytest.raises(Damaged) as refusal:
        store.verify_before_load(model)
    assert refusal.value.facts["extra"] == ["more", "sub/adapter_config.json"]
    assert store.verify(model).extra == ("more", "sub/adapter_config.json")
    assert store.get("folder").state is State.QUARANTINED


def test_a_link_in_place_of_a_file_is_a_mismatch_even_to_equal_bytes(
    store: Store, model: Model, tmp_path: Path
) -> None:
    target = store.view(model) / "config.json"
    outside = tmp_path / "outside.json"
    outside.write_bytes(FILES["config.json"])
    target.unlink()
    target.symlink_to(outside)
    assert not store.check_unchanged(model)
    assert store.verify(model).mismatched == ("config.json",)


def test_a_link_in_place_of_a_folder_is_noticed(store: Store, model: Model, tmp_path: Path) -> None:
    folder = store.view(model) / "sub"
    shutil.copytree(folder, tmp_path / "sub")
    shutil.rmtree(folder)
    folder.symlink_to(tmp_path / "sub")
    assert not store.verify(model).ok


def test_a_named_pipe_in_place_of_a_file_does_not_hold_the_program(
    store: Store, model: Model
) -> None:
    target = store.view(model) / "config.json"
    target.unlink()
    os.mkfifo(target)
    assert store.verify(model).mismatched == ("config.json",)


def test_missing_files_are_missing(store: Store, model: Model) -> None:
    (store.view(model) / "config.json").unlink()
    store.blob_path(model.manifest.files[1].sha256).unlink()
    assert store.verify(model).missing == ("config.json", "sub/w.safetensors")


def test_put_back_as_it_was_the_model_has_its_state_again(store: Store, model: Model) -> None:
    target = store.view(model) / "config.json"
    target.unlink()
    assert not store.verify(model).ok
    target.write_bytes(FILES["config.json"])
    assert store.verify(model).ok
    now = store.get("folder")
    assert (now.state, now.reason) == (State.ADMITTED, "")
    assert store.verify_before_load(now) == now


def test_a_verified_model_comes_back_as_verified(store: Store) -> None:
    model = put(store, FILES, "folder", state=State.VERIFIED)
    target = store.view(model) / "config.json"
    target.unlink()
    store.verify(model)
    store.verify(model)
    target.write_bytes(FILES["config.json"])
    store.verify(model)
    assert store.get("folder").state is State.VERIFIED


def test_importing_again_repairs_a_damaged_model_and_those_that_share_its_content(
    store: Store,
) -> None:
    one = put(store, FILES, "one")
    two = put(store, {**FILES, "README.md": b"# other"}, "two")
    flip(store.view(one) / "sub/w.safetensors")
    assert not store.verify(one).ok
    assert not store.verify(two).ok
    again = store.admit(manifest(FILES, "one"), stage(store, FILES), one.trust, State.ADMITTED)
    assert (again.state, again.reason) == (State.ADMITTED, "")
    assert store.check_unchanged(again)
    assert (store.view(two) / "sub/w.safetensors").read_bytes() == FILES["sub/w.safetensors"]
    assert store.verify(two).ok
    assert store.get("two").state is State.ADMITTED


def test_repairing_removes_what_was_planted(store: Store, model: Model) -> None:
    planted = store.view(model) / "adapter_config.json"
    planted.write_text("{}")
    store.verify(model)
    put(store, FILES, "folder")
    assert not planted.exists()
    assert store.verify_before_load(model).state is State.ADMITTED


def test_damage_nobody_noticed_is_not_spread_to_a_new_model(store: Store, model: Model) -> None:
    blob = store.blob_path(model.manifest.files[1].sha256)
    flip(blob)
    new = put(store, {**FILES, "README.md": b"# other"}, "two")
    assert (store.view(new) / "sub/w.safetensors").read_bytes() == FILES["sub/w.safetensors"]
    assert store.verify(new).ok
    assert store.verify(model).ok


def test_a_store_that_disappeared_is_away_not_empty(store: Store, model: Model, home: Home) -> None:
    (home.store / "blobs").rename(home.data / "elsewhere")
    with pytest.raises(StoreAway):
        store.verify(model)
    assert store.models() == (model,)
    (home.data / "elsewhere").rename(home.store / "blobs")
    assert store.verify(model).ok


def test_cancelling_changes_nothing(store: Store, model: Model) -> None:
    token = CancelToken()
    flip(store.view(model) / "sub/w.safetensors")
    token.cancel()
    with pytest.raises(Cancelled):
        store.verify(model, Reporter(cancel=token))
    assert store.get("folder") == model


def test_a_retired_model_is_not_verified(store: Store, model: Model) -> None:
    store.remove(model)
    with pytest.raises(ModelRetired):
        store.verify(model)
    with pytest.raises(ModelRetired):
        store.verify_before_load(model)
    assert not store.check_unchanged(model)


def test_policy_may_let_a_verified_model_be_loaded(store: Store) -> None:
    model = put(store, FILES, "folder", state=State.VERIFIED)
    with pytest.raises(NotAdmitted) as refusal:
        store.verify_before_load(model)
    assert refusal.value.facts["state"] == "verified"
    allowed = frozenset({State.VERIFIED, State.ADMITTED})
    assert store.verify_before_load(model, states=allowed) == model
