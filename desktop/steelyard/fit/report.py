"""What fit answers: bytes per part and per device, against what is free now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceFit:
    """One device's share. `kind` is `cpu` or `gpu`; all sizes in bytes.

    Attributes:
        available_bytes: free now, as the operating system or driver says.
        total_bytes: the device's whole memory.
    """

    name: str
    kind: str
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    output_bytes: int
    available_bytes: int
    total_bytes: int

    @property
    def needed_bytes(self) -> int:
        """Sum of the four parts."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.output_bytes


@dataclass(frozen=True)
class FitReport:
    """What a model needs at one context length.

    Attributes:
        context_tokens: as the engine rounds it.
        trained_context_tokens: what the model was trained for, or None.
        kv_type: `f16`, `q8_0` or `q4_0`.
        total_bytes: weights + KV + compute + output, over all devices.
        available_bytes: free memory the verdict is against, over all memories in use.
        reserve_bytes: the stated margin that must stay free of them.
        margin_bytes: available - needed - reserve, of the memory with the least left over (the only one,
            unless layers are offloaded); negative when it does not fit.
        fits: margin is not negative, on every device.
        source: `engine` (a dry load) or `formula`.
        elapsed_s: how long the answer took.
        notes: sentences that qualify the answer.
    """

    target: str
    context_tokens: int
    trained_context_tokens: int | None
    kv_type: str
    sequences: int
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    output_bytes: int
    total_bytes: int
    available_bytes: int
    reserve_bytes: int
    margin_bytes: int
    fits: bool
    source: str
    devices: tuple[DeviceFit, ...]
    elapsed_s: float
    notes: tuple[str, ...] = ()
