"""Lists a model's folder: regular files only, a bounded number of them, and no link that leads outside."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from steelyard.formats.errors import FileMissing, NotAModel, UnsafePath
from steelyard.formats.gguf_cursor import over_limit, unreadable

MAX_FILES = 5000
MAX_FOLDER_DEPTH = 4


def list_files(folder: Path) -> tuple[Path, ...]:
    """Every file below `folder`, sorted by relative path.

    Links are followed when they stay inside, or lead into the `blobs` of the hub cache that the folder is a
    snapshot of.

    Raises:
        FileMissing, FileUnreadable: the folder cannot be listed.
        UnsafePath: a link leads outside.
        NotAModel: something is neither a file nor a folder.
        TooLarge: too many files, or folders too deep.
    """
    if not folder.is_dir():
        raise FileMissing(f"There is no folder {folder}.", path=str(folder))
    roots = [folder.resolve()]
    if folder.parent.name == "snapshots":
        roots.append((folder.parent.parent / "blobs").resolve())
    found: list[Path] = []
    try:
        for parent, folders, names in os.walk(folder, onerror=_raise):
            depth = len(Path(parent).relative_to(folder).parts)
            if folders and depth >= MAX_FOLDER_DEPTH:
                raise over_limit("the depth of folders", depth + 1, MAX_FOLDER_DEPTH)
            for name in folders:
                if (Path(parent) / name).is_symlink():
                    raise _outside(folder, Path(parent) / name)
            for name in names:
                _check_file(folder, Path(parent) / name, roots)
                found.append(Path(parent) / name)
            if len(found) > MAX_FILES:
                raise over_limit("the number of files", len(found), MAX_FILES)
    except OSError as error:
        raise unreadable(folder, error) from error
    return tuple(sorted(found))


def _raise(error: OSError) -> None:
    raise error


def _check_file(folder: Path, path: Path, roots: list[Path]) -> None:
    if path.is_symlink():
        target = path.resolve()
        if not any(target.is_relative_to(root) for root in roots):
            raise _outside(folder, path)
    if not stat.S_ISREG(path.stat().st_mode):
        raise NotAModel(
            f"{path.relative_to(folder)} is not a regular file.",
            path=str(path),
            content="not-a-file",
        )


def _outside(folder: Path, path: Path) -> UnsafePath:
    name = str(path.relative_to(folder))
    return UnsafePath(
        f"{name!r} is a link that leads out of the model's folder. It was not followed.",
        next_step="Copy the model's files themselves, without links.",
        name=name[:200],
        where=folder.name,
    )
