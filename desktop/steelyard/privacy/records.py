"""What is found in a text, and how much of a text is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What something in a text is."""

    SECRET = "secret"  # noqa: S105  # a kind, not a password
    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"
    TAX = "tax-number"
    HEALTH = "health-number"
    NAME = "name"
    ADDRESS = "address"
    SITE = "site"


class Level(StrEnum):
    """How much of prompts and answers is kept."""

    NOTHING = "nothing"
    METADATA = "metadata"
    REDACTED = "redacted"
    FULL = "full"


@dataclass(frozen=True)
class Finding:
    """A stretch of a text.

    Attributes:
        start, end: character positions, `end` not included.
        detector: what found it, for whoever doubts it.
    """

    kind: Kind
    start: int
    end: int
    detector: str


@dataclass(frozen=True)
class Redacted:
    """A text with every finding replaced by `[kind N]`; the same value has the same number in one text."""

    text: str
    findings: tuple[Finding, ...]
