"""Files are recognised by their bytes (THREATS 23 and 28): pickles under any name, archives, programs."""

from __future__ import annotations

import bz2
import gzip
import io
import pickle
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.gguf_builder import tiny_llama
from formats.safetensors_builder import build_safetensors
from steelyard.base.errors import SteelyardError
from steelyard.formats import errors
from steelyard.formats.content import Content, identify
from steelyard.formats.folder_scan import judge_file
from steelyard.formats.pickles import WINDOW_BYTES, is_pickle


class RunsCode:
    """What an attacker pickles: loading it calls a function."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("ran",))


VALUES: dict[str, Any] = {
    "weights": OrderedDict(weight=[0.0] * 50, bias=(1, 2)),
    "mapping": {"a": [1, 2, 3], "b": "text"},
    "list": [1, 2, 3, 4],
    "code": RunsCode(),
    "large": {str(n): list(range(20)) for n in range(5000)},
}


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", VALUES)
def test_28_a_pickle_of_any_protocol_under_any_name(
    tmp_path: Path, name: str, protocol: int
) -> None:
    data = pickle.dumps(VALUES[name], protocol=protocol)
    for file in ("tokenizer.json", "model.safetensors", "model.gguf", "README.md", "weights"):
        path = tmp_path / file
        path.write_bytes(data)
        assert identify(path).content is Content.PICKLE
        with pytest.raises(errors.PickleRefused):
            judge_file(path, file)


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'echo ran'\ntR.",
        b"(S'echo ran'\nios\nsystem\n.",
        b"\x80\x02cos\nsystem\nX\x08\x00\x00\x00echo ran\x85R.",
        b"\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R" + b"\xff broken after it ran",
        b"cposix\nsystem\n(S'id'\ntR" + b"not a stop",
        b"\x80\x05N.",
        pickle.dumps(VALUES["large"], protocol=4)[: WINDOW_BYTES + 10],
    ],
    ids=str,
)
def test_28_handmade_and_broken_pickles(data: bytes) -> None:
    assert is_pickle(data[:WINDOW_BYTES], whole=len(data) <= WINDOW_BYTES)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_28_a_pickle_inside_a_zip(tmp_path: Path, compression: int) -> None:
    data = zipped(
        {
            "archive/version": b"3\n",
            "archive/data.pkl": pickle.dumps(VALUES["weights"], protocol=2),
        },
        compression,
    )
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    found = identify(path)
    assert (found.content, found.detail) == (Content.PICKLE, "archive/data.pkl")
    with pytest.raises(errors.PickleRefused):
        judge_file(path, path.name)


def test_28_torch_files_of_the_old_kind_are_pickles(tmp_path: Path) -> None:
    # torch/serialization.py: magic number, protocol version, system information, then the object.
    parts = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001}, VALUES["weights"])
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
    assert identify(path).content is Content.PICKLE


def test_28_a_numpy_array_of_objects(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "a.npy"
    numpy.save(path, numpy.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert identify(path).content is Content.PICKLE
    numpy.save(path, numpy.zeros(3))
    assert identify(path).content is Content.BINARY


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (gzip.compress(b"x" * 99), "gzip"),
        (bz2.compress(b"x" * 99), "bzip2"),
        (zlib.compress(b"x" * 99), "zlib"),
        (b"\xfd7zXZ\0" + b"x" * 99, "xz"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 99, "zstd"),
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 99, "7z"),
        (zipped({"a.txt": b"text"}), "zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_archives(tmp_path: Path, data: bytes, detail: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    found = identify(path)
    assert (found.content, found.detail) == (Content.ARCHIVE, detail)


def test_a_tar_archive(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    path = tmp_path / "file"
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "a.txt", "a.txt")
    assert identify(path).detail == "tar"


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\x7fELF\x02\x01", Content.EXECUTABLE),
        (b"MZ\x90\0", Content.EXECUTABLE),
        (b"#!/bin/sh\nid\n", Content.SCRIPT),
        (b"\x89HDF\r\n\x1a\n", Content.HDF5),
        (b"", Content.EMPTY),
        (b'{"a": 1}', Content.TEXT),
        ("Ein Text mit Umlauten: äöü.\n".encode() * 5000, Content.TEXT),
        (bytes(range(1, 256)), Content.BINARY),
        (b"\0" * 64, Content.BINARY),
    ],
)
def test_other_kinds(tmp_path: Path, data: bytes, content: Content) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert identify(path).content is content


@pytest.mark.parametrize(
    "text",
    [
        "config\nname value\n", "c", "cat\ndog\n", "(see below).", "I am here.\n", "The end.", "N.", "{}.",
        "(\n)\n.", "class A:\n    pass\n", "import os\nos.system('id')\n", "]\n.", "S'text'\n.", "V1.0\n.",
        "0 1 2 3 4 5\n.", "<unk>\n<s>\n</s>\n", "# Model card\n\nlicense: mit\n", "a b\nb c\nbc d\n.", "}.", ").",
        "Node.js is licensed for use as follows:\n", "abolish\nabolish_category\nabolish_events\nabs\n",
    ],
)  # fmt: skip
def test_ordinary_text_is_no_pickle(text: str) -> None:
    assert not is_pickle(text.encode(), whole=True)


def test_real_models_are_no_pickles(tmp_path: Path) -> None:
    for name, data in (
        ("m.gguf", tiny_llama()),
        ("m.safetensors", build_safetensors({"a": ("F32", (300,))}, {"pad": "x" * 560})),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        assert judge_file(path, name).content.value == path.suffix[1:]


def test_a_safetensors_header_length_that_looks_like_a_protocol_mark_is_no_pickle(
    tmp_path: Path,
) -> None:
    for wanted in (0x0280, 0x0480):
        bare = len(build_safetensors({"a": ("F32", (2,))}, {"pad": ""})) - 16
        data = build_safetensors({"a": ("F32", (2,))}, {"pad": "x" * (wanted - bare)})
        path = tmp_path / "m.safetensors"
        path.write_bytes(data)
        assert data[:2] == wanted.to_bytes(2, "little")
        assert identify(path).content is Content.SAFETENSORS


@pytest.mark.parametrize("name", ["m.gguf", "m.safetensors", "config.json"])
def test_23_a_file_that_is_also_a_zip(tmp_path: Path, name: str) -> None:
    data = {
        "m.gguf": tiny_llama(),
        "m.safetensors": build_safetensors({"a": ("U8", (300,))}),
        "config.json": b"{}",
    }[name]
    path = tmp_path / name
    path.write_bytes(data + zipped({"payload.txt": b"hidden"}))
    with pytest.raises(errors.Polyglot):
        judge_file(path, name)


def test_23_a_zip_hidden_in_the_last_tensor_of_a_well_formed_file(tmp_path: Path) -> None:
    payload = zipped({"data.pkl": pickle.dumps(RunsCode())})
    data = build_safetensors({"a": ("U8", (len(payload),))})
    path = tmp_path / "m.safetensors"
    path.write_bytes(data[: -len(payload)] + payload)
    with pytest.raises(errors.Polyglot):
        judge_file(path, path.name)


def test_a_zip_with_a_lying_directory_is_refused_without_reading_it(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"b"}))
    data[-10:-6] = (2**31).to_bytes(4, "little")
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(data))
    assert identify(path).content is Content.ARCHIVE


def test_a_zip_that_unfolds_to_gigabytes_is_only_tasted(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{n}.txt": b"a" * 5_000_000 for n in range(3)}))
    assert identify(path).content is Content.ARCHIVE


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), zip_at=st.booleans())
def test_any_bytes_are_identified(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, zip_at: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(b"PK\x03\x04" + data + b"PK\x05\x06" + data if zip_at else data)
    try:
        found = identify(path)
    except SteelyardError:
        pytest.fail("identify must answer for any bytes")
    assert found.content in Content
