"""Who signed it, over what, and whether that counts (THREATS 56-60)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from bundles.carrying import (
    NOW,
    Keys,
    Side,
    edit_manifest,
    opened,
    pack,
    signed,
    take,
    trusting,
)
from steelyard.base.errors import SteelyardError
from steelyard.bundles import manifest, verifying
from steelyard.bundles.errors import (
    BundleTooLarge,
    FileDiffers,
    FileExtraInBundle,
    FileMissingInBundle,
    MalformedBundle,
    SenderNotSigner,
)
from steelyard.signing import dsse, model_signing
from steelyard.signing.errors import (
    MalformedEnvelope,
    SignatureRefused,
    SignerExpired,
    SignerNotEntitled,
    SignerRevoked,
    SignerUnknown,
    TooFewSigners,
    TrustNotUsable,
    Unsigned,
    WrongDocument,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.trust import TrustList

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "x.steelyard"


def signature_of(files: dict[str, bytes]) -> str:
    return next(path for path in files if path.startswith("signatures/"))


def refused(path: Path, *trust: Any, **rules: Any) -> SteelyardError:
    with pytest.raises(SteelyardError) as caught:
        opened(path, trusting(*trust, **rules)).require_whole()
    return caught.value


# ------------------------------------------------------------------ whose


def test_a_trusted_signature_is_believed(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    found = opened(pack(place, files), trusting(anna))
    assert found.sender == "anna"
    assert [signer.trusted for signer in found.signatures.signers] == [True]
    assert found.findings == ()


def test_without_a_signature_nothing_is_opened(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    del files[signature_of(files)]
    assert isinstance(refused(pack(place, files), anna), Unsigned)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe", b"null", b"{", b'{"a":1,"a":1}']
)
def test_a_signature_that_is_none(
    files: dict[str, bytes], place: Path, anna: OwnKey, content: bytes
) -> None:
    files[signature_of(files)] = content
    assert isinstance(refused(pack(place, files), anna), MalformedEnvelope)


def test_an_unknown_key_is_named_as_it_names_itself(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    error = refused(pack(place, files), keys.make("other"))
    assert isinstance(error, SignerUnknown)
    assert anna.key.key_id in error.message


def test_an_expired_a_future_and_a_revoked_key_do_not_count(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    pack(place, files)
    record = anna.record
    for changed, kind in (
        (replace(record, valid_until=NOW), SignerExpired),
        (replace(record, valid_from=NOW + timedelta(seconds=1)), SignerExpired),
        (record.revoke(NOW, "the laptop was stolen"), SignerRevoked),
        (replace(record, purposes=(Purpose.NOTE,)), SignerNotEntitled),
    ):
        assert isinstance(refused(place, changed), kind)


def test_a_revocation_counts_beside_a_record_in_force(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    revoked = replace(anna.record.revoke(NOW, "lost"), name="anna-old")
    assert isinstance(refused(pack(place, files), anna, revoked), SignerRevoked)


def test_a_trust_list_that_cannot_be_read_believes_nobody(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    trust = replace(TrustList.of(anna.record), problems=("One record is damaged.",))
    with pytest.raises(TrustNotUsable):
        opened(pack(place, files), replace(trusting(anna), trust=trust))


def test_two_of_n_need_two_different_keys(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    bert, carl = keys.make("bert"), keys.make("carl")
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    assert isinstance(refused(pack(place, signed(bare, anna)), anna, bert, needed=2), TooFewSigners)
    assert isinstance(
        refused(pack(place, signed(bare, anna, carl)), anna, bert, needed=2), TooFewSigners
    )
    twice = signed(bare, anna)
    twice["signatures/0.json"] = model_signing.sign(
        model_signing.read_signature_file(twice[signature_of(twice)]).payload, anna
    )
    assert isinstance(refused(pack(place, twice), anna, bert, needed=2), TooFewSigners)
    found = opened(pack(place, signed(bare, anna, bert)), trusting(anna, bert, carl, needed=2))
    assert {signer.name for signer in found.believed} == {"anna", "bert"}


def test_one_trusted_of_several_is_enough_and_the_others_are_shown(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    found = opened(pack(place, signed(bare, anna, keys.make("stranger"))), trusting(anna))
    assert sorted(s.kind for s in found.signatures.signers) == ["trusted", "unknown"]


def test_the_sender_it_names_must_be_one_who_signed(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    bert = keys.make("bert")
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    assert isinstance(refused(pack(place, signed(bare, bert)), anna, bert), SenderNotSigner)


# ------------------------------------------------------------------ unsigned, where policy lets it pass


def test_policy_may_let_unsigned_bundles_in_but_never_known_bad_ones(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    stranger = keys.make("stranger")
    pack(place, files)
    assert opened(place, trusting(stranger, allow_unsigned=True)).believed == ()
    revoked = anna.record.revoke(NOW, "lost")
    assert isinstance(refused(place, revoked, allow_unsigned=True), SignerRevoked)
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    assert opened(pack(place, bare), trusting(anna, allow_unsigned=True)).sender == ""


def test_an_unsigned_bundle_is_still_held_against_its_manifest(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    bare["models/tiny/README.md"] = b"x" * len(bare["models/tiny/README.md"])
    rules = trusting(anna, allow_unsigned=True)
    look = verifying.look(pack(place, bare), rules, every_byte=True)
    assert [finding.path for finding in look.findings] == ["models/tiny/README.md"]


# ------------------------------------------------------------------ over what


def test_every_changed_file_is_noticed_on_opening_or_on_hashing(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    for path in files:
        changed = {**files, path: bytes([files[path][0] ^ 1]) + files[path][1:]}
        look = verifying.look(pack(place, changed), trusting(anna), every_byte=True)
        assert look.findings, path


def test_every_changed_byte_of_a_signature_is_noticed_or_changes_nothing(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    name = signature_of(files)
    for offset in range(0, len(files[name]), 7):
        changed = bytearray(files[name])
        changed[offset] ^= 1
        try:
            found = opened(pack(place, {**files, name: bytes(changed)}), trusting(anna))
        except (SignatureRefused, MalformedEnvelope, MalformedBundle):
            continue
        # Only the hint beside the envelope may be anything.
        assert found.digest == opened(pack(place, files), trusting(anna)).digest


def test_missing_and_extra_files_are_named(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    without = {p: d for p, d in files.items() if p != "models/tiny/README.md"}
    error = refused(pack(place, without), anna)
    assert isinstance(error, FileMissingInBundle)
    assert error.path == "models/tiny/README.md"
    for extra in (
        "models/tiny/extra.py",
        "models/tiny/.git/hooks/x",
        "runs/tiny/a.json",
        "bom/x.cdx.json",
    ):
        error = refused(pack(place, {**files, extra: b"x"}), anna)
        assert isinstance(error, FileExtraInBundle)
        assert error.path == extra
    assert isinstance(
        refused(pack(place, {p: d for p, d in files.items() if p != "bundle.json"}), anna),
        FileMissingInBundle,
    )


def test_another_manifest_under_the_same_signature_is_refused(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    changed = edit_manifest(files, lambda value: value.update(serial=99))
    name = signature_of(files)
    assert isinstance(refused(pack(place, {**changed, name: files[name]}), anna), FileDiffers)


def test_a_signature_that_leaves_paths_out_is_refused(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    data = signed(bare, anna, ignored=("signatures", "models/tiny/README.md"))
    assert isinstance(refused(pack(place, data), anna), MalformedBundle)


def test_a_statement_that_lists_more_or_less_than_the_manifest_is_refused(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    more = {**bare, "models/tiny/extra.txt": b"x"}
    assert isinstance(refused(pack(place, signed(more, anna)), anna), MalformedBundle)
    less = {p: d for p, d in bare.items() if p != "models/tiny/README.md"}
    assert isinstance(refused(pack(place, signed(less, anna)), anna), MalformedBundle)


def test_signatures_over_different_lists_are_refused(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    bert = keys.make("bert")
    bare = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    other = signed({**bare, "models/tiny/README.md": b"other"}, bert)
    both = {**signed(bare, anna), **{p: d for p, d in other.items() if p.startswith("signatures/")}}
    assert isinstance(refused(pack(place, both), anna, bert), MalformedEnvelope)


# ------------------------------------------------------------------ confusion and tricks


def test_another_kind_of_signed_document_is_no_bundle_signature(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    name = signature_of(files)
    payload = model_signing.read_signature_file(files[name]).payload
    envelope = json.loads(dsse.sign(payload, "application/vnd.other+json", [anna]))
    document = {**json.loads(files[name]), "dsseEnvelope": envelope}
    files[name] = json.dumps(document).encode()
    assert isinstance(refused(pack(place, files), anna), WrongDocument)
    # Saying it is of the right type after it was signed as another does not help.
    envelope["payloadType"] = model_signing.PAYLOAD_TYPE
    files[name] = json.dumps({**document, "dsseEnvelope": envelope}).encode()
    assert isinstance(refused(pack(place, files), anna), SignatureRefused)


def test_duplicate_keys_anywhere_in_a_signature_are_refused(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    name = signature_of(files)
    for old, new in (
        (b'"payload":', b'"payload": "", "payload":'),
        (b'"payloadType":', b'"payloadType": "x", "payloadType":'),
        (b'"sig":', b'"sig": "", "sig":'),
        (b'"dsseEnvelope":', b'"dsseEnvelope": {}, "dsseEnvelope":'),
    ):
        changed = files[name].replace(old, new, 1)
        assert changed != files[name]
        assert isinstance(refused(pack(place, {**files, name: changed}), anna), MalformedEnvelope)


def test_a_signature_s_other_form_is_the_same_signer_not_a_second_one(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys
) -> None:
    name = signature_of(files)
    document = json.loads(files[name])
    import base64

    one = document["dsseEnvelope"]["signatures"][0]
    r, s = decode_dss_signature(base64.b64decode(one["sig"]))
    one["sig"] = base64.b64encode(encode_dss_signature(r, P256_ORDER - s)).decode()
    files["signatures/other.json"] = json.dumps(document).encode()
    error = refused(pack(place, files), anna, keys.make("bert"), needed=2)
    assert isinstance(error, TooFewSigners)
    assert error.facts["found"] == 1


def test_zero_signatures_in_an_envelope_are_none(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    name = signature_of(files)
    document = json.loads(files[name])
    document["dsseEnvelope"]["signatures"] = []
    files[name] = json.dumps(document).encode()
    assert isinstance(refused(pack(place, files), anna), Unsigned)


def test_a_signature_file_made_to_fill_the_memory_is_not_parsed(
    files: dict[str, bytes], place: Path, anna: OwnKey
) -> None:
    name = signature_of(files)
    files[name] = b'{"a":[' + b"[]," * 1_000_000 + b"[]]}"
    assert isinstance(refused(pack(place, files), anna), MalformedBundle)
    files[name] = b" " * (4 * 1024 * 1024 + 1)
    assert isinstance(refused(pack(place, files), anna), BundleTooLarge)


# ------------------------------------------------------------------ what bundle.json says


CHANGES: dict[str, Any] = {
    "another kind": lambda v: v.update(kind="other"),
    "a future format": lambda v: v.update(format=2),
    "an unknown field": lambda v: v.update(more=1),
    "serial 0": lambda v: v.update(serial=0),
    "serial true": lambda v: v.update(serial=True),
    "serial huge": lambda v: v.update(serial=2**53),
    "no time": lambda v: v.update(created_at="yesterday"),
    "no models": lambda v: v.update(models=[]),
    "models no list": lambda v: v.update(models={}),
    "files no list": lambda v: v.update(files={"a": 1}),
    "a file twice": lambda v: v["files"].append(v["files"][0]),
    "a file's kind": lambda v: v["files"][0].update(kind="run"),
    "a file's size": lambda v: v["files"][0].update(size_bytes=1),
    "a file's size negative": lambda v: v["files"][0].update(size_bytes=-1),
    "a file's digest": lambda v: v["files"][0].update(sha256="sha256:" + "0" * 64),
    "a file's digest's form": lambda v: v["files"][0].update(sha256="0" * 64),
    "a path outside": lambda v: v["files"][0].update(path="../x"),
    "itself": lambda v: v["files"][0].update(path="bundle.json", kind="manifest"),
    "a signature": lambda v: v["files"][0].update(path="signatures/a.json", kind="signature"),
    "a file nobody has": lambda v: v["files"].pop(0),
    "the model twice": lambda v: v["models"].append(v["models"][0]),
    "the model's digest": lambda v: v["models"][0].update(digest="sha256:" + "0" * 64),
    "the model's name": lambda v: v["models"][0]["manifest"].update(name="other"),
    "the model's name unsafe": lambda v: v["models"][0]["manifest"].update(name="../x"),
    "the model without files": lambda v: v["models"][0]["manifest"].update(files=[]),
    "the model's file elsewhere": lambda v: v["models"][0]["manifest"]["files"][0].update(path="x"),
    "differs from its publisher": lambda v: v["models"][0]["manifest"]["files"][0].update(
        publisher_hash="differs"
    ),
    "trust of another form": lambda v: v["models"][0].update(trust={}),
    "a text without end": lambda v: v["models"][0]["manifest"].update(title="x" * 10_000),
    "the sender's form": lambda v: v.update(sender={"name": "x", "fingerprint": "x"}),
    "no sender": lambda v: v.update(sender=None),
    "evidence without end": lambda v: v["files"].extend(
        {
            "path": f"runs/m/{n}.json",
            "size_bytes": 2**25,
            "sha256": "sha256:" + "0" * 64,
            "kind": "run",
        }
        for n in range(9)
    ),
    "block hashes": lambda v: v["files"].append(
        {
            "path": "blocks/" + "0" * 64 + ".bin",
            "size_bytes": 32,
            "sha256": "sha256:" + "0" * 64,
            "kind": "blocks",
        }
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_manifest_that_contradicts_itself_is_refused_even_when_signed(
    files: dict[str, bytes], place: Path, anna: OwnKey, change: Any
) -> None:
    changed = edit_manifest(files, change)
    assert isinstance(refused(pack(place, signed(changed, anna)), anna), MalformedBundle)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"kind": 1',
        b'{"a":1,"a":2}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
    ids=repr,
)
def test_a_manifest_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedBundle):
        manifest.read_manifest(data)


def test_only_the_canonical_form_is_read(files: dict[str, bytes]) -> None:
    data = files["bundle.json"]
    assert manifest.read_manifest(data).to_bytes() == data
    with pytest.raises(MalformedBundle):
        manifest.read_manifest(data + b"\n")
    with pytest.raises(MalformedBundle):
        manifest.read_manifest(json.dumps(json.loads(data)).encode())


def test_nothing_of_a_bundle_nobody_vouches_for_is_parsed(
    files: dict[str, bytes], place: Path, anna: OwnKey, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr("steelyard.bundles.checking.read_manifest", never)
    monkeypatch.setattr(model_signing, "read_statement", never)
    look = verifying.look(pack(place, files), trusting(keys.make("other")), every_byte=True)
    assert look.opened is None
    assert look.checked_bytes == 0
    assert [finding.kind for finding in look.findings] == ["untrusted"]


def test_looking_at_it_says_who_signed_and_what_is_wrong(
    files: dict[str, bytes], place: Path, anna: OwnKey, receiver: Side
) -> None:
    pack(place, files)
    for record, kind in (
        (replace(anna.record, valid_until=NOW), "expired"),
        (anna.record.revoke(NOW, "lost"), "revoked"),
        (replace(anna.record, purposes=(Purpose.NOTE,)), "untrusted"),
    ):
        look = verifying.look(place, trusting(record), every_byte=False)
        assert look.signatures is not None
        assert look.signatures.signers[0].name == "anna"
        assert [finding.kind for finding in look.findings] == [kind]
        with pytest.raises(SignatureRefused):
            take(receiver, place, trusting(record))
    assert receiver.names() == set()
