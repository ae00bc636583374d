"""Finding everything in a text and taking it out.

Where findings overlap, the longer one stands; of equal ones the one whose detector proves more. The same value
gets the same number within a text, so that a conversation can still be followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from steelyard.base.errors import MalformedInput
from steelyard.privacy import contacts, numbers, people, secrets
from steelyard.privacy.records import Finding, Kind, Redacted

MAX_PATTERN_CHARS = 500

_DETECTORS: tuple[Callable[[str], Iterator[Finding]], ...] = (
    secrets.find,
    numbers.find,
    contacts.find,
    people.find,
)
_RANK = {kind: rank for rank, kind in enumerate((
    Kind.SITE, Kind.SECRET, Kind.IBAN, Kind.CARD, Kind.EMAIL, Kind.TAX, Kind.HEALTH, Kind.PHONE, Kind.ADDRESS,
    Kind.NAME,
))}  # fmt: skip


def compile_site_patterns(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """A site's own patterns, such as personnel numbers.

    Raises:
        MalformedInput: one is no regular expression, is too long, or also fits an empty text.
    """
    compiled = []
    for pattern in patterns:
        try:
            form = re.compile(pattern)
        except re.error as error:
            raise MalformedInput(
                f"The pattern {pattern[:80]!r} is no regular expression: {error}.",
                next_step="Correct privacy.site-patterns.",
                pattern=pattern[:200],
            ) from error
        if len(pattern) > MAX_PATTERN_CHARS or form.fullmatch(""):
            raise MalformedInput(
                f"The pattern {pattern[:80]!r} is too long, or fits everywhere.",
                next_step="Correct privacy.site-patterns.",
                pattern=pattern[:200],
            )
        compiled.append(form)
    return tuple(compiled)


def find(text: str, site: Sequence[re.Pattern[str]] = ()) -> tuple[Finding, ...]:
    """Everything that was found, in order, without overlaps."""
    found = [each for detector in _DETECTORS for each in detector(text)]
    found += [
        Finding(Kind.SITE, match.start(), match.end(), "site")
        for form in site
        for match in form.finditer(text)
        if match.end() > match.start()
    ]
    found.sort(key=lambda each: (_RANK[each.kind] > 1, each.start - each.end, _RANK[each.kind]))
    kept: list[Finding] = []
    for each in found:
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.start))


def redact(text: str, site: Sequence[re.Pattern[str]] = ()) -> Redacted:
    """The text without what was found."""
    findings = find(text, site)
    numbers_given: dict[tuple[Kind, str], int] = {}
    counts: dict[Kind, int] = {}
    pieces, position = [], 0
    for each in findings:
        value = (each.kind, re.sub(r"\s+", " ", text[each.start : each.end]).casefold())
        if value not in numbers_given:
            counts[each.kind] = counts.get(each.kind, 0) + 1
            numbers_given[value] = counts[each.kind]
        pieces += [text[position : each.start], f"[{each.kind} {numbers_given[value]}]"]
        position = each.end
    return Redacted("".join([*pieces, text[position:]]), findings)
