"""SHA-256, streamed. A digest is written `sha256:<64 hex>` wherever a person or a program sees it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from steelyard.base.errors import MalformedInput
from steelyard.base.progress import Reporter

CHUNK_BYTES = 16 * 1024 * 1024
"""Large enough that hashing, not reading, is the cost; small enough to cancel within a tenth of a second."""

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def digest_of(data: bytes) -> str:
    """`sha256:<hex>` of bytes held in memory."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def is_digest(text: str) -> bool:
    """Whether `parse_digest` takes it."""
    return _DIGEST.fullmatch(text.strip().lower()) is not None


def parse_digest(text: str) -> str:
    """Accept 64 hex digits with or without `sha256:`, in either case; return `sha256:<hex>`.

    Raises:
        MalformedInput: the text is neither.
    """
    match = _DIGEST.fullmatch(text.strip().lower())
    if match is None:
        raise MalformedInput(
            f"{text!r} is not a SHA-256 digest.",
            next_step="Give 64 hexadecimal digits, with or without sha256: before them.",
            digest=text,
        )
    return f"sha256:{match.group(1)}"


def digest_file(path: Path, report: Reporter | None = None, *, stage: str = "hashing") -> str:
    """`sha256:<hex>` of a file, read once in `CHUNK_BYTES` pieces.

    Raises:
        OSError: the file cannot be read.
        Cancelled: the reporter's token was cancelled.
    """
    report = report or Reporter()
    hasher = hashlib.sha256()
    total = path.stat().st_size
    done = 0
    with path.open("rb", buffering=0) as stream:
        buffer = bytearray(min(CHUNK_BYTES, max(total, 1)))
        view = memoryview(buffer)
        while count := stream.readinto(buffer):
            hasher.update(view[:count])
            done += count
            report(stage, done, total, detail=path.name)
    return f"sha256:{hasher.hexdigest()}"
