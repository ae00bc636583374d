"""A receipt answers a bundle that was made here, model by model, or says where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bundles.carrying import NOW, Keys, Side, make, trusting
from steelyard.base.clock import iso_utc
from steelyard.bundles import receipts
from steelyard.bundles.creating import Created
from steelyard.bundles.errors import MalformedReceipt
from steelyard.bundles.receipts import Receipt, ReceiptModel
from steelyard.signing import dsse
from steelyard.signing.errors import (
    MalformedEnvelope,
    SignatureRefused,
    SignerRevoked,
    SignerUnknown,
    WrongDocument,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.trust import TrustList


@pytest.fixture
def bert(keys: Keys) -> OwnKey:
    return keys.make("bert")


@pytest.fixture
def made(sender: Side, tmp_path: Path, anna: OwnKey) -> Created:
    sender.put()
    return make(sender, tmp_path / "x", anna)


@pytest.fixture
def receipt(made: Created, anna: OwnKey, bert: OwnKey) -> Receipt:
    manifest = made.manifest.models[0].manifest
    return Receipt(
        serial=made.manifest.serial,
        bundle_digest=made.digest,
        sender=anna.key.fingerprint,
        receiver="bert",
        receiver_key=bert.key.fingerprint,
        received_at=iso_utc(NOW),
        models=(ReceiptModel("tiny", manifest.digest, manifest.size_bytes, "admitted", ""),),
    )


def check(sender: Side, data: bytes, *trusted: OwnKey) -> receipts.Checked:
    return receipts.check(
        data, sender.ledger, trust=TrustList.of(*(k.record for k in trusted)), at=NOW
    )


def kinds(sender: Side, receipt: Receipt, key: OwnKey, *more: OwnKey) -> list[str]:
    checked = check(sender, receipts.write(receipt, key), key, *more)
    return [finding.kind for finding in checked.findings]


def test_what_was_written_is_read(sender: Side, receipt: Receipt, bert: OwnKey) -> None:
    checked = check(sender, receipts.write(receipt, bert), bert)
    assert checked.receipt == receipt
    assert checked.findings == ()
    assert [signer.name for signer in checked.signers] == ["bert"]


def test_only_a_trusted_key_is_believed(
    sender: Side, receipt: Receipt, anna: OwnKey, bert: OwnKey
) -> None:
    data = receipts.write(receipt, bert)
    with pytest.raises(SignerUnknown):
        check(sender, data, anna)
    revoked = bert.record.revoke(NOW - timedelta(hours=1), "lost")
    with pytest.raises(SignerRevoked):
        receipts.check(data, sender.ledger, trust=TrustList.of(revoked), at=NOW)
    other = replace(bert.record, purposes=(Purpose.NOTE,))
    with pytest.raises(SignatureRefused):
        receipts.check(data, sender.ledger, trust=TrustList.of(other), at=NOW)


def test_what_does_not_fit_is_said(
    sender: Side, receipt: Receipt, anna: OwnKey, bert: OwnKey
) -> None:
    model = receipt.models[0]
    for changes, kind in (
        ({"serial": 99}, ["unknown-bundle"]),
        ({"sender": bert.key.fingerprint}, ["unknown-bundle"]),
        ({"bundle_digest": "sha256:" + "0" * 64}, ["mismatch"]),
        ({"models": ()}, ["missing"]),
        ({"models": (replace(model, outcome="rejected", reason="A pickle."),)}, ["refused"]),
        ({"models": (model, replace(model, digest="sha256:" + "1" * 64))}, ["extra"]),
        ({"receiver_key": anna.key.fingerprint}, ["untrusted"]),
        ({"models": (replace(model, outcome="verified"),)}, []),
    ):
        fields: dict[str, Any] = changes
        assert kinds(sender, replace(receipt, **fields), bert) == kind, changes


def test_a_bundle_signature_is_no_receipt_and_a_receipt_no_bundle_signature(
    sender: Side, receipt: Receipt, tmp_path: Path, anna: OwnKey, bert: OwnKey
) -> None:
    payload = dsse.read_envelope(receipts.write(receipt, bert)).payload
    other = dsse.sign(payload, "application/vnd.in-toto+json", [bert])
    with pytest.raises(WrongDocument):
        check(sender, other, bert)
    with pytest.raises(MalformedEnvelope):
        check(sender, next((tmp_path / "x" / "signatures").iterdir()).read_bytes(), anna)


CHANGES: dict[str, Any] = {
    "kind": lambda v: v.update(kind="x"),
    "format": lambda v: v.update(format=2),
    "serial": lambda v: v.update(serial="1"),
    "serial negative": lambda v: v.update(serial=-1),
    "no digest": lambda v: v.pop("bundle_digest"),
    "digest": lambda v: v.update(bundle_digest="x"),
    "time": lambda v: v.update(received_at="now"),
    "receiver": lambda v: v.update(receiver="x" * 300),
    "models": lambda v: v.update(models={}),
    "a model": lambda v: v.update(models=[1]),
    "outcome": lambda v: v["models"][0].update(outcome="fine"),
    "reason": lambda v: v["models"][0].pop("reason"),
    "size": lambda v: v["models"][0].update(size_bytes=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_signed_receipt_of_another_form_is_refused(
    sender: Side, receipt: Receipt, bert: OwnKey, change: Any
) -> None:
    value = json.loads(dsse.read_envelope(receipts.write(receipt, bert)).payload)
    change(value)
    data = dsse.sign(json.dumps(value).encode(), receipts.PAYLOAD_TYPE, [bert])
    with pytest.raises(MalformedReceipt):
        check(sender, data, bert)


def test_every_changed_byte_is_noticed(sender: Side, receipt: Receipt, bert: OwnKey) -> None:
    data = receipts.write(receipt, bert)
    for offset in range(0, len(data), 5):
        changed = bytearray(data)
        changed[offset] ^= 1
        try:
            found = check(sender, bytes(changed), bert).receipt
        except (SignatureRefused, MalformedEnvelope):
            continue
        assert found == receipt  # a hint beside the signature may be anything


def test_a_file_without_end_is_not_read(sender: Side, bert: OwnKey) -> None:
    with pytest.raises(MalformedReceipt):
        check(sender, b" " * (receipts.MOST_BYTES + 1), bert)


def test_what_was_checked_is_remembered_once(sender: Side, receipt: Receipt) -> None:
    for _ in range(2):
        sender.ledger.record_receipt(
            receipt.sender, receipt.serial, receipt.receiver_key, receipt.received_at, iso_utc(NOW)
        )
    assert trusting().needed == 1
