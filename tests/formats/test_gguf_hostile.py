"""Hostile GGUF headers (THREATS 1 to 20): each is refused with its own error, fast and without allocating."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from formats.gguf_builder import (
    ARRAY,
    FLOAT64,
    INT32,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Raw,
    Tensor,
    Typed,
    build_gguf,
    build_header,
    gguf_string,
    small_gguf,
    tiny_llama,
)
from steelyard.base.errors import ExitCode, SteelyardError
from steelyard.formats import errors
from steelyard.formats.gguf import read_header
from steelyard.formats.gguf_checks import odd_things

ARCHITECTURE = {"general.architecture": "llama"}


def refusal(path: Path, data: bytes) -> SteelyardError:
    """Write `data`, read it, and return the error; it must be typed, quick and cheap."""
    path.write_bytes(data)
    tracemalloc.start()
    started_s = time.process_time()
    try:
        with pytest.raises(SteelyardError) as caught:
            read_header(path)
        elapsed_s = time.process_time() - started_s
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.exit_code is ExitCode.MALFORMED_INPUT
    assert caught.value.diagnosis()
    assert elapsed_s < 0.5
    assert peak_bytes < 8 * 2**20
    return caught.value


@pytest.mark.parametrize("magic", [b"GGML", b"PK\x03\x04", b"\x80\x02}q", b"\0\0\0\0", b"gguf"])
def test_1_wrong_magic(tmp_path: Path, magic: bytes) -> None:
    data = build_header(ARCHITECTURE, magic=magic)
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.NotGguf)


def test_2_truncated_at_every_byte(tmp_path: Path) -> None:
    data = small_gguf()
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    header = read_header(path)
    last_byte = header.data_offset + header.tensors[-1].offset + header.tensors[-1].size_bytes
    for length in range(last_byte):
        with path.open("r+b") as stream:
            stream.write(data[:length])
            stream.truncate(length)
        expected = errors.TensorOutsideFile if length >= header.data_offset else SteelyardError
        with pytest.raises(expected) as caught:
            read_header(path)
        assert caught.value.code in ("truncated", "gguf-tensor-outside-file"), length


@pytest.mark.parametrize("version", [0, 1, 4, 65_535])
def test_3_versions_other_than_2_and_3(tmp_path: Path, version: int) -> None:
    error = refusal(tmp_path / "x.gguf", build_header(ARCHITECTURE, version=version))
    assert isinstance(error, errors.UnsupportedVersion)
    assert error.facts["version"] == version


@pytest.mark.parametrize("magic", [b"GGUF", b"FUGG"])
def test_3_byte_swapped(tmp_path: Path, magic: bytes) -> None:
    data = build_header(ARCHITECTURE, order=">", magic=magic)
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.ByteSwapped)


@pytest.mark.parametrize("count", [2**63, 2**64 - 1, 65_537, 60_000])
def test_4_key_counts_beyond_limit_or_file(tmp_path: Path, count: int) -> None:
    error = refusal(tmp_path / "x.gguf", build_header(ARCHITECTURE, key_count=count))
    assert isinstance(error, errors.TooLarge | errors.Truncated)


@pytest.mark.parametrize("count", [2**61, 2**64 - 1, 65_537, 60_000])
def test_5_tensor_counts_that_wrap(tmp_path: Path, count: int) -> None:
    error = refusal(tmp_path / "x.gguf", build_header(ARCHITECTURE, tensor_count=count))
    assert isinstance(error, errors.TooLarge | errors.Truncated)


def test_6_a_key_of_a_terabyte(tmp_path: Path) -> None:
    data = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**40) + b"k" * 64
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.TooLarge)


@pytest.mark.parametrize("length", [2**64 - 1, 2**63, 2**32, 1000])
def test_7_string_lengths_beyond_limit_or_file(tmp_path: Path, length: int) -> None:
    data = build_header({"a.text": Raw(STRING, struct.pack("<Q", length) + b"short")})
    error = refusal(tmp_path / "x.gguf", data)
    assert isinstance(error, errors.TooLarge | errors.Truncated)


@pytest.mark.parametrize("item", [UINT8, UINT64, STRING])
@pytest.mark.parametrize("count", [2**62, 2**64 - 1, 2**24, 1000])
def test_8_arrays_beyond_limit_or_file(tmp_path: Path, item: int, count: int) -> None:
    data = build_header({"a.array": Raw(ARRAY, struct.pack("<IQ", item, count) + b"\0" * 64)})
    error = refusal(tmp_path / "x.gguf", data)
    assert isinstance(error, errors.TooLarge | errors.Truncated)


def test_8_a_string_in_an_array_beyond_the_file(tmp_path: Path) -> None:
    payload = struct.pack("<IQ", STRING, 2) + gguf_string("a") + struct.pack("<Q", 2**63)
    error = refusal(tmp_path / "x.gguf", build_header({"a.array": Raw(ARRAY, payload + b"x" * 99)}))
    assert isinstance(error, errors.TooLarge)


def test_9_arrays_nested_ten_thousand_deep(tmp_path: Path) -> None:
    payload = struct.pack("<IQ", ARRAY, 1) * 10_000 + struct.pack("<IQ", UINT8, 0)
    error = refusal(tmp_path / "x.gguf", build_header({"a.array": Raw(ARRAY, payload)}))
    assert isinstance(error, errors.NestedArray)


@pytest.mark.parametrize("kind", [13, 255, 2**32 - 1])
def test_10_unknown_value_types(tmp_path: Path, kind: int) -> None:
    error = refusal(tmp_path / "x.gguf", build_header({"a.value": Raw(kind, b"\0" * 16)}))
    assert isinstance(error, errors.UnknownValueType)
    payload = struct.pack("<IQ", kind, 1) + b"\0" * 16
    error = refusal(tmp_path / "x.gguf", build_header({"a.value": Raw(ARRAY, payload)}))
    assert isinstance(error, errors.UnknownValueType)


def test_10_a_bool_that_is_neither_true_nor_false(tmp_path: Path) -> None:
    for payload in (Raw(7, b"\x02"), Raw(ARRAY, struct.pack("<IQ", 7, 2) + b"\x01\x07")):
        error = refusal(tmp_path / "x.gguf", build_header({"a.flag": payload}))
        assert isinstance(error, errors.GgufMalformed)


def test_11_duplicate_keys_and_tensors(tmp_path: Path) -> None:
    data = build_header([("general.name", "a"), ("general.name", "b")])
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.Duplicate)
    data = build_gguf(ARCHITECTURE, [Tensor("x", (4,)), Tensor("x", (4,))])
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.Duplicate)


@pytest.mark.parametrize(
    "value",
    [
        0,
        13,
        2**31,
        131_072,
        Typed(UINT64, 32),
        Typed(INT32, 32),
        Typed(UINT16, 32),
        Typed(FLOAT64, 32.0),
        "32",
        True,
        [32],
    ],
    ids=str,
)
def test_12_alignment_of_wrong_value_or_type(tmp_path: Path, value: Any) -> None:
    data = build_header({**ARCHITECTURE, "general.alignment": value}, [Tensor("x", (4,))])
    error = refusal(tmp_path / "x.gguf", data + b"\0" * 256)
    assert isinstance(error, errors.BadAlignment)


@pytest.mark.parametrize(
    "shape",
    [
        (2**32, 2**32),
        (2**63, 2),
        (2**64 - 1,),
        (2**16, 2**16, 2**16, 2**16),
        (0,),
        (4, 0, 2**62),
    ],
)
def test_13_dimensions_whose_product_overflows(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = build_header(ARCHITECTURE, [Tensor("x", shape, offset=0)])
    error = refusal(tmp_path / "x.gguf", data + b"\0" * 256)
    assert type(error) is errors.BadTensor


def test_13_padding_that_would_wrap(tmp_path: Path) -> None:
    tensors = [Tensor("x", (2**61 - 1,), offset=0), Tensor("y", (4,), offset=2**64 - 32)]
    error = refusal(tmp_path / "x.gguf", build_header(ARCHITECTURE, tensors) + b"\0" * 256)
    assert isinstance(error, errors.TensorOutsideFile)


@pytest.mark.parametrize("dimensions", [5, 2**32 - 1])
def test_13_too_many_dimensions(tmp_path: Path, dimensions: int) -> None:
    data = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + gguf_string("x")
    error = refusal(tmp_path / "x.gguf", data + struct.pack("<I", dimensions) + b"\1" * 999)
    assert isinstance(error, errors.TooLarge)


@pytest.mark.parametrize("offset", [2**64 - 64, 2**63, 2**20])
def test_14_offset_past_the_end(tmp_path: Path, offset: int) -> None:
    data = build_header(ARCHITECTURE, [Tensor("x", (4,), offset=offset)]) + b"\0" * 256
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.TensorOutsideFile)


@pytest.mark.parametrize("second", [0, 32, 7, 96])
def test_14_overlapping_misaligned_or_gapped_tensors(tmp_path: Path, second: int) -> None:
    tensors = [Tensor("x", (16,)), Tensor("y", (4,), offset=second)]
    data = build_header(ARCHITECTURE, tensors) + b"\0" * 512
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.TensorOverlap)


def test_15_a_tensor_larger_than_the_file(tmp_path: Path) -> None:
    data = build_header(ARCHITECTURE, [Tensor("x", (4096, 4096))]) + b"\0" * 256
    error = refusal(tmp_path / "x.gguf", data)
    assert isinstance(error, errors.TensorOutsideFile)
    assert error.facts["file_size_bytes"] == len(data)


@pytest.mark.parametrize("number", [4, 5, 31, 36, 43, 99, 2**32 - 1])
def test_15_tensor_types_nobody_reads(tmp_path: Path, number: int) -> None:
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + gguf_string("x")
    data = head + struct.pack("<IQIQ", 1, 32, number, 0) + b"\0" * 512
    assert type(refusal(tmp_path / "x.gguf", data)) is errors.BadTensor


def test_15_rows_that_do_not_fill_a_block(tmp_path: Path) -> None:
    data = build_header(ARCHITECTURE, [Tensor("x", (48, 16), 8)]) + b"\0" * 4096
    assert type(refusal(tmp_path / "x.gguf", data)) is errors.BadTensor


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scores", Typed(ARRAY, [0] * 261, UINT8)),
        ("scores", Typed(ARRAY, [0.0] * 261, FLOAT64)),
        ("scores", ["0"] * 261),
        ("scores", [0.0] * 260),
        ("scores", 1.0),
        ("token_type", Typed(ARRAY, [1] * 261, UINT8)),
        ("token_type", Typed(ARRAY, [1] * 262, INT32)),
        ("token_type", Typed(ARRAY, [7] * 261, INT32)),
        ("token_type", Typed(ARRAY, [-1] * 261, INT32)),
        ("tokens", Typed(ARRAY, [1] * 261, INT32)),
        ("tokens", "one string"),
        ("tokens", None),
        ("merges", Typed(ARRAY, [1], UINT32)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_16_tokenizer_arrays_of_wrong_type_or_length(tmp_path: Path, key: str, value: Any) -> None:
    error = refusal(tmp_path / "x.gguf", tiny_llama(**{f"tokenizer__ggml__{key}": value}))
    assert isinstance(error, errors.BadTokenizer)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("llama__block_count", 100_000),
        ("llama__embedding_length", 2**31),
        ("llama__context_length", Typed(UINT64, 2**63)),
        ("llama__attention__head_count", 2**32 - 1),
    ],
)
def test_17_absurd_dimensions(tmp_path: Path, key: str, value: Any) -> None:
    error = refusal(tmp_path / "x.gguf", tiny_llama(**{key: value}))
    assert isinstance(error, errors.TooLarge)


def test_17_negative_dimensions(tmp_path: Path) -> None:
    error = refusal(tmp_path / "x.gguf", tiny_llama(llama__block_count=-1))
    assert isinstance(error, errors.ImplausibleModel)


@pytest.mark.parametrize("token", ["<0x-1>", "<0xZZ>", "<0x+1>", "<0x 1>"])
@pytest.mark.parametrize("kind", [1, 6])
def test_18_a_byte_token_that_is_no_byte(tmp_path: Path, token: str, kind: int) -> None:
    tokens = ["a", token]
    data = tiny_llama(
        tokenizer__ggml__tokens=tokens,
        tokenizer__ggml__scores=[0.0, 0.0],
        tokenizer__ggml__token_type=Typed(ARRAY, [1, kind], INT32),
    )
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.BadTokenizer)


@pytest.mark.parametrize("token", ["", "x", "<0x0A", "<0x100>", "<s>"])
def test_18_a_token_marked_as_byte_must_be_written_as_one(tmp_path: Path, token: str) -> None:
    data = tiny_llama(
        tokenizer__ggml__tokens=["a", token],
        tokenizer__ggml__scores=[0.0, 0.0],
        tokenizer__ggml__token_type=Typed(ARRAY, [1, 6], INT32),
    )
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.BadTokenizer)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"a\xf0\x9f"])
def test_19_invalid_utf8_anywhere(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "x.gguf"
    for data in (
        build_header([(bad, "value")]),
        build_header({"a.text": bad}),
        build_header({"a.texts": ["fine", bad]}),
        build_header(ARCHITECTURE, [Tensor(bad, (4,))]) + b"\0" * 64,
    ):
        assert isinstance(refusal(path, data), errors.BadText)


def test_19_nul_and_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    for data in (
        build_header({"general.name\0hidden": "value"}),
        build_header({"": "value"}),
        build_header({"line\nbreak": "value"}),
        build_header({"general.name": "shown\0hidden"}),
        build_header(ARCHITECTURE, [Tensor("x\0y", (4,))]) + b"\0" * 64,
        build_header(ARCHITECTURE, [Tensor("", (4,))]) + b"\0" * 64,
    ):
        assert isinstance(refusal(path, data), errors.BadText)


def test_19_a_tensor_name_longer_than_ggml_holds(tmp_path: Path) -> None:
    data = build_header(ARCHITECTURE, [Tensor("x" * 64, (4,))]) + b"\0" * 64
    assert isinstance(refusal(tmp_path / "x.gguf", data), errors.TooLarge)


def test_20_a_tiny_file_that_claims_70b_parameters(tmp_path: Path) -> None:
    error = refusal(tmp_path / "x.gguf", tiny_llama(general__size_label="70B"))
    assert isinstance(error, errors.ImplausibleModel)
    assert error.facts["parameters"] == 26_016
    error = refusal(
        tmp_path / "x.gguf", tiny_llama(llama__block_count=80, llama__embedding_length=8192)
    )
    assert isinstance(error, errors.ImplausibleModel)
    huge = [Tensor(f"blk.{n}.ffn_up.weight", (8192, 28_672)) for n in range(80)]
    error = refusal(tmp_path / "x.gguf", build_header(ARCHITECTURE, huge) + b"\0" * 4096)
    assert isinstance(error, errors.TensorOutsideFile)


@pytest.mark.parametrize("label", ["26K", "8x26K", "large", "", "0.02M", "30k"])
def test_20_an_honest_size_label_is_accepted(tmp_path: Path, label: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(tiny_llama(general__size_label=label))
    assert odd_things(read_header(path)) == ()


def test_what_is_not_a_file_is_refused_without_waiting(tmp_path: Path) -> None:
    with pytest.raises(errors.NotAModel):
        read_header(tmp_path)
    with pytest.raises(errors.FileMissing):
        read_header(tmp_path / "absent.gguf")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.gguf")
        with pytest.raises(errors.NotAModel):
            read_header(tmp_path / "pipe.gguf")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_file_without_permission_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(small_gguf())
    path.chmod(0)
    with pytest.raises(errors.FileUnreadable):
        read_header(path)
