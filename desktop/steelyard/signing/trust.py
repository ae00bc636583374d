"""Who is believed here: the administrator's keys, the user's, and the user's own, with purposes and dates.

Policy (`trust.keys`) says whether the user's count. A revocation counts wherever it stands. A list that cannot
be read as a whole believes nobody: the file that is damaged might be the one that revokes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from steelyard.base import durable
from steelyard.base.clock import iso_utc
from steelyard.base.errors import MalformedInput
from steelyard.policy.guarded import require_guarded
from steelyard.signing.errors import KeyExists, MalformedKey
from steelyard.signing.key_record import (
    MAX_FILE_BYTES,
    KeyRecord,
    Purpose,
    Revocation,
    read_record,
    write_record,
)
from steelyard.signing.own_keys import PUBLIC, OwnKeys
from steelyard.signing.public_key import PublicKey

MAX_KEYS = 1_000
MANAGED_ONLY = "managed-only"
USER_AND_MANAGED = "user-and-managed"


class Origin(StrEnum):
    """Whose word a record is."""

    OWN = "own"
    USER = "user"
    MANAGED = "managed"


class Standing(StrEnum):
    """How a key stands at a time, for a purpose."""

    IN_FORCE = "in-force"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_PURPOSE = "other-purpose"
    NOT_COUNTED = "not-counted"


@dataclass(frozen=True)
class TrustedKey:
    """A record and whose word it is. `counts` is false for a user's record where only managed ones count."""

    record: KeyRecord
    origin: Origin
    counts: bool = True


@dataclass(frozen=True)
class Judgement:
    """Whether a key is believed. `why` is for people and empty when it is."""

    standing: Standing
    why: str = ""

    @property
    def believed(self) -> bool:
        """True for a key in force."""
        return self.standing is Standing.IN_FORCE


@dataclass(frozen=True)
class TrustList:
    """Every record that was found.

    Attributes:
        problems: what could not be read or is not protected. While there is one, `usable` is false and no
            signature is believed.
    """

    keys: tuple[TrustedKey, ...]
    problems: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether anyone can be believed at all."""
        return not self.problems

    @classmethod
    def of(cls, *records: KeyRecord) -> TrustList:
        """A list of exactly these records, as a user's."""
        return cls(tuple(TrustedKey(record, Origin.USER) for record in records))

    @classmethod
    def load(cls, *, managed: Path, user: Path, own: Path, choice: str) -> TrustList:
        """Read every place.

        Args:
            managed: the administrator's folder; may be absent.
            user, own: the user's trust folder and own keys; may be absent.
            choice: value of `trust.keys`.
        """
        users_count = choice != MANAGED_ONLY
        problems: list[str] = []
        keys = [
            *_read_folder(managed, Origin.MANAGED, True, problems),
            *_read_folder(user, Origin.USER, users_count, problems),
        ]
        try:
            keys += [TrustedKey(r, Origin.OWN, users_count) for r in OwnKeys(own).records()]
        except (MalformedKey, OSError) as error:
            problems.append(str(error))
        if len(keys) > MAX_KEYS:
            problems.append(f"There are more than {MAX_KEYS} keys to trust.")
        return cls(tuple(keys), tuple(problems))

    def revocation(self, fingerprint: str) -> Revocation | None:
        """The earliest revocation of a key, wherever it stands."""
        found = [
            known.record.revoked
            for known in self.keys
            if known.record.revoked is not None and known.record.key.fingerprint == fingerprint
        ]
        return min(found, key=lambda revocation: revocation.at, default=None)

    def judge(self, known: TrustedKey, purpose: Purpose | None, at: datetime) -> Judgement:
        """Whether one record's word makes its key believed; any purpose when None."""
        record = known.record
        if (revoked := self.revocation(record.key.fingerprint)) is not None:
            day = iso_utc(revoked.at)
            return Judgement(Standing.REVOKED, f"the key was revoked at {day}: {revoked.reason}")
        if not known.counts:
            return Judgement(
                Standing.NOT_COUNTED, "policy counts only keys the administrator trusts"
            )
        if purpose is not None and purpose not in record.purposes:
            listed = ", ".join(record.purposes)
            return Judgement(Standing.OTHER_PURPOSE, f"the key is trusted for {listed} only")
        if at < record.valid_from:
            return Judgement(
                Standing.NOT_YET, f"the key is trusted from {iso_utc(record.valid_from)} on"
            )
        if record.valid_until is not None and at >= record.valid_until:
            return Judgement(
                Standing.EXPIRED, f"the key was trusted until {iso_utc(record.valid_until)}"
            )
        return Judgement(Standing.IN_FORCE)

    def best(self, key: PublicKey, purpose: Purpose, at: datetime) -> tuple[str, Judgement]:
        """The name a key is known by and the best that any record says of it.

        Raises:
            LookupError: no record is about this key.
        """
        judged = [
            (known.record.name, self.judge(known, purpose, at))
            for known in self.keys
            if known.record.key == key
        ]
        return min(judged, key=lambda pair: list(Standing).index(pair[1].standing))

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Every key that is known, believed or not, each once."""
        return tuple(
            {known.record.key.fingerprint: known.record.key for known in self.keys}.values()
        )


class UserTrust:
    """The user's trust folder, to be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, record: KeyRecord) -> None:
        """Believe a key from now on.

        Raises:
            KeyExists: the name is taken by another key; it stays.
            MalformedKey: a record in the folder is damaged.
            OSError: the folder cannot be written.
        """
        file = self._file(record.name)
        if file.exists() and _read(file).key != record.key:
            raise KeyExists(
                f"The name {record.name} belongs to another trusted key. It was left as it is.",
                next_step="Choose another name.",
                key=record.name,
            )
        self.keep(record)

    def keep(self, record: KeyRecord) -> None:
        """Write a record over the one of its name."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write_bytes(self._file(record.name), write_record(record), mode=0o644)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name.casefold()}{PUBLIC}"


def _read(file: Path) -> KeyRecord:
    with file.open("rb") as stream:
        return read_record(stream.read(MAX_FILE_BYTES + 1))


def _read_folder(
    folder: Path, origin: Origin, counts: bool, problems: list[str]
) -> Iterable[TrustedKey]:
    """The records in a folder. Everything in it must be a record: a file that is passed over in silence might
    be a revocation."""
    found: list[TrustedKey] = []
    managed = origin is Origin.MANAGED
    try:
        files = sorted(folder.iterdir())
        if managed:
            require_guarded(folder, what=f"The folder of trusted keys {folder}", folder=True)
    except FileNotFoundError:
        return found
    except (OSError, MalformedInput) as error:
        problems.append(f"The trusted keys in {folder} cannot be used: {_words(error)}")
        return found
    for file in files:
        if file.name.startswith(".") and file.name.endswith(".tmp"):
            continue  # a write that was cut off; its key was never trusted
        try:
            if managed:
                require_guarded(file, what=f"The trusted key {file}")
            found.append(TrustedKey(_read(file), origin, counts))
        except (OSError, MalformedInput) as error:
            problems.append(f"The trusted key {file} cannot be used: {_words(error)}")
    return found


def _words(error: OSError | MalformedInput) -> str:
    return error.message if isinstance(error, MalformedInput) else f"{error.strerror or error}."
