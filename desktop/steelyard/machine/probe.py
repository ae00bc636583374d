"""Looks at the machine once and reports. The way into this room."""

from __future__ import annotations

import time
from pathlib import Path

from steelyard.machine.amd import read_amd
from steelyard.machine.disks import read_disks
from steelyard.machine.memory import read_memory
from steelyard.machine.nvidia import read_nvidia
from steelyard.machine.processor import allowed_processors, read_processor
from steelyard.machine.report import MachineReport
from steelyard.machine.system import read_system


def probe(store_path: Path, *, root: Path = Path("/")) -> MachineReport:
    """What this machine has, right now, in under a second. Nothing is cached.

    `engine_devices` stays empty: only a worker process may load the engine that knows them.

    Args:
        store_path: where models are kept, to mark its disk; it need not exist yet.
        root: where `proc` and `sys` lie, on Linux.
    """
    started_s = time.perf_counter()
    disks, disk_problems = read_disks(store_path)
    nvidia, nvidia_problems = read_nvidia(root)
    amd, amd_problems = read_amd(root)
    return MachineReport(
        os=read_system(),
        cpu=read_processor(root, allowed_processors() if root == Path("/") else None),
        memory=read_memory(root),
        disks=disks,
        gpus=(*nvidia, *amd),
        problems=(*disk_problems, *nvidia_problems, *amd_problems),
        elapsed_s=time.perf_counter() - started_s,
    )
