"""What licenses say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.licenses.records import Answer, Neighbour, Obligation, Verdict, Witness


@dataclass(frozen=True)
class ShowLicense:
    """The license of a model in the store."""

    model: str


@dataclass(frozen=True)
class ExplainLicense:
    """A known license by its identifier (SPDX, hub tag or ours)."""

    id: str


@dataclass(frozen=True)
class IdentifyLicense:
    """Recognise a license text."""

    file: Path


@dataclass(frozen=True)
class LicenseAnswers:
    """The grid.

    Attributes:
        answers: by question, in the grid's order.
        text: the license text that came with the model, or None; text from outside.
    """

    id: str | None
    name: str
    answers: dict[str, Answer]
    findings: tuple[str, ...]
    obligations: tuple[Obligation, ...]
    witnesses: tuple[Witness, ...]
    summary_version: str
    text_digest: str | None = None
    text_path: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class LicenseIdentified:
    """What a text is."""

    id: str | None
    verdict: Verdict
    neighbours: tuple[Neighbour, ...]
    left_over_chars: int
    left_over: tuple[str, ...]
    text_digest: str
