"""A split bundle: every missing part is named before anything is read (THREATS 60)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bundles.carrying import LARGE, MIB, Side, make, take, trusting
from steelyard.base.errors import SteelyardError
from steelyard.bundles.errors import (
    BundleCutOff,
    BundleNotFound,
    BundlePartMissing,
    MalformedBundle,
    NotABundle,
)
from steelyard.bundles.sources import open_source
from steelyard.signing.own_keys import OwnKey


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory, anna: OwnKey) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("parts")
    side = Side.at(folder / "sender")
    side.put(LARGE, "large")
    made = make(side, folder / "x.steelyard", anna, split_bytes=MIB)
    side.close()
    assert len(made.parts) == 4
    return {name: (folder / name).read_bytes() for name in (*made.parts, "x.steelyard.parts.txt")}


@pytest.fixture
def stick(tmp_path: Path, parts: dict[str, bytes]) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    for name, data in parts.items():
        (folder / name).write_bytes(data)
    return folder


def refused(path: Path) -> SteelyardError:
    with pytest.raises(SteelyardError) as caught:
        open_source(path).close()
    return caught.value


def test_any_part_and_the_whole_s_name_open_the_set(stick: Path, parts: dict[str, bytes]) -> None:
    names = [*(n for n in parts if n[-1].isdigit()), "x.steelyard"]
    for name in names:
        source = open_source(stick / name)
        assert source.parts == tuple(names[:-1])
        source.close()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("note", [True, False])
def test_a_missing_part_is_named(
    stick: Path, receiver: Side, anna: OwnKey, number: int, note: bool
) -> None:
    missing = f"x.steelyard.00{number}"
    (stick / missing).unlink()
    if not note:
        (stick / "x.steelyard.parts.txt").unlink()
    start = stick / ("x.steelyard.002" if number == 1 else "x.steelyard.001")
    error = refused(start)
    assert isinstance(error, BundlePartMissing)
    assert error.facts["missing"] == [missing]
    with pytest.raises(BundlePartMissing):
        take(receiver, start, trusting(anna))
    assert list(receiver.home.quarantine.iterdir()) == []


def test_all_missing_parts_are_named_at_once(stick: Path) -> None:
    for number in (2, 4):
        (stick / f"x.steelyard.00{number}").unlink()
    assert refused(stick / "x.steelyard.001").facts["missing"] == [
        "x.steelyard.002",
        "x.steelyard.004",
    ]


def test_only_the_first_part_and_no_note_is_a_bundle_cut_off(stick: Path) -> None:
    for number in (2, 3, 4):
        (stick / f"x.steelyard.00{number}").unlink()
    (stick / "x.steelyard.parts.txt").unlink()
    error = refused(stick / "x.steelyard.001")
    assert isinstance(error, BundleCutOff)
    assert "x.steelyard.002" in error.message


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_part_that_was_cut_off_is_named(stick: Path, number: int) -> None:
    os.truncate(stick / f"x.steelyard.00{number}", MIB - 1)
    error = refused(stick / "x.steelyard.001")
    assert isinstance(error, MalformedBundle)
    assert error.path == f"x.steelyard.00{2 if number == 1 else number}" or number == 1


def test_a_last_part_that_was_cut_off_is_named(stick: Path) -> None:
    last = stick / "x.steelyard.004"
    os.truncate(last, last.stat().st_size - 1)
    error = refused(stick / "x.steelyard.001")
    assert isinstance(error, BundleCutOff)
    assert error.path == "x.steelyard.004"


def test_parts_of_another_set_or_swapped_are_not_taken_for_it(stick: Path) -> None:
    first, second = stick / "x.steelyard.002", stick / "x.steelyard.003"
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    # The form may hold by chance; the bytes cannot.
    try:
        source = open_source(stick / "x.steelyard.001")
    except SteelyardError:
        return
    source.close()
    from steelyard.bundles import verifying

    look = verifying.look(stick / "x.steelyard.001", trusting(), every_byte=True)
    assert look.findings


def test_a_note_that_lies_about_the_count_only_names_more(stick: Path) -> None:
    with (stick / "x.steelyard.parts.txt").open("a") as note:
        note.write("\n  x.steelyard.005\n  ../../x.steelyard.999\n  y.steelyard.700\n")
    assert refused(stick / "x.steelyard.001").facts["missing"] == ["x.steelyard.005"]


def test_what_is_no_bundle_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert isinstance(refused(tmp_path / "a.zip"), NotABundle)
    for name in ("none", "none.steelyard", "none.steelyard.001"):
        assert isinstance(refused(tmp_path / name), BundleNotFound)
    (tmp_path / "empty.steelyard").write_bytes(b"")
    assert isinstance(refused(tmp_path / "empty.steelyard"), BundleCutOff)
