"""What only the administrator can have written. A file that a user could change decides nothing over users
(THREATS 78)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from steelyard.base.errors import MalformedInput


def require_guarded(path: Path, *, what: str, folder: bool = False) -> None:
    """Check that a regular file (or a folder) and everything above it belong to root and to nobody's pen else.

    On Windows the folder's own access rules guard it; they are not looked at here.

    Args:
        what: names it in the message, with its path: `The managed policy /etc/…`.

    Raises:
        MalformedInput: it is a link or another kind, or others than the administrator can change it.
        OSError: it cannot be looked at.
    """
    mode = path.lstat().st_mode
    if not (stat.S_ISDIR(mode) if folder else stat.S_ISREG(mode)):
        raise MalformedInput(f"{what} is not a {'folder' if folder else 'regular file'}.")
    if os.name == "nt":
        return
    for place in (path, *path.resolve().parents):
        owner = place.stat()
        # Others may add to a sticky folder, but not replace what is root's in it.
        sticky = place != path and owner.st_mode & stat.S_ISVTX
        if owner.st_uid != 0 or (owner.st_mode & 0o022 and not sticky):
            raise MalformedInput(
                f"{what} is not protected: {place} can be changed by others than the administrator."
            )
