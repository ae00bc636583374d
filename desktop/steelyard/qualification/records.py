"""What a qualification finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a row ended."""

    PASS = "PASS"  # noqa: S105  # a verdict, not a password
    FAIL = "FAIL"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True)
class Step:
    """One thing a person does.

    Attributes:
        name: stable key; `title` is for people.
        arguments: of `steelyard`; `{home}`, `{model}`, `{damaged}` stand for paths the run makes.
        exit_code: what it must end with.
        expects: a text its output must hold, or empty.
        stop_after_s: it does not end by itself (the window): end it after so long, and it must still live.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    exit_code: int = 0
    expects: str = ""
    stop_after_s: float = 0.0


@dataclass(frozen=True)
class Row:
    """What became of a step, or of a check.

    Attributes:
        expected, observed: sentences.
        elapsed_s: wall clock.
    """

    name: str
    title: str
    expected: str
    observed: str
    verdict: Verdict
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class Packet:
    """One packet that was caught on its way out. `count` of the same kind."""

    protocol: str
    destination: str
    port: int
    count: int = 1


@dataclass(frozen=True)
class Observation:
    """What the network saw.

    Attributes:
        level: `packets` (a namespace whose only way out leads to us, every packet read), `none` (not possible
            here; `why` says why).
        packets: everything that tried to leave, but for our own trial packet.
        trial_seen: the packet sent on purpose was caught, so an empty list means something.
    """

    level: str
    packets: tuple[Packet, ...]
    trial_seen: bool
    why: str = ""
