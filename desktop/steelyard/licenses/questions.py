"""The fourteen questions of the grid, and which of two answers is the stricter.

Each question is put so that `yes` is the freer answer. Titles are English as in the window; a face
translates them by key.
"""

from __future__ import annotations

from collections.abc import Iterable

from steelyard.licenses.records import Answer, AnswerState, Question

USING = "using"
PASSING_ON = "passing-on"
LEGAL = "legal"

QUESTIONS = (
    Question("commercial_use", "Commercial use", USING),
    Question("scale_limits", "Any scale", USING),
    Question("acceptable_use", "Any purpose", USING),
    Question("territory_field", "Any field and territory", USING),
    Question("outputs_to_train", "Outputs for training", USING),
    Question("redistribution", "Redistribution", PASSING_ON),
    Question("derivatives", "Derivatives", PASSING_ON),
    Question("naming_display", "Free choice of name", PASSING_ON),
    Question("attribution_notice", "Without notices", PASSING_ON),
    Question("patent", "Patent license", LEGAL),
    Question("termination", "Safe from termination", LEGAL),
    Question("indemnity_liability", "No indemnity owed", LEGAL),
    Question("governing_law", "Free choice of law", LEGAL),
    Question("licensor_can_change", "Terms stay as they are", LEGAL),
)

STRICTNESS = {
    AnswerState.YES: 0,
    AnswerState.NOT_MENTIONED: 1,
    AnswerState.CONDITIONAL: 2,
    AnswerState.NOT_KNOWN: 3,
    AnswerState.NO: 4,
}
"""Rank of each state. What nobody read may be a no, so it is stricter than a condition that was read."""


def strictness(answers: Iterable[Answer]) -> int:
    """How strict a license is as a whole: the sum of its answers' ranks, 0 (all yes) to 56 (all no)."""
    return sum(STRICTNESS[answer.state] for answer in answers)
