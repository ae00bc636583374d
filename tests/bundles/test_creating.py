"""Making a bundle: whole or not at all, never with damage in it, and readable by public tools (THREATS 55-60)."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bundles.carrying import (
    LARGE,
    MIB,
    NOW,
    TINY,
    Keys,
    Side,
    flip,
    make,
    opened,
    trusting,
    unpacked,
)
from steelyard.base.clock import iso_utc
from steelyard.base.digests import digest_of
from steelyard.base.errors import Cancelled
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.bundles import blocks, sinks, verifying
from steelyard.bundles.creating import Attachment
from steelyard.bundles.errors import (
    BundleExists,
    BundlesBusy,
    FileTooLargeForDisk,
    NotBundled,
    UnsafeBundlePath,
)
from steelyard.bundles.manifest import read_manifest
from steelyard.signing.own_keys import OwnKey
from steelyard.store.errors import Damaged, DiskFailed, DiskFull, ModelInUse
from steelyard.store.records import Source, State
from steelyard.store.store import Store
from store.model_samples import manifest

MIB32 = bytes(32 * MIB)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_a_folder_a_container_and_its_parts_hold_the_same_files(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    sender.put(LARGE, "large")
    sender.put()
    found = []
    for name, split_bytes in (("x", 0), ("x.steelyard", 0), ("y.steelyard", MIB)):
        made = make(sender, out / name, anna, split_bytes=split_bytes)
        files = unpacked(out / (made.parts[0] if made.parts else name))
        assert len(made.parts) == (0 if name == "x" else 1 if not split_bytes else 4)
        found.append({p: d for p, d in files.items() if not p.startswith(("signatures", "bundle"))})
        read = read_manifest(files["bundle.json"])
        assert read == made.manifest
        assert digest_of(files["bundle.json"]) == made.digest
    assert found[0] == found[1] == found[2]
    assert {f"models/large/{name}": data for name, data in LARGE.items()}.items() <= found[
        0
    ].items()


def test_numbers_go_up_and_a_number_is_never_given_twice(
    sender: Side, out: Path, anna: OwnKey, keys: Keys
) -> None:
    sender.put()
    serials = [make(sender, out / f"{n}", anna).manifest.serial for n in range(2)]
    assert serials == [1, 2]
    assert make(sender, out / "other", keys.make("bert"), anna).manifest.serial == 1
    assert make(sender, out / "unsigned").manifest.serial == 1
    made = sender.ledger.made(anna.key.fingerprint, 2)
    assert made is not None
    assert made.models == {"tiny": sender.store.get("tiny").digest}
    assert made.made_at == iso_utc(NOW)


def test_block_hashes_are_there_for_large_files_and_right(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    sender.put(LARGE, "large")
    make(sender, out / "x.steelyard", anna)
    files = unpacked(out / "x.steelyard")
    data = LARGE["large.gguf"]
    listed = files[f"blocks/{digest_of(data)[7:]}.bin"]
    pieces = [data[start : start + MIB] for start in range(0, len(data), MIB)]
    assert listed == b"".join(bytes.fromhex(digest_of(piece)[7:]) for piece in pieces)
    assert len([path for path in files if path.startswith("blocks/")]) == 1


@pytest.mark.parametrize("sizes", [(1,), (MIB,), (MIB - 1, 2), (7, MIB, 3 * MIB + 5), (2 * MIB,)])
def test_block_hashes_do_not_depend_on_the_pieces(sizes: tuple[int, ...]) -> None:
    data = os.urandom(sum(sizes))
    hasher, start = blocks.BlockHasher(), 0
    for size in sizes:
        hasher.update(memoryview(data)[start : start + size])
        start += size
    listed = blocks.BlockList(len(data), hasher.finish())
    assert listed.fits
    assert all(block.is_in(data[block.start : block.end]) for block in listed)


def test_several_sign_and_the_first_is_the_sender(
    sender: Side, out: Path, anna: OwnKey, keys: Keys
) -> None:
    sender.put()
    bert = keys.make("bert")
    make(sender, out / "x", bert, anna)
    found = opened(out / "x", trusting(anna, bert, needed=2))
    assert found.sender == "bert"
    assert len(found.believed) == 2


def test_the_sender_s_folders_stay_the_sender_s_business(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    model = sender.put()
    assert model.manifest.source.path == "/elsewhere/tiny.gguf"
    carried = make(sender, out / "x", anna).manifest.models[0]
    assert carried.manifest.source == Source("file", path="tiny.gguf")


def test_damage_in_the_store_is_found_and_not_passed_on(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    model = sender.put(LARGE, "large")
    location = sender.store.view(model) / "large.gguf"
    location.chmod(0o600)
    flip(location, 2 * MIB)
    with pytest.raises(Damaged) as caught:
        make(sender, out / "x.steelyard", anna)
    assert caught.value.facts["mismatched"] == ["large.gguf"]
    for change in (
        lambda: os.truncate(location, 5),
        location.unlink,
        lambda: location.symlink_to("/etc/passwd"),
    ):
        change()
        with pytest.raises(Damaged):
            make(sender, out / "x", anna)
    assert left_in(out) == set()


def test_what_is_there_already_stays(sender: Side, out: Path, anna: OwnKey) -> None:
    sender.put()
    (out / "x.steelyard").write_bytes(b"mine")
    (out / "y.steelyard.003").write_bytes(b"mine")
    (out / "z").mkdir()
    (out / "z" / "mine").write_bytes(b"mine")
    for name in ("x.steelyard", "y.steelyard", "z"):
        with pytest.raises(BundleExists):
            make(sender, out / name, anna, split_bytes=MIB if name[0] == "y" else 0)
    assert (out / "x.steelyard").read_bytes() == b"mine"
    (out / "empty").mkdir()
    make(sender, out / "empty", anna)
    assert (out / "empty" / "bundle.json").is_file()


def test_what_cannot_be_made_is_said_before_anything_is_written(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    model = sender.put()
    refusals: list[tuple[Path, dict[str, Any]]] = [
        (out / "missing" / "x", {}),
        (out / "x", {"split_bytes": 4 * MIB}),
        (out / "x.steelyard", {"split_bytes": 100}),
        (out / "x", {"models": (model, model)}),
        (out / "x", {"attachments": (Attachment("notes/tiny/" + "x" * 200, b""),)}),
        (out / "x", {"attachments": (Attachment("../escape", b""),)}),
        (
            out / "x",
            {"attachments": tuple(Attachment(f"runs/t/{n}.json", MIB32) for n in range(9))},
        ),
    ]
    for path, options in refusals:
        with pytest.raises((NotBundled, UnsafeBundlePath)):
            make(sender, path, anna, **options)
    with pytest.raises(NotBundled):
        make(sender, out / "x", anna, models=(sender.store.set_state(model, State.QUARANTINED),))
    assert left_in(out) == set()


def test_a_full_disk_is_said_beforehand(
    sender: Side, out: Path, anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.put(LARGE, "large")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DiskFull) as caught:
        make(sender, out / "x", anna)
    assert isinstance(caught.value.facts["needed_bytes"], int)
    assert left_in(out) == set()


def test_a_fat32_stick_is_told_apart_before_four_gigabytes_are_copied(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "_file_system", lambda _: "vfat")
    large = 2**32
    for name, split_bytes in (("x", 0), ("x.steelyard", 0), ("x.steelyard", large)):
        with pytest.raises(FileTooLargeForDisk) as caught:
            sinks.open_sink(out / name, split_bytes, large + 1, large)
        assert "--split 4G" in caught.value.next_step
    sinks.open_sink(out / "x.steelyard", large - 1, large + 1, large).discard()
    monkeypatch.setattr(sinks, "_file_system", lambda _: "exfat")
    sinks.open_sink(out / "x", 0, large + 1, large).discard()


@pytest.mark.parametrize("name", ["x", "x.steelyard"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EFBIG])
def test_a_failing_stick_leaves_nothing(
    sender: Side, out: Path, anna: OwnKey, name: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.put(LARGE, "large")
    real, left = os.fsync, 0

    def failing(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    failures = 0
    for number in range(1, 40):
        left = number
        try:
            make(sender, out / name, anna)
        except (DiskFull, DiskFailed, FileTooLargeForDisk):
            failures += 1
            assert left_in(out) == set()
            continue
        assert verifying.look(out / name, trusting(anna), every_byte=True).findings == ()
        break
    assert failures


def test_calling_it_off_leaves_nothing(sender: Side, out: Path, anna: OwnKey) -> None:
    sender.put(LARGE, "large")
    token = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.stage == "copying" and progress.done:
            token.cancel()

    for name in ("x", "x.steelyard"):
        with pytest.raises(Cancelled):
            make(sender, out / name, anna, report=Reporter(stop, token))
    assert left_in(out) == set()


def test_what_a_killed_process_left_is_replaced(sender: Side, out: Path, anna: OwnKey) -> None:
    sender.put()
    (out / "x.partial").mkdir()
    (out / "x.partial" / "junk").write_bytes(b"junk")
    for number in (1, 2, 3):
        (out / f"y.steelyard.{number:03d}.partial").write_bytes(b"junk")
    make(sender, out / "x", anna)
    make(sender, out / "y.steelyard", anna)
    assert left_in(out) == {"x", "y.steelyard"}
    assert verifying.look(out / "x", trusting(anna), every_byte=True).findings == ()


def test_one_at_a_time(sender: Side, out: Path, anna: OwnKey) -> None:
    sender.put()
    tried = []

    def again(progress: Progress) -> None:
        if not tried:
            tried.append(progress.stage)
            with pytest.raises(BundlesBusy):
                make(sender, out / "other", anna)

    make(sender, out / "x", anna, report=Reporter(again))
    assert tried == ["copying"]


def test_a_model_is_not_removed_while_it_is_read(sender: Side, out: Path, anna: OwnKey) -> None:
    model = sender.put()
    tried = []

    def remove(progress: Progress) -> None:
        if not tried:
            tried.append(progress.stage)
            with pytest.raises(ModelInUse):
                sender.store.remove(model)

    make(sender, out / "x", anna, report=Reporter(remove))
    assert tried == ["copying"]
    sender.store.remove(model)


def test_progress_is_told_in_bytes_to_the_end(sender: Side, out: Path, anna: OwnKey) -> None:
    model = sender.put(LARGE, "large")
    seen: list[Progress] = []
    make(sender, out / "x", anna, report=Reporter(seen.append))
    copying = [p for p in seen if p.stage == "copying"]
    assert copying[-1].done == copying[-1].total == model.manifest.size_bytes
    assert seen[-1].stage == "signing"


def test_the_note_beside_parts_says_how_to_join_them(
    sender: Side, out: Path, anna: OwnKey, tmp_path: Path
) -> None:
    sender.put(LARGE, "large")
    make(sender, out / "x.steelyard", anna, split_bytes=MIB)
    note = (out / "x.steelyard.parts.txt").read_text()
    line = next(line for line in note.splitlines() if "cat" in line)
    subprocess.run(line.split(None, 2)[2], shell=True, cwd=out, check=True)
    with tarfile.open(out / "x.steelyard") as joined:
        joined.extractall(tmp_path / "unpacked", filter="data")
    look = verifying.look(tmp_path / "unpacked", trusting(anna), every_byte=True)
    assert look.findings == ()


# ------------------------------------------------------------------ the public tool


def test_the_public_tool_verifies_what_we_sign(
    sender: Side, out: Path, anna: OwnKey, keys: Keys, tmp_path: Path
) -> None:
    import model_signing

    sender.put()
    bert = keys.make("bert")
    make(sender, out / "x", anna, bert)
    for key in (anna, bert):
        public = tmp_path / f"{key.record.name}.pem"
        public.write_text(key.key.pem)
        config = model_signing.verifying.Config().use_elliptic_key_verifier(public_key=public)
        config.set_hashing_config(
            model_signing.hashing.Config().set_ignored_paths(
                paths=["signatures"], ignore_git_paths=False
            )
        )
        signature = out / "x" / "signatures" / f"{key.key.key_id}.json"
        config.verify(out / "x", signature)
        flip(out / "x" / "models" / "tiny" / "tiny.gguf", 100)
        with pytest.raises(ValueError, match="mismatch"):
            config.verify(out / "x", signature)
        flip(out / "x" / "models" / "tiny" / "tiny.gguf", 100)


def test_the_manifest_on_disk_is_what_the_store_holds(
    sender: Side, out: Path, anna: OwnKey
) -> None:
    made = make_with(sender.store, sender, out, anna)
    value = json.loads((out / "x" / "bundle.json").read_bytes())
    assert value["models"][0]["manifest"]["license"]["card"] == "mit"
    assert value["models"][0]["trust"]["scan"] == "clean"
    assert value["serial"] == made


def make_with(store: Store, side: Side, out: Path, anna: OwnKey) -> int:
    from steelyard.store.records import LicenseEvidence
    from store.model_samples import CLEAN, stage

    described = manifest(TINY, "tiny", license=LicenseEvidence(card="mit", license_id="mit"))
    store.admit(described, stage(store, TINY), CLEAN, State.ADMITTED)
    return make(side, out / "x", anna).manifest.serial
