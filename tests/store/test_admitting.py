"""Files become a model: content by digest, a view to open, a record; and once only."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.store import blobs
from steelyard.store.errors import (
    DiskFailed,
    IllegalTransition,
    InvalidName,
    ModelNotFound,
    NameTaken,
    StagedChanged,
    UnsafePath,
)
from steelyard.store.records import FileEntry, PublisherHash, Scan, State, Trust
from steelyard.store.store import Store
from store.model_samples import CLEAN, everything, manifest, put, stage

GGUF = {"tiny.gguf": b"weights" * 100}
FOLDER = {"config.json": b"{}", "sub/model.safetensors": b"w" * 999, "README.md": b"# card"}


def test_an_admitted_model_is_found_by_name_digest_and_digest_start(home: Home) -> None:
    store = Store(home)
    model = put(store, GGUF)
    for reference in ("tiny", "TINY", model.digest, model.digest[7:], model.digest[:25]):
        assert store.get(reference) == model
    assert store.models() == (model,)
    assert store.main_file(model).read_bytes() == GGUF["tiny.gguf"]


def test_a_model_is_there_again_after_the_store_is_opened_anew(home: Home) -> None:
    moment = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    with Store(home, lambda: moment) as store:
        model = put(store, FOLDER, "folder")
    assert model.added_at == "2026-05-01T12:00:00.000Z"
    with Store(home) as store:
        assert store.get("folder") == model
        assert store.check_unchanged(model)


def test_blobs_are_read_only_and_named_by_their_content(home: Home) -> None:
    store = Store(home)
    model = put(store, FOLDER, "folder")
    for entry in model.manifest.files:
        blob = store.blob_path(entry.sha256)
        assert blob.read_bytes() == FOLDER[entry.path]
        assert stat.S_IMODE(blob.stat().st_mode) == 0o444
        assert blob.parent.parent == home.store / "blobs" / "sha256"


def test_the_view_shares_the_blobs_bytes(home: Home) -> None:
    store = Store(home)
    model = put(store, FOLDER, "folder")
    for entry in model.manifest.files:
        there = store.view(model) / entry.path
        assert there.samefile(store.blob_path(entry.sha256))


@pytest.mark.parametrize("reflinks", [True, False])
def test_without_hard_links_the_view_is_a_copy_and_as_well_guarded(
    home: Home, monkeypatch: pytest.MonkeyPatch, reflinks: bool
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    if not reflinks:
        monkeypatch.setattr(blobs, "_reflink", lambda *_: False)
    store = Store(home)
    model = put(store, FOLDER, "folder")
    target = store.view(model) / "config.json"
    assert target.read_bytes() == FOLDER["config.json"]
    assert not target.samefile(store.blob_path(model.manifest.files[0].sha256))
    assert store.check_unchanged(model)
    target.chmod(0o600)
    target.write_bytes(b"[]")
    assert not store.check_unchanged(model)
    assert store.verify(model).mismatched == ("config.json",)


def test_the_same_content_twice_is_one_model(home: Home) -> None:
    store = Store(home)
    first = put(store, GGUF)
    before = everything(home)
    again = put(store, GGUF, "other-name")
    assert (again.name, again.digest) == (first.name, first.digest)
    assert len(store.models()) == 1
    staged = set(everything(home)) - set(before)
    assert all(path.startswith("quarantine/") for path in staged)


def test_a_second_import_strengthens_the_facts_and_weakens_none(home: Home) -> None:
    store = Store(home)
    put(store, GGUF, trust=replace(CLEAN, approved_by="the reviewer"))
    entry = replace(manifest(GGUF).files[0], publisher_hash=PublisherHash.MATCHES)
    declared = replace(manifest(GGUF), files=(entry,))
    model = store.admit(
        declared, {}, replace(CLEAN, publisher_hash=PublisherHash.MATCHES), State.ADMITTED
    )
    assert model.trust == Trust(PublisherHash.MATCHES, None, Scan.CLEAN, "the reviewer")
    weaker = put(store, GGUF, trust=Trust())
    assert weaker.trust == model.trust
    assert weaker.manifest.files[0].publisher_hash is PublisherHash.MATCHES
    assert weaker == store.get("tiny")


def test_a_verified_model_is_admitted_by_a_second_import_that_may(home: Home) -> None:
    store = Store(home)
    assert put(store, GGUF, state=State.VERIFIED).state is State.VERIFIED
    assert put(store, GGUF, state=State.ADMITTED).state is State.ADMITTED
    assert put(store, GGUF, state=State.VERIFIED).state is State.ADMITTED


def test_models_share_equal_files(home: Home) -> None:
    store = Store(home)
    one = put(store, {"a.gguf": b"same", "README.md": b"one"}, "one")
    two = put(store, {"b.gguf": b"same", "README.md": b"two"}, "two")
    assert (store.view(one) / "a.gguf").samefile(store.view(two) / "b.gguf")
    # Adding a link changes the inode's change time; the store accounts for its own links.
    assert store.check_unchanged(one)
    assert store.check_unchanged(two)


def test_content_that_is_there_need_not_be_staged(home: Home) -> None:
    store = Store(home)
    put(store, {"a.gguf": b"same"}, "one")
    files = {"a.gguf": b"same", "README.md": b"new"}
    model = store.admit(
        manifest(files, "two"), stage(store, {"README.md": b"new"}), CLEAN, State.ADMITTED
    )
    assert (store.view(model) / "a.gguf").read_bytes() == b"same"


def test_another_content_under_the_same_name_gets_a_number(home: Home) -> None:
    store = Store(home)
    names = [put(store, {"x.gguf": data}, "Tiny").name for data in (b"1", b"2", b"3")]
    assert names == ["Tiny", "Tiny-2", "Tiny-3"]


def test_a_name_a_person_gave_is_taken_as_it_is_or_refused(home: Home) -> None:
    store = Store(home)
    first = put(store, GGUF)
    with pytest.raises(NameTaken) as refusal:
        put(store, {"x.gguf": b"else"}, "TINY", name_given=True)
    assert refusal.value.facts["digest"] == first.digest
    assert len(store.models()) == 1


def test_a_folder_somebody_put_among_the_views_is_neither_used_nor_removed(home: Home) -> None:
    store = Store(home)
    mine = home.store / "models" / "tiny"
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine")
    assert put(store, GGUF).name == "tiny-2"
    with pytest.raises(NameTaken):
        put(store, {"x.gguf": b"else"}, "tiny", name_given=True)
    store.close()
    Store(home)
    assert (mine / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("path", ["../out.gguf", "/abs.gguf", "CON", "a\\b"])
def test_a_manifest_that_names_files_elsewhere_is_refused(home: Home, path: str) -> None:
    store = Store(home)
    entry = FileEntry(path, 1, "sha256:" + "0" * 64)
    bad = replace(manifest({"x.gguf": b"1"}), files=(entry,))
    with pytest.raises(UnsafePath):
        store.admit(bad, {}, CLEAN, State.ADMITTED)
    assert store.models() == ()


def test_an_invalid_name_is_refused(home: Home) -> None:
    store = Store(home)
    with pytest.raises(InvalidName):
        put(store, GGUF, "../tiny")
    assert store.models() == ()


def test_a_staged_file_of_another_size_is_refused_and_nothing_stays(home: Home) -> None:
    store = Store(home)
    staged = stage(store, GGUF)
    staged["tiny.gguf"].write_bytes(b"short")
    with pytest.raises(StagedChanged):
        store.admit(manifest(GGUF), staged, CLEAN, State.ADMITTED)
    assert store.models() == ()
    assert not (home.store / "models").exists()


def test_a_failure_between_blob_and_record_undoes_both(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(home)
    put(store, {"a.gguf": b"same"}, "one")
    before = everything(home)

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "sync_folder", fail)
        with pytest.raises(DiskFailed, match="Input/output"):
            put(store, {"a.gguf": b"same", "b.gguf": b"new"}, "two")
    leftover = {path for path in everything(home) if path not in before}
    assert all(path.startswith("quarantine/") for path in leftover)
    assert [model.name for model in store.models()] == ["one"]
    assert store.index.intents() == ()
    assert put(store, {"a.gguf": b"same", "b.gguf": b"new"}, "two").name == "two"


def test_files_enter_only_as_verified_or_admitted(home: Home) -> None:
    store = Store(home)
    for state in set(State) - {State.VERIFIED, State.ADMITTED}:
        with pytest.raises(IllegalTransition):
            put(store, GGUF, state=state)


def test_an_unknown_model_is_said_with_names_that_resemble_it(home: Home) -> None:
    store = Store(home)
    put(store, GGUF, "stories260K")
    with pytest.raises(ModelNotFound) as missing:
        store.get("stories26K")
    assert missing.value.facts["near"] == ["stories260K"]
    for odd in ("sha256:zz", "*", "%", "sha256:" + "f" * 64, ""):
        with pytest.raises(ModelNotFound):
            store.get(odd)


def test_the_scans_facts_are_kept_with_the_model(home: Home) -> None:
    store = Store(home)
    facts = {"chat_template": "{{ x }}", "metadata": {"big": 2**63, "text": "\ud800"}}
    model = store.admit(manifest(GGUF), stage(store, GGUF), CLEAN, State.ADMITTED, facts=facts)
    assert store.facts(model) == facts
    put(store, GGUF)
    assert store.facts(model) == facts


def test_a_split_models_main_file_is_its_first_part(home: Home) -> None:
    store = Store(home)
    parts = {f"m-0000{n}-of-00003.gguf": bytes([n]) for n in (3, 1, 2)}
    assert store.main_file(put(store, parts)).name == "m-00001-of-00003.gguf"


def test_a_safetensors_models_main_file_is_its_folder(home: Home) -> None:
    store = Store(home)
    model = store.admit(
        manifest(FOLDER, "hf", format="safetensors"), stage(store, FOLDER), CLEAN, State.ADMITTED
    )
    assert store.main_file(model) == store.view(model) == home.store / "models" / "hf"


def test_free_bytes_are_those_of_the_stores_disk(home: Home) -> None:
    assert Store(home).free_bytes() > 0


def test_folders_are_private(home: Home) -> None:
    store = Store(home)
    put(store, GGUF)
    folders: list[Path] = [home.store / "models", home.store / "models" / "tiny", home.quarantine]
    for folder in [*folders, *home.quarantine.iterdir()]:
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
