"""Showing that this installation does what it should."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Qualify:
    """Run the main journeys in a home of their own, and say what came of each.

    Attributes:
        operation: run the journeys; False checks only what is installed.
        network: run them in a network whose only way out leads to us, and count every packet.
        out: where to write the report: `.json`, else Markdown; None writes none.
    """

    network: bool = False
    operation: bool = True
    out: Path | None = None


@dataclass(frozen=True)
class QualificationRow:
    """One check. `verdict` is PASS, FAIL or NOT RUN; `part` is `installation`, `operation` or `network`."""

    part: str
    name: str
    title: str
    expected: str
    observed: str
    verdict: str
    elapsed_s: float


@dataclass(frozen=True)
class CaughtPacket:
    """A kind of packet that tried to leave, and how many of it."""

    protocol: str
    destination: str
    port: int
    count: int


@dataclass(frozen=True)
class QualificationReport:
    """The exit code is 1 unless `ok`: nothing failed, and with `network` the observation was possible.

    Attributes:
        observation: `packets` (every packet that left the journeys' network was read), `none` (not possible
            here) or empty: not asked for.
        packets: what tried to leave.
        digest: `sha256:` over the report's canonical JSON, as the log names it.
    """

    ok: bool
    version: str
    python: str
    engines: tuple[dict[str, str], ...]
    machine: str
    made_at: str
    rows: tuple[QualificationRow, ...]
    observation: str
    packets: tuple[CaughtPacket, ...]
    policy: str
    digest: str = ""
    path: str | None = None
