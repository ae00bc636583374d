"""AMD graphics processors, from the files the amdgpu driver keeps in sysfs (kernel.org, gpu/amdgpu)."""

from __future__ import annotations

from pathlib import Path

from steelyard.machine.kernel_files import read_integer, read_text
from steelyard.machine.report import Gpu

_VENDOR = "0x1002"
_APU_METRICS = frozenset({2, 3})
"""Formats of `gpu_metrics` that processors with built-in graphics write (kgd_pp_interface.h)."""


def read_amd(root: Path = Path("/")) -> tuple[tuple[Gpu, ...], tuple[str, ...]]:
    """The AMD graphics processors, and a sentence for each that does not tell its memory.

    Where graphics share the processor's memory, VRAM is only what the firmware set aside; the part of main
    memory they may map (GTT) is added, since an engine can use both.

    Args:
        root: where `sys` lies.
    """
    gpus, problems = [], []
    for device in sorted((root / "sys/class/drm").glob("card[0-9]*/device")):
        if "-" in device.parent.name or read_text(device / "vendor") != _VENDOR:
            continue  # card0-HDMI-A-1 and the like are connectors
        gpu = _gpu(device, root)
        gpus.append(gpu)
        if gpu.total_bytes is None:
            problems.append(f"The AMD driver does not tell how much memory {gpu.name} has.")
    return tuple(gpus), tuple(problems)


def _gpu(device: Path, root: Path) -> Gpu:
    pools = ("vram", "gtt") if _shares_main_memory(device) else ("vram",)
    totals = [read_integer(device / f"mem_info_{pool}_total") for pool in pools]
    used = [read_integer(device / f"mem_info_{pool}_used") for pool in pools]
    total = _sum(totals)
    taken = _sum(used)
    version = read_text(root / "sys/module/amdgpu/version")
    return Gpu(
        name=read_text(device / "product_name")
        or f"AMD GPU {read_text(device / 'device') or ''}".strip(),
        backend="amdgpu",
        total_bytes=total,
        free_bytes=max(total - taken, 0) if total is not None and taken is not None else None,
        driver=f"amdgpu {version}" if version else "amdgpu",
    )


def _shares_main_memory(device: Path) -> bool:
    """`gpu_metrics` begins with its size (16 bits), then the format's number."""
    try:
        with (device / "gpu_metrics").open("rb") as stream:
            header = stream.read(4)
    except OSError:
        return False
    return len(header) == 4 and header[2] in _APU_METRICS


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
