"""Frames: what goes in comes out; anything else is refused with a typed error."""

from __future__ import annotations

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.base.errors import Json
from steelyard.runtime.errors import FrameCutOff, FrameError
from steelyard.runtime.protocol import FRAME_LIMIT_BYTES, encode_frame, read_frame

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FRAMES = st.dictionaries(st.text(), VALUES, max_size=5)


@given(st.lists(FRAMES, max_size=4))
def test_frames_come_out_as_they_went_in(frames: list[dict[str, Json]]) -> None:
    stream = io.BytesIO(b"".join(encode_frame(frame) for frame in frames))
    assert [read_frame(stream) for _ in frames] == frames
    assert read_frame(stream) is None


def test_a_lone_surrogate_crosses() -> None:
    frame: dict[str, Json] = {"text": "half a pair: \ud83d"}
    assert read_frame(io.BytesIO(encode_frame(frame))) == frame


def test_a_frame_cut_at_any_byte_is_noticed() -> None:
    data = encode_frame({"id": 1, "op": "ping", "params": {"a": "ü"}})
    for length in range(1, len(data)):
        with pytest.raises(FrameCutOff):
            read_frame(io.BytesIO(data[:length]))


@given(st.binary(min_size=1, max_size=64))
def test_random_bytes_never_escape_as_another_error(data: bytes) -> None:
    stream = io.BytesIO(data)
    try:
        while read_frame(stream) is not None:
            pass
    except FrameError:
        pass


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"{",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":1}x',
        b"\xff{}",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(struct.pack(">I", len(body)) + body))


def test_a_length_beyond_the_limit_is_refused_unread() -> None:
    stream = io.BytesIO(struct.pack(">I", FRAME_LIMIT_BYTES + 1) + b"x" * 100)
    with pytest.raises(FrameError) as caught:
        read_frame(stream)
    assert caught.value.facts["size_bytes"] == FRAME_LIMIT_BYTES + 1
    assert stream.tell() == 4


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_not_sent(value: float) -> None:
    with pytest.raises(FrameError):
        encode_frame({"value": value})


def test_a_message_beyond_the_limit_is_not_sent() -> None:
    with pytest.raises(FrameError):
        encode_frame({"text": "x" * FRAME_LIMIT_BYTES})


def test_the_length_is_four_bytes_big_endian() -> None:
    data = encode_frame({"a": 1})
    assert data[:4] == b"\x00\x00\x00\x07"
    assert json.loads(data[4:]) == {"a": 1}
