"""Only P-256 and strict Ed25519 keys are taken, in one form, and each is known by its fingerprint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, utils, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from signing.key_makers import DAY, NOW, make
from steelyard.signing.edwards import ORDER, P, has_prime_order, is_neutral
from steelyard.signing.errors import MalformedKey
from steelyard.signing.key_record import (
    KeyRecord,
    Purpose,
    checked_name,
    read_public_key,
    read_record,
    write_record,
)
from steelyard.signing.public_key import Algorithm, PublicKey

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def spki(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]  # any private key


def pem(der: bytes) -> bytes:
    return PublicKey(Algorithm.P256, der).pem.encode()


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 2048),
        dsa.generate_private_key(2048),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=["P-384", "secp256k1", "RSA", "DSA", "X25519"],
)
def test_keys_of_other_kinds_are_refused(private: object) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_der(spki(private))


def test_a_point_off_the_curve_is_refused() -> None:
    der = bytearray(spki(ec.generate_private_key(ec.SECP256R1())))
    der[-1] ^= 1
    with pytest.raises(MalformedKey):
        PublicKey.from_der(bytes(der))


def test_a_compressed_point_is_not_a_second_form_of_a_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    der = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    with pytest.raises(MalformedKey):
        PublicKey.from_der(der)


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_the_eight_points_of_small_order_are_no_keys(encoded: str) -> None:
    with pytest.raises(MalformedKey, match="prime order"):
        PublicKey.from_ed25519(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    "number", [P, P + 1, 2**255 - 1, P - 1 | 1 << 255, 1 | 1 << 255, 2], ids=hex
)
def test_points_not_in_their_one_encoding_or_off_the_curve_are_no_keys(number: int) -> None:
    assert not has_prime_order(number.to_bytes(32, "little"))


def test_keys_made_by_the_library_are_of_prime_order() -> None:
    for _ in range(10):
        assert has_prime_order(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_signature_with_the_neutral_element_is_refused() -> None:
    assert is_neutral(bytes.fromhex(SMALL_ORDER[0]))
    key = PublicKey.from_ed25519(
        ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    )
    assert not key.verifies(bytes.fromhex(SMALL_ORDER[0]) + bytes(32), b"x")


def test_an_ed25519_signature_has_one_form_only() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    key = PublicKey.from_ed25519(private.public_key().public_bytes_raw())
    signature = private.sign(b"x")
    assert key.verifies(signature, b"x")
    high = int.from_bytes(signature[32:], "little") + ORDER
    assert not key.verifies(signature[:32] + high.to_bytes(32, "little"), b"x")
    assert not key.verifies(signature + b"\0", b"x")
    assert not key.verifies(signature[:-1], b"x")
    assert not key.verifies(b"", b"x")


def test_of_the_public_vectors_only_those_without_a_flaw_are_accepted(shared_folder: Path) -> None:
    """Every flag (low order or a component of it in A or R, non-canonical A or R, a residue) is refused."""
    vectors = json.loads((shared_folder / "vectors" / "ed25519vectors.json").read_text())
    accepted = []
    for vector in vectors:
        try:
            key = PublicKey.from_ed25519(bytes.fromhex(vector["key"]))
        except MalformedKey:
            continue
        if key.verifies(bytes.fromhex(vector["sig"]), vector["msg"].encode()):
            accepted.append(vector["number"])
    assert len(vectors) > 900
    assert accepted == [vector["number"] for vector in vectors if not vector["flags"]]


def test_both_forms_of_an_ecdsa_signature_are_one_signature_of_one_key() -> None:
    """Public tools write either form, so both are taken, and nothing is known by a signature's bytes."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = PublicKey.from_der(spki(private))
    from cryptography.hazmat.primitives import hashes

    signature = private.sign(b"x", ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(signature)
    other = utils.encode_dss_signature(r, P256_ORDER - s)
    assert other != signature
    assert key.verifies(signature, b"x")
    assert key.verifies(other, b"x")


def test_an_ecdsa_signature_is_der_with_nothing_after_it_and_numbers_in_range() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = PublicKey.from_der(spki(private))
    from cryptography.hazmat.primitives import hashes

    signature = private.sign(b"x", ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(signature)
    for wrong in (
        signature + b"\0",
        signature[:-1],
        b"",
        utils.encode_dss_signature(0, 0),
        utils.encode_dss_signature(r, 0),
        utils.encode_dss_signature(r, s + P256_ORDER),
        utils.encode_dss_signature(r + P256_ORDER, s),
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    ):
        assert not key.verifies(wrong, b"x")


def test_the_key_file_is_readable_by_people_and_by_other_tools(tmp_path: Path) -> None:
    record = make(tmp_path).record
    data = write_record(record)
    text = data.decode()
    assert text.startswith(
        "Steelyard public key\nName: anna\nPurpose: bundle\nValid from: 2026-11-24"
    )
    assert record.key.fingerprint in text
    assert (
        load_pem_public_key(data).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        == record.key.der
    )
    assert read_record(data) == record
    assert read_record(data.replace(b"\n", b"\r\n")) == record


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?", fullmatch=True)
KEY = PublicKey.from_der(spki(ec.generate_private_key(ec.SECP256R1())))


@given(
    names,
    st.lists(st.sampled_from(list(Purpose)), min_size=1, unique=True),
    st.one_of(st.none(), st.integers(1, 10_000)),
    st.one_of(st.none(), st.text(min_size=1, max_size=60)),
)
def test_a_record_reads_back_as_it_was_written(
    name: str, purposes: list[Purpose], days: int | None, reason: str | None
) -> None:
    ordered = tuple(p for p in Purpose if p in purposes)
    record = KeyRecord(name, KEY, ordered, NOW, None if days is None else NOW + days * DAY)
    try:
        checked_name(name)
        if reason is not None:
            record = record.revoke(NOW, reason)
    except MalformedKey:
        return
    assert read_record(write_record(record)) == record


def test_a_record_that_was_changed_anywhere_is_refused_or_says_another_thing(
    tmp_path: Path,
) -> None:
    record = make(tmp_path).record
    data = write_record(record)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 0x01
        try:
            read = read_record(bytes(changed))
        except MalformedKey:
            continue
        assert read != record
        assert read.key == record.key  # the fingerprint line binds the key


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: b"",
        lambda d: d + b"more\n",
        lambda d: d + d,
        lambda d: d.replace(b"Name: anna\n", b""),
        lambda d: d.replace(b"Name: anna\n", b"Name: anna\nName: eve\n"),
        lambda d: d.replace(b"Name: anna\n", b"Name: anna\nNote: trust me\n"),
        lambda d: d.replace(b"Name: anna", b"Name: ../anna"),
        lambda d: d.replace(b"Purpose: bundle", b"Purpose: everything"),
        lambda d: d.replace(b"Purpose: bundle", b"Purpose: "),
        lambda d: d.replace(b"sha256:", b"sha256:0"),
        lambda d: d.replace(b"2026-11-24T12:00:00.000Z", b"yesterday"),
        lambda d: d.replace(b"PUBLIC", b"PRIVATE"),
        lambda d: b"\xef\xbb\xbf" + d,
        lambda d: d.replace(b"anna", b"\xff\xfe"),
        lambda d: d.replace(b"Steelyard public key\n", b"Steelyard public key\n" + b"#" * 20_000),
    ],
)
def test_a_key_file_of_another_form_is_refused(tmp_path: Path, break_it: object) -> None:
    data = write_record(make(tmp_path).record)
    with pytest.raises(MalformedKey):
        read_record(break_it(data))  # type: ignore[operator]


def test_a_private_key_is_never_taken_for_a_public_one() -> None:
    private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(MalformedKey):
        read_public_key(private)
    with pytest.raises(MalformedKey):
        read_public_key(KEY.pem.encode() + private)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a\\b", "con", "NUL.x", "com1", "a b", "a.", "-a", "ä", "a" * 65, "a\n"],
)
def test_a_name_that_is_no_file_name_everywhere_is_refused(name: str) -> None:
    with pytest.raises(MalformedKey):
        checked_name(name)
