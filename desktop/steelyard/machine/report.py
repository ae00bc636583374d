"""What a probe found. A field that could not be read is None or empty, never a guess."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cpu:
    """The processor. `instruction_sets` uses the kernel's words in upper case: AVX2, AVX512F, NEON, ...

    Attributes:
        physical_cores: cores this process may use, hyper-threads not counted twice.
        logical_cores: processors this process may use.
        limited_by: what keeps this process from using all of them, or None: nothing does.
    """

    model: str
    physical_cores: int | None
    logical_cores: int
    instruction_sets: tuple[str, ...]
    architecture: str
    limited_by: str | None = None


@dataclass(frozen=True)
class Memory:
    """Main memory, within this process's container limits where there are any."""

    total_bytes: int
    available_bytes: int
    swap_total_bytes: int
    swap_free_bytes: int
    limited_by: str | None = None


@dataclass(frozen=True)
class Disk:
    """A mounted disk. `holds_store` marks the one models are kept on."""

    path: str
    filesystem: str
    total_bytes: int
    free_bytes: int
    holds_store: bool = False


@dataclass(frozen=True)
class Gpu:
    """A graphics processor as its driver describes it. Bytes are None where the driver does not tell."""

    name: str
    backend: str
    total_bytes: int | None
    free_bytes: int | None
    driver: str
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class EngineDevice:
    """A device as the inference engine itself sees it (ggml's device list)."""

    name: str
    description: str
    kind: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class OperatingSystem:
    """Name and version for people, and the kernel's release."""

    name: str
    release: str
    python: str


@dataclass(frozen=True)
class MachineReport:
    """Everything `machine` shows.

    Attributes:
        engine_devices: empty until a worker was asked; `engine_problem` says why when it could not be.
        problems: what could not be read, one sentence each.
    """

    os: OperatingSystem
    cpu: Cpu
    memory: Memory
    disks: tuple[Disk, ...]
    gpus: tuple[Gpu, ...]
    engine_devices: tuple[EngineDevice, ...] = ()
    engine_problem: str | None = None
    problems: tuple[str, ...] = ()
    elapsed_s: float = 0.0
