"""The container's form: any tar program opens it, and nothing that is written another way is read
(THREATS 55, 56)."""

from __future__ import annotations

import io
import os
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.carrying import container, pack
from steelyard.base.errors import SteelyardError
from steelyard.bundles import layout, tar
from steelyard.bundles.errors import (
    BundleCutOff,
    BundleTooLarge,
    MalformedBundle,
    NotRegular,
    UnsafeBundlePath,
)
from steelyard.bundles.sources import open_source, read_whole

LONG = "models/m/" + "folder" * 8 + "/" + "n" * 120 + ".gguf"
WIDE = "models/m/ünïcode/模型.gguf"
FILES = {
    "models/m/a.gguf": b"a" * 700,
    "models/m/empty": b"",
    LONG: b"long",
    WIDE: b"wide",
    "bundle.json": b"{}",
}


def read(path: Path) -> dict[str, bytes]:
    source = open_source(path)
    try:
        return {name: read_whole(source, name) for name in source.sizes}
    finally:
        source.close()


def refused(path: Path) -> SteelyardError:
    with pytest.raises(SteelyardError) as caught:
        open_source(path)
    return caught.value


# ------------------------------------------------------------------ what we write


def test_what_is_written_is_read_and_any_tar_program_opens_it(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.steelyard", FILES)
    assert read(path) == FILES
    with tarfile.open(path) as opened:
        members = opened.getmembers()
        assert {m.name: opened.extractfile(m).read() for m in members} == FILES  # type: ignore[union-attr]
    assert all(m.isreg() and (m.uid, m.gid, m.mode) == (0, 0, 0o644) for m in members)
    assert len({m.mtime for m in members}) == 1


def test_the_same_files_make_the_same_bytes() -> None:
    assert container(FILES) == container(dict(FILES))


@given(
    st.lists(st.text("abcÄ模.-", min_size=1, max_size=90), min_size=1, max_size=4),
    st.one_of(st.integers(0, 2**20), st.integers(8**11 - 2, 8**11 + 2), st.integers(0, 2**48)),
)
def test_every_name_and_size_comes_back(parts: list[str], size_bytes: int) -> None:
    path = "/".join(parts)
    data = tar.header(path, size_bytes)
    found = tar.read_header(data + b"what follows")
    assert (found.path, found.size_bytes, found.length_bytes) == (path, size_bytes, len(data))
    assert len(data) % tar.UNIT_BYTES == 0
    with tarfile.open(fileobj=io.BytesIO(data + bytes(2048))) as opened:
        member = opened.next()
        assert member is not None
        assert (member.name, member.size) == (path, size_bytes)


# ------------------------------------------------------------------ what is refused


def foreign(**changes: object) -> bytes:
    """A container as Python's tar library writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as writing:
        member = tarfile.TarInfo("models/m/a.gguf")
        member.mtime = 315_532_800
        for name, value in changes.items():
            setattr(member, name, value)
        writing.addfile(member, io.BytesIO(b"x" * member.size))
    return out.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "models/m/b"},
        {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3},
        {"type": tarfile.BLKTYPE},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.DIRTYPE},
        {"type": tarfile.GNUTYPE_SPARSE},
        {"type": tarfile.CONTTYPE},
        {"type": tarfile.AREGTYPE},
        {"mode": 0o4755},
        {"uid": 1},
        {"uname": "root"},
        {"mtime": 0},
        {"size": 3, "pax_headers": {"size": "5"}},
        {"pax_headers": {"path": "models/m/other"}},
        {"pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.realsize": "10"}},
        {"pax_headers": {"hdrcharset": "BINARY"}},
        {"pax_headers": {"linkpath": "/etc/passwd"}},
        {"name": "/etc/passwd"},
        {"name": "../../etc/passwd"},
        {"name": "models/m/../../x"},
    ],
    ids=str,
)
def test_links_devices_and_everything_written_otherwise_fall_away(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    path = tmp_path / "x.steelyard"
    path.write_bytes(foreign(**changes))
    assert isinstance(refused(path), MalformedBundle)


@pytest.mark.parametrize(
    "kind", [tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT], ids=str
)
def test_another_program_s_tar_is_not_a_bundle(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "x.steelyard"
    (tmp_path / "bundle.json").write_bytes(b"{}")
    with tarfile.open(path, "w", format=kind) as writing:
        writing.add(tmp_path / "bundle.json", "bundle.json")
    assert isinstance(refused(path), MalformedBundle)


def test_an_override_that_lies_is_refused_even_in_our_own_hand(tmp_path: Path) -> None:
    long = tar.header(LONG, 4)
    for old, new in ((b"nnnn.gguf", b"nnnm.gguf"), (b" path=", b" size="), (b"path=", b"path==")):
        path = tmp_path / "x.steelyard"
        path.write_bytes(long.replace(old, new, 1) + b"long" + bytes(508) + tar.END)
        # A changed path is another path, and as good as the first; the rest is no header of ours.
        if old == b"nnnn.gguf":
            continue
        assert isinstance(refused(path), MalformedBundle)
    twice = b"11 size=12\n11 size=12\n"
    block = bytearray(tar.header("PaxHeader", len(twice)))
    block[156:157] = b"x"
    assert isinstance(
        refused(raw(tmp_path, bytes(block) + twice.ljust(512, b"\0"))), MalformedBundle
    )


def raw(folder: Path, data: bytes) -> Path:
    path = folder / "x.steelyard"
    path.write_bytes(data)
    return path


def one(name: str, size_bytes: int = 0) -> bytes:
    return tar.header(name, size_bytes)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../x",
        "models/m/../../x",
        "models/m/a/../b",
        "models/../bundle.json",
        "models/m//a",
        "models/m/",
        "models/m",
        "models//a",
        "models/CON/a",
        "models/m/nul.gguf",
        "models/m/a:stream",
        "models/m/a\\b",
        "models/m/a\0b",
        "models/m/trailing.",
        "models/m/e\u0301",
        "models/m/\u202efdp.gguf",
        ".git/config",
        ".gitattributes",
        "models/.git/a",
        "x.json",
        "Bundle.json",
        "BUNDLE.JSON",
        "licenses/a/b.json",
        "licenses/../x.json",
        "licenses/.json",
        "runs/m.json",
        "runs/m/../x.json",
        "blocks/" + "0" * 63 + ".bin",
        "blocks/" + "A" * 64 + ".bin",
        "signatures/a/b.json",
        "signatures/.hidden.json",
        "models/m/" + "x/" * 130 + "x",
        "",
    ],
)
def test_names_that_no_bundle_has_are_refused(tmp_path: Path, name: str) -> None:
    assert isinstance(
        refused(raw(tmp_path, one(name) + one("bundle.json") + tar.END)), MalformedBundle
    )


def test_dot_folders_inside_a_model_are_names_like_others_and_must_be_signed(
    tmp_path: Path,
) -> None:
    assert read(raw(tmp_path, one("models/m/.git/config") + tar.END)) == {
        "models/m/.git/config": b""
    }


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("models/m/a", "models/m/a"),
        ("bundle.json", "bundle.json"),
        ("models/m/a", "models/m/A"),
        ("models/m/a", "models/M/a"),
        ("models/m/ß", "models/m/ss"),
        ("models/m/a", "models/m/a/b"),
        ("models/m/Å.gguf", "models/m/å.gguf"),
    ],
)
def test_two_names_for_one_place_are_refused(tmp_path: Path, first: str, other: str) -> None:
    assert isinstance(refused(raw(tmp_path, one(first) + one(other) + tar.END)), MalformedBundle)


def test_huge_counts_are_refused_before_they_are_read_through(tmp_path: Path) -> None:
    names = [
        f"models/m/{number}" for number in range(layout.MOST_FILES + layout.MOST_SIGNATURES + 1)
    ]
    assert isinstance(refused(raw(tmp_path, b"".join(map(one, names)) + tar.END)), BundleTooLarge)
    models = [f"models/m{number}/a" for number in range(layout.MOST_MODELS + 1)]
    assert isinstance(refused(raw(tmp_path, b"".join(map(one, models)) + tar.END)), BundleTooLarge)


@pytest.mark.parametrize(
    ("name", "size_bytes"),
    [
        ("bundle.json", layout.MANIFEST_BYTES + 1),
        ("signatures/a.json", layout.SIGNATURE_BYTES + 1),
        ("runs/m/a.json", layout.EVIDENCE_BYTES + 1),
        ("models/m/a", layout.FILE_BYTES + 1),
        ("models/m/a", 2**63),
    ],
)
def test_huge_sizes_are_refused_by_their_header_alone(
    tmp_path: Path, name: str, size_bytes: int
) -> None:
    assert isinstance(refused(raw(tmp_path, one(name, size_bytes))), BundleTooLarge)


def test_a_sparse_bomb_costs_nothing(tmp_path: Path) -> None:
    path = raw(tmp_path, one("models/m/a", 2**40))
    os.truncate(path, 2**40)
    assert isinstance(refused(path), BundleCutOff)


def test_bytes_between_after_and_behind_files_are_refused(tmp_path: Path) -> None:
    good = container({"bundle.json": b"{}"})
    header = len(tar.header("bundle.json", 2))
    padding = good[: header + 2] + b"smuggled".ljust(510, b"\0") + tar.END
    for data in (
        good + b"\0",
        good + b"smuggled" * 100,
        good + container({"models/m/a": b"x"}),
        padding,
        good[:-512] + b"\1" + bytes(511),
        good[:-1024] + bytes(512) + good,
    ):
        assert isinstance(refused(raw(tmp_path, data)), MalformedBundle), len(data)


def test_cut_at_every_byte_it_says_so(tmp_path: Path) -> None:
    whole = container({LONG: b"long", "bundle.json": b"{}"})
    path = tmp_path / "x.steelyard"
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        assert isinstance(refused(path), BundleCutOff | MalformedBundle), length


def test_every_flipped_byte_of_a_header_is_noticed(tmp_path: Path) -> None:
    header = tar.header("models/m/a.gguf", 4)
    path = tmp_path / "x.steelyard"
    for offset in range(len(header)):
        for bit in (1, 0x80):
            changed = bytearray(header)
            changed[offset] ^= bit
            path.write_bytes(bytes(changed) + b"data" + bytes(508) + tar.END)
            assert isinstance(refused(path), MalformedBundle | BundleCutOff)


# ------------------------------------------------------------------ folders


def in_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_a_folder_is_read_like_a_container(tmp_path: Path) -> None:
    assert read(in_folder(tmp_path / "x", FILES)) == FILES


def link_to_file(folder: Path) -> None:
    (folder / "models/m/l.gguf").symlink_to(folder / "bundle.json")


def link_to_folder(folder: Path) -> None:
    (folder / "runs").symlink_to(folder / "models")


def link_to_nothing(folder: Path) -> None:
    (folder / "models/m/l").symlink_to("/no/such/place")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "models/m/pipe")


def socket(folder: Path) -> None:
    import socket as sockets

    here = Path.cwd()
    os.chdir(folder / "models/m")  # a socket's path is short
    try:
        with sockets.socket(sockets.AF_UNIX) as opened:
            opened.bind("s")
    finally:
        os.chdir(here)


@pytest.mark.parametrize("plant", [link_to_file, link_to_folder, link_to_nothing, pipe, socket])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    folder = in_folder(tmp_path / "x", FILES)
    plant(folder)
    assert isinstance(refused(folder), NotRegular)


@pytest.mark.parametrize(
    "name", [".DS_Store", ".git/config", "models/m/.", "extra.txt", "models/x", "System/a"]
)
def test_what_does_not_belong_into_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = in_folder(tmp_path / "x", FILES)
    if name.endswith("/."):
        (folder / "models/m/hollow").mkdir()
        assert isinstance(refused(folder), MalformedBundle)
        return
    in_folder(folder, {name: b"x"})
    assert isinstance(refused(folder), UnsafeBundlePath)


def test_a_folder_nested_without_end_is_refused(tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "x", FILES)
    deep = folder / "models/m"
    for _ in range(20):
        deep = deep / "d"
    in_folder(deep, {"a": b""})
    assert isinstance(refused(folder), NotRegular | MalformedBundle)


def test_a_link_in_the_container_s_place_is_refused(tmp_path: Path) -> None:
    pack(tmp_path / "real.steelyard", FILES)
    (tmp_path / "x.steelyard").symlink_to(tmp_path / "real.steelyard")
    assert isinstance(refused(tmp_path / "x.steelyard"), NotRegular)


def test_a_swap_for_a_pipe_after_opening_does_not_hang(tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "x", FILES)
    source = open_source(folder)
    (folder / "models/m/a.gguf").unlink()
    os.mkfifo(folder / "models/m/a.gguf")
    with pytest.raises(SteelyardError):
        read_whole(source, "models/m/a.gguf")
    source.close()


def test_numbers_in_base_256_are_not_read(tmp_path: Path) -> None:
    header = bytearray(tar.header("models/m/a", 5))
    header[124:136] = b"\x80" + struct.pack(">Q", 5).rjust(11, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    assert isinstance(refused(raw(tmp_path, bytes(header))), MalformedBundle)
