"""Frames between a process and its worker: 4-byte big-endian length, then that many bytes of JSON.

Requests are `{"id", "op", "params"}`; answers are any number of `{"id", "event"}` and then one
`{"id", "ok": true, "result"}` or `{"id", "ok": false, "error"}`. `{"op": "cancel", "params": {"id"}}` has no
answer of its own. JSON, never pickle: reading a frame can run no code. Neither side trusts a length.
"""

from __future__ import annotations

import json
import struct
from typing import BinaryIO

from steelyard.base.errors import Json
from steelyard.runtime.errors import FrameCutOff, FrameError

FRAME_LIMIT_BYTES = 64 * 1024 * 1024
"""A longer frame is a fault (a flood, or bytes that are not ours), not a message."""

_LENGTH = struct.Struct(">I")


def encode_frame(frame: dict[str, Json]) -> bytes:
    """The bytes of one frame. Text is escaped to ASCII, so that lone surrogates survive the crossing.

    Raises:
        FrameError: the message is over the limit, or holds a NaN or infinity.
    """
    try:
        body = json.dumps(frame, allow_nan=False, separators=(",", ":")).encode("ascii")
    except ValueError as error:
        raise FrameError(f"The message cannot be written as JSON: {error}.") from error
    if len(body) > FRAME_LIMIT_BYTES:
        raise FrameError(
            "The message is too long for the pipe to the worker.",
            next_step="Send less at once.",
            size_bytes=len(body),
            limit_bytes=FRAME_LIMIT_BYTES,
        )
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> dict[str, Json] | None:
    """The next frame, or None at an end of file that falls between frames.

    Args:
        stream: a buffered binary stream; `read(n)` returns fewer than n bytes only at its end.

    Raises:
        FrameCutOff: the file ended inside the frame.
        FrameError: longer than the limit, not JSON, or not an object.
    """
    head = stream.read(_LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise FrameCutOff("The pipe ended inside the length of a frame.")
    (size,) = _LENGTH.unpack(head)
    if size > FRAME_LIMIT_BYTES:
        raise FrameError(
            "A frame claims to be longer than any message may be.",
            size_bytes=size,
            limit_bytes=FRAME_LIMIT_BYTES,
        )
    body = stream.read(size)
    if len(body) < size:
        raise FrameCutOff("The pipe ended inside a frame.", size_bytes=size, got_bytes=len(body))
    return _parse(body)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _parse(body: bytes) -> dict[str, Json]:
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"A frame is not JSON: {type(error).__name__}.") from error
    if not isinstance(value, dict):
        raise FrameError("A frame is not a JSON object.")
    return value
