"""What a model file's name says before anything is opened: parts of a split GGUF model, its stem, a quantization.

Naming as llama.cpp's gguf-split writes it, `NAME-00001-of-00003.gguf`, and as publishers name quantizations,
`NAME-Q4_K_M.gguf`. A name is a claim: the header decides once there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

MOST_PARTS = 1000

_SPLIT = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_TRANSFORMERS_WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")
_QUANTIZATION = re.compile(
    r"(?<![A-Z0-9])(?:UD-)?"
    r"(I?Q[1-8](?:_[01])?(?:_K)?(?:_(?:XXS|XS|S|M|L|XL|NL))?|TQ[12]_0|BF16|F16|FP16|F32|FP32|FP8|"
    r"MXFP4(?:_MOE)?|NVFP4)"
    r"(?![A-Z0-9])"
)
_SAME = {"FP16": "F16", "FP32": "F32"}


@dataclass(frozen=True)
class GgufSet:
    """One GGUF model by the names of its files: all parts in order, whether they exist or not."""

    stem: str
    parts: tuple[str, ...]


def split_parts(path: str) -> tuple[str, ...]:
    """All parts of the split GGUF model that a file name belongs to; the name alone if it is not split."""
    match = _SPLIT.fullmatch(path)
    count = int(match["count"]) if match else 0
    if match is None or not 1 <= int(match["part"]) <= count <= MOST_PARTS:
        return (path,)
    suffix = path[-5:]
    return tuple(
        f"{match['stem']}-{part:05d}-of-{count:05d}{suffix}" for part in range(1, count + 1)
    )


def stem_of(path: str) -> str:
    """A GGUF file's name without folder, part number and ending."""
    name = PurePosixPath(path).name
    match = _SPLIT.fullmatch(name) if len(split_parts(name)) > 1 else None
    return match["stem"] if match else name[: -len(".gguf")]


def gguf_sets(paths: Iterable[str]) -> tuple[GgufSet, ...]:
    """The GGUF models among files, by the name of their first part."""
    sets: dict[str, GgufSet] = {}
    for path in sorted(paths):
        name = PurePosixPath(path).name.lower()
        # Projectors for pictures go beside a model; they are none by themselves.
        if name.endswith(".gguf") and not name.startswith("mmproj"):
            parts = split_parts(path)
            sets.setdefault(parts[0], GgufSet(stem_of(path), parts))
    return tuple(sets.values())


def safetensors_weights(paths: Iterable[str]) -> tuple[str, ...]:
    """The files with the weights of the safetensors model that lies at the top of a repository or folder."""
    found = sorted(path for path in paths if path.endswith(".safetensors") and "/" not in path)
    # Some repositories carry the same weights a second time, under the publisher's own names.
    return tuple(path for path in found if _TRANSFORMERS_WEIGHTS.fullmatch(path)) or tuple(found)


def quantization_of(name: str) -> str:
    """The quantization a file's or repository's name ends in (`Q4_K_M`, `BF16`, ...); empty when it has none."""
    found = _QUANTIZATION.findall(name.upper())
    return _SAME.get(found[-1], found[-1]) if found else ""
