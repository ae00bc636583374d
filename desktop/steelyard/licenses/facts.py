"""What Steelyard knows about each license: its own reading, a JSON file each under `resources/licenses`.

A file is parsed once, strictly. Some claims are impossible by construction: a `yes`, `no` or
`conditional` without the clause that says so, and `not-mentioned` for a license that was not read in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.base.paths import resource
from steelyard.licenses.errors import LicenseDataDamaged
from steelyard.licenses.questions import QUESTIONS
from steelyard.licenses.records import Answer, AnswerState, Obligation

READ_IN_FULL = "full"
READINGS = (READ_IN_FULL, "partial", "secondary", "not_read")
MOST_LOCATOR_WORDS = 8

_SPACE = re.compile(r"[\s_]+")
_KEYS = frozenset(
    ("id", "name", "spdx", "aliases", "read", "source", "version", "answers", "obligations")
)


@dataclass(frozen=True)
class LicenseFacts:
    """Our reading of one license.

    Attributes:
        id: stable, lower case; the hub's tag where there is one.
        name: as people say it.
        spdx: SPDX identifier or `LicenseRef-`, or None.
        aliases: tags, license names and identifiers that mean this license and no other.
        read: `full`, `partial`, `secondary` (others' summaries only) or `not_read`.
        source: which copy was read.
        version: year and month of the reading.
        answers: one per question, in the grid's order, without passages.
        obligations: what a user must do.
        locators: per question, up to eight words by which the passage is found in a copy of the text.
    """

    id: str
    name: str
    spdx: str | None
    aliases: tuple[str, ...]
    read: str
    source: str
    version: str
    answers: tuple[Answer, ...]
    obligations: tuple[Obligation, ...]
    locators: Mapping[str, str]


def alias_key(tag: str) -> str:
    """The form in which tags are compared: lower case, each run of spaces or underscores one hyphen."""
    return _SPACE.sub("-", tag.strip().lower())


def parse_facts(data: bytes, file: str) -> LicenseFacts:
    """One license file.

    Raises:
        LicenseDataDamaged: a field is missing, superfluous or of the wrong type, or the file claims
            what cannot be claimed (see the module's promise).
    """
    try:
        raw = strict_loads(data, what=file)
        return _facts(_mapping(raw, _KEYS))
    except (MalformedInput, ValueError, KeyError, TypeError) as error:
        raise LicenseDataDamaged(
            f"The license file {file} is damaged ({error}).",
            next_step="Install Steelyard again.",
            file=file,
        ) from error


def _facts(raw: dict[str, Json]) -> LicenseFacts:
    cells = _mapping(raw["answers"], frozenset(question.key for question in QUESTIONS))
    read = _text(raw["read"])
    if read not in READINGS:
        raise ValueError(f"read is {read!r}")
    locators: dict[str, str] = {}
    answers: list[Answer] = []
    for question in QUESTIONS:
        cell = cast("dict[str, Json]", cells[question.key])
        answer, locator = _answer(question.key, cell, read)
        answers.append(answer)
        if locator:
            locators[question.key] = locator
    spdx = raw["spdx"]
    return LicenseFacts(
        id=_text(raw["id"]),
        name=_text(raw["name"]),
        spdx=None if spdx is None else _text(spdx),
        aliases=tuple(_text(alias) for alias in _list(raw["aliases"])),
        read=read,
        source=_text(raw["source"]),
        version=_text(raw["version"]),
        answers=tuple(answers),
        obligations=tuple(_obligation(item) for item in _list(raw["obligations"])),
        locators=locators,
    )


def _answer(question: str, cell: dict[str, Json], read: str) -> tuple[Answer, str]:
    _mapping(cell, frozenset(("state", "clause", "fact", "passage")), optional=("passage",))
    state = AnswerState(_text(cell["state"]))
    clause = _text(cell["clause"], empty=True)
    locator = _text(cell["passage"]) if "passage" in cell else ""
    if state in (AnswerState.YES, AnswerState.CONDITIONAL, AnswerState.NO) and not clause:
        raise ValueError(f"{question} is answered {state} without a clause")
    if state is AnswerState.NOT_MENTIONED and (clause or read != READ_IN_FULL):
        raise ValueError(f"{question} is not mentioned, yet has a clause or was not read in full")
    if len(locator.split()) > MOST_LOCATOR_WORDS or (locator and not clause):
        raise ValueError(f"{question} has a locator that is too long or has no clause")
    return Answer(question, state, clause, _text(cell["fact"])), locator


def _obligation(item: Json) -> Obligation:
    fields = _mapping(item, frozenset(("text", "clause")))
    return Obligation(_text(fields["text"]), _text(fields["clause"]))


def _mapping(value: Json, keys: frozenset[str], optional: tuple[str, ...] = ()) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("an object is missing")
    if value.keys() | set(optional) != keys | set(optional):
        raise ValueError(f"the fields are {sorted(value)}")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return value


def _text(value: Json, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty) or value != value.strip():
        raise TypeError(f"{value!r} is not a plain text")
    return value


@dataclass(frozen=True)
class Collection:
    """All licenses, by identifier and by alias."""

    by_id: Mapping[str, LicenseFacts]
    by_alias: Mapping[str, LicenseFacts]


def collect(folder: Path) -> Collection:
    """Every license file in a folder.

    Raises:
        LicenseDataDamaged: a file is damaged, misnamed, or claims another license's alias.
        OSError: a file cannot be read.
    """
    by_id: dict[str, LicenseFacts] = {}
    by_alias: dict[str, LicenseFacts] = {}
    for path in sorted(folder.glob("*.json")):
        facts = parse_facts(path.read_bytes(), path.name)
        taken = [
            a for a in map(alias_key, (facts.id, *facts.aliases)) if by_alias.get(a, facts) != facts
        ]
        if path.stem != facts.id or taken:
            raise LicenseDataDamaged(
                f"The license file {path.name} is misnamed or claims what another has: {taken}.",
                next_step="Install Steelyard again.",
                file=path.name,
            )
        by_id[facts.id] = facts
        by_alias.update((alias_key(alias), facts) for alias in (facts.id, *facts.aliases))
    return Collection(by_id, by_alias)


@cache
def shipped() -> Collection:
    """The licenses that come with Steelyard, read once.

    Raises:
        NotFound: the folder is missing from the installation.
        LicenseDataDamaged: a file is damaged.
    """
    return collect(resource("licenses"))
