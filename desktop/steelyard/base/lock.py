"""The data folder's one lock, shared by the window, the command line and the local API.

It is held for short, definite steps (appending to the log, moving a model into the store), never for a
download or a conversation, so that two processes can work beside each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from steelyard.base.errors import OutOfResources

WAIT_S = 30.0


@contextlib.contextmanager
def data_lock(folder: Path, *, wait_s: float = WAIT_S, mode: int = 0o600) -> Iterator[None]:
    """Hold the lock of a data folder. Re-entrant within one thread.

    Args:
        mode: of the lock's file; whoever else shall be able to hold the lock must be able to write to it.

    The operating system lets go of it when a process dies, so a stale lock cannot remain.

    Raises:
        OutOfResources: another process held it for longer than `wait_s`, or the folder is away.
    """
    # The lock's own library would create a missing folder, and a share that has gone away would come
    # back as an empty one.
    if not folder.is_dir():
        raise OutOfResources(
            f"The folder {folder} is not there any more.",
            next_step="Connect the disk or share again; nothing was changed.",
            path=str(folder),
        )
    lock = FileLock(folder / "lock", timeout=wait_s, mode=mode, is_singleton=True)
    try:
        with lock:
            yield
    except Timeout as error:
        raise OutOfResources(
            f"Another Steelyard process has held the data folder for {wait_s:g} s.",
            next_step="Wait for it to finish, or end it, and try again.",
            path=str(folder),
        ) from error
