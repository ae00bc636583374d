"""The file a key's public part is kept and carried in: plain lines a person can read, then the key as PEM.

It is one form for three uses: the record beside an own private key, the file that is carried to others, and
the entry of a trust list. An administrator trusts a key by putting the very file that was exported into the
managed folder. Public tools read it too, because PEM readers skip what stands before the key.

    Steelyard public key
    Name: anna
    Purpose: bundle
    Valid from: 2026-11-25T17:00:00.000Z
    Valid until: 2028-11-24T17:00:00.000Z
    Fingerprint: sha256:…
    Revoked: 2027-01-02T08:00:00.000Z the laptop was stolen

    -----BEGIN PUBLIC KEY-----

The lines are not signed: what a stranger's file says of itself counts only after `key trust` compared the
fingerprint, and then with the name, purposes and dates given there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from steelyard.base.clock import iso_utc, parse_utc
from steelyard.signing.errors import MalformedKey
from steelyard.signing.public_key import PEM_BEGIN, PublicKey

MAX_FILE_BYTES = 16 * 1024
MAX_REASON_CHARS = 200
TITLE = "Steelyard public key"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")
_WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class Purpose(StrEnum):
    """What a key may sign."""

    BUNDLE = "bundle"
    CATALOG = "catalog"
    NOTE = "note"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Revocation:
    """Since when a key is not believed, and why. What it signed before is not believed either: nobody can
    tell an old signature from one that says it is old."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class KeyRecord:
    """What is known of a key.

    Attributes:
        valid_until: None: it does not end.
    """

    name: str
    key: PublicKey
    purposes: tuple[Purpose, ...]
    valid_from: datetime
    valid_until: datetime | None
    revoked: Revocation | None = None

    def revoke(self, at: datetime, reason: str) -> KeyRecord:
        """This record, revoked; an earlier revocation stays as it is.

        Raises:
            MalformedKey: the reason is no line of text.
        """
        if self.revoked is not None:
            return self
        text = reason.strip()
        if not text or not text.isprintable() or len(text) > MAX_REASON_CHARS or "-----" in text:
            raise MalformedKey(
                f"The reason must be one line of at most {MAX_REASON_CHARS} characters."
            )
        return replace(self, revoked=Revocation(at, text))


def checked_name(name: str) -> str:
    """A key's name as it was given, if it can be a file's name everywhere.

    Raises:
        MalformedKey: it cannot.
    """
    if not _NAME.fullmatch(name) or _WINDOWS_DEVICES.fullmatch(name):
        raise MalformedKey(
            f"{name!r} cannot be a key's name.",
            next_step="Use letters, digits and . _ @ - between them, at most 64 characters.",
        )
    return name


def checked_purposes(words: tuple[str, ...]) -> tuple[Purpose, ...]:
    """Purposes by their words, in the order of `Purpose`, each once.

    Raises:
        MalformedKey: there is none, or one is not known.
    """
    known = [purpose.value for purpose in Purpose]
    if not words or any(word not in known for word in words):
        raise MalformedKey(
            f"{', '.join(words) or 'Nothing'} is not what a key can be for.",
            next_step=f"Choose from {', '.join(known)}.",
        )
    return tuple(purpose for purpose in Purpose if purpose.value in words)


def write_record(record: KeyRecord) -> bytes:
    """The file, UTF-8."""
    lines = [
        TITLE,
        f"Name: {record.name}",
        f"Purpose: {', '.join(record.purposes)}",
        f"Valid from: {iso_utc(record.valid_from)}",
        f"Valid until: {iso_utc(record.valid_until) if record.valid_until else 'no end'}",
        f"Fingerprint: {record.key.fingerprint}",
    ]
    if record.revoked is not None:
        lines.append(f"Revoked: {iso_utc(record.revoked.at)} {record.revoked.reason}")
    return "\n".join([*lines, "", record.key.pem]).encode("utf-8")


_FIELDS = ("Name", "Purpose", "Valid from", "Valid until", "Fingerprint", "Revoked")
_NEEDED = _FIELDS[:-1]


def read_public_key(data: bytes) -> PublicKey:
    """The key in a file, whatever the lines before it say; also of a bare PEM file.

    Raises:
        MalformedKey: not exactly one acceptable public key.
    """
    return PublicKey.from_pem(_text(data))


def read_record(data: bytes) -> KeyRecord:
    """The record in a file.

    Raises:
        MalformedKey: a line is missing, repeated, unknown or wrong, or the fingerprint is another key's.
    """
    text = _text(data)
    key = PublicKey.from_pem(text)
    head, _, rest = text.partition(PEM_BEGIN)
    if PEM_BEGIN + rest != key.pem:
        raise MalformedKey("Something stands after the public key, or it is not written as usual.")
    lines = head.splitlines()
    if not lines or lines[0] != TITLE or lines[-1] != "":
        raise MalformedKey(f"The file does not begin with {TITLE!r}.")
    fields = _fields(lines[1:-1])
    if fields["Fingerprint"] != key.fingerprint:
        raise MalformedKey("The fingerprint in the file is not that of the key in it.")
    record = KeyRecord(
        checked_name(fields["Name"]),
        key,
        checked_purposes(tuple(fields["Purpose"].split(", "))),
        _time(fields["Valid from"]),
        None if fields["Valid until"] == "no end" else _time(fields["Valid until"]),
        _revocation(fields.get("Revoked")),
    )
    # One record, one file: a time written another way, or a purpose twice, is no form of ours.
    if write_record(record).decode("utf-8") != text:
        raise MalformedKey("The key file is not written the way Steelyard writes one.")
    return record


def _text(data: bytes) -> str:
    if len(data) > MAX_FILE_BYTES:
        raise MalformedKey(f"The file is larger than {MAX_FILE_BYTES} bytes; it is no public key.")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MalformedKey("The file is not text; it is no public key.") from error


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or name not in _FIELDS or name in fields or not value.isprintable():
            raise MalformedKey(
                f"The key file has a line that does not belong there: {line[:80]!r}."
            )
        fields[name] = value
    missing = [name for name in _NEEDED if name not in fields]
    if missing:
        raise MalformedKey(f"The key file has no line {missing[0]!r}.")
    return fields


def _time(text: str) -> datetime:
    try:
        return parse_utc(text)
    except ValueError as error:
        raise MalformedKey(f"{text[:40]!r} is not a time.") from error


def _revocation(text: str | None) -> Revocation | None:
    if text is None:
        return None
    time, _, reason = text.partition(" ")
    return Revocation(_time(time), reason)
