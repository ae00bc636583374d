"""Three witnesses for one model's license: the card's tag, the license file, the header.

They are heard separately and shown side by side. Where they disagree, a finding says so and the strictest
counts. The rule: a witness that names a license nobody here knows outweighs all, since nothing can be
answered from it. Among known licenses the one with the strictest answers as a whole is named (see
`questions.strictness`; of equals the file, then the header, then the card), and on each single question
the strictest answer among all of them is given, with the license it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from steelyard.licenses.errors import LicenseTextNotText, LicenseTextTooLarge
from steelyard.licenses.facts import READ_IN_FULL, LicenseFacts, shipped
from steelyard.licenses.identification import identify
from steelyard.licenses.passages import passage
from steelyard.licenses.questions import QUESTIONS, STRICTNESS, strictness
from steelyard.licenses.records import (
    Answer,
    AnswerState,
    Identification,
    LicenseSummary,
    Verdict,
    Witness,
)
from steelyard.licenses.tags import family_of, is_no_statement, known_id
from steelyard.licenses.words import read_words, words_of

CARD = "card"
FILE = "file"
HEADER = "header"
NOT_KNOWN_NAME = "Not known"

_SPOKEN = {CARD: "model card", FILE: "license file", HEADER: "GGUF header"}
_WEIGHT = {FILE: 0, HEADER: 1, CARD: 2}
_LONGEST_TAG_WORDS = 40
_LONGEST_QUOTE_CHARS = 80
_READ_FINDINGS = {
    "partial": "Only parts of the {name} were read; the other questions are not known.",
    "secondary": "The {name} itself was not read, only what others say about it.",
    "not_read": "The {name} was not read; nothing is answered from it.",
}


@dataclass(frozen=True)
class Evidence:
    """What the witnesses say, as found.

    Attributes:
        card: the card's tag, such as `apache-2.0` or `other: llama3.1`; None when there is none.
        header: the value of `general.license` in a GGUF header; None when there is none.
        license_text: the license file that came with the model; None when there is none.
        text_path: its path in the model; `LICENSE` is assumed.
        card_where, header_where: file and line, or header key, to show.
    """

    card: str | None
    header: str | None
    license_text: str | None
    text_path: str | None
    card_where: str
    header_where: str


@dataclass(frozen=True)
class _File:
    """The license file, judged."""

    witness: Witness
    identification: Identification | None
    findings: tuple[str, ...]

    @property
    def has_additions(self) -> bool:
        found = self.identification
        return found is not None and found.verdict is Verdict.KNOWN_WITH_ADDITIONS


def weigh(evidence: Evidence) -> LicenseSummary:
    """Hear the witnesses and answer the fourteen questions. Never fails for what a witness says."""
    file = _hear_file(evidence)
    card = _hear_tag(CARD, evidence.card, evidence.card_where)
    header = _hear_tag(HEADER, evidence.header, evidence.header_where)
    witnesses = (card, file.witness, header)
    strangers = [w for w in witnesses if _names_unknown(w, witnesses)]
    known = {w.id for w in witnesses if w.id is not None}
    if strangers or not known:
        return _not_known(witnesses, strangers, file)
    return _known(witnesses, file, evidence)


def _hear_tag(kind: str, says: str | None, where: str) -> Witness:
    says = (says or "").strip() or None
    identifier = known_id(says)
    if identifier is None and says and len(words_of(says)) > _LONGEST_TAG_WORDS:
        identifier, says = _hear_long_text(says)
    return Witness(kind, says, identifier, where)


def _hear_long_text(text: str) -> tuple[str | None, str]:
    """A header may hold the whole license instead of a tag; only an unchanged one is taken at its word."""
    quote = _first_line(text)
    try:
        found = identify(text)
    except (LicenseTextTooLarge, LicenseTextNotText):
        return None, quote
    return (found.id if found.verdict is Verdict.KNOWN else None), quote


def _hear_file(evidence: Evidence) -> _File:
    text = evidence.license_text
    if text is None or not text.strip():
        return _File(Witness(FILE, None, None, ""), None, ())
    where = evidence.text_path or "LICENSE"
    try:
        found = identify(text)
    except (LicenseTextTooLarge, LicenseTextNotText) as error:
        return _File(Witness(FILE, "not readable", None, where), None, (error.message,))
    if found.id is None:
        return _File(Witness(FILE, _first_line(text), None, where), found, (_unknown_text(found),))
    name = shipped().by_id[found.id].name
    findings = (_additions(found, name),) if found.left_over else ()
    return _File(Witness(FILE, name, found.id, where), found, findings)


def _first_line(text: str) -> str:
    line = next(
        (line.strip(" \t\r#*=-") for line in text.splitlines() if line.strip(" \t\r#*=-")), ""
    )
    return line if len(line) <= _LONGEST_QUOTE_CHARS else line[: _LONGEST_QUOTE_CHARS - 1] + "…"


def _unknown_text(found: Identification) -> str:
    nearest = found.neighbours[0] if found.neighbours else None
    if nearest is None:
        return (
            "The license file is none of the texts Steelyard knows. Read it before using the model."
        )
    return (
        f"The license file is none of the texts Steelyard knows. The nearest is {nearest.id} "
        f"({nearest.resemblance:.0%} alike), but words differ. Read it before using the model."
    )


def _additions(found: Identification, name: str) -> str:
    first = " ".join(found.left_over[0].split()).rstrip(".")
    quote = first if len(first) <= _LONGEST_QUOTE_CHARS else first[: _LONGEST_QUOTE_CHARS - 1] + "…"
    also = (
        f" It also holds the whole text of {', '.join(shipped().by_id[i].name for i in found.also)}."
        if found.also
        else ""
    )
    return (
        f"The license file holds {found.left_over_chars:,} characters that the {name} does not have, "
        f"beginning “{quote}”.{also} Until a person has read them, no answer is better than With conditions."
    )


def _names_unknown(witness: Witness, witnesses: Sequence[Witness]) -> bool:
    """Whether a witness names a license that is not known: neither silent nor a family others belong to."""
    if witness.id is not None or witness.says is None:
        return False
    if witness.kind == FILE:
        return True
    if is_no_statement(witness.says):
        return False
    family = family_of(witness.says)
    members = [w.id for w in witnesses if w.id is not None]
    return family is None or not members or not all(family in member for member in members)


def _not_known(
    witnesses: Sequence[Witness], strangers: Sequence[Witness], file: _File
) -> LicenseSummary:
    findings = list(file.findings)
    counting = min(strangers, key=lambda w: _WEIGHT[w.kind], default=None)
    findings += [
        f"The {_SPOKEN[w.kind]} names a license that Steelyard does not know: {_quoted(w)}."
        for w in strangers
        if w.kind != FILE
    ]
    others = [w for w in witnesses if w.id is not None]
    if others:
        findings.insert(
            0, f"The witnesses disagree. {_sayings(witnesses)} What is not known outweighs what is."
        )
    if not strangers:
        findings.append(
            "No license is named: not by the card, nor by a license file, nor by the header."
        )
    return LicenseSummary(
        id=None,
        name=NOT_KNOWN_NAME,
        spdx=None,
        answers=tuple(
            Answer(q.key, AnswerState.NOT_KNOWN, "", "The license is not known") for q in QUESTIONS
        ),
        obligations=(),
        witnesses=tuple(replace(w, counts=w is counting) for w in witnesses),
        findings=tuple(findings),
        summary_version=next(iter(shipped().by_id.values())).version,
        text_digest=file.identification.text_digest if file.identification else None,
        text_path=file.witness.where if file.witness.says else None,
        read="not_read",
        identification=file.identification,
    )


def _known(witnesses: Sequence[Witness], file: _File, evidence: Evidence) -> LicenseSummary:
    speaking = sorted((w for w in witnesses if w.id is not None), key=lambda w: _WEIGHT[w.kind])
    heard: dict[str, tuple[Answer, ...]] = {}
    for witness in speaking:
        facts = shipped().by_id[str(witness.id)]
        own_text = witness.kind == FILE
        if own_text or facts.id not in heard:
            heard.setdefault(
                facts.id,
                _answers(
                    facts,
                    evidence.license_text if own_text else None,
                    file.has_additions and own_text,
                ),
            )
    counting = max(speaking, key=lambda w: strictness(heard[str(w.id)]))
    facts = shipped().by_id[str(counting.id)]
    findings = list(file.findings)
    if len(heard) > 1:
        findings.insert(
            0, f"The witnesses disagree. {_sayings(witnesses)} The strictest counts: {facts.name}."
        )
    if file.identification is None:
        findings.append("No license text came with the model. The answers rest on a tag alone.")
    findings += read_findings(facts)
    return LicenseSummary(
        id=facts.id,
        name=facts.name,
        spdx=facts.spdx,
        answers=_strictest(facts.id, heard),
        obligations=facts.obligations,
        witnesses=tuple(replace(w, counts=w is counting) for w in witnesses),
        findings=tuple(findings),
        summary_version=facts.version,
        text_digest=file.identification.text_digest if file.identification else None,
        text_path=file.witness.where if file.witness.says else None,
        read=facts.read,
        identification=file.identification,
    )


def read_findings(facts: LicenseFacts) -> list[str]:
    """What to say about a license that was not read in full; empty for one that was."""
    if facts.read == READ_IN_FULL:
        return []
    return [_READ_FINDINGS[facts.read].format(name=facts.name)]


def _answers(facts: LicenseFacts, text: str | None, additions: bool) -> tuple[Answer, ...]:
    """A license's answers, with passages from the text at hand, and no better than its additions allow."""
    answers = facts.answers
    if text is not None:
        document = read_words(text)
        answers = tuple(
            replace(answer, passage=passage(document, facts.locators[answer.question]))
            if answer.question in facts.locators
            else answer
            for answer in answers
        )
    return tuple(map(_capped, answers)) if additions else answers


def _capped(answer: Answer) -> Answer:
    """With unread additions a yes is at best conditional, and silence is not known to be silence."""
    if answer.state is AnswerState.YES:
        return replace(
            answer,
            state=AnswerState.CONDITIONAL,
            fact=f"{answer.fact}; read the added passages first",
        )
    if answer.state is AnswerState.NOT_MENTIONED:
        return replace(
            answer,
            state=AnswerState.NOT_KNOWN,
            fact="The known text does not say; the added passages were not read",
        )
    return answer


def _strictest(own: str, heard: Mapping[str, tuple[Answer, ...]]) -> tuple[Answer, ...]:
    """On each question the strictest answer; of equals the counting license's own."""
    result: list[Answer] = []
    for index, answer in enumerate(heard[own]):
        for identifier, answers in heard.items():
            other = answers[index]
            if STRICTNESS[other.state] > STRICTNESS[answer.state]:
                name = shipped().by_id[identifier].name
                answer = replace(other, fact=f"{other.fact} ({name})")  # noqa: PLW2901  # the stricter one
        result.append(answer)
    return tuple(result)


def _sayings(witnesses: Sequence[Witness]) -> str:
    """`Model card: apache-2.0. License file: Llama 3.1 Community License.`, in the order they are shown."""
    return " ".join(
        f"{_SPOKEN[w.kind][0].upper()}{_SPOKEN[w.kind][1:]}: {_quoted(w)}."
        for w in witnesses
        if w.says is not None
    )


def _quoted(witness: Witness) -> str:
    says = " ".join((witness.says or "").split())
    return says if len(says) <= _LONGEST_QUOTE_CHARS else says[: _LONGEST_QUOTE_CHARS - 1] + "…"
