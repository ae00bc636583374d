"""safetensors headers (THREATS 22 to 24): read as the reference library reads them, refused when they lie."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.safetensors_builder import build_safetensors, frame
from steelyard.base.errors import ExitCode, SteelyardError
from steelyard.formats import errors
from steelyard.formats.safetensors import read_header, read_index, read_sharded, safe_file_name

TENSORS: dict[str, tuple[str, tuple[int, ...]]] = {
    "b": ("BF16", (4, 3)),
    "a": ("F32", (2,)),
    "scalar": ("I64", ()),
    "empty": ("F16", (0, 7)),
    "c": ("U8", (5,)),
}


def entry(
    dtype: str = "F32", shape: Any = (2,), offsets: Any = (0, 8), **more: Any
) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def refusal(path: Path, data: bytes) -> SteelyardError:
    path.write_bytes(data)
    with pytest.raises(SteelyardError) as caught:
        read_header(path)
    assert caught.value.exit_code is ExitCode.MALFORMED_INPUT
    return caught.value


def test_a_header_reads_as_the_reference_library_reads_it(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    path.write_bytes(build_safetensors(TENSORS, {"format": "pt", "note": "ü"}))
    header = read_header(path)
    with safetensors.safe_open(path, framework="numpy") as reference:
        assert set(reference.keys()) == {tensor.name for tensor in header.tensors}
        assert dict(header.metadata) == reference.metadata()
        for tensor in header.tensors:
            part = reference.get_slice(tensor.name)
            assert tensor.shape == tuple(part.get_shape())
            assert tensor.dtype == part.get_dtype()
    assert header.parameters == 12 + 2 + 1 + 0 + 5
    assert header.elements_by_dtype == {"BF16": 12, "F32": 2, "I64": 1, "F16": 0, "U8": 5}
    assert header.data_offset + sum(t.size_bytes for t in header.tensors) == path.stat().st_size


def test_a_sparse_file_of_full_size_reads(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    text = json.dumps({"w": entry("BF16", (65_536, 65_536), (0, 2**33))}).encode()
    with path.open("wb") as stream:
        stream.write(frame(text))
        stream.truncate(8 + len(text) + 2**33)
    assert read_header(path).parameters == 2**32


def test_truncated_at_every_byte(tmp_path: Path) -> None:
    data = build_safetensors({"a": ("F32", (2,)), "b": ("BF16", (3,))}, {"k": "v"})
    for length in range(len(data)):
        assert isinstance(
            refusal(tmp_path / "m.safetensors", data[:length]),
            errors.Truncated | errors.SafetensorsMalformed,
        )


@pytest.mark.parametrize("length", [100_000_001, 2**63, 2**64 - 1])
def test_22_a_header_of_more_than_100_mb(tmp_path: Path, length: int) -> None:
    error = refusal(tmp_path / "m.safetensors", frame(b"{}", length=length))
    assert isinstance(error, errors.TooLarge)


@pytest.mark.parametrize(
    "bomb", [b"[" * 3_000_000, b'{"a":' * 600_000, b'{"a":[' + b"0," * 2_000_000]
)
def test_22_a_header_bomb_is_refused_before_it_unfolds(tmp_path: Path, bomb: bytes) -> None:
    path = tmp_path / "m.safetensors"
    data = frame(bomb if bomb.startswith(b"{") else b'{"a":' + bomb)
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(errors.TooLarge):
            read_header(path)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * len(data)


@pytest.mark.parametrize(
    "header",
    [
        b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        b'{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        b'{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    ],
)
def test_22_duplicate_keys(tmp_path: Path, header: bytes) -> None:
    error = refusal(tmp_path / "m.safetensors", frame(header, bytes(8)))
    assert isinstance(error, errors.SafetensorsMalformed)
    assert "twice" in error.message


@pytest.mark.parametrize(
    "tensors",
    [
        {"a": entry(offsets=(0, 8)), "b": entry(offsets=(16, 24))},
        {"a": entry(offsets=(8, 16)), "b": entry(offsets=(16, 24))},
        {"a": entry(offsets=(0, 8)), "b": entry(offsets=(4, 12)), "c": entry(offsets=(16, 24))},
        {"a": entry(offsets=(0, 8)), "b": entry(offsets=(0, 8)), "c": entry(offsets=(8, 16))},
        {"a": entry(offsets=(0, 8))},
        {
            "a": entry(offsets=(0, 8)),
            "b": entry(offsets=(8, 16)),
            "c": entry(offsets=(16, 32), shape=(4,)),
        },
        {},
    ],
)
def test_22_gaps_overlaps_and_bytes_left_over(tmp_path: Path, tensors: dict[str, Any]) -> None:
    data = frame(json.dumps(tensors).encode(), bytes(24))
    assert isinstance(refusal(tmp_path / "m.safetensors", data), errors.SafetensorsMalformed)


@pytest.mark.parametrize(
    "bad",
    [
        entry("F33"),
        entry("f32"),
        entry(shape=(3,)),
        entry(shape=(2**32, 2**32)),
        entry(shape=(2**64,)),
        entry(shape=(-2,)),
        entry(shape=(2.0,)),
        entry(shape=(True, 2)),
        entry(shape=("2",)),
        entry(shape=[1] * 17),
        entry(offsets=(8, 0)),
        entry(offsets=(0,)),
        entry(offsets=(0, 8, 16)),
        entry(offsets=(-8, 0)),
        entry(offsets=(0, 8.0)),
        entry(offsets=(0, None)),
        entry("F4", (3,), (0, 1)),
        entry(extra=1),
        {"dtype": "F32", "shape": [2]},
        [],
        None,
        "text",
    ],
    ids=str,
)
def test_a_tensor_entry_that_cannot_be(tmp_path: Path, bad: Any) -> None:
    error = refusal(tmp_path / "m.safetensors", frame(json.dumps({"a": bad}).encode(), bytes(8)))
    assert isinstance(error, errors.SafetensorsMalformed)


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"null", b' {"a":1}', b"\xff{}", b'{"a":NaN}', b'{"__metadata__":[]}', b'{"\xff":1}',
     b'{"__metadata__":{"a":1}}', b"{", b'{"a":1}{"b":2}'],
)  # fmt: skip
def test_a_header_that_is_not_a_strict_object(tmp_path: Path, header: bytes) -> None:
    error = refusal(tmp_path / "m.safetensors", frame(header))
    assert isinstance(error, errors.SafetensorsMalformed)


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing):
        read_header(tmp_path / "absent.safetensors")
    with pytest.raises(errors.NotAModel):
        read_header(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../x.safetensors", "..", ".", "", "/etc/passwd", "a/b.safetensors", "a\\b", "C:x", "C:\\x", "x\0y",
     "\\\\host\\share", "CON", "con.safetensors", "NUL", "x.", "x ", "a\nb", "x:stream", "~/x/y", "x" * 300],
)  # fmt: skip
def test_24_file_names_that_lead_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.UnsafePath):
        safe_file_name(name, "model.safetensors.index.json")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(errors.UnsafePath):
        read_index(index)


@pytest.mark.parametrize(
    "name", ["model-00001-of-00002.safetensors", "a", "ü.bin", "console.txt", "..x"]
)
def test_plain_file_names_are_accepted(name: str) -> None:
    assert safe_file_name(name, "here") == name


@pytest.mark.parametrize(
    "document", [{}, {"weight_map": {}}, {"weight_map": []}, {"weight_map": {"a": 1}}, []]
)
def test_an_index_without_a_map_of_names(tmp_path: Path, document: Any) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps(document))
    with pytest.raises(errors.ConfigMalformed):
        read_index(index)


def write_sharded(folder: Path, **weight_map: str) -> Path:
    (folder / "1.safetensors").write_bytes(build_safetensors({"a": ("F32", (2,))}))
    (folder / "2.safetensors").write_bytes(build_safetensors({"b": ("F32", (3,))}))
    index = folder / "model.safetensors.index.json"
    names = {"a": "1.safetensors", "b": "2.safetensors"} | weight_map
    index.write_text(json.dumps({"metadata": {"total_size": 20}, "weight_map": names}))
    return index


def test_shards_are_read_in_order(tmp_path: Path) -> None:
    headers = read_sharded(write_sharded(tmp_path))
    assert [header.path.name for header in headers] == ["1.safetensors", "2.safetensors"]
    assert sum(header.parameters for header in headers) == 5


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    index = write_sharded(tmp_path)
    (tmp_path / "2.safetensors").unlink()
    with pytest.raises(errors.ShardMissing) as caught:
        read_sharded(index)
    assert caught.value.facts["missing"] == ["2.safetensors"]


@pytest.mark.parametrize("weight_map", [{"a": "2.safetensors"}, {"c": "1.safetensors"}])
def test_an_index_that_does_not_agree_with_its_files(
    tmp_path: Path, weight_map: dict[str, str]
) -> None:
    with pytest.raises(errors.SafetensorsMalformed):
        read_sharded(write_sharded(tmp_path, **weight_map))


def test_a_tensor_in_two_shards(tmp_path: Path) -> None:
    index = write_sharded(tmp_path)
    (tmp_path / "2.safetensors").write_bytes(
        build_safetensors({"a": ("F32", (2,)), "b": ("F32", (3,))})
    )
    with pytest.raises(errors.SafetensorsMalformed, match="in two files"):
        read_sharded(index)


BASE = build_safetensors({"a": ("F32", (2,)), "b": ("BF16", (3, 2)), "c": ("U8", (4,))}, {"k": "v"})


@settings(max_examples=300, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    cut=st.one_of(st.none(), st.integers(0, len(BASE))),
)
def test_any_mutation_reads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int | None
) -> None:
    data = bytearray(BASE)
    for position, byte in edits:
        data[position] = byte
    path = tmp_path_factory.getbasetemp() / "mutated.safetensors"
    path.write_bytes(bytes(data[:cut]))
    try:
        header = read_header(path)
    except SteelyardError:
        return
    assert header.data_offset + sum(t.size_bytes for t in header.tensors) == len(data[:cut])
