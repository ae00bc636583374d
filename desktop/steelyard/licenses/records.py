"""What a license answers: fourteen questions, each with a state, the clause and, where the text is at hand,
the passage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnswerState(StrEnum):
    """`yes` is always the freer answer. Silence is not permission, and unread is not silence."""

    YES = "yes"
    CONDITIONAL = "conditional"
    NO = "no"
    NOT_MENTIONED = "not-mentioned"
    NOT_KNOWN = "not-known"


class Verdict(StrEnum):
    """How sure identification of a text is."""

    KNOWN = "known"
    KNOWN_WITH_ADDITIONS = "known-with-additions"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """One question's answer.

    Attributes:
        question: its stable key, such as `commercial_use`.
        state: one of five.
        clause: where the license says so, or empty.
        fact: a short sentence in our words.
        passage: the words of the text that came with the model, or None without such a text.
    """

    question: str
    state: AnswerState
    clause: str
    fact: str
    passage: str | None = None


@dataclass(frozen=True)
class Question:
    """A question of the grid. `group` is `using`, `passing-on` or `legal`."""

    key: str
    title: str
    group: str


@dataclass(frozen=True)
class Obligation:
    """Something the user must do; ticked by nobody but a person."""

    text: str
    clause: str


@dataclass(frozen=True)
class Neighbour:
    """A known text and how much it resembles the one at hand, 0 to 1."""

    id: str
    resemblance: float


@dataclass(frozen=True)
class Identification:
    """What a license text is.

    Attributes:
        id: the known license's identifier, or None.
        verdict: known, known-with-additions or unknown.
        neighbours: closest known texts, nearest first.
        left_over_chars: characters of the text that the known license does not account for.
        left_over: those passages.
        text_digest: `sha256:` of the text's bytes.
        also: other known licenses whose whole text stands in the left-over passages.
        changes: for an unknown text near a known one, the places where it departs from the nearest.
    """

    id: str | None
    verdict: Verdict
    neighbours: tuple[Neighbour, ...]
    left_over_chars: int
    left_over: tuple[str, ...]
    text_digest: str
    also: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Witness:
    """One place that names a license. `kind` is `card`, `file` or `header`.

    Attributes:
        says: the words found there, or None when the witness is silent.
        id: the known license they mean, or None: not known.
        where: file and line, or header key.
        counts: True for the one whose answer is used.
    """

    kind: str
    says: str | None
    id: str | None
    where: str
    counts: bool = False


@dataclass(frozen=True)
class LicenseSummary:
    """The whole answer for a model or a license.

    Attributes:
        id: the license that counts, or None.
        name: its full name.
        answers: one per question, in the grid's order.
        witnesses: empty when a license is explained without a model.
        findings: sentences a person must see: disagreement, additions, unknown texts.
        summary_version: the version of our reading.
        text_digest: of the license text that came with the model, or None.
        read: how much of the license was read for it: `full`, `partial`, `secondary` (others' summaries only)
            or `not_read`.
        identification: what the license text that came with the model is, or None without one.
    """

    id: str | None
    name: str
    spdx: str | None
    answers: tuple[Answer, ...]
    obligations: tuple[Obligation, ...]
    witnesses: tuple[Witness, ...]
    findings: tuple[str, ...]
    summary_version: str
    text_digest: str | None = None
    text_path: str | None = None
    read: str = "full"
    identification: Identification | None = None
