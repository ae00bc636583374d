"""Which license a tag means: SPDX identifiers, hub tags, `license_name` conventions, names in words.

A tag is understood only when it means exactly one license. `bsd`, `exaone` or `modified-mit` name several
with different terms, and stay not known.
"""

from __future__ import annotations

import re

from steelyard.licenses.facts import alias_key, shipped

NO_STATEMENT = frozenset(("", "other", "unknown", "none", "n/a", "na", "-", "null"))
"""What publishers write when they name no license. Not a disagreement with one who does."""

FAMILIES = {
    "bsd": "bsd-",
    "cc": "cc",
    "creativecommons": "cc",
    "llama": "llama",
    "openrail": "openrail",
}
"""Tags that name a family: they agree with any license whose identifier holds that text, and name none."""

_OTHER = re.compile(r"other\b[\s:+(,/;-]*(?:license[_-]?name\b[\s:=]*)?(?P<name>.*?)\)?")


def known_id(tag: str | None) -> str | None:
    """The identifier of the license that a tag means, or None: not known.

    Args:
        tag: such as `Apache-2.0`, `license:mit`, `LicenseRef-scancode-llama-3.1-license-2024`, `gemma`, or
            `other: llama3.1` for a card with `license: other` and `license_name: llama3.1`, in any case.
    """
    if tag is None:
        return None
    text = tag.strip().strip("'\"").removeprefix("license:").strip()
    facts = shipped().by_alias.get(alias_key(text))
    if facts is None and (match := _OTHER.fullmatch(text.lower())):
        facts = shipped().by_alias.get(alias_key(match["name"]))
    return facts.id if facts else None


def card_tag(license_tag: str | None, license_name: str | None = None) -> str | None:
    """One line for what a model card says, from its `license` and `license_name` fields.

    Returns:
        `other: llama3.1` where the tag leaves it to the name, else the tag, else the name, else None.
    """
    tag, name = (license_tag or "").strip(), (license_name or "").strip()
    if tag.lower() in NO_STATEMENT and name:
        return f"{tag}: {name}" if tag else name
    return tag or name or None


def is_no_statement(tag: str | None) -> bool:
    """Whether a tag names no license at all."""
    return tag is None or tag.strip().strip("'\"").lower() in NO_STATEMENT


def family_of(tag: str | None) -> str | None:
    """For a tag that names only a family, the text that its members' identifiers hold; else None."""
    return None if tag is None else FAMILIES.get(tag.strip().lower())
