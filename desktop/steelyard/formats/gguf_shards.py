"""Split GGUF models: all parts are there, belong together, and add up to what the first one announces.

Naming and keys as llama.cpp's gguf-split writes them: `NAME-00001-of-00003.gguf`, `split.no` from 0,
`split.count`, `split.tensors.count`.
"""

from __future__ import annotations

import re
from pathlib import Path

from steelyard.formats.errors import Duplicate, ShardMissing
from steelyard.formats.gguf import read_header
from steelyard.formats.gguf_cursor import over_limit
from steelyard.formats.gguf_header import GgufHeader

MAX_SHARDS = 1000
_SHARD_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")


def is_split(header: GgufHeader) -> bool:
    """True when the file is one part of several."""
    return (header.integer("split.count") or 0) > 1


def shard_paths(path: Path) -> tuple[Path, ...]:
    """The paths of all parts by the naming rule, existing or not; just `path` when its name is no part's."""
    match = _SHARD_NAME.fullmatch(path.name)
    if match is None:
        return (path,)
    count = int(match["count"])
    if count > MAX_SHARDS:
        raise over_limit("the number of parts", count, MAX_SHARDS)
    return tuple(
        path.with_name(f"{match['stem']}-{number:05}-of-{count:05}.gguf")
        for number in range(1, count + 1)
    )


def read_model(path: Path) -> tuple[GgufHeader, ...]:
    """Read a GGUF model given any of its parts; the first header has the metadata.

    Returns:
        One header per part, in order; a single one for a model that is not split.

    Raises:
        ShardMissing: a part is absent, out of place, or the tensors do not add up.
        Duplicate: two parts have a tensor of the same name.
        As `gguf.read_header` for each part.
    """
    header = read_header(path)
    if not is_split(header):
        _check_alone(path)
        return (header,)
    count = header.integer("split.count") or 0
    paths = shard_paths(path)
    if len(paths) != count:
        raise ShardMissing(
            f"{path.name} is one of {count} parts, but its name does not say which.",
            next_step="Give the parts back the names their publisher gave them.",
            count=count,
            missing=[],
        )
    missing = [part.name for part in paths if not part.is_file()]
    if missing:
        raise ShardMissing(
            f"{len(missing)} of the model's {count} parts are not there: {', '.join(missing[:3])}.",
            next_step="Put all parts into one folder, then try again.",
            count=count,
            missing=list(missing),
        )
    headers = tuple(header if part == path else read_header(part) for part in paths)
    _check_together(headers, count)
    return headers


def _check_alone(path: Path) -> None:
    """A file that is whole by its header, but by its name has others beside it that nobody would look at."""
    others = [part.name for part in shard_paths(path) if part != path and part.exists()]
    if others:
        raise ShardMissing(
            f"{path.name} is a part of a model by its name and a whole one by its header, "
            f"so {others[0]} would belong to nothing.",
            next_step="Give the file the name its publisher gave it, or ask for a new copy.",
            count=len(others) + 1,
            missing=[],
        )


def _check_together(headers: tuple[GgufHeader, ...], count: int) -> None:
    names: set[str] = set()
    for index, header in enumerate(headers):
        numbers = (header.integer("split.no"), header.integer("split.count"))
        if numbers != (index, count):
            raise ShardMissing(
                f"{header.path.name} says it is part {numbers[0]} of {numbers[1]} (counted from 0), "
                f"but stands in the place of part {index} of {count}.",
                next_step="Give the parts back the names their publisher gave them.",
                count=count,
                missing=[header.path.name],
            )
        for tensor in header.tensors:
            if tensor.name in names:
                raise Duplicate(
                    f"The tensor {tensor.name!r} is in two parts of the model.", name=tensor.name
                )
            names.add(tensor.name)
    announced = headers[0].integer("split.tensors.count")
    if announced is not None and announced != len(names):
        raise ShardMissing(
            f"The parts hold {len(names):,} tensors together; the first announces {announced:,}.",
            next_step="Ask the sender for a complete set of parts.",
            count=count,
            missing=[],
        )
