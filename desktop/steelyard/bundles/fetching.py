"""One file of a bundle on its way into quarantine: gone on with where an earlier try broke off, hashed while it
is written, and mended block by block where it is not what was signed.

What it accepts was hashed as it lies on disk, from its first byte to its last, in this process.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from steelyard.bundles import blocks as block_hashes
from steelyard.bundles.copies import Copies
from steelyard.bundles.errors import MalformedBundle
from steelyard.bundles.manifest import CarriedFile
from steelyard.bundles.parts import unreadable
from steelyard.bundles.pump import pump
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors

Progressed = Callable[[str, int], None]
"""`(stage, bytes)`; may raise `Cancelled`."""


@dataclass(frozen=True)
class Fetched:
    """What became of a file.

    Attributes:
        reading: its digest and signature, or None: it is still damaged.
        damaged_ranges: where; byte ranges `(start, end)`.
        bytes_kept: of the file, from an earlier try.
    """

    reading: Reading | None
    damaged_ranges: tuple[tuple[int, int], ...]
    bytes_copied: int
    bytes_kept: int
    bytes_repaired: int


def fetch(copies: Copies, file: CarriedFile, location: Path, progressed: Progressed) -> Fetched:
    """Bring a file to `location`, where an earlier try may have left its beginning.

    Raises:
        BundleUnreadable: the bundle cannot be read any more; what arrived stays.
        FileDiffers: its block hashes themselves are damaged in every copy.
        DiskFull, DiskFailed: the store's disk; what arrived stays.
        Cancelled: what arrived stays.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with disk_errors(location.parent, file.size_bytes):
        stream = os.fdopen(os.open(location, flags, 0o600), "r+b", buffering=0)
    with stream:
        return _Fetch(copies, file, location, stream, progressed).run()


@dataclass
class _Fetch:
    copies: Copies
    file: CarriedFile
    location: Path
    stream: BinaryIO
    progressed: Progressed

    def run(self) -> Fetched:
        hasher = hashlib.sha256()
        kept = self._take_up(hasher.update)
        done = pump(
            self.copies.reader(self.file.path),
            self.file.size_bytes,
            [hasher.update],
            lambda count: self.progressed("copying", count),
            start=kept,
            write=self._write,
        )
        if done != self.file.size_bytes:
            path = self.copies.opened.source.path
            raise unreadable(path, OSError(f"{self.file.path} ends early"))
        copied, repaired = done - kept, 0
        self._sync()
        if f"sha256:{hasher.hexdigest()}" != self.file.sha256:
            repaired, left = self._repair()
            if left:
                return Fetched(None, left, copied, kept, repaired)
            self._check_repaired()
        reading = Reading(self.file.sha256, self.file.size_bytes, signature(self.location))
        return Fetched(reading, (), copied, kept, repaired)

    def _take_up(self, update: Callable[[memoryview], None]) -> int:
        """Hash what an earlier try left; returns how much that is."""
        with disk_errors(self.location.parent):
            size = os.fstat(self.stream.fileno()).st_size
            if size > self.file.size_bytes:
                self.stream.truncate(0)
                size = 0
            count = pump(self._read, size, [update], lambda n: self.progressed("hashing", n))
            self.stream.seek(count)
        return count

    def _repair(self) -> tuple[int, tuple[tuple[int, int], ...]]:
        """Fetch damaged blocks again, from whichever copy has them; returns bytes mended and what is left."""
        expected = self.copies.blocks(self.file)
        wrong = block_hashes.damaged(
            expected, self._read, lambda _: self.progressed("repairing", 0)
        )
        repaired, left = 0, []
        for block in wrong:
            self.progressed("repairing", 0)
            data = self.copies.block(self.file, block)
            if data is None:
                left.append(block)
                continue
            with disk_errors(self.location.parent):
                self.stream.seek(block.start)
                self._write(memoryview(data))
            repaired += len(data)
        self._sync()
        return repaired, block_hashes.ranges(tuple(left))

    def _check_repaired(self) -> None:
        hasher = hashlib.sha256()
        pump(
            self._read,
            self.file.size_bytes,
            [hasher.update],
            lambda _: self.progressed("hashing", 0),
        )
        if f"sha256:{hasher.hexdigest()}" != self.file.sha256:
            raise MalformedBundle(
                f"The block hashes of {self.file.path} are those of another file than its digest. "
                "Nothing was taken in.",
                next_step="Ask the sender for a new bundle.",
                path=self.file.path,
            )

    def _read(self, offset: int, buffer: memoryview) -> int:
        self.stream.seek(offset)
        return self.stream.readinto(buffer) or 0  # type: ignore[attr-defined]  # a raw file has it

    def _write(self, piece: memoryview) -> None:
        with disk_errors(self.location.parent, self.file.size_bytes):
            done = 0
            while done < len(piece):
                done += self.stream.write(piece[done:])

    def _sync(self) -> None:
        with disk_errors(self.location.parent):
            os.fsync(self.stream.fileno())
