"""Taking in: like every import, with the sender's word kept apart from this installation's own judgement."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bundles.carrying import (
    LARGE,
    MIB,
    README,
    TINY,
    Keys,
    Side,
    edit_manifest,
    flip,
    make,
    pack,
    signed,
    take,
    trusting,
    unpacked,
)
from formats.gguf_builder import tiny_llama
from intake.judging import Unthinned
from steelyard.base.progress import Progress
from steelyard.bundles.creating import Attachment
from steelyard.bundles.errors import (
    FileDiffers,
    FileExtraInBundle,
    MalformedBundle,
    OldSerial,
    SecondDiffers,
)
from steelyard.bundles.importing import Imported
from steelyard.signing.errors import SignatureRefused, Unsigned
from steelyard.signing.own_keys import OwnKey
from steelyard.store.errors import DiskFull
from steelyard.store.records import FileEntry, PublisherHash, Scan, Source, State
from steelyard.store.store import Store
from store.model_samples import CLEAN, everything, manifest, stage


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory, anna: OwnKey) -> dict[str, bytes]:
    """A bundle with a tiny and a large model, in one container and in a folder."""
    folder = tmp_path_factory.mktemp("large")
    side = Side.at(folder / "sender")
    side.put(LARGE, "large")
    side.put()
    make(side, folder / "x.steelyard", anna)
    side.close()
    return {"x.steelyard": (folder / "x.steelyard").read_bytes()}


@pytest.fixture
def bundle(tmp_path: Path, large: dict[str, bytes]) -> Path:
    path = tmp_path / "stick.steelyard"
    path.write_bytes(large["x.steelyard"])
    return path


def outcomes(imported: Imported) -> dict[str, str]:
    return {each.carried.manifest.name: each.outcome for each in imported.models}


def quarantine(side: Side) -> list[str]:
    return sorted(path.name for path in side.home.quarantine.iterdir())


def place_of(path: Path, name: str) -> int:
    """Where a file's data begins in a container."""
    from steelyard.bundles.sources import ContainerSource

    source = ContainerSource(path)
    source.close()
    return source._starts[name]


# ------------------------------------------------------------------ what comes in


def test_a_model_comes_in_whole_judged_and_signed(
    receiver: Side, bundle: Path, anna: OwnKey
) -> None:
    seen: list[Progress] = []
    imported = take(receiver, bundle, trusting(anna), report=Unthinned(seen.append))
    assert outcomes(imported) == {"large": "admitted", "tiny": "admitted"}
    assert imported.complete
    model = receiver.store.get("large")
    assert receiver.store.verify(model).ok
    assert model.trust.signed_by == "anna"
    assert model.trust.scan is Scan.CLEAN
    assert model.trust.approved_by == "policy"
    assert model.manifest.source == Source("bundle", path="anna #1")
    assert model.manifest.license.card == "mit"
    total = sum(map(len, [*LARGE.values(), *TINY.values()]))
    assert (imported.bytes_copied, imported.bytes_reused) == (total - len(README), len(README))
    assert quarantine(receiver) == []
    assert {p.stage for p in seen} >= {"copying", "admitting"}
    assert max(p.done for p in seen if p.stage == "copying") == total


def test_approval_is_this_installation_s_own(receiver: Side, bundle: Path, anna: OwnKey) -> None:
    required = frozenset({"scan", "signature", "approval"})
    imported = take(receiver, bundle, trusting(anna), required=required)
    assert outcomes(imported) == {"large": "verified", "tiny": "verified"}
    assert receiver.store.get("tiny").trust.approved_by is None
    assert imported.complete


def with_publisher_hash(side: Side, outcome: PublisherHash) -> None:
    plain = manifest(TINY)
    files = tuple(replace(entry, publisher_hash=outcome) for entry in plain.files)
    source = Source("hub", endpoint="https://hub.example", repository="o/r", commit="c" * 40)
    described = replace(plain, files=files, source=source)
    trust = replace(CLEAN, publisher_hash=outcome)
    side.store.admit(described, stage(side.store, TINY), trust, State.ADMITTED)


@pytest.mark.parametrize("outcome", [PublisherHash.MATCHES, PublisherHash.NONE_GIVEN])
def test_a_trusted_sender_s_word_on_the_publisher_s_hash_is_carried(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey, outcome: PublisherHash
) -> None:
    with_publisher_hash(sender, outcome)
    make(sender, tmp_path / "x", anna)
    take(receiver, tmp_path / "x", trusting(anna))
    model = receiver.store.get("tiny")
    assert model.trust.publisher_hash is outcome
    assert model.manifest.source.repository == "o/r"
    assert model.manifest.source.commit == "c" * 40


def test_an_unsigned_bundle_s_word_counts_for_nothing(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    with_publisher_hash(sender, PublisherHash.MATCHES)
    make(sender, tmp_path / "x")
    with pytest.raises(Unsigned):
        take(receiver, tmp_path / "x", trusting(anna))
    take(receiver, tmp_path / "x", trusting(anna, allow_unsigned=True))
    model = receiver.store.get("tiny")
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN
    assert model.trust.signed_by is None
    assert model.manifest.source.path == "unsigned #1"


def test_what_the_store_has_is_not_copied_again_but_gains_the_signature(
    receiver: Side, bundle: Path, anna: OwnKey
) -> None:
    receiver.put(LARGE, "mine")
    assert receiver.store.get("mine").trust.signed_by is None
    imported = take(receiver, bundle, trusting(anna))
    assert imported.bytes_copied == len(TINY["tiny.gguf"])
    assert receiver.names() == {"mine", "tiny"}
    model = receiver.store.get("mine")
    assert model.trust.signed_by == "anna"
    assert receiver.store.check_unchanged(model)


def test_a_damaged_model_in_the_store_is_mended_by_a_bundle(
    receiver: Side, bundle: Path, anna: OwnKey
) -> None:
    model = receiver.put(LARGE, "mine")
    location = receiver.store.view(model) / "large.gguf"
    location.chmod(0o600)
    flip(location, 100)
    assert not receiver.store.verify(model).ok
    take(receiver, bundle, trusting(anna))
    assert receiver.store.verify(receiver.store.get("mine")).ok


def test_a_taken_name_gets_a_number(receiver: Side, bundle: Path, anna: OwnKey) -> None:
    receiver.put({"other.gguf": tiny_llama(general__name="other")}, "tiny")
    take(receiver, bundle, trusting(anna))
    assert receiver.names() == {"tiny", "tiny-2", "large"}


# ------------------------------------------------------------------ what does not


def test_nothing_is_copied_of_a_bundle_that_is_not_whole(
    receiver: Side, files: dict[str, bytes], tmp_path: Path, anna: OwnKey
) -> None:
    before = everything(receiver.home)
    path = tmp_path / "x.steelyard"
    with pytest.raises(FileExtraInBundle):
        take(receiver, pack(path, {**files, "models/tiny/x.py": b"x"}), trusting(anna))
    name = next(p for p in files if p.startswith("models/") and p.endswith(".gguf"))
    with pytest.raises(FileDiffers):
        take(receiver, pack(path, {**files, name: files[name] + b"x"}), trusting(anna))
    assert everything(receiver.home) == before
    assert quarantine(receiver) == []


def test_an_untrusted_key_brings_nothing_in(receiver: Side, bundle: Path, keys: Keys) -> None:
    with pytest.raises(SignatureRefused):
        take(receiver, bundle, trusting(keys.make("other")))
    assert receiver.names() == set()


def hostile(files: dict[str, bytes], anna: OwnKey, extra: dict[str, bytes]) -> dict[str, bytes]:
    """A bundle whose trusted sender put more into the model's folder."""
    from steelyard.base.digests import digest_of
    from steelyard.store.records import identity

    def change(value: dict[str, object]) -> None:
        models = value["models"]
        assert isinstance(models, list)
        for path, data in extra.items():
            entry = {"path": path, "size_bytes": len(data), "sha256": digest_of(data)}
            models[0]["manifest"]["files"].append({**entry, "publisher_hash": "none-given"})
            listed = value["files"]
            assert isinstance(listed, list)
            kind = "weights" if path.endswith((".gguf", ".safetensors")) else "model"
            listed.append({**entry, "path": f"models/tiny/{path}", "kind": kind})
        all_files = [
            FileEntry(e["path"], e["size_bytes"], e["sha256"])
            for e in models[0]["manifest"]["files"]
        ]
        models[0]["digest"] = identity(tuple(all_files))

    whole = {**files, **{f"models/tiny/{path}": data for path, data in extra.items()}}
    return signed(edit_manifest(whole, change), anna)


@pytest.mark.parametrize("name", ["modeling_tiny.py", "pytorch_model.bin", "other.gguf", "x.so"])
def test_even_a_trusted_sender_brings_only_what_imports_take(
    receiver: Side, files: dict[str, bytes], tmp_path: Path, anna: OwnKey, name: str
) -> None:
    path = pack(tmp_path / "x.steelyard", hostile(files, anna, {name: b"x"}))
    with pytest.raises(MalformedBundle):
        take(receiver, path, trusting(anna))
    assert receiver.names() == set()


def test_what_the_scan_refuses_is_held_and_the_others_come_in(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    sender.put({"bad.gguf": b"GGUF" + b"\xff" * 100}, "bad")
    sender.put()
    make(sender, tmp_path / "x", anna)
    settled: list[Imported] = []
    imported = take(receiver, tmp_path / "x", trusting(anna), settle=settled.append)
    assert outcomes(imported) == {"bad": "rejected", "tiny": "admitted"}
    assert [finding.kind for finding in imported.findings] == ["refused"]
    assert imported.complete
    assert settled
    held = receiver.store.get("bad")
    assert held.state is State.REJECTED
    assert held.trust.signed_by == "anna"
    assert receiver.store.view(held).is_dir()


def test_a_full_disk_is_said_before_anything_is_copied(
    receiver: Side, bundle: Path, anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "free_bytes", lambda _: 1000)
    with pytest.raises(DiskFull):
        take(receiver, bundle, trusting(anna))
    assert quarantine(receiver) == []


# ------------------------------------------------------------------ numbers


def test_a_number_cannot_go_back(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey, keys: Keys
) -> None:
    sender.put()
    bert = keys.make("bert")
    for name, key in (("first", anna), ("second", anna), ("bert", bert)):
        make(sender, tmp_path / name, key)
    rules = trusting(anna, bert)
    take(receiver, tmp_path / "second", rules)
    for name, same in (("second", True), ("first", False)):
        with pytest.raises(OldSerial) as caught:
            take(receiver, tmp_path / name, rules)
        assert caught.value.facts["same"] is same
        assert caught.value.facts["seen"] == 2
    take(receiver, tmp_path / "bert", rules)  # numbers run per sender
    accepted = take(receiver, tmp_path / "first", rules, accept_old_serial=True)
    assert accepted.accepted_old
    with pytest.raises(OldSerial):  # accepting an old one does not turn the counter back
        take(receiver, tmp_path / "second", rules)


def test_another_bundle_with_the_same_number_is_refused_with_a_warning(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    sender.put()
    make(sender, tmp_path / "one", anna)
    other = Side.at(tmp_path / "restored-from-a-backup")
    other.put(LARGE, "large")
    make(other, tmp_path / "two", anna)
    other.close()
    take(receiver, tmp_path / "one", trusting(anna))
    with pytest.raises(OldSerial) as caught:
        take(receiver, tmp_path / "two", trusting(anna))
    assert "not what it seems" in caught.value.message


def test_the_number_survives_the_program(
    receiver: Side, bundle: Path, anna: OwnKey, tmp_path: Path
) -> None:
    take(receiver, bundle, trusting(anna))
    receiver.close()
    again = Side.at(tmp_path / "receiver")
    with pytest.raises(OldSerial):
        take(again, bundle, trusting(anna))
    again.close()


def test_the_number_is_used_up_last(receiver: Side, bundle: Path, anna: OwnKey) -> None:
    def dies(_: Imported) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(receiver, bundle, trusting(anna), settle=dies)
    settled: list[Imported] = []
    again = take(receiver, bundle, trusting(anna), settle=settled.append)
    assert again.bytes_copied == 0
    assert settled


# ------------------------------------------------------------------ damage and mending


@pytest.fixture
def damaged(bundle: Path) -> Path:
    start = place_of(bundle, "models/large/large.gguf")
    for offset in (10, MIB + 5, 3 * MIB + 1):
        flip(bundle, start + offset)
    return bundle


def test_damage_is_told_in_bytes_and_what_is_whole_is_kept(
    receiver: Side, damaged: Path, anna: OwnKey
) -> None:
    settled: list[Imported] = []
    imported = take(receiver, damaged, trusting(anna), settle=settled.append)
    assert outcomes(imported) == {"large": "damaged", "tiny": "admitted"}
    assert not imported.complete
    assert settled == []
    (finding,) = imported.findings
    size = len(LARGE["large.gguf"])
    assert finding.path == "models/large/large.gguf"
    assert finding.damaged_ranges == ((0, 2 * MIB), (3 * MIB, size))
    assert receiver.names() == {"tiny"}
    assert len(quarantine(receiver)) == 1


def test_only_damaged_blocks_come_from_the_second_copy(
    receiver: Side, damaged: Path, tmp_path: Path, large: dict[str, bytes], anna: OwnKey
) -> None:
    second = tmp_path / "second.steelyard"
    second.write_bytes(large["x.steelyard"])
    flip(second, place_of(second, "models/large/large.gguf") + 2 * MIB + 9)  # damaged elsewhere
    imported = take(receiver, damaged, trusting(anna), second=second)
    assert outcomes(imported) == {"large": "admitted", "tiny": "admitted"}
    assert imported.bytes_repaired == 2 * MIB + len(LARGE["large.gguf"]) - 3 * MIB
    assert receiver.store.verify(receiver.store.get("large")).ok


def test_a_second_try_with_another_copy_reads_only_what_was_missing(
    receiver: Side, damaged: Path, tmp_path: Path, large: dict[str, bytes], anna: OwnKey
) -> None:
    take(receiver, damaged, trusting(anna))
    second = tmp_path / "second.steelyard"
    second.write_bytes(large["x.steelyard"])
    imported = take(receiver, damaged, trusting(anna), second=second)
    assert imported.bytes_copied == 0
    assert imported.bytes_repaired == 2 * MIB + len(LARGE["large.gguf"]) - 3 * MIB
    assert outcomes(imported)["large"] == "admitted"
    assert quarantine(receiver) == []


def test_the_good_copy_alone_finishes_what_the_bad_one_began(
    receiver: Side, damaged: Path, tmp_path: Path, large: dict[str, bytes], anna: OwnKey
) -> None:
    take(receiver, damaged, trusting(anna))
    other = tmp_path / "second.steelyard"
    other.write_bytes(large["x.steelyard"])
    imported = take(receiver, other, trusting(anna))
    assert imported.complete
    assert imported.bytes_copied == 0


def test_both_copies_damaged_at_one_place_are_not_enough(
    receiver: Side, damaged: Path, tmp_path: Path, large: dict[str, bytes], anna: OwnKey
) -> None:
    second = tmp_path / "second.steelyard"
    second.write_bytes(large["x.steelyard"])
    flip(second, place_of(second, "models/large/large.gguf") + 11)
    imported = take(receiver, damaged, trusting(anna), second=second)
    assert imported.findings[0].damaged_ranges == ((0, MIB),)
    assert outcomes(imported)["large"] == "damaged"


def test_damaged_block_hashes_and_small_files_come_from_the_second_copy_too(
    receiver: Side, damaged: Path, tmp_path: Path, large: dict[str, bytes], anna: OwnKey
) -> None:
    second = tmp_path / "second.steelyard"
    second.write_bytes(large["x.steelyard"])
    blocks = next(path for path in unpacked(second) if path.startswith("blocks/"))
    flip(damaged, place_of(damaged, blocks))
    flip(damaged, place_of(damaged, "models/tiny/README.md"))
    with pytest.raises(FileDiffers) as caught:
        take(receiver, damaged, trusting(anna))
    assert caught.value.path == blocks
    imported = take(receiver, damaged, trusting(anna), second=second)
    assert outcomes(imported) == {"large": "admitted", "tiny": "admitted"}


def test_a_second_copy_must_be_of_the_same_bundle(
    sender: Side, receiver: Side, bundle: Path, tmp_path: Path, anna: OwnKey
) -> None:
    sender.put()
    make(sender, tmp_path / "other", anna)
    with pytest.raises(SecondDiffers):
        take(receiver, bundle, trusting(anna), second=tmp_path / "other")
    assert receiver.names() == set()


def test_block_hashes_of_another_file_are_found_out(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    """A trusted sender whose block hashes fit other bytes than its digest mends nothing into a model."""
    sender.put(LARGE, "large")
    make(sender, tmp_path / "x", anna)
    whole = unpacked(tmp_path / "x")
    name = next(path for path in whole if path.startswith("blocks/"))
    from steelyard.base.digests import digest_of
    from steelyard.bundles.blocks import BlockHasher

    data = bytearray(whole["models/large/large.gguf"])
    data[7] ^= 1
    hasher = BlockHasher()
    hasher.update(memoryview(data))
    lying = hasher.finish()

    def change(value: dict[str, list[dict[str, object]]]) -> None:
        next(f for f in value["files"] if f["path"] == name)["sha256"] = digest_of(lying)

    bad = {**whole, name: lying, "models/large/large.gguf": bytes(data)}
    path = pack(tmp_path / "y.steelyard", signed(edit_manifest(bad, change), anna))
    with pytest.raises(MalformedBundle):
        take(receiver, path, trusting(anna))
    assert receiver.names() == set()


# ------------------------------------------------------------------ evidence


def test_evidence_is_kept_word_for_word_beside_the_store(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    sender.put()
    sender.put(LARGE, "large")
    told = (
        Attachment("approvals/tiny.json", b'{"approved_by":"anna"}'),
        Attachment("proofs/large.json", b"{}"),
        Attachment("runs/tiny/a.json", b'{"run":1}'),
        Attachment("bom/tiny.cdx.json", b"{}"),
    )
    made = make(sender, tmp_path / "x", anna, attachments=told)
    imported = take(
        receiver, tmp_path / "x", trusting(anna), required=frozenset({"scan", "approval"})
    )
    folders = {
        each.carried.manifest.name: Path(place)
        for each, place in zip(imported.models, imported.evidence, strict=True)
    }
    for name, folder in folders.items():
        digest = receiver.store.get(name).digest.removeprefix("sha256:")
        assert folder == receiver.home.evidence / digest / f"{anna.key.key_id}-1"
        kept = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
        mine = {t.path for t in told if f"/{name}" in t.path}
        assert kept == {"bundle.json", f"signatures/{anna.key.key_id}.json", *mine}
    assert (
        json.loads((folders["tiny"] / "bundle.json").read_bytes())["serial"] == made.manifest.serial
    )
    assert receiver.store.get("tiny").trust.approved_by is None
    assert imported.carried == {each.path: each.data for each in told}


def test_damaged_evidence_is_refused_before_a_model_comes_in(
    sender: Side, receiver: Side, tmp_path: Path, anna: OwnKey
) -> None:
    sender.put()
    make(sender, tmp_path / "x", anna, attachments=(Attachment("bom/tiny.cdx.json", b"{}"),))
    (tmp_path / "x" / "bom" / "tiny.cdx.json").write_bytes(b"[]")
    with pytest.raises(FileDiffers):
        take(receiver, tmp_path / "x", trusting(anna))
    assert receiver.names() == set()


def test_what_is_on_its_way_says_so(receiver: Side, damaged: Path, anna: OwnKey) -> None:
    take(receiver, damaged, trusting(anna))
    (folder,) = receiver.home.quarantine.iterdir()
    record = json.loads((folder / "expected.json").read_bytes())
    assert record["kind"] == "bundle-in"
    assert record["request"] == {"operation": "bundle.import", "path": str(damaged)}
    assert record["total_bytes"] == sum(map(len, LARGE.values()))
