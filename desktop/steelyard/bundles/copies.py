"""One or two copies of the same bundle as one source: what the first cannot give, the second is asked for.

Nothing of the second copy is trusted either: whatever is taken from it is held against the digests that were
signed.
"""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.base.digests import digest_of
from steelyard.base.errors import SteelyardError
from steelyard.bundles import layout
from steelyard.bundles.blocks import BLOCK_BYTES, Block, BlockList, ReadInto
from steelyard.bundles.checking import Opened
from steelyard.bundles.errors import FileDiffers, SecondDiffers
from steelyard.bundles.manifest import CarriedFile
from steelyard.bundles.parts import unreadable
from steelyard.bundles.sources import Source, read_whole
from steelyard.bundles.verifying import block_list, block_list_path, check_there


class Copies:
    """The bundle that was opened, and another copy of it where there is one."""

    def __init__(self, opened: Opened, second: Source | None = None) -> None:
        """Make sure that the second is the same bundle.

        Raises:
            SecondDiffers: it is another one, or has no `bundle.json`.
        """
        self.opened = opened
        self._sources: Sequence[Source] = (
            (opened.source,) if second is None else (opened.source, second)
        )
        self._lists: dict[str, BlockList] = {}
        if second is None:
            return
        there = second.sizes.get(layout.MANIFEST) == len(opened.raw_manifest)
        if not there or digest_of(read_whole(second, layout.MANIFEST)) != opened.digest:
            raise SecondDiffers(
                "The second copy is of another bundle. Nothing was taken in.",
                next_step="Give another copy of the same bundle, or leave it out.",
                path=str(second.path),
            )

    def reader(self, path: str) -> ReadInto:
        """Reads a file of the first copy.

        With a second copy a bad place on the first reads as zeros, to be found by its block hash and mended
        afterwards; without one it ends the reading.

        Raises (when reading):
            BundleUnreadable: the first copy cannot be read there, or is gone.
        """
        source = self.opened.source

        def read(offset: int, buffer: memoryview) -> int:
            try:
                return source.read_into(path, offset, buffer)
            except OSError as error:
                check_there(source, error)
                if len(self._sources) == 1:
                    raise unreadable(source.path, error) from error
                return _around_bad_places(source, path, offset, buffer)

        return read

    def small(self, file: CarriedFile) -> bytes:
        """A small file's bytes, from whichever copy has them right.

        Raises:
            FileDiffers: none has.
            BundleUnreadable: it cannot be read.
        """
        trouble: SteelyardError | None = None
        actual = ""
        for source in self._sources:
            if source.sizes.get(file.path) != file.size_bytes:
                continue
            try:
                data = read_whole(source, file.path)
            except SteelyardError as error:
                trouble = trouble or error
                continue
            actual = digest_of(data)
            if actual == file.sha256:
                return data
        if trouble is not None:
            raise trouble
        raise FileDiffers(
            f"{file.path} is not what was signed.",
            next_step="Give another copy of the bundle with --second, or ask the sender for a new one.",
            path=file.path,
            expected=file.sha256,
            actual=actual,
        )

    def blocks(self, file: CarriedFile) -> BlockList:
        """A file's block hashes.

        Raises:
            FileDiffers, BundleUnreadable: no copy has them right.
        """
        if file.sha256 not in self._lists:
            where = block_list_path(file)
            by_path = {each.path: each for each in self.opened.manifest.files}
            data = None if where is None else self.small(by_path[where])
            self._lists[file.sha256] = block_list(file, data)
        return self._lists[file.sha256]

    def block(self, file: CarriedFile, block: Block) -> bytes | None:
        """The right bytes of a block from whichever copy has them, or None."""
        buffer = bytearray(block.end - block.start)
        for source in self._sources:
            if source.sizes.get(file.path) != file.size_bytes:
                continue
            try:
                got = source.read_into(file.path, block.start, memoryview(buffer))
            except OSError:
                continue
            if got == len(buffer) and block.is_in(buffer):
                return bytes(buffer)
        return None


def _around_bad_places(source: Source, path: str, offset: int, buffer: memoryview) -> int:
    """Read in small pieces, with zeros for those that cannot be read."""
    length = min(len(buffer), source.sizes[path] - offset)
    for start in range(0, length, BLOCK_BYTES):
        piece = buffer[start : min(start + BLOCK_BYTES, length)]
        try:
            source.read_into(path, offset + start, piece)
        except OSError:
            piece[:] = bytes(len(piece))
    return length
