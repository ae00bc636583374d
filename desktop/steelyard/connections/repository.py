"""What a pull needs of the place it pulls from, whatever that is: a hub, a site mirror, a folder.

A hub is reached by HTTP, a folder by opening files; both list a repository at one commit and give byte ranges
of its files, and both say so when an answer is not the range that was asked for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RemoteFile:
    """One file as the source's metadata declares it.

    Attributes:
        sha256: `sha256:<hex>` of the content (large files), or None.
        git_blob: 40 hex digits, git's SHA-1 of the content (small files), or None.
    """

    path: str
    size_bytes: int | None
    sha256: str | None
    git_blob: str | None


@dataclass(frozen=True)
class Listing:
    """A repository at one commit: 40 hex digits that stand for exactly these files."""

    repository: str
    commit: str
    files: tuple[RemoteFile, ...]


class Body(Protocol):
    """The bytes of one answer, unread."""

    @property
    def start(self) -> int:
        """Which byte of the file comes first. 0 although a later one was asked for: the whole file comes."""

    @property
    def end(self) -> int | None:
        """One past the last byte that will come, or None: the answer does not say."""

    @property
    def size_bytes(self) -> int | None:
        """Of the whole file as the answer knows it, or None: it does not say."""

    @property
    def tag(self) -> str | None:
        """Names this version of the file (a strong entity tag with its quotes), or None."""

    def read_into(self, buffer: memoryview) -> int:
        """Fill some of `buffer` (not empty) and return how much; 0 at the end of what was announced.

        Raises:
            Interrupted: it broke off or fell silent; asking again may help.
        """

    def arrives_within(self, wait_s: float) -> bool:
        """True if `read_into` will have something at once, after waiting this long at most; else the reader uses
        the silence to bring what it has to disk. A source that cannot tell says no.
        """


class RemoteRepository(Protocol):
    """One opened source. `stream` and `hang_up` may be called from several threads at once."""

    @property
    def endpoint(self) -> str:
        """Its address, as the manifest of what came from it will say."""

    def listing(self, repository: str, revision: str) -> Listing:
        """What a repository holds at a branch, tag or commit.

        Raises:
            Interrupted: the attempt failed; another may not.
            RepositoryNotFound: there is none by this name and revision.
            RemoteFailure: anything else the other side does.
        """

    def stream(
        self,
        repository: str,
        commit: str,
        path: str,
        *,
        start: int = 0,
        end: int | None = None,
        if_range: str | None = None,
    ) -> AbstractContextManager[Body]:
        """Bytes `start` up to `end` (to the file's end when None) of one file.

        Args:
            if_range: the tag an earlier answer had; if the file is not that one any more, all of it comes,
                from its first byte.

        Raises:
            Interrupted: the attempt failed; another may not. Also while the body is read inside.
            RangeRefused: the source has no such range.
            FileNotInRepository: it is not there (any more).
            RemoteFailure: anything else the other side does.
        """

    def hang_up(self) -> None:
        """Break every connection at once, so that whoever waits for bytes stops; nothing can be asked after it."""
