"""Signing keys of this user, and the keys believed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class CreateKey:
    """Make a signing key.

    Attributes:
        purpose: `bundle` (bundles and receipts), `catalog` (mirror indexes), `note` (decision notes) or
            `checkpoint` (the log).
        passphrase_variable: environment variable whose value protects it; empty: none, and it says so.
        valid_days: from now on; 0: no end.
        passphrase: as typed by a person just now; never shown, kept or recorded.
    """

    name: str
    purpose: str = "bundle"
    passphrase_variable: str = ""
    valid_days: int = 730
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeyRow:
    """One key.

    Attributes:
        key_id: short identifier derived from the public key.
        fingerprint: `sha256:<hex>` over the public key's DER form; what two people compare by telephone.
        own: its private part is here.
        origin: `own`, `user` (this user's trust list) or `managed` (root's folder).
        state: `in-force`, `not-yet`, `expired`, `revoked`, or `not-counted` where only managed keys count.
    """

    name: str
    key_id: str
    fingerprint: str
    algorithm: str
    purposes: tuple[str, ...]
    own: bool
    origin: str
    state: str
    valid_from: str
    valid_until: str | None
    protected: bool = False
    revoked_reason: str = ""


@dataclass(frozen=True)
class KeyMade:
    """The key, and where its public part was written."""

    key: KeyRow
    public_path: str


@dataclass(frozen=True)
class ListKeys:
    """Own keys and trusted ones."""


@dataclass(frozen=True)
class KeyList:
    """Own first. `trust_origin` is `user-and-managed` or `managed-only`: whether the user's own keys and trust
    list count. `problems` say why nobody is believed, when the trust list cannot be used."""

    keys: tuple[KeyRow, ...]
    trust_origin: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportKey:
    """Write an own or trusted key's public part to a file, to be carried to others. A file that is there
    is not replaced."""

    name: str
    out: Path


@dataclass(frozen=True)
class KeyExported:
    """Where it is, and the fingerprint to compare."""

    path: str
    fingerprint: str


@dataclass(frozen=True)
class TrustKey:
    """Believe a key from now on.

    Attributes:
        path: the public key's file.
        fingerprint: as told by its owner over another way; refused if it differs.
        valid_days: from now on; 0: no end.
    """

    path: Path
    name: str
    purposes: tuple[str, ...]
    fingerprint: str
    valid_days: int = 730


@dataclass(frozen=True)
class KeyTrusted:
    """The key as it is believed."""

    key: KeyRow


@dataclass(frozen=True)
class RevokeKey:
    """Stop believing a key; what it signed before is not believed either. `name` may also be a key id or a
    fingerprint."""

    name: str
    reason: str


@dataclass(frozen=True)
class KeyRevoked:
    """The key after it."""

    key: KeyRow
