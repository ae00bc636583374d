"""DSSE envelopes: bytes with their type, signed together.

`verify` gives the payload only after enough trusted keys in force signed exactly these bytes as exactly this
type; the payload is not parsed here at all. `examine` tells of every signature what it is worth, for people
who want to look at a document they do not believe.

Source: DSSE v1.0.2, https://github.com/secure-systems-lab/dsse (envelope.md, protocol.md).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.signing.errors import (
    MalformedEnvelope,
    SignatureRefused,
    SignatureWrong,
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
from steelyard.signing.public_key import PublicKey
from steelyard.signing.trust import Standing, TrustList

MAX_ENVELOPE_BYTES = 64 * 1024 * 1024
MAX_SIGNATURES = 16
MAX_SIGNATURE_BYTES = 256
MAX_TEXT_CHARS = 256

UNKNOWN = "unknown"
WRONG = "wrong"
TRUSTED = "trusted"


@dataclass(frozen=True)
class EnvelopeSignature:
    """One signature. `keyid` is a hint that anybody may have written."""

    keyid: str
    signature: bytes


@dataclass(frozen=True)
class Envelope:
    """An envelope taken apart; nothing about it is checked."""

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]


@dataclass(frozen=True)
class Signer:
    """What one signature is worth.

    Attributes:
        name: what the key is called here; empty when it is not known here.
        key_id: the key's, or where it is not known the one the signature claims.
        fingerprint: empty when the key is not known here.
        kind: `trusted`, `revoked`, `expired`, `not-yet`, `other-purpose`, `not-counted`, `wrong` (a known key
            is named but did not make it) or `unknown`.
        why: for people; empty when trusted.
    """

    name: str
    key_id: str
    fingerprint: str
    kind: str
    why: str = ""

    @property
    def trusted(self) -> bool:
        """A key in force for this purpose made it."""
        return self.kind == TRUSTED


@dataclass(frozen=True)
class Verified:
    """Bytes that may be parsed. `signers` are the trusted ones, one a key."""

    payload: bytes
    signers: tuple[Signer, ...]


@dataclass(frozen=True)
class Examined:
    """Bytes that may not be believed on this ground alone, and what each signature is worth."""

    unverified_payload: bytes
    signers: tuple[Signer, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, keys: Sequence[OwnKey]) -> bytes:
    """An envelope around `payload`, signed by every key; UTF-8 JSON."""
    message = pae(payload_type, payload)
    signatures = [EnvelopeSignature(own.key.key_id, own.sign(message)) for own in keys]
    return write_envelope(Envelope(payload_type, payload, tuple(signatures)))


def write_envelope(envelope: Envelope) -> bytes:
    """The envelope as JSON."""
    return json.dumps(envelope_json(envelope)).encode("utf-8")


def envelope_json(envelope: Envelope) -> dict[str, Json]:
    """The envelope as a JSON value."""
    return {
        "payload": base64.b64encode(envelope.payload).decode("ascii"),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"keyid": one.keyid, "sig": base64.b64encode(one.signature).decode("ascii")}
            for one in envelope.signatures
        ],
    }


def read_envelope(data: bytes, *, what: str = "The signed document") -> Envelope:
    """Take an envelope apart, strictly: no key twice, none that is not known, one form of base64.

    Raises:
        MalformedEnvelope: it is too large or has another form.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise MalformedEnvelope(f"{what} is larger than {MAX_ENVELOPE_BYTES} bytes.")
    try:
        document = strict_loads(data, what=what)
    except MalformedInput as error:
        raise MalformedEnvelope(error.message) from error
    return envelope_of(document, what=what)


def envelope_of(document: Json, *, what: str) -> Envelope:
    """An envelope from its JSON value.

    Raises:
        MalformedEnvelope: it has another form.
    """
    if not isinstance(document, dict) or set(document) != {"payload", "payloadType", "signatures"}:
        raise MalformedEnvelope(f"{what} is not a signed envelope.")
    kind, signatures = document["payloadType"], document["signatures"]
    if not isinstance(kind, str) or not isinstance(signatures, list) or len(kind) > MAX_TEXT_CHARS:
        raise MalformedEnvelope(f"{what} is not a signed envelope.")
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedEnvelope(f"{what} carries more than {MAX_SIGNATURES} signatures.")
    return Envelope(
        kind,
        _decode(document["payload"], what),
        tuple(_signature(entry, what) for entry in signatures),
    )


def _signature(entry: Json, what: str) -> EnvelopeSignature:
    if not isinstance(entry, dict) or "sig" not in entry or set(entry) - {"keyid", "sig"}:
        raise MalformedEnvelope(f"{what} has a signature of another form.")
    keyid = entry.get("keyid", "")
    if not isinstance(keyid, str) or len(keyid) > MAX_TEXT_CHARS:
        raise MalformedEnvelope(f"{what} has a signature of another form.")
    signature = _decode(entry["sig"], what)
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise MalformedEnvelope(f"{what} has a signature that is too long.")
    return EnvelopeSignature(keyid, signature)


def _decode(text: Json, what: str) -> bytes:
    if not isinstance(text, str):
        raise MalformedEnvelope(f"{what} is not a signed envelope.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedEnvelope(f"{what} is not base64 where it should be.") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise MalformedEnvelope(f"{what} is not base64 in its one form.")
    return data


def verify(
    envelope: bytes,
    *,
    payload_type: str,
    trust: TrustList,
    purpose: Purpose,
    at: datetime,
    needed: int = 1,
    what: str = "The signed document",
) -> Verified:
    """The payload, once at least `needed` different trusted keys signed it.

    Further signatures that are worth nothing do no harm: anyone can add one.

    Raises:
        MalformedEnvelope: it is no envelope.
        WrongDocument: it is signed as another type.
        Unsigned, SignatureWrong, SignerRevoked, SignerExpired, SignerNotEntitled, SignerUnknown,
        TooFewSigners: not enough trusted keys signed.
        TrustNotUsable: the trust list itself cannot be used.
    """
    opened = read_envelope(envelope, what=what)
    if opened.payload_type != payload_type:
        raise WrongDocument(
            f"{what} is signed as another kind of document. It was not read.",
            next_step="Check that it is the right file.",
            expected=payload_type,
            found=opened.payload_type,
        )
    signers = judge_signers(opened, trust=trust, purpose=purpose, at=at)
    return Verified(opened.payload, require_signers(signers, trust=trust, needed=needed, what=what))


def examine(
    envelope: bytes,
    *,
    payload_type: str,
    trust: TrustList,
    purpose: Purpose,
    at: datetime,
    what: str = "The signed document",
) -> Examined:
    """The payload, not believed, and every signature's worth.

    Raises:
        MalformedEnvelope: it is no envelope.
        WrongDocument: it says it is of another type.
    """
    opened = read_envelope(envelope, what=what)
    if opened.payload_type != payload_type:
        raise WrongDocument(
            f"{what} says it is another kind of document.",
            expected=payload_type,
            found=opened.payload_type,
        )
    return Examined(opened.payload, judge_signers(opened, trust=trust, purpose=purpose, at=at))


def judge_signers(
    envelope: Envelope, *, trust: TrustList, purpose: Purpose, at: datetime
) -> tuple[Signer, ...]:
    """What every signature of an envelope is worth, in their order."""
    message = pae(envelope.payload_type, envelope.payload)
    known = trust.public_keys()
    signers = []
    for one in envelope.signatures:
        key = _maker(one, message, known)
        if key is not None:
            signers.append(_worth(key, trust, purpose, at))
            continue
        named = next((key for key in known if key.is_named(one.keyid)), None)
        if named is None:
            why = "no key that is known here made this signature"
            signers.append(Signer("", one.keyid, "", UNKNOWN, why))
        else:
            name, _ = trust.best(named, purpose, at)
            why = "the signature does not fit these bytes; they were changed or it was made up"
            signers.append(Signer(name, named.key_id, named.fingerprint, WRONG, why))
    return tuple(signers)


def _maker(one: EnvelopeSignature, message: bytes, known: Sequence[PublicKey]) -> PublicKey | None:
    # The hint only says whom to ask first.
    asked = sorted(known, key=lambda key: not key.is_named(one.keyid))
    return next((key for key in asked if key.verifies(one.signature, message)), None)


def _worth(key: PublicKey, trust: TrustList, purpose: Purpose, at: datetime) -> Signer:
    name, judgement = trust.best(key, purpose, at)
    if not trust.usable:
        why = "the list of trusted keys cannot be used"
        return Signer(name, key.key_id, key.fingerprint, Standing.NOT_COUNTED.value, why)
    kind = TRUSTED if judgement.believed else judgement.standing.value
    return Signer(name, key.key_id, key.fingerprint, kind, judgement.why)


_REFUSALS: tuple[tuple[str, type[SignatureRefused]], ...] = (
    (WRONG, SignatureWrong),
    (Standing.REVOKED.value, SignerRevoked),
    (Standing.EXPIRED.value, SignerExpired),
    (Standing.NOT_YET.value, SignerExpired),
    (Standing.OTHER_PURPOSE.value, SignerNotEntitled),
    (Standing.NOT_COUNTED.value, SignerNotEntitled),
    (UNKNOWN, SignerUnknown),
)


def require_signers(
    signers: Sequence[Signer], *, trust: TrustList, needed: int, what: str
) -> tuple[Signer, ...]:
    """The trusted signers, one a key, if they are at least `needed`.

    Raises:
        As `verify`.
    """
    if not trust.usable:
        raise TrustNotUsable(
            "The list of trusted keys cannot be used, so nobody is believed. " + trust.problems[0],
            next_step="See steelyard key list, and correct or remove what it names.",
            problems=list(trust.problems),
        )
    believed = {one.fingerprint: one for one in signers if one.trusted}
    if believed and len(believed) >= needed:
        return tuple(believed.values())
    told: list[Json] = [{"name": one.name, "key_id": one.key_id, "why": one.why} for one in signers]
    if not signers:
        raise Unsigned(
            f"{what} is not signed. It was not read.",
            next_step="Ask the sender for a signed copy.",
            signers=told,
        )
    if believed:
        raise TooFewSigners(
            f"{what} is signed by {len(believed)} trusted key{'s' * (len(believed) > 1)}, and "
            f"{needed} are needed. It was not read.",
            next_step="Ask for the missing signatures.",
            needed=needed,
            found=len(believed),
            signers=told,
        )
    for kind, error in _REFUSALS:
        for one in signers:
            if one.kind == kind:
                name = one.name or one.key_id or "an unnamed key"
                raise error(
                    f"{what} is signed by {name}, and that does not count: {one.why}. "
                    "It was not read.",
                    next_step=_NEXT.get(kind, "Ask the sender to sign it with a key in force."),
                    signers=told,
                )
    raise AssertionError("every signer has one of the kinds above")


_NEXT = {
    WRONG: "Ask the sender for a new copy.",
    UNKNOWN: "If you know the sender, get their key and its fingerprint, and use steelyard key trust.",
    Standing.NOT_COUNTED.value: "Ask whoever manages this machine to trust the key.",
}
