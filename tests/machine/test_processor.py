"""The processor, from recorded /proc/cpuinfo and sysctl answers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from machine.kernel_tree import cgroup2, cpuinfo, write_tree
from steelyard.machine.processor import _from_sysctl, allowed_processors, read_processor

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads /proc/cpuinfo, which only Linux has"
)


@linux_only
def test_hyper_threads_are_not_counted_as_cores(tmp_path: Path) -> None:
    write_tree(tmp_path, {"proc/cpuinfo": cpuinfo(8, "avx2 fma", threads_per_core=2)})
    cpu = read_processor(tmp_path)
    assert (cpu.physical_cores, cpu.logical_cores, cpu.limited_by) == (4, 8, None)


@linux_only
def test_instruction_sets_are_the_ones_engines_profit_from(tmp_path: Path) -> None:
    flags = "fpu vme sse4_2 avx avx2 fma f16c avx512f avx512_vnni amx_int8 amx_tile hypervisor"
    cpu = read_processor(write_tree(tmp_path, {"proc/cpuinfo": cpuinfo(1, flags)}))
    assert cpu.instruction_sets == (
        "SSE4_2", "AVX", "F16C", "FMA", "AVX2", "AVX512F", "AVX512_VNNI", "AMX_TILE", "AMX_INT8",
    )  # fmt: skip


@linux_only
def test_only_what_every_core_can_do_is_listed(tmp_path: Path) -> None:
    mixed = cpuinfo(1, "avx avx2 avx512f") + "\n" + cpuinfo(1, "avx avx2")
    cpu = read_processor(write_tree(tmp_path, {"proc/cpuinfo": mixed}))
    assert cpu.instruction_sets == ("AVX", "AVX2")


@linux_only
def test_affinity_limits_the_cores_and_says_so(tmp_path: Path) -> None:
    write_tree(tmp_path, {"proc/cpuinfo": cpuinfo(8, "avx2", threads_per_core=2)})
    cpu = read_processor(tmp_path, frozenset({2, 3, 4}))
    assert (cpu.physical_cores, cpu.logical_cores) == (2, 3)
    assert cpu.limited_by == "affinity to 3 of 8 processors"


@linux_only
def test_a_container_quota_limits_the_cores_and_says_so(tmp_path: Path) -> None:
    files = {"proc/cpuinfo": cpuinfo(16, "avx2")}
    files |= cgroup2("/box", {"/box": {"cpu.max": "150000 100000"}})
    cpu = read_processor(write_tree(tmp_path, files))
    assert (cpu.physical_cores, cpu.logical_cores) == (2, 2)
    assert cpu.limited_by == "a time quota of 2 of 16 processors"


ARM = """processor\t: 0
BogoMIPS\t: 2000.00
Features\t: fp asimd evtstrm aes asimdhp asimddp sve i8mm bf16
CPU implementer\t: 0x41
CPU part\t: 0xd40

processor\t: 1
Features\t: fp asimd evtstrm aes asimdhp asimddp sve i8mm bf16
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""


@linux_only
def test_an_arm_server_is_named_by_its_part_and_neon_by_its_name(tmp_path: Path) -> None:
    cpu = read_processor(write_tree(tmp_path, {"proc/cpuinfo": ARM}))
    assert cpu.model == "Arm Neoverse V1"
    assert cpu.instruction_sets == ("NEON", "DOTPROD", "FP16", "I8MM", "BF16", "SVE")
    assert (cpu.physical_cores, cpu.logical_cores) == (2, 2)


@linux_only
def test_a_board_is_named_by_its_device_tree(tmp_path: Path) -> None:
    files = {
        "proc/cpuinfo": ARM.replace("0xd40", "0xfff"),
        "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    }
    assert read_processor(write_tree(tmp_path, files)).model == "Raspberry Pi 5 Model B Rev 1.0"


@linux_only
def test_an_unreadable_cpuinfo_leaves_unknown_unknown(tmp_path: Path) -> None:
    cpu = read_processor(tmp_path)
    assert cpu.physical_cores is None
    assert cpu.instruction_sets == ()
    assert cpu.logical_cores == os.cpu_count()


@linux_only
def test_this_machine_agrees_with_the_kernel() -> None:
    cpu = read_processor(allowed=allowed_processors())
    assert cpu.model
    assert 1 <= cpu.logical_cores <= len(os.sched_getaffinity(0))
    assert cpu.physical_cores is None or cpu.physical_cores <= cpu.logical_cores


def test_an_apple_processor_is_read_from_sysctl() -> None:
    cpu = _from_sysctl(
        {
            "machdep.cpu.brand_string": "Apple M3 Pro",
            "hw.optional.AdvSIMD": "1",
            "hw.optional.neon": "1",
            "hw.optional.arm.FEAT_DotProd": "1",
            "hw.optional.arm.FEAT_SME": "0",
        }
    )
    assert cpu.model == "Apple M3 Pro"
    assert cpu.instruction_sets == ("NEON", "DOTPROD")
