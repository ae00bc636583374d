"""Reads GGUF headers, versions 2 and 3; believes nothing that limits, the file's size or itself contradict.

A header that comes out of `read_header` has unique keys and names, tensors that lie one after the other
inside the file, and tokenizer arrays an engine can index without harm. Format: ggml's docs/gguf.md and
gguf.cpp; where that document allows more than ggml's own reader takes, the reader's stricter rule counts.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import MappingProxyType

from steelyard.formats.errors import (
    BadAlignment,
    BadTensor,
    BadText,
    ByteSwapped,
    Duplicate,
    FileMissing,
    NestedArray,
    NotAModel,
    NotGguf,
    TensorOutsideFile,
    TensorOverlap,
    UnknownValueType,
    UnsupportedVersion,
)
from steelyard.formats.gguf_checks import check_claims, check_tokenizer
from steelyard.formats.gguf_cursor import (
    MAX_ARRAY_ITEMS,
    HeaderCursor,
    Value,
    over_limit,
    unreadable,
)
from steelyard.formats.gguf_header import GgufHeader, TensorInfo
from steelyard.formats.gguf_types import REMOVED_TENSOR_TYPES, TENSOR_TYPES, ValueType

__all__ = ["GgufHeader", "TensorInfo", "read_header", "write_sparse_twin"]

MAGIC = b"GGUF"
DEFAULT_ALIGNMENT = 32
MAX_ALIGNMENT = 65_536
MAX_KEYS = 65_536
MAX_KEY_BYTES = 65_535
"""docs/gguf.md: keys are at most 2^16 - 1 bytes long."""
MAX_TENSORS = 65_536
MAX_TENSOR_NAME_BYTES = 63
"""ggml.h: GGML_MAX_NAME is 64 with its closing NUL."""
MAX_DIMENSIONS = 4
"""ggml.h: GGML_MAX_DIMS."""
MAX_ELEMENTS = 2**63 - 1
"""ggml keeps element counts in an int64."""

_SMALLEST_PAIR_BYTES = 8 + 1 + 4 + 1
_SMALLEST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8
_NEW_COPY = "Download it again, or ask the sender for a new copy."


def read_header(path: Path) -> GgufHeader:
    """Read and judge the header of one GGUF file; the tensor data is not touched.

    Args:
        path: a regular file, possibly sparse.

    Raises:
        FileMissing, FileUnreadable, NotAModel: there is no file to read.
        TooLarge, Truncated, GgufMalformed: the last with a subclass, and so a code, per defect.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotAModel(
                f"{path.name} is not a regular file.", path=str(path), content="not-a-file"
            )
        with path.open("rb", buffering=0) as stream:
            header = _read(HeaderCursor(stream, path, status.st_size), path)
    except FileNotFoundError as error:
        raise FileMissing(f"There is no file {path}.", path=str(path)) from error
    except OSError as error:
        raise unreadable(path, error) from error
    check_tokenizer(header)
    check_claims(header)
    return header


def write_sparse_twin(source: Path, destination: Path) -> GgufHeader:
    """Write a file with `source`'s header and size, whose data is a hole: enough for a dry load.

    Args:
        source: a GGUF file that `read_header` accepts.
        destination: must not exist yet.

    Returns:
        The header, with `destination` as its path.

    Raises:
        As `read_header`; FileUnreadable also when the destination cannot be written.
    """
    header = read_header(source)
    try:
        with source.open("rb") as reader, destination.open("xb") as writer:
            writer.write(reader.read(min(header.data_offset, header.file_size_bytes)))
            writer.flush()
            os.truncate(writer.fileno(), header.file_size_bytes)
    except OSError as error:
        raise unreadable(destination, error) from error
    return read_header(destination)


def _read(cursor: HeaderCursor, path: Path) -> GgufHeader:
    version = _read_version(cursor, path)
    tensor_count = cursor.uint64("the tensor count")
    key_count = cursor.uint64("the key count")
    _check_count(cursor, "the number of keys", key_count, MAX_KEYS, _SMALLEST_PAIR_BYTES)
    _check_count(cursor, "the number of tensors", tensor_count, MAX_TENSORS, _SMALLEST_TENSOR_BYTES)
    metadata: dict[str, Value] = {}
    types: dict[str, ValueType] = {}
    for _ in range(key_count):
        key = _read_name(cursor, "a key", MAX_KEY_BYTES)
        if key in metadata:
            raise Duplicate(f"The key {key!r} appears twice in the header.", name=key)
        types[key], metadata[key] = _read_value(cursor, key)
    alignment = _alignment(metadata, types)
    tensors = _read_tensors(cursor, tensor_count)
    # Without tensors there is no data section, and nobody pads for one.
    data_offset = _padded(cursor.position, alignment) if tensors else cursor.position
    _check_layout(tensors, data_offset, alignment, cursor.file_size_bytes)
    return GgufHeader(
        path=path,
        version=version,
        byte_order="little",
        metadata=MappingProxyType(metadata),
        value_types=MappingProxyType(types),
        tensors=tensors,
        data_offset=data_offset,
        alignment=alignment,
        file_size_bytes=cursor.file_size_bytes,
    )


def _read_version(cursor: HeaderCursor, path: Path) -> int:
    magic = cursor.take(4, "the magic number")
    if magic != MAGIC and magic != MAGIC[::-1]:
        raise NotGguf(
            f"{path.name} is not a GGUF file: it begins with {magic!r}.",
            next_step="Choose a file that ends in .gguf.",
            path=str(path),
            magic=magic.hex(),
        )
    version = cursor.uint32("the version")
    if magic != MAGIC or (version and version & 0xFFFF == 0):
        # ggml's own test: a small number whose bytes are swapped has nothing in its lower half.
        raise ByteSwapped(
            f"{path.name} was written for big-endian machines. This program reads little-endian files.",
            next_step="Ask the publisher for the little-endian file.",
            version=version,
        )
    if version not in (2, 3):
        raise UnsupportedVersion(
            f"{path.name} is GGUF version {version}. Versions 2 and 3 can be read.",
            next_step="Convert it with a current llama.cpp."
            if version == 1
            else "Look for an update.",
            version=version,
        )
    return version


def _check_count(
    cursor: HeaderCursor, what: str, count: int, limit: int, smallest_bytes: int
) -> None:
    if count > limit:
        raise over_limit(what, count, limit)
    if count * smallest_bytes > cursor.remaining():
        raise cursor.truncated(what, cursor.position + count * smallest_bytes)


def _read_name(cursor: HeaderCursor, what: str, limit_bytes: int) -> str:
    name = cursor.text(what, limit_bytes)
    if not name or not name.isprintable():
        raise BadText(
            f"{what.capitalize()} is empty or has control characters: {name!r}.", what=what
        )
    return name


def _read_value(cursor: HeaderCursor, key: str) -> tuple[ValueType, Value]:
    kind = _value_type(cursor.uint32("a value's type"), key)
    what = f"the value of {key}"
    if kind is not ValueType.ARRAY:
        value = cursor.scalar(kind, what)
        if isinstance(value, str) and "\0" in value:
            # Engines hand such text on as a C string, so what is shown would not be what is used.
            raise BadText(f"The value of {key!r} contains a NUL.", what=what)
        return kind, value
    item_kind = _value_type(cursor.uint32("an array's item type"), key)
    if item_kind is ValueType.ARRAY:
        raise NestedArray(f"The value of {key!r} is an array of arrays.", key=key)
    count = cursor.uint64("an array's length")
    if count > MAX_ARRAY_ITEMS:
        raise over_limit(f"the length of the array {key}", count, MAX_ARRAY_ITEMS)
    if item_kind is ValueType.STRING:
        return kind, cursor.strings(count, what)
    return kind, cursor.numbers(item_kind, count, what)


def _value_type(number: int, key: str) -> ValueType:
    try:
        return ValueType(number)
    except ValueError as error:
        raise UnknownValueType(
            f"The value of {key!r} has the unknown type {number}.",
            next_step=_NEW_COPY,
            key=key,
            type=number,
        ) from error


def _alignment(metadata: dict[str, Value], types: dict[str, ValueType]) -> int:
    value = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    kind = types.get("general.alignment", ValueType.UINT32)
    whole = isinstance(value, int) and kind is ValueType.UINT32
    if (
        not isinstance(value, int)
        or not whole
        or value & (value - 1)
        or not 0 < value <= MAX_ALIGNMENT
    ):
        shown = value if isinstance(value, int | float | str) else "array"
        raise BadAlignment(
            f"general.alignment is {shown!r} of type {kind.name.lower()}; it must be a uint32 power of two "
            f"up to {MAX_ALIGNMENT:,}.",
            next_step=_NEW_COPY,
            alignment=str(shown),
        )
    return value


def _read_tensors(cursor: HeaderCursor, count: int) -> tuple[TensorInfo, ...]:
    tensors: dict[str, TensorInfo] = {}
    for _ in range(count):
        tensor = _read_tensor(cursor)
        if tensor.name in tensors:
            raise Duplicate(
                f"The tensor {tensor.name!r} appears twice in the header.", name=tensor.name
            )
        tensors[tensor.name] = tensor
    return tuple(tensors.values())


def _read_tensor(cursor: HeaderCursor) -> TensorInfo:
    name = _read_name(cursor, "a tensor's name", MAX_TENSOR_NAME_BYTES)
    dimensions = cursor.uint32("a tensor's number of dimensions")
    if dimensions > MAX_DIMENSIONS:
        raise over_limit(f"the dimensions of {name}", dimensions, MAX_DIMENSIONS)
    shape = tuple(cursor.uint64("a tensor's shape") for _ in range(dimensions))
    number = cursor.uint32("a tensor's type")
    offset = cursor.uint64("a tensor's offset")
    kind = TENSOR_TYPES.get(number)
    if kind is None:
        known = REMOVED_TENSOR_TYPES.get(number)
        raise BadTensor(
            f"The tensor {name!r} has the type {number}, "
            + (f"{known}, which engines no longer read." if known else "which is not known."),
            next_step="Ask the publisher for a current file.",
            tensor=name,
            type=number,
        )
    elements = 1
    for length in shape:
        elements *= length
        if not 0 < length <= MAX_ELEMENTS or elements > MAX_ELEMENTS:
            raise BadTensor(
                f"The tensor {name!r} has an impossible shape: {' x '.join(map(str, shape))}.",
                next_step=_NEW_COPY,
                tensor=name,
            )
    row = shape[0] if shape else 1
    if row % kind.block_elements:
        raise BadTensor(
            f"The rows of the tensor {name!r} have {row} elements, "
            f"which {kind.name} cannot pack in blocks of {kind.block_elements}.",
            next_step=_NEW_COPY,
            tensor=name,
        )
    return TensorInfo(name, shape, kind, offset, elements // kind.block_elements * kind.type_bytes)


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _check_layout(
    tensors: tuple[TensorInfo, ...], data_offset: int, alignment: int, file_size_bytes: int
) -> None:
    """As gguf.cpp: each tensor begins exactly where the one before it ends, padded."""
    expected = 0
    for tensor in tensors:
        end = data_offset + tensor.offset + tensor.size_bytes
        if end > file_size_bytes:
            raise TensorOutsideFile(
                f"The tensor {tensor.name!r} would end at byte {end:,}, but the file has "
                f"{file_size_bytes:,}. It is cut short, or claims more than it holds.",
                next_step=_NEW_COPY,
                tensor=tensor.name,
                end_bytes=str(end),
                file_size_bytes=file_size_bytes,
            )
        if tensor.offset != expected:
            raise TensorOverlap(
                f"The tensor {tensor.name!r} begins at {tensor.offset:,} of the data section; "
                f"the one before it makes that {expected:,}.",
                next_step=_NEW_COPY,
                tensor=tensor.name,
                offset_bytes=str(tensor.offset),
                expected_bytes=str(expected),
            )
        expected = _padded(tensor.offset + tensor.size_bytes, alignment)
