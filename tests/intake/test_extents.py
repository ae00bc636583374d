"""The record of which bytes of a file are on disk: true after a kill, after a power cut, and when damaged."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from steelyard.intake.extents import (
    HEAD_BYTES,
    LINE_BYTES,
    Extents,
    Version,
    boot_id,
    recorded_bytes,
)

SIZE, SEGMENT = 1000, 300
VERSION = Version(SIZE, SEGMENT)


def opened(path: Path, boot: str = "one") -> Extents:
    return Extents(path, VERSION, boot)


def filled(path: Path) -> Extents:
    extents = opened(path)
    extents.name_version('"tag"')
    extents.add(0, 450)
    extents.add(600, 700)
    return extents


def test_what_was_added_is_there_for_the_next_process(tmp_path: Path) -> None:
    filled(tmp_path / "r").close()
    again = opened(tmp_path / "r")
    assert (again.present_bytes, again.frontier, again.version.tag) == (550, 450, '"tag"')
    assert [again.missing(n) for n in range(again.count)] == [0, 150, 200, 100]
    again.add(450, 600)
    assert again.frontier == 700
    again.add(700, 1000)
    assert again.is_complete
    again.close()


def test_a_file_is_described_by_lines_a_person_can_read(tmp_path: Path) -> None:
    filled(tmp_path / "r").close()
    data = (tmp_path / "r").read_bytes()
    assert len(data) == HEAD_BYTES + 4 * LINE_BYTES
    assert data[HEAD_BYTES:].splitlines()[1].split()[:2] == [b"%012x" % 150, b"%012x" % 0]


def test_after_a_power_cut_only_flushed_bytes_count(tmp_path: Path) -> None:
    extents = opened(tmp_path / "r")
    extents.add(0, 200)
    flushed = extents.snapshot()
    extents.add(200, 500)
    extents.settle(flushed)
    extents.close()
    assert recorded_bytes(tmp_path / "r", SIZE, "one") == 500
    assert recorded_bytes(tmp_path / "r", SIZE, "two") == 200
    later = opened(tmp_path / "r", "two")
    assert later.present_bytes == 200
    later.close()
    # Looking at it in a later boot must not make the rest count in a still later one.
    assert recorded_bytes(tmp_path / "r", SIZE, "three") == 200


def test_opening_twice_in_one_boot_loses_nothing_of_what_was_flushed(tmp_path: Path) -> None:
    extents = opened(tmp_path / "r")
    extents.add(0, 200)
    extents.settle(extents.snapshot())
    extents.close()
    opened(tmp_path / "r").close()
    assert recorded_bytes(tmp_path / "r", SIZE, "two") == 200


@pytest.mark.parametrize("size", [0, 100, 350, 999])
def test_a_file_that_is_shorter_than_claimed_has_less(tmp_path: Path, size: int) -> None:
    extents = opened(tmp_path / "r")
    extents.add(0, SIZE)
    extents.cap(size)
    assert extents.present_bytes == size
    assert extents.frontier == size
    extents.close()


def test_another_version_begins_with_nothing(tmp_path: Path) -> None:
    extents = filled(tmp_path / "r")
    extents.restart('"other"')
    assert (extents.present_bytes, extents.frontier, extents.version.tag) == (0, 0, '"other"')
    extents.close()
    assert recorded_bytes(tmp_path / "r", SIZE, "one") == 0


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1, 0])
def test_a_record_of_another_size_is_not_used(tmp_path: Path, size: int) -> None:
    filled(tmp_path / "r").close()
    assert recorded_bytes(tmp_path / "r", size, "one") is None


def test_a_damaged_record_never_claims_more(tmp_path: Path) -> None:
    path = tmp_path / "r"
    filled(path).close()
    whole = path.read_bytes()
    for position in (*range(0, 200, 5), *range(HEAD_BYTES - 2, len(whole), 2)):
        for bit in (0, 2, 6):
            data = bytearray(whole)
            data[position] ^= 1 << bit
            path.write_bytes(data)
            claimed = recorded_bytes(path, SIZE, "one")
            assert claimed is None or claimed <= 550


def test_a_record_cut_short_is_none(tmp_path: Path) -> None:
    path = tmp_path / "r"
    filled(path).close()
    whole = path.read_bytes()
    for length in (*range(200), *range(HEAD_BYTES - 2, len(whole))):
        path.write_bytes(whole[:length])
        assert recorded_bytes(path, SIZE, "one") is None


@pytest.mark.parametrize("seed", range(10))
def test_pieces_in_any_order_fill_the_file(seed: int) -> None:
    chance = random.Random(seed)
    extents = Extents(None, VERSION, "one")
    there: set[int] = set()
    while not extents.is_complete:
        segment = chance.choice([n for n in range(extents.count) if extents.missing(n)])
        start = extents.bounds(segment)[0] + extents.written(segment)
        end = chance.randint(start + 1, SIZE)
        while (start := extents.first_missing(start, end)) < end:
            _, after = extents.bounds(start // SEGMENT)
            extents.add(start, min(end, after))
            there |= set(range(start, min(end, after)))
            start = min(end, after)
        assert extents.present_bytes == len(there)
        assert extents.frontier == min(set(range(SIZE)) - there, default=SIZE)


def test_this_boot_has_one_name() -> None:
    assert boot_id() == boot_id() != ""
