"""Which device gets which layer, as llama.cpp splits a model over graphics processors.

Source: llama-model.cpp, `load_tensors`. The last layers go to the GPUs, the output layer counts as one of
them and goes first; several GPUs share in proportion to their free memory; the embeddings stay in main
memory.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from steelyard.formats.gguf_header import TensorInfo

MAIN_MEMORY = -1

_LAYER = re.compile(r"blk\.(\d+)\.")
_OUTPUT = ("output.", "output_norm.")


def devices_of_layers(
    layer_count: int, gpu_layers: int, free_bytes: Sequence[int]
) -> tuple[int, ...]:
    """The device of each layer, and last of the output layer.

    Args:
        layer_count: without the output layer.
        gpu_layers: how many to offload, the output layer counted; negative: all.
        free_bytes: free memory of each GPU, in the engine's order.

    Returns:
        Indices into `free_bytes`, or `MAIN_MEMORY`; `layer_count + 1` of them.
    """
    everything = layer_count + 1
    wanted = everything if gpu_layers < 0 else min(gpu_layers, everything)
    if not wanted or not sum(free_bytes):
        return (MAIN_MEMORY,) * everything
    ends = [end / sum(free_bytes) for end in accumulate(free_bytes)]
    first = everything - wanted
    return tuple(
        MAIN_MEMORY
        if layer < first
        else min(bisect_right(ends, (layer - first) / wanted), len(ends) - 1)
        for layer in range(everything)
    )


def device_of_tensor(tensor: TensorInfo, devices: Sequence[int]) -> int:
    """Where a tensor goes, given `devices_of_layers`."""
    if found := _LAYER.match(tensor.name):
        layer = int(found[1])
        return devices[layer] if layer < len(devices) - 1 else devices[-1]
    return devices[-1] if tensor.name.startswith(_OUTPUT) else MAIN_MEMORY
