"""Whether it fits: what is needed against what is free now, less a reserve that must stay free.

Everything that comes out of the same memory is counted together: the processor, and graphics processors
that have no memory of their own. A GPU with its own memory is judged by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.fit.report import DeviceFit

RESERVE_SHARE = 0.05
"""Of a memory's total size."""

RESERVE_LEAST_BYTES = 1024**3
"""What llama.cpp's own fitting keeps free per device (its `--fit-target`, 1024 MiB)."""

RESERVE_MOST_SHARE = 0.25
"""On small machines a whole GiB would refuse models that run well; a quarter of the memory is enough."""


def reserve_bytes(total_bytes: int) -> int:
    """What must stay free of a memory of `total_bytes`: the larger of 5 % and 1 GiB, at most a quarter.

    It covers what the four parts leave out: the worker process itself (Python, the engine's code, the
    vocabulary: about 0.1 GiB with 128,000 tokens), a GPU driver's own context, and what the rest of
    the machine asks for while the model is loaded. Programs that accepted a model up to the last byte
    are known to fail at warm-up instead.
    """
    wanted = max(RESERVE_SHARE * total_bytes, RESERVE_LEAST_BYTES)
    return int(min(wanted, RESERVE_MOST_SHARE * total_bytes))


@dataclass(frozen=True)
class Verdict:
    """Sums over the memories in use; `margin_bytes` is that of the one with the least left over."""

    available_bytes: int
    reserve_bytes: int
    margin_bytes: int

    @property
    def fits(self) -> bool:
        """Nothing is missing anywhere."""
        return self.margin_bytes >= 0


def judge(
    devices: Sequence[DeviceFit], sharing_main_memory: frozenset[str] = frozenset()
) -> Verdict:
    """Judge a model's share on each device.

    Args:
        devices: the processor (`kind` `cpu`) first.
        sharing_main_memory: names of devices without memory of their own.
    """
    main = [d for d in devices if d.kind == "cpu" or d.name in sharing_main_memory]
    others = [[device] for device in devices if device not in main]
    pools = [pool for pool in (main, *others) if pool]
    reserves = [reserve_bytes(pool[0].total_bytes) for pool in pools]
    margins = [
        pool[0].available_bytes - sum(device.needed_bytes for device in pool) - reserve
        for pool, reserve in zip(pools, reserves, strict=True)
    ]
    return Verdict(
        available_bytes=sum(pool[0].available_bytes for pool in pools),
        reserve_bytes=sum(reserves),
        margin_bytes=min(margins),
    )
