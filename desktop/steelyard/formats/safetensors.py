"""Reads safetensors headers; what comes out covers the file's data exactly, without gap or overlap.

Format and rules: the safetensors README and its Rust `tensor.rs` (100 MB header limit, no holes, no
duplicate keys); one rule is ours: a cap on the number of JSON values, since 100 MB of them need gigabytes.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from steelyard.base.errors import Json, MalformedInput
from steelyard.formats.bounded_json import loads_bounded, read_object
from steelyard.formats.errors import (
    ConfigMalformed,
    FileMissing,
    NotAModel,
    SafetensorsMalformed,
    ShardMissing,
    Truncated,
    UnsafePath,
)
from steelyard.formats.gguf_cursor import over_limit, unreadable

MAX_HEADER_BYTES = 100_000_000
MAX_INDEX_BYTES = 50_000_000
MAX_DIMENSIONS = 16
MAX_ELEMENTS = 2**63 - 1

DTYPE_BITS: Mapping[str, int] = MappingProxyType(
    {
        "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8,
        "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
        "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
        "C64": 64, "F64": 64, "I64": 64, "U64": 64,
    }
)  # fmt: skip
"""Bits per element by dtype name (safetensors 0.8)."""

_NEW_COPY = "Download it again, or ask the sender for a new copy."
_PLAIN_NAME = re.compile(r"[^/\\:*?\"<>|\0-\x1f]{0,254}[^/\\:*?\"<>|\0-\x1f. ]")
_DEVICE_NAME = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class SafeTensor:
    """One tensor: `begin` and `end` are bytes from the start of the data section."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def elements(self) -> int:
        """Number of values."""
        count = 1
        for length in self.shape:
            count *= length
        return count

    @property
    def size_bytes(self) -> int:
        """Bytes in the file."""
        return self.end - self.begin


@dataclass(frozen=True)
class SafetensorsHeader:
    """A judged header: tensors in file order, `metadata` as declared, sizes in bytes."""

    path: Path
    tensors: tuple[SafeTensor, ...]
    metadata: Mapping[str, str]
    data_offset: int
    file_size_bytes: int

    @property
    def parameters(self) -> int:
        """Number of values in all tensors."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def elements_by_dtype(self) -> dict[str, int]:
        """How many values each dtype holds."""
        counts: dict[str, int] = {}
        for tensor in self.tensors:
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.elements
        return counts


def read_header(path: Path) -> SafetensorsHeader:
    """Read and judge one file's header; the data is not touched.

    Raises:
        FileMissing, FileUnreadable, NotAModel: there is no file to read.
        TooLarge, Truncated, SafetensorsMalformed: the header breaks a limit, the file's size or the format.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotAModel(
                f"{path.name} is not a regular file.", path=str(path), content="not-a-file"
            )
        with path.open("rb") as stream:
            head = stream.read(8)
            length = int.from_bytes(head, "little")
            _check_length(path, len(head), length, status.st_size)
            data = stream.read(length)
    except FileNotFoundError as error:
        raise FileMissing(f"There is no file {path}.", path=str(path)) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) != length:
        raise _truncated(path, 8 + length, 8 + len(data))
    return _parse(path, data, status.st_size)


def _check_length(path: Path, head_bytes: int, length: int, file_size_bytes: int) -> None:
    if head_bytes < 8:
        raise _truncated(path, 8, head_bytes)
    if length > MAX_HEADER_BYTES:
        raise over_limit(f"the header length of {path.name}", length, MAX_HEADER_BYTES)
    if 8 + length > file_size_bytes:
        raise _truncated(path, 8 + length, file_size_bytes)


def _truncated(path: Path, needed_bytes: int, file_size_bytes: int) -> Truncated:
    return Truncated(
        f"{path.name} ends inside its header.",
        next_step=_NEW_COPY,
        path=str(path),
        what="the header",
        needed_bytes=str(needed_bytes),
        file_size_bytes=file_size_bytes,
    )


def _parse(path: Path, data: bytes, file_size_bytes: int) -> SafetensorsHeader:
    if not data.startswith(b"{"):
        raise SafetensorsMalformed(
            f"{path.name} is not a safetensors file: its header is not a JSON object.",
            next_step="Choose another file.",
            path=str(path),
        )
    try:
        document = loads_bounded(data, what=f"The header of {path.name}")
    except MalformedInput as error:
        if type(error) is not MalformedInput:
            raise
        raise SafetensorsMalformed(error.message, next_step=_NEW_COPY, path=str(path)) from error
    if not isinstance(document, dict):
        raise SafetensorsMalformed(f"The header of {path.name} is not an object.", path=str(path))
    metadata = _metadata(path, document.pop("__metadata__", {}))
    tensors = sorted(
        (_tensor(path, name, entry) for name, entry in document.items()),
        key=lambda tensor: (tensor.begin, tensor.end),
    )
    data_bytes = file_size_bytes - 8 - len(data)
    _check_cover(path, tensors, data_bytes)
    return SafetensorsHeader(path, tuple(tensors), metadata, 8 + len(data), file_size_bytes)


def _metadata(path: Path, value: Json) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise SafetensorsMalformed(
            f"The __metadata__ of {path.name} is not a map of texts.", path=str(path)
        )
    return MappingProxyType({key: str(item) for key, item in value.items()})


def _whole(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _tensor(path: Path, name: str, entry: Json) -> SafeTensor:
    def malformed(problem: str) -> SafetensorsMalformed:
        return SafetensorsMalformed(
            f"The tensor {name[:80]!r} of {path.name} {problem}.",
            next_step=_NEW_COPY,
            path=str(path),
            tensor=name[:200],
        )

    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise malformed("does not have exactly dtype, shape and data_offsets")
    dtype, raw_shape, raw_offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise malformed("has an unknown dtype")
    if not isinstance(raw_shape, list) or len(raw_shape) > MAX_DIMENSIONS:
        raise malformed("has no proper shape")
    shape = tuple(length for length in map(_whole, raw_shape) if length is not None)
    offsets = raw_offsets if isinstance(raw_offsets, list) else []
    begin, end = map(_whole, offsets) if len(offsets) == 2 else (None, None)
    if len(shape) != len(raw_shape) or begin is None or end is None or begin > end:
        raise malformed("has a shape or offsets that are not whole numbers in order")
    tensor = SafeTensor(name, dtype, shape, begin, end)
    if any(length > MAX_ELEMENTS for length in shape) or tensor.elements > MAX_ELEMENTS:
        raise malformed("has a shape whose product overflows")
    bits = tensor.elements * DTYPE_BITS[dtype]
    if bits % 8 or bits // 8 != end - begin:
        raise malformed("has offsets that do not fit its shape and dtype")
    return tensor


def _check_cover(path: Path, tensors: list[SafeTensor], data_bytes: int) -> None:
    """As `tensor.rs`: each tensor begins where the one before ended, and the last ends with the file."""
    expected = 0
    for tensor in tensors:
        if tensor.begin != expected:
            raise SafetensorsMalformed(
                f"There is a gap or an overlap before the tensor {tensor.name[:80]!r} of {path.name}.",
                next_step=_NEW_COPY,
                path=str(path),
                tensor=tensor.name[:200],
            )
        expected = tensor.end
    if expected != data_bytes:
        raise SafetensorsMalformed(
            f"The tensors of {path.name} cover {expected:,} bytes, but the file holds {data_bytes:,}.",
            next_step=_NEW_COPY,
            path=str(path),
            covered_bytes=str(expected),
            data_bytes=data_bytes,
        )


def safe_file_name(name: str, where: str) -> str:
    """Return `name` if it can only mean a file directly in the model's folder.

    Raises:
        UnsafePath: it has a separator, a drive, a control character or a trailing dot, or names a device.
    """
    if not _PLAIN_NAME.fullmatch(name) or _DEVICE_NAME.fullmatch(name):
        raise UnsafePath(
            f"{where} names the file {name[:100]!r}, which is not a plain name in the model's folder. "
            "Nothing outside was opened.",
            next_step="Ask the publisher for a corrected copy.",
            name=name[:200],
            where=where,
        )
    return name


def read_index(path: Path) -> dict[str, str]:
    """Read a `*.safetensors.index.json`: the file each tensor is in.

    Raises:
        ConfigMalformed: no `weight_map` of texts.
        UnsafePath: a file name leads outside the folder.
    """
    document = read_object(path, limit_bytes=MAX_INDEX_BYTES)
    weight_map = document.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ConfigMalformed(f"{path.name} has no weight_map.", file=path.name)
    result: dict[str, str] = {}
    for tensor, name in weight_map.items():
        if not isinstance(name, str):
            raise ConfigMalformed(
                f"{path.name} maps a tensor to something that is no file name.", file=path.name
            )
        result[tensor] = safe_file_name(name, path.name)
    return result


def read_sharded(index_path: Path) -> tuple[SafetensorsHeader, ...]:
    """Read every file an index names, and check that each tensor is where the index says.

    Raises:
        ShardMissing: a named file is absent.
        SafetensorsMalformed: a tensor is not in the file the index gives, or in two files.
        As `read_index` and `read_header`.
    """
    weight_map = read_index(index_path)
    names = sorted(set(weight_map.values()))
    missing = [name for name in names if not (index_path.parent / name).is_file()]
    if missing:
        raise ShardMissing(
            f"{len(missing)} of the model's {len(names)} weight files are not there: "
            f"{', '.join(missing[:3])}.",
            next_step="Put all files into one folder, then try again.",
            count=len(names),
            missing=list(missing),
        )
    headers = tuple(read_header(index_path.parent / name) for name in names)
    found: dict[str, str] = {}
    for header in headers:
        for tensor in header.tensors:
            if tensor.name in found:
                raise SafetensorsMalformed(
                    f"The tensor {tensor.name[:80]!r} is in two files.", tensor=tensor.name[:200]
                )
            found[tensor.name] = header.path.name
    for name, file in weight_map.items():
        if found.get(name) != file:
            raise SafetensorsMalformed(
                f"{index_path.name} says that {name[:80]!r} is in {file}; it is not.",
                tensor=name[:200],
            )
    return headers
