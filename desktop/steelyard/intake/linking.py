"""Giving a file that another program keeps a second name here, instead of copying it.

Its mode and its other names stay as they are: they belong to whoever made them. What they can still do to the
bytes shows in the file's signature, and in its modification time while it is being taken in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from steelyard.intake.arrival import ArrivedFile
from steelyard.intake.errors import SourceChanged
from steelyard.store.contents import Reading, read_through, signature
from steelyard.store.disk import disk_errors
from steelyard.store.records import Model
from steelyard.store.store import Store


def link_to(source: Path, target: Path) -> bool:
    """Give `source` the new name `target`; False where the file systems or the system's rules forbid it."""
    try:
        # Not through a link: the name must be the file's, not the link's.
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def read_linked(location: Path, on_bytes: Callable[[int], None]) -> Reading:
    """Hash a file that others may have open.

    Raises:
        SourceChanged: it was written to meanwhile.
        DiskFailed: it cannot be read.
        Cancelled: raised by `on_bytes`.
    """
    with disk_errors(location.parent):
        reading = read_through(location, on_bytes)
    if reading.signature is None:
        raise _changed(location.name)
    return reading


def are_linked(files: Iterable[ArrivedFile]) -> bool:
    """True if any of them has another name somewhere."""
    return any(file.location.stat().st_nlink > 1 for file in files)


def check_still_the_same(store: Store, model: Model, files: Iterable[ArrivedFile]) -> None:
    """Between being hashed and being admitted nobody wrote to the files by their other names.

    Raises:
        SourceChanged: somebody did; the model is quarantined if its bytes differ now.
    """
    for file in files:
        now, then = signature(store.blob_path(file.reading.sha256)), file.reading.signature
        if now is None or then is None or now.inode != then.inode:
            continue  # the store had this content as a file of its own
        if (now.size_bytes, now.mtime_ns) != (then.size_bytes, then.mtime_ns):
            store.verify(model)
            raise _changed(file.path)


def on_same_disk(folder: Path, sources: Iterable[Path]) -> bool:
    """True if all files lie on the disk of a folder, so that names cost no room."""
    try:
        disk = folder.stat().st_dev
        return all(source.stat().st_dev == disk for source in sources)
    except OSError:
        return False


def _changed(path: str) -> SourceChanged:
    return SourceChanged(
        f"{path} was written to by another program while it was taken in. It is not to be used.",
        next_step="End that program, then try again, or adopt it by copy.",
        path=path,
    )
