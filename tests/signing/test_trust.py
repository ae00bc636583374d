"""Who is believed: by whose word, for what, when; a revocation anywhere wins; a list that is not whole believes
nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from signing.key_makers import DAY, NOW, make, shifted
from steelyard.signing.errors import KeyExists
from steelyard.signing.key_record import KeyRecord, Purpose, write_record
from steelyard.signing.trust import (
    MANAGED_ONLY,
    USER_AND_MANAGED,
    Origin,
    Standing,
    TrustedKey,
    TrustList,
    UserTrust,
)

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can write a file that counts as managed",
)


class Places:
    """The three folders a trust list is read from."""

    def __init__(self, root: Path) -> None:
        self.managed, self.user, self.own = root / "managed", root / "user", root / "own"

    def load(self, choice: str = USER_AND_MANAGED) -> TrustList:
        return TrustList.load(managed=self.managed, user=self.user, own=self.own, choice=choice)

    def manage(self, record: KeyRecord) -> Path:
        self.managed.mkdir(exist_ok=True)
        file = self.managed / f"{record.name}.pub.pem"
        file.write_bytes(write_record(record))
        return file


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


@pytest.fixture
def record(tmp_path: Path) -> KeyRecord:
    return make(tmp_path / "elsewhere").record


def standing(trust: TrustList, record: KeyRecord, purpose: Purpose = Purpose.BUNDLE) -> Standing:
    return trust.best(record.key, purpose, NOW)[1].standing


def test_nobody_is_believed_without_a_record(places: Places) -> None:
    assert places.load().keys == ()
    assert places.load().usable


def test_a_user_s_key_and_an_own_key_count_unless_policy_says_otherwise(
    places: Places, record: KeyRecord
) -> None:
    UserTrust(places.user).add(record)
    own = make(places.own, "me").record
    trust = places.load()
    assert [known.origin for known in trust.keys] == [Origin.USER, Origin.OWN]
    assert standing(trust, record) is standing(trust, own) is Standing.IN_FORCE
    managed = places.load(MANAGED_ONLY)
    assert standing(managed, record) is standing(managed, own) is Standing.NOT_COUNTED


@as_root
def test_the_exported_file_in_the_managed_folder_is_trust(
    places: Places, record: KeyRecord
) -> None:
    places.manage(record)
    for choice in (MANAGED_ONLY, USER_AND_MANAGED):
        assert standing(places.load(choice), record) is Standing.IN_FORCE


@as_root
@pytest.mark.parametrize("choice", [MANAGED_ONLY, USER_AND_MANAGED])
def test_a_revocation_anywhere_wins(places: Places, record: KeyRecord, choice: str) -> None:
    places.manage(record)
    UserTrust(places.user).keep(shifted(record, name="ben").revoke(NOW, "lost"))
    trust = places.load(choice)
    assert standing(trust, record) is Standing.REVOKED
    assert "lost" in trust.best(record.key, Purpose.BUNDLE, NOW)[1].why


def test_revoking_in_the_future_or_twice_changes_nothing(record: KeyRecord) -> None:
    revoked = record.revoke(NOW + DAY, "first")
    assert revoked.revoke(NOW, "second") == revoked
    assert standing(TrustList.of(revoked), record) is Standing.REVOKED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"valid_from": NOW + DAY}, Standing.NOT_YET),
        ({"valid_from": NOW}, Standing.IN_FORCE),
        ({"valid_until": NOW}, Standing.EXPIRED),
        ({"valid_until": NOW + DAY}, Standing.IN_FORCE),
        ({"valid_until": None}, Standing.IN_FORCE),
        ({"purposes": (Purpose.CATALOG, Purpose.NOTE)}, Standing.OTHER_PURPOSE),
    ],
)
def test_dates_and_purposes_hold(
    record: KeyRecord, changes: dict[str, object], expected: Standing
) -> None:
    assert standing(TrustList.of(shifted(record, **changes)), record) is expected


def test_the_best_of_several_records_of_one_key_counts(record: KeyRecord) -> None:
    expired = shifted(record, name="old", valid_until=NOW)
    trust = TrustList.of(expired, record)
    assert trust.best(record.key, Purpose.BUNDLE, NOW)[0] == "anna"
    assert len(trust.public_keys()) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"-----BEGIN PUBLIC KEY-----\n", b"\xff"])
def test_a_damaged_file_makes_the_whole_list_unusable(
    places: Places, record: KeyRecord, content: bytes
) -> None:
    """It might have been the revocation."""
    UserTrust(places.user).add(record)
    (places.user / "ben.pub.pem").write_bytes(content)
    trust = places.load()
    assert not trust.usable
    assert "ben.pub.pem" in trust.problems[0]


def test_a_folder_of_keys_that_others_can_write_is_not_the_administrator_s(
    places: Places, record: KeyRecord
) -> None:
    places.manage(record)
    places.managed.chmod(0o777)
    assert not places.load().usable


def test_a_managed_key_that_others_can_write_or_that_is_a_link_is_not_used(
    places: Places, record: KeyRecord, tmp_path: Path
) -> None:
    file = places.manage(record)
    file.chmod(0o666)
    assert not places.load().usable
    file.replace(tmp_path / "real.pem")
    file.symlink_to(tmp_path / "real.pem")
    assert not places.load().usable


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)
def test_a_managed_key_of_another_account_is_not_used(places: Places, record: KeyRecord) -> None:
    os.chown(places.manage(record), 1234, 1234)
    assert not places.load().usable


def test_a_name_of_another_key_is_not_taken_over(
    places: Places, record: KeyRecord, tmp_path: Path
) -> None:
    UserTrust(places.user).add(record)
    other = make(tmp_path / "other").record
    with pytest.raises(KeyExists):
        UserTrust(places.user).add(other)
    assert places.load().keys == (TrustedKey(record, Origin.USER),)


def test_a_write_that_was_cut_off_does_not_spoil_the_list(
    places: Places, record: KeyRecord
) -> None:
    UserTrust(places.user).add(record)
    (places.user / ".ben.pub.pem.abc.tmp").write_bytes(b"half")
    assert places.load().usable
