"""Reads a GGUF header front to back; allocates nothing before checking it against limits and the file's size.

Only the header is held in memory. Arrays stay packed: numbers in an `array`, strings as one block of bytes
with their offsets, decoded one at a time when asked for.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, overload

from steelyard.formats.errors import (
    BadText,
    FileUnreadable,
    GgufMalformed,
    TooLarge,
    Truncated,
)
from steelyard.formats.gguf_types import SCALAR_FORMATS, ValueType

MAX_HEADER_BYTES = 64 * 1024 * 1024
"""The largest real headers, of vocabularies around 260,000 tokens, take under 20 MiB."""
MAX_STRING_BYTES = 32 * 1024 * 1024
"""An embedded tokenizer.json is the longest real string, about 20 MiB."""
MAX_ARRAY_ITEMS = 16 * 1024 * 1024

_CHUNK_BYTES = 1024 * 1024
_LENGTH = struct.Struct("<Q")

Scalar = bool | int | float | str


@dataclass(frozen=True, eq=False)
class NumberArray(Sequence[bool | int | float]):
    """Numbers or bools of one GGUF type, packed. `items` holds bools as 0 and 1."""

    item_type: ValueType
    items: array[int] | array[float]

    def __len__(self) -> int:
        return len(self.items)

    def encoded(self) -> bytes:
        """The items as in the file: little-endian, one after the other."""
        if sys.byteorder == "little":
            return self.items.tobytes()
        swapped = self.items[:]
        swapped.byteswap()
        return swapped.tobytes()

    @overload
    def __getitem__(self, index: int) -> bool | int | float: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bool | int | float]: ...
    def __getitem__(self, index: int | slice) -> bool | int | float | Sequence[bool | int | float]:
        if isinstance(index, slice):
            part = list(self.items[index])
            return [bool(item) for item in part] if self.item_type is ValueType.BOOL else part
        item = self.items[index]
        return bool(item) if self.item_type is ValueType.BOOL else item


@dataclass(frozen=True, eq=False)
class StringArray(Sequence[str]):
    """Strings as they lie in the header: `block[starts[i] : starts[i + 1] - 8]`. All are valid UTF-8."""

    block: bytearray
    starts: array[int]
    item_type: ValueType = ValueType.STRING

    def __len__(self) -> int:
        return len(self.starts) - 1

    def raw(self, index: int) -> bytes:
        """The bytes of one string; `index` from 0."""
        return bytes(self.block[self.starts[index] : self.starts[index + 1] - _LENGTH.size])

    def iterate_raw(self) -> Iterator[bytes]:
        """The bytes of every string, in order."""
        return (self.raw(index) for index in range(len(self)))

    def encoded(self) -> bytes:
        """All of them as in the file: uint64 length and bytes, one after the other."""
        return bytes(self.block[self.starts[0] - _LENGTH.size : self.starts[-1] - _LENGTH.size])

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self.raw(at).decode() for at in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(index)
        return self.raw(position).decode()


Value = Scalar | NumberArray | StringArray


class HeaderCursor:
    """A forward-only position in a file's header."""

    def __init__(self, stream: BinaryIO, path: Path, file_size_bytes: int) -> None:
        self._stream = stream
        self._path = path
        self.file_size_bytes = file_size_bytes
        self.position = 0
        self._buffer = bytearray()

    def truncated(self, what: str, needed_bytes: int) -> Truncated:
        """The error for a header that needs the file to be at least `needed_bytes` long."""
        return Truncated(
            f"{self._path.name} ends inside its header: {what} needs {needed_bytes:,} bytes, "
            f"the file has {self.file_size_bytes:,}.",
            next_step="Download it again, or ask the sender for a new copy.",
            path=str(self._path),
            what=what,
            needed_bytes=str(needed_bytes),
            file_size_bytes=self.file_size_bytes,
        )

    def require(self, count: int, what: str) -> None:
        """Make `count` bytes after the position available in memory.

        Raises:
            Truncated: the file is shorter.
            TooLarge: the header would be longer than `MAX_HEADER_BYTES`.
        """
        end = self.position + count
        if end <= len(self._buffer):
            return
        if end > self.file_size_bytes:
            raise self.truncated(what, end)
        if end > MAX_HEADER_BYTES:
            raise over_limit("the header", end, MAX_HEADER_BYTES)
        wanted = min(max(end, len(self._buffer) + _CHUNK_BYTES), self.file_size_bytes)
        while len(self._buffer) < wanted:
            try:
                piece = self._stream.read(wanted - len(self._buffer))
            except OSError as error:
                raise unreadable(self._path, error) from error
            if not piece:
                # It shrank after its size was taken.
                raise self.truncated(what, end)
            self._buffer += piece

    def take(self, count: int, what: str) -> bytes:
        """The next `count` bytes."""
        self.require(count, what)
        data = bytes(self._buffer[self.position : self.position + count])
        self.position += count
        return data

    def uint32(self, what: str) -> int:
        """The next little-endian uint32."""
        return int.from_bytes(self.take(4, what), "little")

    def uint64(self, what: str) -> int:
        """The next little-endian uint64."""
        return int.from_bytes(self.take(8, what), "little")

    def remaining(self) -> int:
        """Bytes between the position and the end of the file."""
        return self.file_size_bytes - self.position

    def text(self, what: str, limit_bytes: int = MAX_STRING_BYTES) -> str:
        """The next string.

        Raises:
            TooLarge: longer than `limit_bytes`.
            Truncated: longer than the rest of the file.
            BadText: not UTF-8.
        """
        length = self.uint64(what)
        if length > limit_bytes:
            raise over_limit(f"the length of {what}", length, limit_bytes)
        try:
            return self.take(length, what).decode()
        except UnicodeDecodeError as error:
            raise BadText(f"{what} is not valid UTF-8.", what=what) from error

    def scalar(self, kind: ValueType, what: str) -> Scalar:
        """The next value of a type other than array."""
        if kind is ValueType.STRING:
            return self.text(what)
        form = SCALAR_FORMATS[kind]
        value: int | float
        (value,) = struct.unpack("<" + form, self.take(struct.calcsize("<" + form), what))
        if kind is not ValueType.BOOL:
            return value
        if value not in (0, 1):
            raise GgufMalformed(f"{what} is a bool but has the value {value}.", what=what)
        return value == 1

    def numbers(self, kind: ValueType, count: int, what: str) -> NumberArray:
        """The next `count` numbers or bools."""
        form = SCALAR_FORMATS[kind]
        data = self.take(count * struct.calcsize("<" + form), what)
        items: array[int] | array[float] = array(form, data)
        if sys.byteorder == "big":
            items.byteswap()
        if kind is ValueType.BOOL and any(item > 1 for item in items):
            raise GgufMalformed(f"{what} has a bool that is neither 0 nor 1.", what=what)
        return NumberArray(kind, items)

    def strings(self, count: int, what: str) -> StringArray:
        """The next `count` strings, each checked for length and UTF-8."""
        self.require(count * _LENGTH.size, what)
        starts = array("I")
        buffer, position = self._buffer, self.position
        available = len(buffer)
        unpack = _LENGTH.unpack_from
        for _ in range(count):
            start = position + 8
            if start > available:
                self.position = position
                self.require(8, what)
                available = len(buffer)
            (length,) = unpack(buffer, position)
            position = start + length
            if position > available:
                if length > MAX_STRING_BYTES:
                    raise over_limit(f"the length of a string in {what}", length, MAX_STRING_BYTES)
                self.position = start
                self.require(length, what)
                available = len(buffer)
            try:
                buffer[start:position].decode()
            except UnicodeDecodeError as error:
                raise BadText(f"{what} has a string that is not valid UTF-8.", what=what) from error
            starts.append(start)
        self.position = position
        starts.append(position + 8)
        return StringArray(buffer, starts)


def over_limit(what: str, value: int, limit: int) -> TooLarge:
    """The error for a count or size above a hard limit. The value is a string: it may exceed 2^53."""
    return TooLarge(
        f"The file claims {value:,} for {what}; the limit is {limit:,}. No real model needs that. "
        "Nothing was allocated or kept.",
        next_step="Ask the sender for a new copy.",
        what=what,
        value=str(value),
        limit=limit,
    )


def unreadable(path: Path, error: OSError) -> FileUnreadable:
    """The error for a file the operating system would not read."""
    return FileUnreadable(
        f"{path.name} could not be read: {error.strerror or error}.",
        next_step="Check the disk and the permissions, then try again.",
        path=str(path),
        reason=str(error),
    )
