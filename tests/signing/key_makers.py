"""Keys and trust lists as the tests of this room need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from steelyard.signing.key_record import KeyRecord, Purpose
from steelyard.signing.own_keys import OwnKey, OwnKeys
from steelyard.signing.trust import Origin, TrustedKey, TrustList

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def make(folder: Path, name: str = "anna", purpose: Purpose = Purpose.BUNDLE) -> OwnKey:
    """A fresh own key, valid from yesterday for a year."""
    return OwnKeys(folder).create(name, purpose, valid_from=NOW - DAY, valid_until=NOW + 365 * DAY)


def shifted(record: KeyRecord, **changes: object) -> KeyRecord:
    """The record with other dates, purposes or a revocation."""
    return replace(record, **changes)  # type: ignore[arg-type]  # test shorthand


def trusting(*records: KeyRecord, counts: bool = True) -> TrustList:
    """A user's trust list of these records."""
    return TrustList(tuple(TrustedKey(record, Origin.USER, counts) for record in records))
