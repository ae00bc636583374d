"""The receipt: what a receiver took in, signed by them, to be carried back to the sender.

It names the bundle by number and digest, every model by digest with what became of it, and the receiver by key. The
sender holds it against the record of what was made. It proves that the holder of a key said so, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from steelyard.base.canonical import canonical_bytes
from steelyard.base.clock import parse_utc
from steelyard.base.errors import Json, MalformedInput
from steelyard.bundles.errors import MalformedReceipt
from steelyard.bundles.ledger import Ledger
from steelyard.bundles.verifying import Finding
from steelyard.formats.bounded_json import loads_bounded
from steelyard.signing import dsse
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.trust import TrustList

PAYLOAD_TYPE = "application/vnd.steelyard.bundle-receipt+json"
KIND = "steelyard-bundle-receipt"
FORMAT = 1
MOST_BYTES = 1024 * 1024
ENDING = ".receipt.json"
OUTCOMES = ("admitted", "verified", "rejected", "quarantined")

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class ReceiptModel:
    """One model of the bundle, and what became of it. `reason` is text from the receiver."""

    name: str
    digest: str
    size_bytes: int
    outcome: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What a receipt says.

    Attributes:
        bundle_digest: of the bundle's `bundle.json`.
        sender: fingerprint of the key the bundle names as its sender's.
        receiver: the receiver's name for its own key; receiver_key is that key's fingerprint.
        accepted_old_serial: a person accepted a number that was not the next.
    """

    serial: int
    bundle_digest: str
    sender: str
    receiver: str
    receiver_key: str
    received_at: str
    models: tuple[ReceiptModel, ...]
    accepted_old_serial: bool = False


@dataclass(frozen=True)
class Checked:
    """A receipt with a signature that counts, and where it does not answer what was made here."""

    receipt: Receipt
    signers: tuple[dsse.Signer, ...]
    findings: tuple[Finding, ...]


def write(receipt: Receipt, key: OwnKey) -> bytes:
    """The signed receipt."""
    payload: dict[str, Json] = {
        "kind": KIND,
        "format": FORMAT,
        **cast("dict[str, Json]", asdict(receipt)),
        "models": [cast("Json", asdict(model)) for model in receipt.models],
    }
    return dsse.sign(canonical_bytes(payload), PAYLOAD_TYPE, [key])


def check(data: bytes, ledger: Ledger, *, trust: TrustList, at: datetime) -> Checked:
    """Check a receipt: who signed it, and that it answers a bundle made here, model by model.

    Raises:
        MalformedReceipt, MalformedEnvelope, WrongDocument: it is none.
        SignatureRefused, TrustNotUsable: no trusted key signed it.
    """
    if len(data) > MOST_BYTES:
        raise MalformedReceipt("The file is too large to be a receipt.")
    examined = dsse.examine(
        data,
        payload_type=PAYLOAD_TYPE,
        trust=trust,
        purpose=Purpose.BUNDLE,
        at=at,
        what="The receipt",
    )
    dsse.require_signers(examined.signers, trust=trust, needed=1, what="The receipt")
    receipt = _read(examined.unverified_payload)
    return Checked(
        receipt, examined.signers, tuple(_differences(receipt, examined.signers, ledger))
    )


def _differences(receipt: Receipt, signers: Sequence[dsse.Signer], ledger: Ledger) -> list[Finding]:
    findings = []
    if receipt.receiver_key not in {one.fingerprint for one in signers if one.trusted}:
        findings.append(
            Finding("untrusted", "", "The receiver it names is not the one who signed it.")
        )
    made = ledger.made(receipt.sender, receipt.serial)
    if made is None:
        said = f"No bundle with number {receipt.serial} of this sender was made here."
        return [*findings, Finding("unknown-bundle", "", said)]
    if made.digest != receipt.bundle_digest:
        findings.append(
            Finding("mismatch", "", f"It answers another bundle with number {receipt.serial}.")
        )
    told = {model.digest: model for model in receipt.models}
    for name, digest in made.models.items():
        if digest not in told:
            findings.append(Finding("missing", name, "It says nothing of this model."))
        elif told[digest].outcome not in ("admitted", "verified"):
            words = f"It was not taken in there: {told[digest].outcome}. {told[digest].reason}"
            findings.append(Finding("refused", name, words.strip()))
    others = told.keys() - set(made.models.values())
    findings += [
        Finding("extra", told[digest].name, "It names a model that was not in the bundle.")
        for digest in sorted(others)
    ]
    return findings


def _read(payload: bytes) -> Receipt:
    try:
        value = loads_bounded(payload, what="The receipt", max_values=20_000)
    except MalformedInput as error:
        raise MalformedReceipt(error.message) from error
    if not isinstance(value, dict) or (value.get("kind"), value.get("format")) != (KIND, FORMAT):
        raise MalformedReceipt("It is not a receipt in a form that is known here.", field="kind")
    models = value.get("models")
    if not isinstance(models, list) or len(models) > 1000:
        raise _wrong("models")
    received_at = _text(value, "received_at", 40)
    try:
        parse_utc(received_at)
    except ValueError:
        raise _wrong("received_at") from None
    return Receipt(
        serial=_count(value, "serial"),
        bundle_digest=_digest(value, "bundle_digest"),
        sender=_digest(value, "sender"),
        receiver=_text(value, "receiver", 200),
        receiver_key=_digest(value, "receiver_key"),
        received_at=received_at,
        models=tuple(_model(model) for model in models),
        accepted_old_serial=value.get("accepted_old_serial") is True,
    )


def _model(value: Json) -> ReceiptModel:
    if not isinstance(value, dict) or value.get("outcome") not in OUTCOMES:
        raise _wrong("models")
    return ReceiptModel(
        _text(value, "name", 200),
        _digest(value, "digest"),
        _count(value, "size_bytes"),
        str(value["outcome"]),
        _text(value, "reason", 4000),
    )


def _text(value: Mapping[str, Json], key: str, limit: int) -> str:
    text = value.get(key)
    if not isinstance(text, str) or len(text) > limit:
        raise _wrong(key)
    return text


def _digest(value: Mapping[str, Json], key: str) -> str:
    text = _text(value, key, 100)
    if not _SHA256.fullmatch(text):
        raise _wrong(key)
    return text


def _count(value: Mapping[str, Json], key: str) -> int:
    number = value.get(key)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**53:
        raise _wrong(key)
    return number


def _wrong(key: str) -> MalformedReceipt:
    return MalformedReceipt(
        f"The receipt's {key} is missing or of the wrong kind.",
        next_step="Ask the receiver for the receipt again.",
        field=key,
    )
