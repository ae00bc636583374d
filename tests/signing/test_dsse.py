"""A payload comes out only if trusted keys in force signed exactly these bytes as exactly this type."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.key_makers import DAY, NOW, make, shifted, trusting
from steelyard.base.errors import SteelyardError
from steelyard.signing import dsse
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
from steelyard.signing.key_record import KeyRecord, Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.trust import TrustList

TYPE = "application/vnd.steelyard.test+json"
PAYLOAD = b'{"serial": 7}'
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> OwnKey:
    return make(tmp_path_factory.mktemp("anna"))


@pytest.fixture(scope="module")
def ben(tmp_path_factory: pytest.TempPathFactory) -> OwnKey:
    return make(tmp_path_factory.mktemp("ben"), "ben")


def verify(envelope: bytes, trust: TrustList, needed: int = 1) -> dsse.Verified:
    return dsse.verify(
        envelope, payload_type=TYPE, trust=trust, purpose=Purpose.BUNDLE, at=NOW, needed=needed
    )


def signed(*keys: OwnKey) -> dict[str, Any]:
    parsed = json.loads(dsse.sign(PAYLOAD, TYPE, keys))
    assert isinstance(parsed, dict)
    return parsed


def packed(document: object) -> bytes:
    return json.dumps(document).encode()


def test_the_encoding_that_is_signed_is_the_standard_s() -> None:
    """The example of DSSE's protocol.md."""
    assert (
        dsse.pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_securesystemslib_and_we_agree(anna: OwnKey) -> None:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    document = signed(anna)
    key = SSlibKey(
        document["signatures"][0]["keyid"],
        "ecdsa",
        "ecdsa-sha2-nistp256",
        {"public": anna.key.pem},
    )
    assert len(Envelope.from_dict(document).verify([key], 1)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(payload=st.binary(max_size=200), kind=st.text(max_size=40))
def test_what_is_signed_comes_back_as_it_was(anna: OwnKey, payload: bytes, kind: str) -> None:
    try:
        envelope = dsse.sign(payload, kind, [anna])
    except UnicodeEncodeError:
        return
    found = dsse.verify(
        envelope,
        payload_type=kind,
        trust=trusting(anna.record),
        purpose=Purpose.BUNDLE,
        at=NOW,
    )
    assert found.payload == payload
    assert [(s.name, s.trusted, s.why) for s in found.signers] == [("anna", True, "")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(position=st.integers(0, 400), bit=st.integers(0, 7))
def test_no_changed_byte_gets_through(anna: OwnKey, position: int, bit: int) -> None:
    envelope = bytearray(dsse.sign(PAYLOAD, TYPE, [anna]))
    envelope[position % len(envelope)] ^= 1 << bit
    try:
        found = verify(bytes(envelope), trusting(anna.record))
    except SteelyardError:
        return
    # The hint is not signed, and does not matter.
    assert found.payload == PAYLOAD


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        dsse.read_envelope(data)


def test_without_a_signature_nothing_is_read(anna: OwnKey) -> None:
    document = signed(anna)
    document["signatures"] = []
    with pytest.raises(Unsigned):
        verify(packed(document), trusting(anna.record))


def test_an_empty_signature_is_a_wrong_one(anna: OwnKey) -> None:
    document = signed(anna)
    document["signatures"][0]["sig"] = ""
    with pytest.raises(SignatureWrong):
        verify(packed(document), trusting(anna.record))


def test_a_changed_payload_is_told_from_an_unknown_signer(anna: OwnKey, ben: OwnKey) -> None:
    document = signed(anna)
    document["payload"] = base64.b64encode(b'{"serial": 8}').decode()
    with pytest.raises(SignatureWrong) as caught:
        verify(packed(document), trusting(anna.record))
    assert caught.value.facts["signers"][0]["name"] == "anna"  # type: ignore[index,call-overload]
    with pytest.raises(SignerUnknown):
        verify(packed(signed(ben)), trusting(anna.record))
    with pytest.raises(SignerUnknown):
        verify(packed(signed(ben)), trusting())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda r: r.revoke(NOW, "lost"), SignerRevoked),
        (lambda r: shifted(r, valid_until=NOW), SignerExpired),
        (lambda r: shifted(r, valid_from=NOW + DAY), SignerExpired),
        (lambda r: shifted(r, purposes=(Purpose.CATALOG,)), SignerNotEntitled),
    ],
    ids=["revoked", "expired", "not yet", "other purpose"],
)
def test_a_key_not_in_force_does_not_count(
    anna: OwnKey, change: Callable[[KeyRecord], KeyRecord], error: type[SignatureRefused]
) -> None:
    with pytest.raises(error) as caught:
        verify(packed(signed(anna)), trusting(change(anna.record)))
    assert "anna" in caught.value.message
    assert caught.value.next_step


def test_a_key_that_policy_does_not_count_does_not_count(anna: OwnKey) -> None:
    with pytest.raises(SignerNotEntitled, match="administrator"):
        verify(packed(signed(anna)), trusting(anna.record, counts=False))


def test_a_trust_list_with_a_problem_believes_nobody(anna: OwnKey) -> None:
    trust = TrustList(trusting(anna.record).keys, ("The trusted key x cannot be used: y.",))
    with pytest.raises(TrustNotUsable, match="x cannot be used"):
        verify(packed(signed(anna)), trust)
    assert not any(
        s.trusted
        for s in dsse.judge_signers(
            dsse.read_envelope(packed(signed(anna))), trust=trust, purpose=Purpose.BUNDLE, at=NOW
        )
    )


@pytest.mark.parametrize("kind", ["", TYPE + " ", TYPE.upper(), "application/vnd.in-toto+json"])
def test_another_type_is_refused_whoever_signed_it(anna: OwnKey, kind: str) -> None:
    envelope = dsse.sign(PAYLOAD, kind, [anna])
    with pytest.raises(WrongDocument):
        verify(envelope, trusting(anna.record))


def test_a_signature_for_one_type_does_not_serve_for_another(anna: OwnKey) -> None:
    document = json.loads(dsse.sign(PAYLOAD, "application/vnd.other", [anna]))
    document["payloadType"] = TYPE
    with pytest.raises(SignatureWrong):
        verify(packed(document), trusting(anna.record))


def test_a_bare_signature_over_the_payload_does_not_serve(anna: OwnKey) -> None:
    document = signed(anna)
    document["signatures"][0]["sig"] = base64.b64encode(anna.sign(PAYLOAD)).decode()
    with pytest.raises(SignatureWrong):
        verify(packed(document), trusting(anna.record))


def test_two_of_two_needs_two_keys_not_two_signatures(anna: OwnKey, ben: OwnKey) -> None:
    trust = trusting(anna.record, ben.record)
    assert len(verify(packed(signed(anna, ben)), trust, needed=2).signers) == 2
    for keys in ((anna,), (anna, anna)):
        with pytest.raises(TooFewSigners) as caught:
            verify(packed(signed(*keys)), trust, needed=2)
        assert (caught.value.facts["needed"], caught.value.facts["found"]) == (2, 1)


def test_the_other_form_of_a_signature_is_not_a_second_signer(anna: OwnKey, ben: OwnKey) -> None:
    document = signed(anna)
    r, s = utils.decode_dss_signature(base64.b64decode(document["signatures"][0]["sig"]))
    other = utils.encode_dss_signature(r, P256_ORDER - s)
    document["signatures"].append({"keyid": "", "sig": base64.b64encode(other).decode()})
    with pytest.raises(TooFewSigners):
        verify(packed(document), trusting(anna.record, ben.record), needed=2)


def test_one_key_under_two_names_is_one_signer(anna: OwnKey) -> None:
    trust = trusting(anna.record, shifted(anna.record, name="also-anna"))
    with pytest.raises(TooFewSigners):
        verify(packed(signed(anna)), trust, needed=2)


def test_the_hint_decides_nothing(anna: OwnKey, ben: OwnKey) -> None:
    document = signed(anna)
    for hint in ("", "nobody", ben.key.key_id):
        document["signatures"][0]["keyid"] = hint
        found = verify(packed(document), trusting(anna.record, ben.record))
        assert [s.name for s in found.signers] == ["anna"]
    del document["signatures"][0]["keyid"]
    assert verify(packed(document), trusting(anna.record)).payload == PAYLOAD


def test_a_worthless_signature_beside_a_good_one_does_no_harm(anna: OwnKey, ben: OwnKey) -> None:
    found = verify(packed(signed(ben, anna)), trusting(anna.record))
    assert [s.name for s in found.signers] == ["anna"]


def test_every_signature_is_judged_for_people_who_only_look(anna: OwnKey, ben: OwnKey) -> None:
    examined = dsse.examine(
        packed(signed(ben, anna)),
        payload_type=TYPE,
        trust=trusting(anna.record.revoke(NOW, "lost")),
        purpose=Purpose.BUNDLE,
        at=NOW,
    )
    assert examined.unverified_payload == PAYLOAD
    assert [(s.name, s.kind) for s in examined.signers] == [("", "unknown"), ("anna", "revoked")]
    assert "lost" in examined.signers[1].why


BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "not an object": lambda d: [d],
    "payload missing": lambda d: d.pop("payload"),
    "type missing": lambda d: d.pop("payloadType"),
    "signatures missing": lambda d: d.pop("signatures"),
    "one field more": lambda d: d.update(note="unsigned words"),
    "type a number": lambda d: d.update(payloadType=1),
    "signatures an object": lambda d: d.update(signatures={}),
    "signature a string": lambda d: d.update(signatures=["x"]),
    "signature with a certificate": lambda d: d["signatures"][0].update(cert="x"),
    "payload not base64": lambda d: d.update(payload="%%%"),
    "payload with blanks": lambda d: d.update(payload=d["payload"] + "\n"),
    "payload without padding": lambda d: d.update(payload="QQ"),
    "payload with loose bits": lambda d: d.update(payload="QR=="),
    "seventeen signatures": lambda d: d.update(signatures=d["signatures"] * 17),
    "an endless signature": lambda d: d["signatures"][0].update(sig="QUFB" * 100),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_another_form_is_refused(anna: OwnKey, change: Callable[[dict[str, Any]], object]) -> None:
    document = signed(anna)
    replaced = change(document)
    data = packed(replaced if isinstance(replaced, list) and len(replaced) == 1 else document)
    with pytest.raises(MalformedEnvelope):
        verify(data, trusting(anna.record))


def test_a_key_twice_in_the_json_is_refused(anna: OwnKey) -> None:
    """Two readers would see two payloads."""
    data = dsse.sign(PAYLOAD, TYPE, [anna])
    other = base64.b64encode(b"evil").decode()
    twice = data.replace(b'"payloadType"', f'"payload": "{other}", "payloadType"'.encode(), 1)
    with pytest.raises(MalformedEnvelope, match="twice"):
        verify(twice, trusting(anna.record))


def test_a_document_beyond_the_bound_is_not_parsed(
    anna: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dsse, "MAX_ENVELOPE_BYTES", 100)
    with pytest.raises(MalformedEnvelope, match="larger"):
        verify(dsse.sign(PAYLOAD, TYPE, [anna]), trusting(anna.record))
