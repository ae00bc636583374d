"""Hashes over a file that arrives out of order: one thread follows the first missing byte and reads behind it.

Whoever writes says how far the file is whole from its start, and may hand over the very piece that brought it
there; so what comes in order is hashed from memory and never read again. What arrived ahead is read back from
the file when its turn comes, a moment after it was written, so the operating system has it at hand.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from steelyard.intake.errors import CalledOff
from steelyard.intake.expected import ExpectedFile

PIECE_BYTES = 1024 * 1024

MOST_PIECES = 8
"""Handed over and not hashed yet; beyond that pieces are read back from the file."""

Release = Callable[[memoryview], None]
"""Told when a piece that was handed over is not needed any more."""


@dataclass(frozen=True)
class _Piece:
    start: int
    data: memoryview
    release: Release


class Hashing:
    """The hashes of one expected file. Close it, or its thread stays."""

    def __init__(self, path: Path, expected: ExpectedFile) -> None:
        """Nothing is hashed before `reach`.

        Raises:
            OSError: the file cannot be opened.
        """
        self._expected = expected
        self._stream = FileIO(path, "r")
        self._changed = threading.Condition()
        self._reached = 0
        self._round = 0
        self._done_bytes = 0
        self._pieces: deque[_Piece] = deque()
        self._failure: OSError | None = None
        self._ended = False
        self._thread: threading.Thread | None = None
        self._begin()

    def stop(self) -> None:
        """Let whoever waits for the hashes go on without them. From any thread."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread and close the file."""
        self.stop()
        if self._thread is not None:
            self._thread.join()
        self._stream.close()

    @property
    def done_bytes(self) -> int:
        """How far the hashes have come."""
        return self._done_bytes

    def reach(self, frontier: int) -> None:
        """The file is whole up to here. From any thread."""
        with self._changed:
            self._reach(frontier)

    def hand_over(self, start: int, data: memoryview, frontier: int, release: Release) -> bool:
        """The same, with a piece of what lies before; it begins where the file was whole before it came.

        Returns:
            True if it was taken: then `data` must stay as it is until `release` is called with it.
        """
        with self._changed:
            last = self._pieces[-1] if self._pieces else None
            after = last.start + len(last.data) if last is not None else self._done_bytes
            taken = start >= after and len(self._pieces) < MOST_PIECES and not self._ended
            if taken:
                self._pieces.append(_Piece(start, data, release))
            self._reach(frontier)
            return taken

    def _reach(self, frontier: int) -> None:
        if frontier <= self._reached:
            return
        self._reached = frontier
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="hash", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def restart(self) -> None:
        """What was hashed does not count any more: hash from the first byte on, as far as `reach` then says."""
        with self._changed:
            self._round += 1
            self._reached = 0
            self._pieces.clear()
            self._begin()

    def matches(self) -> bool:
        """Wait until the whole file is hashed; True if it is what was declared, or nothing was.

        Raises:
            OSError: it could not be read back.
            CalledOff: it was closed meanwhile.
        """
        self._wait()
        if self._expected.sha256 is not None:
            return self._expected.sha256 == self.sha256
        if self._expected.git_blob is not None:
            return self._expected.git_blob == self._git.hexdigest()
        return True

    @property
    def sha256(self) -> str:
        """`sha256:<hex>` of what was hashed."""
        return f"sha256:{self._sha256.hexdigest()}"

    def _begin(self) -> None:
        self._sha256 = hashlib.sha256()
        # git's name for a blob is SHA-1 over "blob SIZE NUL content". It proves less than SHA-256 does.
        head = f"blob {self._expected.size_bytes}\0".encode()
        self._git = hashlib.sha1(head, usedforsecurity=False)
        self._done_bytes = 0

    def _wait(self) -> None:
        size_bytes = self._expected.size_bytes
        with self._changed:
            self._changed.wait_for(
                lambda: self._failure is not None or self._ended or self._done_bytes == size_bytes
            )
            if self._failure is not None:
                raise self._failure
            if self._done_bytes != size_bytes:
                raise CalledOff

    def _follow(self) -> None:
        buffer = memoryview(bytearray(min(PIECE_BYTES, self._expected.size_bytes)))
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._reached > self._done_bytes)
                if self._ended:
                    return
                start, upto, current = self._done_bytes, self._reached, self._round
                piece = self._pieces[0] if self._pieces else None
                if piece is not None and piece.start == start:
                    self._pieces.popleft()
                elif piece is not None:
                    upto, piece = min(upto, piece.start), None
            if piece is not None:
                self._add(piece.data, current)
                piece.release(piece.data)
            elif (data := self._read_back(buffer[: min(upto - start, len(buffer))], start)) is None:
                return
            else:
                self._add(data, current)

    def _read_back(self, buffer: memoryview, start: int) -> memoryview | None:
        """What lies in the file there; None after a failure, which `matches` raises."""
        try:
            self._stream.seek(start)
            if count := self._stream.readinto(buffer):
                return buffer[:count]
            raise OSError(f"{self._expected.path} became shorter while it was read")
        except OSError as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()
            return None

    def _add(self, piece: memoryview, current: int) -> None:
        sha256, git = self._sha256, self._git
        if current != self._round:
            return
        sha256.update(piece)
        if self._expected.sha256 is None:
            git.update(piece)
        with self._changed:
            if current == self._round:
                self._done_bytes += len(piece)
                if self._done_bytes >= self._reached:
                    self._changed.notify_all()
