"""Private keys stay private, sign only what they are for and while they may, and are never replaced."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from signing.key_makers import DAY, NOW, make
from steelyard.signing import passphrase
from steelyard.signing.errors import (
    KeyExists,
    KeyNotUsable,
    MalformedKey,
    NoSuchKey,
    PassphraseNeeded,
    PassphraseWrong,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKeys
from steelyard.signing.public_key import Algorithm

SECRET = "correct horse battery staple ü"


def test_a_key_signs_and_its_public_part_verifies(tmp_path: Path) -> None:
    for purpose in Purpose:
        made = make(tmp_path, purpose.value, purpose)
        opened = OwnKeys(tmp_path).open(purpose.value, purpose, at=NOW)
        assert opened.key == made.key
        assert made.key.verifies(opened.sign(b"x"), b"x")
        assert not made.key.verifies(opened.sign(b"x"), b"y")
        expected = Algorithm.ED25519 if purpose is Purpose.CHECKPOINT else Algorithm.P256
        assert made.key.algorithm is expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_private_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "keys"
    make(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    private = folder / "anna.key.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    private.chmod(0o640)
    with pytest.raises(KeyNotUsable, match="Others on this machine"):
        OwnKeys(folder).open("anna", Purpose.BUNDLE, at=NOW)


def test_no_text_shows_the_private_part(tmp_path: Path) -> None:
    made = make(tmp_path)
    private = (tmp_path / "anna.key.pem").read_text().splitlines()[1]
    assert private not in repr(made)
    assert "private" not in repr(made).lower()


def test_a_passphrase_is_needed_and_must_be_right(tmp_path: Path) -> None:
    keys = OwnKeys(tmp_path)
    made = keys.create("anna", Purpose.BUNDLE, valid_from=NOW, valid_until=None, passphrase=SECRET)
    assert keys.protected("anna")
    with pytest.raises(PassphraseNeeded):
        keys.open("anna", Purpose.BUNDLE, at=NOW)
    with pytest.raises(PassphraseWrong) as caught:
        keys.open("anna", Purpose.BUNDLE, at=NOW, passphrase="not it")
    assert "not it" not in repr(caught.value.as_json())
    opened = keys.open("anna", Purpose.BUNDLE, at=NOW, passphrase=SECRET)
    assert made.key.verifies(opened.sign(b"x"), b"x")


def test_a_protected_key_is_pkcs8_that_other_tools_open(tmp_path: Path) -> None:
    OwnKeys(tmp_path).create(
        "anna", Purpose.BUNDLE, valid_from=NOW, valid_until=None, passphrase=SECRET
    )
    data = (tmp_path / "anna.key.pem").read_bytes()
    assert passphrase.is_protected(data)
    assert load_pem_private_key(data, SECRET.encode())
    with pytest.raises(ValueError, match=r"ncorrect|decrypt|password"):
        load_pem_private_key(data, b"no")


@pytest.mark.parametrize("name", ["anna", "ANNA"])
def test_a_key_is_never_replaced(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("*.pem")}
    with pytest.raises(KeyExists):
        make(tmp_path, name)
    assert before == {file.name: file.read_bytes() for file in tmp_path.glob("*.pem")}


def test_a_key_signs_only_while_and_what_it_may(tmp_path: Path) -> None:
    keys = OwnKeys(tmp_path)
    made = make(tmp_path)
    for purpose, at, word in (
        (Purpose.CATALOG, NOW, "for bundle"),
        (Purpose.BUNDLE, NOW - 2 * DAY, "valid from"),
        (Purpose.BUNDLE, NOW + 365 * DAY, "valid until"),
    ):
        with pytest.raises(KeyNotUsable, match=word):
            keys.open("anna", purpose, at=at)
    keys.keep(made.record.revoke(NOW, "lost"))
    with pytest.raises(KeyNotUsable, match="lost"):
        keys.open("anna", Purpose.BUNDLE, at=NOW)


def test_a_key_that_is_not_there_or_not_its_record_s_is_refused(tmp_path: Path) -> None:
    keys = OwnKeys(tmp_path)
    with pytest.raises(NoSuchKey):
        keys.open("anna", Purpose.BUNDLE, at=NOW)
    assert keys.records() == ()
    make(tmp_path, "anna")
    make(tmp_path, "ben")
    (tmp_path / "ben.key.pem").replace(tmp_path / "anna.key.pem")
    with pytest.raises(MalformedKey, match="does not belong"):
        keys.open("anna", Purpose.BUNDLE, at=NOW)
    (tmp_path / "anna.key.pem").write_bytes(
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    )
    (tmp_path / "anna.key.pem").chmod(0o600)
    with pytest.raises(MalformedKey):
        keys.open("anna", Purpose.BUNDLE, at=NOW)


def test_a_key_whose_making_was_cut_off_does_not_count(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "anna.key.pem").unlink()
    assert OwnKeys(tmp_path).records() == ()
