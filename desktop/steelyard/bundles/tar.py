"""The container's form: POSIX tar, of which we write one small part and read exactly that part.

Every member is a regular file with fixed owner, mode and time, so that the same files make the same bytes and
any tar program opens them. A name or size that does not fit the classic header stands in one extended header
before it. The reader takes path and size from a header, makes the header it would itself write for them, and
refuses whatever differs by a bit: links, devices, sparse maps, overrides that say something else, checksums of
another arithmetic and every other way of saying a thing twice fall away with that one comparison.

Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from steelyard.bundles.errors import MalformedBundle

UNIT_BYTES = 512
END = bytes(2 * UNIT_BYTES)
MOST_HEADER_BYTES = 8 * UNIT_BYTES
"""An extended header, its records and the file's own header; a path of 400 characters fits."""

_MODE = 0o644
_TIME_S = 315_532_800
"""1980-01-01, the first day a FAT disk can name."""
_OCTAL_LIMIT = 8**11
_NAME_BYTES = 100
_PREFIX_BYTES = 155
_EXTENDED = b"x"
_REGULAR = b"0"
_PAX_NAME = b"PaxHeader"
_SIZE_FIELD = slice(124, 136)
_TYPE_FIELD = slice(156, 157)
_RECORD = re.compile(rb"([1-9][0-9]{0,3}) (path|size)=")


@dataclass(frozen=True)
class Header:
    """A member as its header says. `length_bytes` is the header's own, extended header included."""

    path: str
    size_bytes: int
    length_bytes: int


def padded(size_bytes: int) -> int:
    """A size rounded up to whole units."""
    return -(-size_bytes // UNIT_BYTES) * UNIT_BYTES


def header(path: str, size_bytes: int) -> bytes:
    """The bytes before a member's data."""
    encoded = path.encode("utf-8")
    split = _split(encoded) if encoded.isascii() else None
    records = b""
    if split is None:
        records += _record(b"path", encoded)
        split = (b"", _PAX_NAME)
    if size_bytes >= _OCTAL_LIMIT:
        records += _record(b"size", b"%d" % size_bytes)
    before = b""
    if records:
        before = _block(_EXTENDED, b"", _PAX_NAME, len(records))
        before += records.ljust(padded(len(records)), b"\0")
    prefix, name = split
    return before + _block(_REGULAR, prefix, name, size_bytes if size_bytes < _OCTAL_LIMIT else 0)


def read_header(data: bytes) -> Header:
    """The header at the beginning of `data`, which holds up to `MOST_HEADER_BYTES` from where it begins.

    Raises:
        EOFError: `data` ends before the header does.
        MalformedBundle: it is not, bit for bit, one that `header` writes.
    """
    block = data[:UNIT_BYTES]
    overrides: dict[bytes, bytes] = {}
    if block[_TYPE_FIELD] == _EXTENDED:
        length = _number(block[_SIZE_FIELD])
        start = UNIT_BYTES + padded(length)
        if not 0 < length <= MOST_HEADER_BYTES - 2 * UNIT_BYTES:
            raise _malformed()
        overrides = _records(data[UNIT_BYTES : UNIT_BYTES + length])
        block = data[start : start + UNIT_BYTES]
    if len(block) != UNIT_BYTES:
        raise EOFError
    try:
        path = overrides.get(b"path", _name(block)).decode("utf-8")
        size_bytes = (
            int(overrides[b"size"]) if b"size" in overrides else _number(block[_SIZE_FIELD])
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise _malformed() from error
    expected = header(path, size_bytes)
    if data[: len(expected)] != expected:
        raise _malformed()
    return Header(path, size_bytes, len(expected))


def _split(path: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and name as the classic header holds them, or None where they do not fit."""
    if len(path) <= _NAME_BYTES:
        return b"", path
    cut = path.find(b"/", len(path) - _NAME_BYTES - 1)
    if 0 < cut <= _PREFIX_BYTES:
        return path[:cut], path[cut + 1 :]
    return None


def _record(key: bytes, value: bytes) -> bytes:
    """`LENGTH key=value\\n`, where the length counts its own digits."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) != len(str(rest)):
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


def _records(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    start = 0
    while start < len(data):
        match = _RECORD.match(data, start)
        if match is None:
            raise _malformed()
        end = start + int(match[1])
        if match[2] in found or end > len(data) or end <= match.end():
            raise _malformed()
        found[match[2]] = data[match.end() : end - 1]
        start = end
    return found


def _block(kind: bytes, prefix: bytes, name: bytes, size_bytes: int) -> bytes:
    fields = b"".join(
        (
            name.ljust(_NAME_BYTES, b"\0"),
            b"%07o\0" % _MODE,
            b"%07o\0" % 0,
            b"%07o\0" % 0,
            b"%011o\0" % size_bytes,
            b"%011o\0" % _TIME_S,
            b" " * 8,
            kind,
            bytes(100),
            b"ustar\x0000",
            bytes(32),
            bytes(32),
            b"%07o\0" % 0,
            b"%07o\0" % 0,
            prefix.ljust(_PREFIX_BYTES, b"\0"),
            bytes(12),
        )
    )
    return fields[:148] + b"%06o\0 " % sum(fields) + fields[156:]


def _name(block: bytes) -> bytes:
    name, prefix = block[:_NAME_BYTES].rstrip(b"\0"), block[345:500].rstrip(b"\0")
    return prefix + b"/" + name if prefix else name


def _number(field: bytes) -> int:
    digits = field[:-1]
    if not digits.isdigit() or any(digit > 0x37 for digit in digits):
        raise _malformed()
    return int(digits, 8)


def _malformed() -> MalformedBundle:
    return MalformedBundle(
        "The container is not written as Steelyard writes one. Nothing of it was believed.",
        next_step="If it was copied, copy it again; otherwise ask the sender for a new one.",
        path="",
    )
