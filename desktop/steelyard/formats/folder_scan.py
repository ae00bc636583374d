"""Holds every file of a model's folder against its name: what is disguised is refused, what is odd is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.formats.content import Content, Identified, identify
from steelyard.formats.errors import GgufMalformed, PickleRefused, Polyglot, SafetensorsMalformed

PICKLE_NAMES = frozenset(
    {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".npy", ".npz"}
)
"""Suffixes under which people expect pickles."""
_ARCHIVE_NAMES = frozenset(
    {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".keras", ".nemo", ".mar"}
)
_CODE_NAMES = frozenset(
    {".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh", ".bat", ".cmd", ".ps1", ".js"}
)


@dataclass(frozen=True)
class JudgedFiles:
    """Findings, one sentence each; and the relative paths of files that are pickles under an honest name."""

    findings: tuple[str, ...]
    pickles: tuple[str, ...]


def judge_files(folder: Path, files: tuple[Path, ...]) -> JudgedFiles:
    """Judge all files of a folder.

    Raises:
        PickleRefused, Polyglot, GgufMalformed, SafetensorsMalformed: see `judge_file`.
    """
    findings: list[str] = []
    pickles: list[str] = []
    for path in files:
        name = path.relative_to(folder).as_posix()
        found = judge_file(path, name)
        if found.content is Content.PICKLE:
            pickles.append(name)
        if finding := _finding(path, name, found):
            findings.append(finding)
    return JudgedFiles(tuple(findings), tuple(pickles))


def judge_file(path: Path, name: str) -> Identified:
    """Identify one file and refuse it when its name says otherwise.

    Args:
        name: what to call it, relative to the model.

    Raises:
        PickleRefused: a pickle under a name that is no pickle's.
        Polyglot: it is also a zip archive.
        GgufMalformed, SafetensorsMalformed: `.gguf` or `.safetensors`, but the bytes are something else.
    """
    found = identify(path)
    suffix = path.suffix.lower()
    if found.content is Content.PICKLE and suffix not in PICKLE_NAMES | _ARCHIVE_NAMES:
        raise pickle_refused(path, name, found.detail)
    if found.zip_tail and found.content not in (Content.ARCHIVE, Content.PICKLE):
        raise Polyglot(
            f"{name} is {found.content.value} and a zip archive at once. Programs would disagree about "
            "what is in it.",
            next_step="Ask the sender for a new copy.",
            path=str(path),
            also="zip",
        )
    if suffix == ".gguf" and found.content is not Content.GGUF:
        raise GgufMalformed(
            f"{name} is not a GGUF file.", path=str(path), content=found.content.value
        )
    if suffix == ".safetensors" and found.content is not Content.SAFETENSORS:
        raise SafetensorsMalformed(
            f"{name} is not a safetensors file.", path=str(path), content=found.content.value
        )
    return found


def pickle_refused(path: Path, name: str, inside: str) -> PickleRefused:
    """The error for a pickle that is not to be taken as anything."""
    where = f" ({inside} in it)" if inside else ""
    return PickleRefused(
        f"{name} is a Python pickle{where}. Opening one runs whatever code its maker put there; "
        "it was not opened.",
        next_step="Take the model in GGUF or safetensors form.",
        path=str(path),
        inside=inside,
    )


def _finding(path: Path, name: str, found: Identified) -> str:
    suffix = path.suffix.lower()
    if found.content is Content.PICKLE:
        return f"{name} is a Python pickle, which runs code when it is opened. It is never opened here."
    if found.content is Content.ARCHIVE:
        return f"{name} is a {found.detail} archive. What is in it was not judged."
    if found.content is Content.EXECUTABLE:
        return f"{name} is a program ({found.detail}). It is never run here."
    if found.content is Content.SCRIPT or suffix in _CODE_NAMES:
        return f"{name} holds code. It is never run here."
    if found.content is Content.HDF5:
        return f"{name} is an HDF5 file, which can carry code for Keras. It is never opened here."
    if suffix in PICKLE_NAMES and found.content in (Content.BINARY, Content.TEXT):
        return f"{name} has a pickle's name and could not be judged. It is never opened here."
    return ""
