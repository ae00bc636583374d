"""A container's bytes as one sequence, whether it is one file or cut into parts for FAT32 sticks.

Parts are `NAME.steelyard.001`, `.002` and so on, each as large as the first but the last. Nothing a part says of
itself counts: which parts there are follows from their names and sizes, and what is in them from signatures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from steelyard.base.errors import Json
from steelyard.bundles.errors import (
    BundleNotFound,
    BundlePartMissing,
    BundleUnreadable,
    MalformedBundle,
    NotABundle,
    NotRegular,
)
from steelyard.store.contents import open_regular

ENDING = ".steelyard"
JOIN_NOTE = ".parts.txt"
MOST_PARTS = 999
FAT32_BYTES = 2**32 - 1
"""The largest file a FAT32 disk can hold."""

_PART = re.compile(rf"(?P<stem>.+{re.escape(ENDING)})\.(?P<number>[0-9]{{3}})", re.IGNORECASE)
_NOTE_BYTES = 64 * 1024


class Parts:
    """Opened parts, read as one. Close it."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open them in order.

        Raises:
            NotRegular, BundleUnreadable: a part is no regular file, or cannot be opened.
            MalformedBundle: a part but the last has another size than the first.
        """
        self.paths = tuple(paths)
        self._streams: list[BinaryIO] = []
        self._sizes: list[int] = []
        try:
            for path in self.paths:
                self._open(path)
            for path, size in zip(self.paths[:-1], self._sizes[:-1], strict=True):
                if size != self._sizes[0]:
                    raise MalformedBundle(
                        f"{path.name} has {size:,} bytes, and the parts before it have "
                        f"{self._sizes[0]:,}. A copy of it was broken off.",
                        next_step="Copy that part again.",
                        path=path.name,
                    )
        except BaseException:
            self.close()
            raise
        self.size_bytes = sum(self._sizes)

    @property
    def may_go_on(self) -> bool:
        """True if the last part is as large as the first, so that there may be one more."""
        return len(self._sizes) > 1 and self._sizes[-1] == self._sizes[0]

    def next_name(self) -> str:
        """What the part after the last would be called."""
        match = _PART.fullmatch(self.paths[-1].name)
        return f"{match['stem']}.{int(match['number']) + 1:03d}" if match else ""

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill a buffer from an offset; fewer bytes only at the end.

        Raises:
            OSError: a part cannot be read there.
        """
        done, start = 0, 0
        for stream, size in zip(self._streams, self._sizes, strict=True):
            while done < len(buffer) and start <= offset + done < start + size:
                stream.seek(offset + done - start)
                piece = buffer[done : done + start + size - (offset + done)]
                count = stream.readinto(piece)  # type: ignore[attr-defined]  # a raw file has it
                if not count:
                    return done  # it became shorter since it was opened
                done += count
            start += size
        return done

    def close(self) -> None:
        """Close every part."""
        for stream in self._streams:
            stream.close()

    def _open(self, path: Path) -> None:
        try:
            if path.is_symlink():
                raise NotRegular(
                    f"{path.name} is a link, not a file. Nothing of it was read.",
                    next_step="Copy the file itself.",
                    path=path.name,
                )
            stream = os.fdopen(open_regular(path), "rb", buffering=0)
        except OSError as error:
            raise unreadable(path, error) from error
        self._streams.append(stream)
        self._sizes.append(os.fstat(stream.fileno()).st_size)


def unreadable(path: Path, error: OSError) -> BundleUnreadable:
    """The error for a bundle that the system does not let us read."""
    reason = error.strerror or str(error)
    return BundleUnreadable(
        f"{path.name} could not be read ({reason}). What was copied before is kept.",
        next_step="Check that the stick or disk is still connected, then try again.",
        path=str(path),
        reason=reason,
    )


def find(path: Path) -> tuple[Path, ...]:
    """The container's files in order: one file, or all parts of the set that a part or the whole's name names.

    Raises:
        BundleNotFound: there is nothing of that name.
        NotABundle: a file of another kind.
        BundlePartMissing: a part of the set is not there; every missing one is named.
    """
    name = path.name
    if match := _PART.fullmatch(name):
        return _part_set(path.with_name(match["stem"]))
    if path.is_file() or path.is_symlink():
        if not name.lower().endswith(ENDING):
            raise NotABundle(
                f"{name} is not a bundle: its name does not end in {ENDING} or {ENDING}.001.",
                next_step="Give the bundle's folder, its .steelyard file, or one of its parts.",
                path=str(path),
            )
        return (path,)
    if name.lower().endswith(ENDING) and _present(path):
        return _part_set(path)
    raise BundleNotFound(
        f"There is nothing at {path}.", next_step="Check the path.", path=str(path)
    )


def _part_set(whole: Path) -> tuple[Path, ...]:
    present = _present(whole)
    if not present:
        raise BundleNotFound(
            f"There is no part of {whole.name} in {whole.parent}.",
            next_step="Check the path.",
            path=str(whole),
        )
    count = max(present, _count_in_note(whole))
    names = {number: f"{whole.name}.{number:03d}" for number in range(1, count + 1)}
    missing = [names[number] for number in names if number not in present_set(whole)]
    if missing:
        raise part_missing(missing, [name for name in names.values() if name not in missing])
    return tuple(whole.with_name(name) for name in names.values())


def part_missing(missing: Sequence[str], present: Sequence[str]) -> BundlePartMissing:
    """The error that names what is not there."""
    one = len(missing) == 1
    facts: dict[str, list[Json]] = {"missing": list(missing), "present": list(present)}
    return BundlePartMissing(
        f"The bundle is not complete: {', '.join(missing[:8])}"
        f"{f' and {len(missing) - 8} more' if len(missing) > 8 else ''} "
        f"{'is' if one else 'are'} missing. Nothing was copied.",
        next_step="Copy all parts into one folder, then try again.",
        path=missing[0],
        missing=facts["missing"],
        present=facts["present"],
    )


def present_set(whole: Path) -> frozenset[int]:
    """Numbers of the parts that are there."""
    found = set()
    with suppress(FileNotFoundError, NotADirectoryError):
        for entry in os.scandir(whole.parent):
            match = _PART.fullmatch(entry.name)
            if match and match["stem"] == whole.name and int(match["number"]) > 0:
                found.add(int(match["number"]))
    return frozenset(found)


def _present(whole: Path) -> int:
    """The highest number of a part that is there; 0: none."""
    return max(present_set(whole), default=0)


def _count_in_note(whole: Path) -> int:
    """How many parts the text beside them speaks of. It only helps to name what is missing."""
    try:
        with whole.with_name(whole.name + JOIN_NOTE).open("rb") as stream:
            text = stream.read(_NOTE_BYTES).decode("utf-8", "replace")
    except OSError:
        return 0
    numbers = {
        int(match["number"])
        for word in text.split()
        if (match := _PART.fullmatch(word)) and match["stem"] == whole.name
    }
    return max(numbers, default=0)
