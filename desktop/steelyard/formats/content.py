"""Says what a file is by its bytes, whatever it is called.

Reads the first and the last 64 KiB, and the members' beginnings of a zip. Nothing is executed or unpickled.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from steelyard.formats.errors import FileMissing, NotAModel
from steelyard.formats.gguf_cursor import unreadable
from steelyard.formats.pickles import WINDOW_BYTES, is_pickle

_MOST_MEMBERS = 2000
_MOST_DIRECTORY_BYTES = 4 * 1024 * 1024
_MEMBER_HEAD_BYTES = 4096
_ZIP_END = struct.Struct("<4s4H2IH")
"""APPNOTE.TXT 4.3.16, end of central directory record."""
_MOST_COMMENT_BYTES = 65_535


class Content(StrEnum):
    """What the bytes are."""

    GGUF = "gguf"
    SAFETENSORS = "safetensors"
    PICKLE = "pickle"
    ARCHIVE = "archive"
    EXECUTABLE = "executable"
    SCRIPT = "script"
    HDF5 = "hdf5"
    TEXT = "text"
    BINARY = "binary"
    EMPTY = "empty"


@dataclass(frozen=True)
class Identified:
    """What a file is.

    Attributes:
        detail: the kind of archive or program, or the zip member that is a pickle.
        zip_tail: the file also ends as a zip archive does, so zip programs open it too.
    """

    content: Content
    detail: str = ""
    zip_tail: bool = False


_ARCHIVES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x78\x01", "zlib"),
    (b"\x78\x9c", "zlib"),
    (b"\x78\xda", "zlib"),
)
_EXECUTABLES = (
    (b"\x7fELF", "ELF"),
    (b"MZ", "Windows"),
    (b"\xfe\xed\xfa\xce", "Mach-O"),
    (b"\xfe\xed\xfa\xcf", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Mach-O or Java"),
)
_OBJECT_ARRAY = re.compile(rb"\x93NUMPY.{0,12}\{'descr': '?\[?[^}]{0,200}\|O", re.DOTALL)


def identify(path: Path) -> Identified:
    """Look at one regular file.

    Raises:
        FileMissing, FileUnreadable: there is nothing to look at.
        NotAModel: it is not a regular file.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotAModel(
                f"{path.name} is not a regular file.", path=str(path), content="not-a-file"
            )
        with path.open("rb") as stream:
            head = stream.read(WINDOW_BYTES)
            directory = _zip_directory(stream, status.st_size)
            kind, detail = _by_head(head, status.st_size)
            if directory is not None:
                member = _pickle_member(stream, directory)
                if kind is Content.ARCHIVE:
                    kind, detail = (Content.PICKLE, member) if member else (kind, "zip")
            return Identified(kind, detail, directory is not None)
    except FileNotFoundError as error:
        raise FileMissing(f"There is no file {path}.", path=str(path)) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _by_head(head: bytes, size_bytes: int) -> tuple[Content, str]:
    if not head:
        return Content.EMPTY, ""
    if head.startswith(b"GGUF"):
        return Content.GGUF, ""
    length = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and 2 <= length <= size_bytes - 8:
        return Content.SAFETENSORS, ""
    for kind, marks in ((Content.ARCHIVE, _ARCHIVES), (Content.EXECUTABLE, _EXECUTABLES)):
        for mark, name in marks:
            if head.startswith(mark):
                return kind, name
    if head[257:262] == b"ustar":
        return Content.ARCHIVE, "tar"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Content.HDF5, ""
    if is_pickle(head, whole=len(head) == size_bytes):
        return Content.PICKLE, ""
    if _OBJECT_ARRAY.match(head):
        return Content.PICKLE, "a NumPy array of objects"
    if head.startswith(b"#!"):
        return Content.SCRIPT, ""
    return (Content.TEXT, "") if _is_text(head) else (Content.BINARY, "")


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        # The window may end inside a character.
        head[:-4].decode() if len(head) == WINDOW_BYTES else head.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class _Directory:
    entries: int
    size_bytes: int


def _zip_directory(stream: BinaryIO, size_bytes: int) -> _Directory | None:
    """The central directory, when the file ends with a consistent end-of-directory record."""
    tail_bytes = min(size_bytes, _ZIP_END.size + _MOST_COMMENT_BYTES)
    stream.seek(size_bytes - tail_bytes, os.SEEK_SET)
    tail = stream.read(tail_bytes)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= _ZIP_END.size:
            fields = _ZIP_END.unpack_from(tail, at)
            entries, directory_bytes, comment_bytes = fields[4], fields[5], fields[7]
            ends_here = at + _ZIP_END.size + comment_bytes == len(tail)
            large = directory_bytes == 0xFFFFFFFF
            if ends_here and (large or directory_bytes <= size_bytes - tail_bytes + at):
                return _Directory(entries, directory_bytes)
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def _pickle_member(stream: BinaryIO, directory: _Directory) -> str:
    """The first member of a zip that is a pickle, or empty."""
    if directory.size_bytes > _MOST_DIRECTORY_BYTES:
        return ""
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist()[:_MOST_MEMBERS]:
                encrypted = member.flag_bits & 1
                if encrypted or member.compress_type not in (
                    zipfile.ZIP_STORED,
                    zipfile.ZIP_DEFLATED,
                ):
                    continue
                with archive.open(member) as content:
                    head = content.read(_MEMBER_HEAD_BYTES)
                if is_pickle(head, whole=member.file_size == len(head)):
                    return member.filename[:200]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        # A damaged archive stays an archive, which is refused as such.
        return ""
    return ""
