"""What was found, and the limits within which every search stays."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MOST_ENTRIES = 50_000
"""Names one search looks at; a folder with more was not meant."""

GGUF_MAGIC = b"GGUF"


class Origin(StrEnum):
    """Whose folder it is."""

    HUGGING_FACE = "huggingface"
    OLLAMA = "ollama"
    LM_STUDIO = "lm-studio"
    FOLDER = "folder"


@dataclass(frozen=True)
class Part:
    """One file of a model that lies elsewhere.

    Attributes:
        path: inside the model.
        location: the regular file itself, links followed.
        claimed: `sha256:<hex>` that the file's own name there says, or None.
    """

    path: str
    location: Path
    size_bytes: int
    claimed: str | None = None


@dataclass(frozen=True)
class Elsewhere:
    """One model in another program's folder.

    Attributes:
        path: what names it there: a file, a folder or a manifest; `adopt` takes it.
        title: what that program calls it; text from outside.
        parts: every file of the model; the weights come first.
        weights: how many of the parts are weights.
        repository, commit: where the folder says it is from.
        left_out: what belongs to it there and is no part of the model here.
    """

    path: Path
    title: str
    origin: Origin
    format: str
    parts: tuple[Part, ...]
    weights: int = 1
    repository: str | None = None
    commit: str | None = None
    left_out: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Of all parts."""
        return sum(part.size_bytes for part in self.parts)


class Budget:
    """How many names a search may still look at."""

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self.left = most

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """What is in a folder, by name; nothing of one that cannot be read, or once the budget is spent."""
        try:
            with os.scandir(folder) as listing:
                found = []
                for entry in listing:
                    if self.left <= 0:
                        break
                    self.left -= 1
                    found.append(entry)
        except OSError:
            return []
        return sorted(found, key=lambda entry: entry.name)


def regular_size(path: Path) -> int | None:
    """The size of a regular file, or None: there is none, or something else stands there."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def is_gguf(path: Path) -> bool:
    """True if a file begins as every GGUF file does."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError:
        return False
