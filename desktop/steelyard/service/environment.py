"""What the operating system refuses, in words. A full disk or a missing permission is no bug of ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from steelyard.base.errors import FolderNotUsable, MalformedInput

_REFUSED = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ESTALE,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
        errno.EBUSY,
    }
)
"""What a disk, a share or a limit of the system says. Other numbers would be a mistake of this program."""


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn what the system refuses anywhere in an operation into a typed error.

    Rooms that know more say it themselves; this is for the rest.

    Raises:
        FolderNotUsable: a file or folder cannot be read or written, or the disk is full.
        MalformedInput: a database of the installation is damaged, or a text is not valid Unicode.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        where = f" {error.filename}" if error.filename else ""
        reason = error.strerror or str(error)
        raise FolderNotUsable(
            f"The system refused access{where} ({reason}). What was complete is kept.",
            next_step="Check that the folder may be used and its disk has room, then try again.",
            path=str(error.filename or ""),
            reason=reason,
        ) from error
    except sqlite3.DatabaseError as error:
        raise MalformedInput(
            f"A database of this installation cannot be used ({error}). It was left as it is.",
            next_step="Restore the data folder from a backup, or move the database aside.",
            reason=str(error),
        ) from error
    except UnicodeEncodeError as error:
        raise MalformedInput(
            "A name or text holds bytes that are not valid UTF-8. Nothing was done.",
            next_step="Rename the file, or write the text in UTF-8.",
        ) from error
