"""The reserve, the verdict over several memories, and where layers go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.fit.placement import MAIN_MEMORY, device_of_tensor, devices_of_layers
from steelyard.fit.report import DeviceFit
from steelyard.fit.verdict import judge, reserve_bytes
from steelyard.formats.gguf_header import TensorInfo
from steelyard.formats.gguf_types import TENSOR_TYPES

GIB = 1024**3


def device(name: str, *, needs: int, free: int, total: int = 16 * GIB) -> DeviceFit:
    return DeviceFit(name, "cpu" if name == "CPU" else "gpu", needs, 0, 0, 0, free, total)


@pytest.mark.parametrize(
    ("total_gib", "reserve_gib"), [(1, 0.25), (4, 1), (16, 1), (20, 1), (64, 3.2), (512, 25.6)]
)
def test_the_reserve_grows_with_the_memory(total_gib: int, reserve_gib: float) -> None:
    assert reserve_bytes(total_gib * GIB) == int(reserve_gib * GIB)


@given(st.integers(0, 2**50))
@settings(deadline=None)
def test_the_reserve_is_never_more_than_a_quarter(total: int) -> None:
    assert 0 <= reserve_bytes(total) <= total / 4


def test_one_full_gpu_is_enough_to_refuse() -> None:
    verdict = judge(
        [
            device("CPU", needs=0, free=15 * GIB),
            device("CUDA0", needs=GIB, free=10 * GIB),
            device("CUDA1", needs=4 * GIB, free=4 * GIB),
        ]
    )
    assert not verdict.fits
    assert verdict.margin_bytes == -1 * GIB


def test_a_gpu_without_memory_of_its_own_adds_to_main_memory() -> None:
    devices = [
        device("CPU", needs=4 * GIB, free=10 * GIB),
        device("Metal", needs=6 * GIB, free=10 * GIB),
    ]
    apart, together = judge(devices), judge(devices, frozenset({"Metal"}))
    assert apart.fits
    assert not together.fits
    assert together.margin_bytes == -1 * GIB
    assert together.available_bytes == 10 * GIB


def test_nothing_offloaded_stays_in_main_memory() -> None:
    assert devices_of_layers(4, 0, [GIB]) == (MAIN_MEMORY,) * 5
    assert devices_of_layers(4, -1, []) == (MAIN_MEMORY,) * 5


def test_the_output_layer_goes_first_then_the_last_layers() -> None:
    assert devices_of_layers(4, 1, [GIB]) == (-1, -1, -1, -1, 0)
    assert devices_of_layers(4, 3, [GIB]) == (-1, -1, 0, 0, 0)
    assert devices_of_layers(4, -1, [GIB]) == (0,) * 5
    assert devices_of_layers(4, 99, [GIB]) == (0,) * 5


def test_gpus_share_in_proportion_to_what_is_free() -> None:
    # llama.cpp: upper_bound of (layer - first) / count in the running shares 0.25, 1.0.
    assert devices_of_layers(7, -1, [GIB, 3 * GIB]) == (0, 0, 1, 1, 1, 1, 1, 1)
    assert devices_of_layers(3, -1, [0, GIB]) == (1, 1, 1, 1)


@given(st.integers(0, 100), st.integers(-1, 120), st.lists(st.integers(0, 2**40), max_size=4))
@settings(deadline=None)
def test_every_layer_has_a_place_that_exists(layers: int, gpu_layers: int, free: list[int]) -> None:
    places = devices_of_layers(layers, gpu_layers, free)
    assert len(places) == layers + 1
    assert all(-1 <= place < len(free) for place in places)
    assert list(places) == sorted(places)


def test_tensors_follow_their_layer() -> None:
    places = (-1, 0, 1)  # two layers and the output

    def place(name: str) -> int:
        return device_of_tensor(TensorInfo(name, (1,), TENSOR_TYPES[0], 0, 4), places)

    assert place("token_embd.weight") == MAIN_MEMORY
    assert place("blk.0.attn_q.weight") == MAIN_MEMORY
    assert place("blk.1.attn_q.weight") == 0
    assert place("output.weight") == place("output_norm.weight") == 1
    assert place("blk.7.attn_q.weight") == 1
