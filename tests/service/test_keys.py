"""The operations on keys: what they refuse, and that no secret is recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from steelyard.base.errors import NotFound, UsageError
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.signing.errors import (
    FingerprintDiffers,
    KeyExists,
    MalformedKey,
    NoSuchKey,
    PassphraseNeeded,
    TrustIsManaged,
)

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can write a file that counts as managed",
)


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Iterator[Steelyard]:
    with Steelyard.open(home, environment={}, managed=tmp_path / "policies.json") as opened:
        yield opened


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The file of another person's key, and its fingerprint."""
    other = Home(tmp_path / "other" / "data", tmp_path / "other" / "config")
    with Steelyard.open(other, environment={}, managed=tmp_path / "none.json") as opened:
        made: ask.KeyMade = opened.run(ask.CreateKey("anna"))
        yield Path(made.public_path), made.key.fingerprint


def trust(file: Path, fingerprint: str, name: str = "anna", **more: object) -> ask.TrustKey:
    return ask.TrustKey(file, name, ("bundle",), fingerprint, **more)  # type: ignore[arg-type]


def test_a_typed_passphrase_protects_and_is_nowhere_to_be_seen(desk: Steelyard) -> None:
    request = ask.CreateKey("anna", passphrase="hunter22")
    assert "hunter22" not in repr(request)
    made: ask.KeyMade = desk.run(request)
    assert made.key.protected
    files = [f for f in desk.installation.home.config.rglob("*") if f.is_file()]
    files += [f for f in desk.installation.home.data.rglob("*") if f.is_file()]
    assert not any(b"hunter22" in file.read_bytes() for file in files)


def test_a_named_variable_that_is_not_set_makes_no_key(desk: Steelyard) -> None:
    with pytest.raises(PassphraseNeeded):
        desk.run(ask.CreateKey("anna", passphrase_variable="NO_SUCH_VARIABLE"))
    assert desk.run(ask.ListKeys()).keys == ()


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (ask.CreateKey("../anna"), MalformedKey),
        (ask.CreateKey("anna", purpose="everything"), MalformedKey),
        (ask.CreateKey("anna", valid_days=-1), UsageError),
        (ask.ExportKey("nobody", Path("x")), NoSuchKey),
        (ask.RevokeKey("nobody", "x"), NoSuchKey),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Steelyard, wanted: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        desk.run(wanted)
    assert desk.run(ask.ListKeys()).keys == ()


def test_a_revocation_needs_a_reason(desk: Steelyard) -> None:
    desk.run(ask.CreateKey("anna"))
    for reason in ("", "two\nlines", "x" * 500):
        with pytest.raises(MalformedKey):
            desk.run(ask.RevokeKey("anna", reason))
    assert desk.run(ask.ListKeys()).keys[0].state == "in-force"


def test_the_key_is_named_with_its_fingerprint_in_the_log(
    desk: Steelyard, theirs: tuple[Path, str]
) -> None:
    desk.run(trust(*theirs))
    last = desk.installation.log.newest(1)[0].event
    assert last.subject == {"name": "anna", "digest": theirs[1]}


def test_another_key_than_the_one_told_of_is_not_trusted(
    desk: Steelyard, theirs: tuple[Path, str]
) -> None:
    file, fingerprint = theirs
    own: ask.KeyMade = desk.run(ask.CreateKey("me"))
    with pytest.raises(FingerprintDiffers):
        desk.run(trust(file, own.key.fingerprint))
    with pytest.raises(FingerprintDiffers):
        desk.run(trust(Path(own.public_path), fingerprint))
    assert [key.origin for key in desk.run(ask.ListKeys()).keys] == ["own"]


def test_two_keys_of_one_name_are_asked_about_by_fingerprint(
    desk: Steelyard, theirs: tuple[Path, str]
) -> None:
    desk.run(trust(*theirs))
    own: ask.KeyMade = desk.run(ask.CreateKey("anna"))
    with pytest.raises(UsageError, match="2 different keys"):
        desk.run(ask.RevokeKey("anna", "lost"))
    revoked: ask.KeyRevoked = desk.run(ask.RevokeKey(own.key.key_id, "lost"))
    assert (revoked.key.own, revoked.key.state) == (True, "revoked")
    states = {key.origin: key.state for key in desk.run(ask.ListKeys()).keys}
    assert states == {"own": "revoked", "user": "in-force"}


def test_a_name_in_use_is_not_given_to_another_key(
    desk: Steelyard, theirs: tuple[Path, str]
) -> None:
    desk.run(trust(*theirs))
    own: ask.KeyMade = desk.run(ask.CreateKey("me"))
    with pytest.raises(KeyExists):
        desk.run(trust(Path(own.public_path), own.key.fingerprint))


def test_an_export_replaces_nothing_and_makes_no_folder(desk: Steelyard, tmp_path: Path) -> None:
    desk.run(ask.CreateKey("anna"))
    (tmp_path / "there").write_text("mine")
    with pytest.raises(KeyExists):
        desk.run(ask.ExportKey("anna", tmp_path / "there"))
    with pytest.raises(NotFound):
        desk.run(ask.ExportKey("anna", tmp_path / "no" / "such"))
    exported: ask.KeyExported = desk.run(ask.ExportKey("anna", tmp_path))
    assert exported.path == str(tmp_path / "anna.pub.pem")


@as_root
def test_where_policy_alone_decides_nobody_else_is_trusted(
    home: Home, tmp_path: Path, theirs: tuple[Path, str]
) -> None:
    policy = tmp_path / "policies.json"
    policy.write_text('{"trust.keys": {"Value": "managed-only", "Locked": true}}')
    (tmp_path / "trust.d").mkdir()
    (tmp_path / "trust.d" / "anna.pub.pem").write_bytes(theirs[0].read_bytes())
    with Steelyard.open(home, environment={}, managed=policy) as desk:
        desk.run(ask.CreateKey("me"))
        with pytest.raises(TrustIsManaged):
            desk.run(trust(*theirs))
        listed: ask.KeyList = desk.run(ask.ListKeys())
        assert listed.trust_origin == "managed-only"
        states = {key.name: (key.origin, key.state) for key in listed.keys}
        assert states == {"me": ("own", "not-counted"), "anna": ("managed", "in-force")}
        # Not to believe is always one's own decision.
        revoked: ask.KeyRevoked = desk.run(ask.RevokeKey("anna", "I saw her leave"))
        assert revoked.key.state == "revoked"


def test_a_trust_list_that_is_not_whole_says_so(desk: Steelyard) -> None:
    home = desk.installation.home
    home.trust.mkdir()
    (home.trust / "ben.pub.pem").write_text("half a key")
    assert "ben.pub.pem" in desk.run(ask.ListKeys()).problems[0]
