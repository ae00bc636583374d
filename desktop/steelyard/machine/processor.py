"""The processor: its name, the cores this process may use, and the instruction sets engines profit from.

Linux tells in /proc/cpuinfo, macOS through `sysctl`, Windows through the registry and
`IsProcessorFeaturePresent`. Only instruction sets that matter for inference are listed.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from steelyard.machine.cgroups import processor_limit
from steelyard.machine.kernel_files import read_text
from steelyard.machine.report import Cpu

# The kernel's flag (or, on the right, the name it is better known by), in the order they are shown.
_LINUX_FLAGS = {
    "sse4_2": "SSE4_2", "avx": "AVX", "f16c": "F16C", "fma": "FMA", "avx2": "AVX2", "bmi2": "BMI2",
    "avx_vnni": "AVX_VNNI", "avx512f": "AVX512F", "avx512bw": "AVX512BW", "avx512dq": "AVX512DQ",
    "avx512vl": "AVX512VL", "avx512_vnni": "AVX512_VNNI", "avx512_bf16": "AVX512_BF16",
    "avx512_fp16": "AVX512_FP16", "amx_tile": "AMX_TILE", "amx_int8": "AMX_INT8",
    "amx_bf16": "AMX_BF16",
    "asimd": "NEON", "neon": "NEON", "asimddp": "DOTPROD", "asimdhp": "FP16", "i8mm": "I8MM",
    "bf16": "BF16", "sve": "SVE", "sve2": "SVE2", "sme": "SME",
}  # fmt: skip

_SYSCTL_FLAGS = {
    "hw.optional.sse4_2": "SSE4_2", "hw.optional.avx1_0": "AVX", "hw.optional.f16c": "F16C",
    "hw.optional.fma": "FMA", "hw.optional.avx2_0": "AVX2", "hw.optional.avx512f": "AVX512F",
    "hw.optional.avx512vnni": "AVX512_VNNI", "hw.optional.neon": "NEON",
    "hw.optional.AdvSIMD": "NEON", "hw.optional.arm.FEAT_DotProd": "DOTPROD",
    "hw.optional.arm.FEAT_FP16": "FP16", "hw.optional.arm.FEAT_I8MM": "I8MM",
    "hw.optional.arm.FEAT_BF16": "BF16", "hw.optional.arm.FEAT_SME": "SME",
}  # fmt: skip

# winnt.h, PF_*
_WINDOWS_FEATURES = {
    38: "SSE4_2", 39: "AVX", 40: "AVX2", 41: "AVX512F", 19: "NEON", 43: "DOTPROD", 46: "SVE",
}  # fmt: skip

# MIDR implementer and part numbers of processors models are run on (Linux: tools/arch/arm64 cputype.h).
_ARM_PARTS = {
    ("0x41", "0xd08"): "Arm Cortex-A72",
    ("0x41", "0xd0b"): "Arm Cortex-A76",
    ("0x41", "0xd0c"): "Arm Neoverse N1",
    ("0x41", "0xd40"): "Arm Neoverse V1",
    ("0x41", "0xd49"): "Arm Neoverse N2",
    ("0x41", "0xd4f"): "Arm Neoverse V2",
    ("0xc0", "0xac3"): "Ampere Altra",
}


def allowed_processors() -> frozenset[int] | None:
    """Numbers of the processors this process may run on, or None where the platform does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return None


def read_processor(root: Path = Path("/"), allowed: frozenset[int] | None = None) -> Cpu:
    """The processor, as much of it as this process may use.

    Cores are counted within the process's affinity and its control groups' time quota; `limited_by` says
    so when that is fewer than the machine has.

    Args:
        root: where `proc` and `sys` lie, on Linux.
        allowed: numbers of the processors this process may run on; None: all of them.
    """
    if sys.platform == "darwin":
        cpu = _from_sysctl(_sysctl())
    elif sys.platform == "win32":
        cpu = _from_windows()
    else:
        cpu = _from_cpuinfo(root, allowed)
    return cpu


def _from_cpuinfo(root: Path, allowed: frozenset[int] | None) -> Cpu:
    blocks = _cpuinfo(read_text(root / "proc/cpuinfo") or "")
    processors = [block for block in blocks if block.get("processor", "").isdecimal()]
    mine = [p for p in processors if allowed is None or int(p["processor"]) in allowed]
    usable = len(mine) or len(allowed or ()) or os.cpu_count() or 1
    quota = processor_limit(root)
    logical = min(usable, quota) if quota else usable
    physical = _physical_cores(mine)
    return Cpu(
        model=_model(blocks, root),
        physical_cores=min(physical, logical) if physical else None,
        logical_cores=logical,
        instruction_sets=_instruction_sets(blocks),
        architecture=platform.machine(),
        limited_by=_limited_by(len(processors) or usable, usable, quota),
    )


def _cpuinfo(text: str) -> list[dict[str, str]]:
    processors = []
    for block in text.split("\n\n"):
        pairs = (line.partition(":") for line in block.splitlines())
        processors.append({key.strip().lower(): value.strip() for key, _, value in pairs})
    return processors


def _physical_cores(processors: list[dict[str, str]]) -> int | None:
    """Distinct (package, core) pairs; Arm's cpuinfo has neither, and has no hyper-threads either."""
    if not processors:
        return None
    if all("core id" in p for p in processors):
        return len({(p.get("physical id", "0"), p["core id"]) for p in processors})
    return len(processors) if "cpu implementer" in processors[0] else None


def _model(processors: list[dict[str, str]], root: Path) -> str:
    for block in processors:
        if name := block.get("model name") or block.get("hardware"):
            return " ".join(name.split())
    for block in processors:
        part = (block.get("cpu implementer", ""), block.get("cpu part", ""))
        if part in _ARM_PARTS:
            return _ARM_PARTS[part]
    return read_text(root / "proc/device-tree/model") or platform.processor() or "Not known"


def _instruction_sets(processors: list[dict[str, str]]) -> tuple[str, ...]:
    """What every processor has: the smaller cores of a mixed chip may have less."""
    listed = [set((p.get("flags") or p.get("features") or "").split()) for p in processors]
    listed = [flags for flags in listed if flags]
    common = set.intersection(*listed) if listed else set()
    return tuple(dict.fromkeys(name for flag, name in _LINUX_FLAGS.items() if flag in common))


def _limited_by(everything: int, usable: int, quota: int | None) -> str | None:
    if quota is not None and quota < usable:
        return f"a time quota of {quota} of {everything} processors"
    if usable < everything:
        return f"affinity to {usable} of {everything} processors"
    return None


def _sysctl() -> dict[str, str]:
    command = ["/usr/sbin/sysctl", "machdep.cpu.brand_string", "hw.optional"]
    try:
        # macOS answers with what it has and a failing status when one name is unknown.
        done = subprocess.run(command, capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    pairs = (line.partition(": ") for line in done.stdout.splitlines())
    return {key: value for key, _, value in pairs}


def _from_sysctl(values: Mapping[str, str]) -> Cpu:
    flags = [name for key, name in _SYSCTL_FLAGS.items() if values.get(key) == "1"]
    return Cpu(
        model=values.get("machdep.cpu.brand_string") or platform.processor() or "Not known",
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count() or 1,
        instruction_sets=tuple(dict.fromkeys(flags)),
        architecture=platform.machine(),
    )


def _from_windows() -> Cpu:
    return Cpu(
        model=_windows_name() or platform.processor() or "Not known",
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count() or 1,
        instruction_sets=_windows_instruction_sets(),
        architecture=platform.machine(),
    )


def _windows_name() -> str | None:
    name = None
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  # exists on Windows only

        key = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                name = str(winreg.QueryValueEx(opened, "ProcessorNameString")[0]).strip()
        except OSError:
            name = None
    return name


def _windows_instruction_sets() -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  # only this branch needs it

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        found = tuple(name for number, name in _WINDOWS_FEATURES.items() if present(number))
    return found
