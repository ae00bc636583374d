"""This user's own keys: private parts that never leave `<config>/keys`, and what may be signed with them.

`NAME.key.pem` is the private key (PKCS #8, mode 0600, under a passphrase if one was given), `NAME.pub.pem` the
record beside it. A private key that others can read does not sign. Passphrases and private keys are in no log,
no error and no record.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base import durable
from steelyard.base.clock import iso_utc
from steelyard.base.lock import data_lock
from steelyard.signing.errors import (
    KeyExists,
    KeyNotUsable,
    MalformedKey,
    NoSuchKey,
    PassphraseNeeded,
    PassphraseWrong,
)
from steelyard.signing.key_record import (
    MAX_FILE_BYTES,
    KeyRecord,
    Purpose,
    checked_name,
    read_record,
    write_record,
)
from steelyard.signing.passphrase import is_protected, protect
from steelyard.signing.public_key import Algorithm, PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRIVATE = ".key.pem"
PUBLIC = ".pub.pem"


@dataclass(frozen=True)
class OwnKey:
    """An opened key that can sign. Its `repr` shows no private part."""

    record: KeyRecord
    _private: EllipticCurvePrivateKey | Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def key(self) -> PublicKey:
        """The public part."""
        return self.record.key

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256 in DER form, or the 64 bytes of Ed25519."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  # heavy at start
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(message, ec.ECDSA(hashes.SHA256()))
        return self._private.sign(message)


class OwnKeys:
    """The keys in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(
        self,
        name: str,
        purpose: Purpose,
        *,
        valid_from: datetime,
        valid_until: datetime | None,
        passphrase: str = "",
    ) -> OwnKey:
        """Make a key: Ed25519 for checkpoints, P-256 for everything else.

        Raises:
            MalformedKey: the name cannot be used.
            KeyExists: there is a key of this name; it stays.
            OSError: the folder cannot be written.
        """
        name = checked_name(name)
        algorithm = Algorithm.ED25519 if purpose is Purpose.CHECKPOINT else Algorithm.P256
        with self._locked():
            if self._file(name, PRIVATE).exists() or self._file(name, PUBLIC).exists():
                raise KeyExists(
                    f"There is a key {name} already. It was left as it is.",
                    next_step="Choose another name.",
                    key=name,
                )
            private = _generate(algorithm)
            record = KeyRecord(
                name, PublicKey.from_der(_spki_of(private)), (purpose,), valid_from, valid_until
            )
            # The private part last: a record without its key is harmless, a key without its record is not.
            durable.write_bytes(self._file(name, PUBLIC), write_record(record), mode=0o644)
            durable.write_bytes(self._file(name, PRIVATE), _private_pem(private, passphrase))
        return OwnKey(record, private)

    def records(self) -> tuple[KeyRecord, ...]:
        """What is known of every own key, by name.

        Raises:
            MalformedKey: a record is damaged; the message names it.
        """
        files = sorted(self.folder.glob(f"*{PUBLIC}")) if self.folder.is_dir() else []
        return tuple(_read(file) for file in files if _beside(file).exists())

    def record(self, name: str) -> KeyRecord:
        """One key's record.

        Raises:
            NoSuchKey: there is none of this name.
            MalformedKey: its record is damaged.
        """
        file = self._file(checked_name(name), PUBLIC)
        if not file.exists() or not _beside(file).exists():
            raise NoSuchKey(
                f"There is no key {name} here.",
                next_step="See steelyard key list, or make one with steelyard key create.",
                key=name,
            )
        return _read(file)

    def public_file(self, name: str) -> Path:
        """Where the record lies."""
        return self._file(name, PUBLIC)

    def protected(self, name: str) -> bool:
        """Whether signing with it takes a passphrase."""
        return is_protected(self._private_bytes(name))

    def open(self, name: str, purpose: Purpose, *, at: datetime, passphrase: str = "") -> OwnKey:
        """Open a key to sign with.

        Raises:
            NoSuchKey, MalformedKey: it is not there, or damaged.
            KeyNotUsable: revoked, outside its dates, for another purpose, or readable by others.
            PassphraseNeeded, PassphraseWrong: it is protected.
        """
        record = self.record(name)
        if why := _unfit(record, purpose, at):
            raise KeyNotUsable(
                f"The key {record.name} cannot sign this: {why}.",
                next_step="Choose another key, or make a new one with steelyard key create.",
                key=record.name,
                key_id=record.key.key_id,
            )
        self._check_private(record.name)
        private = _open(self._private_bytes(record.name), record.name, passphrase)
        if _spki_of(private) != record.key.der:
            raise MalformedKey(f"The private key {record.name} does not belong to its record.")
        return OwnKey(record, private)

    def keep(self, record: KeyRecord) -> None:
        """Write a changed record (a revocation) over the old one.

        Raises:
            NoSuchKey: there is no such own key.
        """
        self.record(record.name)
        with self._locked():
            durable.write_bytes(self._file(record.name, PUBLIC), write_record(record), mode=0o644)

    def _file(self, name: str, ending: str) -> Path:
        # Names that differ in case only would be one file on many disks.
        return self.folder / f"{name.casefold()}{ending}"

    def _private_bytes(self, name: str) -> bytes:
        file = self._file(name, PRIVATE)
        if file.stat().st_size > MAX_FILE_BYTES:
            raise MalformedKey(f"The private key {name} is too large to be one.")
        return file.read_bytes()

    def _check_private(self, name: str) -> None:
        file = self._file(name, PRIVATE)
        if os.name != "nt" and file.stat().st_mode & 0o077:
            raise KeyNotUsable(
                f"Others on this machine may read the private key {name}.",
                next_step=f"If nobody did, run chmod 600 {file}; otherwise revoke the key.",
                key=name,
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with data_lock(self.folder):
            yield


def _unfit(record: KeyRecord, purpose: Purpose, at: datetime) -> str:
    if record.revoked is not None:
        return f"it was revoked ({record.revoked.reason})"
    if purpose not in record.purposes:
        return f"it is for {', '.join(record.purposes)}, not for {purpose.value}"
    if at < record.valid_from:
        return f"it is valid from {iso_utc(record.valid_from)} on"
    if record.valid_until is not None and at >= record.valid_until:
        return f"it was valid until {iso_utc(record.valid_until)}"
    return ""


def _beside(public: Path) -> Path:
    return public.with_name(public.name.removesuffix(PUBLIC) + PRIVATE)


def _read(file: Path) -> KeyRecord:
    try:
        record = read_record(file.read_bytes()[: MAX_FILE_BYTES + 1])
    except MalformedKey as error:
        raise MalformedKey(
            f"The key's record {file} is damaged. {error.message}",
            next_step="Restore it from a copy; the key itself was left as it is.",
            path=str(file),
        ) from error
    if record.name.casefold() != file.name.removesuffix(PUBLIC):
        raise MalformedKey(f"The key's record {file} is that of {record.name}.", path=str(file))
    return record


def _generate(algorithm: Algorithm) -> EllipticCurvePrivateKey | Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415  # heavy

    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _spki_of(private: EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # heavy at start
        Encoding,
        PublicFormat,
    )

    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _private_pem(private: EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # heavy at start
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    if not passphrase:
        return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return protect(der, passphrase.encode("utf-8"))


def _open(pem: bytes, name: str, passphrase: str) -> EllipticCurvePrivateKey | Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # heavy at start
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    protected = is_protected(pem)
    if protected and not passphrase:
        raise PassphraseNeeded(
            f"The key {name} is protected by a passphrase.",
            next_step="Put it into an environment variable and name that with --passphrase-variable.",
            key=name,
        )
    try:
        private = load_pem_private_key(pem, passphrase.encode("utf-8") if protected else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if protected:
            raise PassphraseWrong(
                f"The passphrase does not open the key {name}.",
                next_step="Nothing was signed. Try again.",
                key=name,
            ) from None
        raise MalformedKey(f"The private key {name} is damaged.", key=name) from None
    if not isinstance(private, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise MalformedKey(f"The private key {name} is of another kind.", key=name)
    return private
