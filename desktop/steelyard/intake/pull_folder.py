"""The quarantine folder of one pull: found again by what the pull expects, whoever began it, and left so that the
next try goes on where this one stopped.
"""

from __future__ import annotations

from pathlib import Path

from steelyard.intake.expected import Expected, read_expected
from steelyard.intake.progress import record_path
from steelyard.store.blobs import make_folder
from steelyard.store.quarantine import RESUMABLE, QuarantineFolder
from steelyard.store.store import Store


def open_folder(store: Store, expected: Expected) -> QuarantineFolder:
    """The folder for exactly this pull, locked, with what earlier tries left of the same content.

    What is expected is written down in it before this returns.

    Raises:
        QuarantineBusy: another process, or another thread, pulls the same.
        DiskFull, DiskFailed: the disk.
    """
    folder = store.new_quarantine(expected.identifier)
    try:
        expected.write(folder.path)
        _adopt(store, expected, folder)
    except BaseException:
        folder.release()
        raise
    return folder


def is_done_with(folder: QuarantineFolder) -> None:
    """There is nothing left to go on with: the folder may be removed."""
    (folder.path / RESUMABLE).unlink(missing_ok=True)


def leave(store: Store, folder: QuarantineFolder) -> None:
    """Keep a folder whose download can go on or whose bytes are held; remove one that is done with."""
    recorded = folder.identifier in store.index.quarantine_folders()
    if recorded or (folder.path / RESUMABLE).exists():
        folder.release()
    else:
        folder.discard()


def prepared_record(folder: QuarantineFolder, path: str) -> Path:
    """Where the record of a file's extents lies; its folder is made."""
    record = record_path(folder.path, path)
    make_folder(record.parent)
    return record


def _adopt(store: Store, expected: Expected, folder: QuarantineFolder) -> None:
    """Take over what a broken pull of the same repository at another commit left of the same content."""
    wanted = {file.declared: file for file in expected.files if file.declared}
    for path in sorted(store.home.quarantine.glob("pull-*")):
        old = read_expected(path) if path != folder.path else None
        if old is None or old.repository != expected.repository:
            continue
        abandoned = QuarantineFolder(path)
        with store.lock():
            if not abandoned.try_lock():
                continue
        for file in old.files:
            same = wanted.get(file.declared or "")
            if same is None or same.size_bytes != file.size_bytes:
                continue
            source, target = abandoned.file(file.path), folder.file(same.path)
            if source.is_file() and not target.exists():
                source.replace(target)
                record = record_path(abandoned.path, file.path)
                if record.is_file():
                    record.replace(prepared_record(folder, same.path))
        left = any(item.is_file() for item in abandoned.files.rglob("*"))
        abandoned.release() if left else abandoned.discard()
