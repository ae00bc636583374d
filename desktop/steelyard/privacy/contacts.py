"""Addresses of people: e-mail by the form that mail systems accept (RFC 5321's plain form), telephone numbers by
the libphonenumber tables of each country, postal addresses by what a street and a postcode look like in English
and German."""

from __future__ import annotations

import re
from collections.abc import Iterator

from steelyard.privacy.records import Finding, Kind

REGIONS = ("DE", "GB", "US")
"""Whose national forms are known; a number with a plus sign is recognised from anywhere."""

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9](?:[\w.+'-]{0,62}[\w+-])?@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[A-Za-z]{2,24}\b"
)
_DE_STREET = re.compile(
    r"\b(?:[A-ZÄÖÜ][\wäöüß.-]*[ -]){0,3}[A-ZÄÖÜ]?[\wäöüß-]*(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ring|damm|ufer"
    r"|Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer)"
    r" \d{1,4} ?[a-z]?(?:[-/]\d{1,4})?\b"
    r"(?:,? {0,2}\n?(?:D-)?\d{5} [A-ZÄÖÜ][\wäöüß.-]+"
    r"(?:[ -](?:(?:am|an|im|in|ob|bei|vor|der|dem|den) )*[A-ZÄÖÜ(][\wäöüß.)-]+){0,2})?"
)
_DE_TOWN = re.compile(
    r"(?:(?<=, )|(?<=\n)|(?<=in )|(?<=aus )|\bD-)"
    r"\d{5} [A-ZÄÖÜ][a-zäöüß]{2,}(?:[ -][A-ZÄÖÜ][\wäöüß-]+){0,2}\b"
)
_EN_STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?(?: [NSEW]\.?)? (?:[A-Z][\w'.-]+ ){1,4}"
    r"(?:Street|St\.?|Avenue|Ave\.?|Road|Rd\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Way|Court|Ct\.?|Place|Pl\.?"
    r"|Terrace|Square|Sq\.?|Close|Crescent|Gardens|Parkway|Pkwy\.?|Highway|Hwy\.?)(?![\w])"
    r"(?:,? (?:Apt\.?|Suite|Ste\.?|Unit|Flat) ?\w{1,6})?"
    r"(?:,? {0,2}\n?[A-Z][\w'.-]+(?: [A-Z][\w'.-]+){0,2})?"
    r"(?:,? {0,2}(?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))?"
)
_US_LINE = re.compile(
    r"\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'.-]+ ?){1,4}(?:(?:Apt\.?|Suite|Ste\.?|Unit) \w{1,6})?,? {0,2}\n?"
    r"[A-Z][\w'.-]+(?: [A-Z][\w'.-]+){0,2},? [A-Z]{2} \d{5}(?:-\d{4})?\b"
)
_US_TOWN = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}, [A-Z]{2} \d{5}(?:-\d{4})?\b")
_GB_CODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")


def find(text: str) -> Iterator[Finding]:
    """E-mail addresses, telephone numbers and postal addresses."""
    for match in _EMAIL.finditer(text):
        yield Finding(Kind.EMAIL, match.start(), match.end(), "email")
    yield from _phones(text)
    for detector, form in (
        ("de-street", _DE_STREET),
        ("de-town", _DE_TOWN),
        ("en-street", _EN_STREET),
        ("us-line", _US_LINE),
        ("us-town", _US_TOWN),
        ("gb-postcode", _GB_CODE),
    ):
        for match in form.finditer(text):
            yield Finding(Kind.ADDRESS, match.start(), match.end(), detector)


_PHONE_CUE = re.compile(
    r"(?i)(?:\b(?:tel|telefon|telephone|phone|mobile|mobil|handy|fax|call(?:ed|s)?|ring|rufnummer|durchwahl|"
    r"r(?:ü|ue)ckruf|anruf(?:en)?|rufen)\b[^\n]{0,24}|\n)$"
)
_SPOKEN = re.compile(r"(?<![\w.])\+?\(?\d[\d ()/.\u2013-]{5,22}\d(?: ?x\d{1,6})?(?![\w-])")
"""What people write where a telephone number is expected, assigned to anyone or not."""


def _phones(text: str) -> Iterator[Finding]:
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415  # only when something is redacted

    for region in REGIONS:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            yield Finding(Kind.PHONE, match.start, match.end, f"phone-{region}")
    for spoken in _SPOKEN.finditer(text):
        before = text[max(0, spoken.start() - 40) : spoken.start()]
        alone = text[spoken.end() : spoken.end() + 1] in ("", "\n") or not before.endswith("\n")
        digits = sum(c.isdigit() for c in spoken[0])
        if 6 <= digits <= 17 and alone and _PHONE_CUE.search(before):
            yield Finding(Kind.PHONE, spoken.start(), spoken.end(), "phone-cue")
