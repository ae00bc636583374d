"""What somebody pasted into the search field: a path, a repository, a digest, or words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

_REPOSITORY = re.compile(
    r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}(:[\w./-]+)?(@[\w./-]+)?", re.ASCII
)
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}", re.IGNORECASE)


@dataclass(frozen=True)
class Pasted:
    """What it is: `path`, `reference` (to pull), `digest` or `words`; and the text, trimmed."""

    kind: Literal["path", "reference", "digest", "words"]
    text: str


def classify(text: str) -> Pasted:
    """Tell what a text is. A path counts only if something is there; `~` and `file:` are understood."""
    text = text.strip().strip('"').strip()
    path = Path(_local_path(text) if text.startswith("file://") else text).expanduser()
    looks_like_path = text.startswith(("/", "~", ".", "file://")) or re.match(
        r"[A-Za-z]:[\\/]", text
    )
    if looks_like_path and path.exists():
        return Pasted("path", str(path))
    if text.startswith(("https://", "http://")) and _has_host(text):
        return Pasted("reference", text)
    if _DIGEST.fullmatch(text):
        return Pasted("digest", text.lower())
    if _REPOSITORY.fullmatch(text):
        return Pasted("reference", text)
    return Pasted("words", text)


@dataclass(frozen=True)
class Named:
    """A reference in parts: `owner/name`, a file or empty, a revision or empty."""

    repository: str
    file: str
    revision: str


def is_place(reference: str) -> bool:
    """Whether a reference is a path on this machine, as folders, bundles and what came with the program have."""
    return Path(reference).is_absolute()


def named(reference: str) -> Named:
    """The parts of `owner/name[:file][@revision]` or of a pasted address of such a repository.

    An address is read as hubs write theirs: `https://host/owner/name[/(resolve|blob|tree|raw)/revision[/file]]`.
    Text that is neither (a folder's path) is a repository as it stands.
    """
    text = reference.strip()
    if text.startswith(("https://", "http://")) and _has_host(text):
        parts = [part for part in urlsplit(text).path.split("/") if part]
        if len(parts) < 2:
            return Named(text, "", "")
        seen = len(parts) > 3 and parts[2] in ("resolve", "blob", "tree", "raw")
        return Named(
            "/".join(parts[:2]), "/".join(parts[4:]) if seen else "", parts[3] if seen else ""
        )
    if not _REPOSITORY.fullmatch(text):
        return Named(text, "", "")
    text, _, revision = text.partition("@")
    repository, _, file = text.partition(":")
    return Named(repository, file, revision)


def _local_path(text: str) -> str:
    """The path of a `file:` address, whatever host it names."""
    from urllib.request import url2pathname  # noqa: PLC0415  # brings the HTTP client, 35 ms of a start

    return url2pathname("/" + text.removeprefix("file://").partition("/")[2])


def _has_host(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:  # brackets that do not close: not an address
        return False
