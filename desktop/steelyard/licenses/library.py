"""What other rooms may ask about licenses.

Nothing here opens a network connection or runs an engine. Everything is answered from the shipped reading and
fingerprints and from the words of the text at hand; what is not known is said to be not known. A
summary is not legal advice.
"""

from __future__ import annotations

from difflib import get_close_matches

from steelyard.licenses.errors import UnknownLicense
from steelyard.licenses.facts import alias_key, shipped
from steelyard.licenses.identification import identify, read_license
from steelyard.licenses.questions import QUESTIONS
from steelyard.licenses.records import LicenseSummary, Question
from steelyard.licenses.tags import card_tag, known_id
from steelyard.licenses.witnesses import Evidence, read_findings, weigh

__all__ = [
    "available",
    "card_tag",
    "explain",
    "identify",
    "known_id",
    "questions",
    "read_license",
    "summarise",
]


def questions() -> tuple[Question, ...]:
    """The fourteen questions in the grid's order. `yes` is always the freer answer."""
    return QUESTIONS


def available() -> tuple[str, ...]:
    """Identifiers of every license there is a reading of, in alphabetical order."""
    return tuple(sorted(shipped().by_id))


def explain(license_id: str) -> LicenseSummary:
    """What a license says, without a model.

    Args:
        license_id: its identifier, SPDX identifier, hub tag or name.

    Raises:
        UnknownLicense: nothing goes by that name; names close to it are suggested.
    """
    known = known_id(license_id)
    if known is None:
        close = get_close_matches(alias_key(license_id), sorted(shipped().by_alias), n=3)
        raise UnknownLicense(
            f"There is no reading of a license called {license_id!r}.",
            next_step=f"Did you mean {' or '.join(close)}?"
            if close
            else "Identify its text instead: license identify FILE.",
            name=license_id,
        )
    facts = shipped().by_id[known]
    return LicenseSummary(
        id=facts.id,
        name=facts.name,
        spdx=facts.spdx,
        answers=facts.answers,
        obligations=facts.obligations,
        witnesses=(),
        findings=tuple(read_findings(facts)),
        summary_version=facts.version,
        read=facts.read,
    )


def summarise(
    *,
    card: str | None,
    header: str | None,
    license_text: str | None,
    text_path: str | None,
    card_where: str = "",
    header_where: str = "general.license",
) -> LicenseSummary:
    """What a model's license says, from its three witnesses.

    Args:
        card: the model card's tag (see `card_tag`), or None.
        header: the license value of the GGUF header, or None.
        license_text: the license file that came with the model, or None.
        text_path: that file's path in the model, or None.
        card_where: file and line of the card's tag, to show.
        header_where: the header's key, to show.

    Returns:
        The summary. Disagreement, additions and unknown texts are findings; the strictest witness counts (see
        `witnesses`). A license file that cannot be read as text counts as unknown, with a finding.
    """
    return weigh(Evidence(card, header, license_text, text_path, card_where, header_where))
