"""Split models (THREATS 21): all parts there, in place, adding up; or a typed refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from formats.gguf_builder import INT32, UINT16, Tensor, Typed, build_gguf, tiny_llama
from steelyard.formats import errors
from steelyard.formats.gguf_shards import read_model, shard_paths


def write_parts(
    folder: Path, *, count: int = 3, total: int | None = None, same_name: bool = False
) -> list[Path]:
    paths = []
    for number in range(count):
        metadata = {
            "split.no": Typed(UINT16, number),
            "split.count": Typed(UINT16, count),
            "split.tensors.count": Typed(INT32, count if total is None else total),
        }
        if number == 0:
            metadata["general.architecture"] = "llama"
        name = "x" if same_name else f"blk.{number}.ffn_up.weight"
        path = folder / f"big-{number + 1:05}-of-{count:05}.gguf"
        path.write_bytes(build_gguf(metadata, [Tensor(name, (32, 4))]))
        paths.append(path)
    return paths


def test_a_complete_set_reads_from_any_part(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    for path in paths:
        headers = read_model(path)
        assert [header.path for header in headers] == paths
        assert headers[0].architecture == "llama"
        assert sum(header.parameters or 0 for header in headers) == 3 * 128


def test_a_model_in_one_file_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "whole.gguf"
    path.write_bytes(tiny_llama())
    assert len(read_model(path)) == 1
    assert shard_paths(path) == (path,)


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_missing_part_is_named(tmp_path: Path, absent: int) -> None:
    paths = write_parts(tmp_path)
    paths[absent].unlink()
    with pytest.raises(errors.ShardMissing) as caught:
        read_model(paths[(absent + 1) % 3])
    assert caught.value.facts["missing"] == [paths[absent].name]


def test_a_part_under_another_parts_name_is_refused(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    paths[1].write_bytes(paths[2].read_bytes())
    with pytest.raises(errors.ShardMissing, match="stands in the place"):
        read_model(paths[0])


def test_a_part_renamed_out_of_the_scheme_is_refused(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    alone = paths[0].rename(tmp_path / "model.gguf")
    with pytest.raises(errors.ShardMissing, match="does not say which"):
        read_model(alone)


def test_tensors_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    paths = write_parts(tmp_path, total=7)
    with pytest.raises(errors.ShardMissing, match="announces 7"):
        read_model(paths[0])


def test_a_tensor_in_two_parts_is_refused(tmp_path: Path) -> None:
    paths = write_parts(tmp_path, same_name=True)
    with pytest.raises(errors.Duplicate):
        read_model(paths[0])


def test_a_name_that_claims_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.TooLarge):
        shard_paths(tmp_path / "x-00001-of-99999.gguf")


def test_a_part_by_name_that_is_whole_by_its_header_is_refused_beside_others(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "a-00001-of-00002.gguf", tmp_path / "a-00002-of-00002.gguf"
    first.write_bytes(tiny_llama())
    assert len(read_model(first)) == 1
    second.write_bytes(b"anything")
    with pytest.raises(errors.ShardMissing, match="would belong to nothing"):
        read_model(first)
