"""Numbers that prove themselves: account, card, tax and health numbers, each by its own check digit, so that an
order number is not taken for one. The check digits are python-stdnum's, but for the German health insurance
number, which it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from steelyard.privacy.records import Finding, Kind

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d-])")
_ELEVEN = re.compile(r"(?<![\d./-])\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}(?![\d/-])")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_NHS = re.compile(r"(?<![\d-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])")
_KVNR = re.compile(r"\b[A-Z]\d{9}\b")
_VAT = re.compile(r"\bDE ?\d{9}\b")
_NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_NEAR = 40
"""Characters before a number in which a word may say what it is."""


@dataclass(frozen=True)
class _Rule:
    kind: Kind
    detector: str
    form: re.Pattern[str]
    holds: Callable[[str], bool]
    cue: re.Pattern[str] | None = None


def find(text: str) -> Iterator[Finding]:
    """Every number whose check digit holds; where the check is weak, a word before it must agree."""
    for rule in _rules():
        for match in rule.form.finditer(text):
            if not rule.holds(match[0]):
                continue
            before = text[max(0, match.start() - _NEAR) : match.start()]
            if rule.cue is None or rule.cue.search(before):
                yield Finding(rule.kind, match.start(), match.end(), rule.detector)


def _health_insurance(number: str) -> bool:
    """Krankenversichertennummer: letter as two digits, nine digits, weights 1 2 1 2 …, sum of digits modulo 10
    (GKV-Spitzenverband, "Bildung der Krankenversichertennummer")."""
    digits = f"{ord(number[0]) - ord('A') + 1:02d}{number[1:9]}"
    products = (int(digit) * (1 + index % 2) for index, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[9])


def _same_digits(number: str) -> bool:
    return len(set(re.sub(r"\D", "", number))) <= 1


def _rules() -> tuple[_Rule, ...]:
    from stdnum import iban, luhn  # noqa: PLC0415  # only when something is redacted
    from stdnum.de import idnr, vat  # noqa: PLC0415
    from stdnum.gb import nhs  # noqa: PLC0415
    from stdnum.us import ssn  # noqa: PLC0415

    def card(number: str) -> bool:
        bare = re.sub(r"\D", "", number)
        return bare[0] in "3456" and bool(luhn.is_valid(bare)) and not _same_digits(number)

    health = re.compile(r"(?i)\b(nhs|health|patient|medical)\b")
    return (
        _Rule(Kind.IBAN, "iban", _IBAN, lambda number: bool(iban.is_valid(number))),
        _Rule(Kind.CARD, "luhn", _CARD, card),
        _Rule(Kind.TAX, "de-idnr", _ELEVEN, lambda number: bool(idnr.is_valid(number))),
        _Rule(Kind.TAX, "de-vat", _VAT, lambda number: bool(vat.is_valid(number))),
        _Rule(Kind.TAX, "us-ssn", _SSN, lambda number: bool(ssn.is_valid(number))),
        _Rule(Kind.TAX, "gb-nino", _NINO, lambda _: True),
        _Rule(Kind.HEALTH, "de-kvnr", _KVNR, _health_insurance),
        _Rule(Kind.HEALTH, "gb-nhs", _NHS, lambda number: bool(nhs.is_valid(number)), health),
    )
