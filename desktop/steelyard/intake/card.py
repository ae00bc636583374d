"""What a model card says of its license and its base models: the front matter of README.md.

Only plain `key: value` lines and lists at the top level are read, which is what the hub writes; anything
cleverer in YAML (anchors, nesting, block text) is silence, not an error. The card is text from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from steelyard.licenses.tags import card_tag

FRONT_MATTER_BYTES = 64 * 1024
VALUE_CHARS = 200
LIST_ITEMS = 64

_PAIR = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_-]*):(?:[ \t]+(?P<value>.*))?")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.+)")


@dataclass(frozen=True)
class Card:
    """Fields of the front matter that name licenses and ancestry.

    Attributes:
        license: `license`, with `license_name` where it says `other`; None where it says nothing.
        license_line: line of the file it stands in, from 1.
        base_models: `base_model`, one name or several.
    """

    license: str | None = None
    license_line: int | None = None
    base_models: tuple[str, ...] = ()


def read_card(path: Path) -> Card:
    """The front matter of a model card; an empty `Card` where there is none.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        text = stream.read(FRONT_MATTER_BYTES).decode("utf-8", "replace")
    return parse_card(text)


def parse_card(text: str) -> Card:
    """See `read_card`; `text` is the card's beginning."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != "---":
        return Card()
    found: dict[str, tuple[int, list[str]]] = {}
    key = ""
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() in ("---", "..."):
            return _card(found)
        if pair := _PAIR.fullmatch(line):
            key = pair["key"]
            value = _plain(pair["value"] or "")
            found.setdefault(key, (number, _inline(value)))
        elif (item := _ITEM.fullmatch(line)) and key in found:
            values = found[key][1]
            if len(values) < LIST_ITEMS:
                values.append(_plain(item["value"]))
        elif line.strip():
            key = ""
    return Card()  # no closing line: not front matter


def _inline(value: str) -> list[str]:
    if value.startswith("[") and value.endswith("]"):
        return [_plain(item) for item in value[1:-1].split(",")[:LIST_ITEMS] if item.strip()]
    return [value] if value else []


def _plain(value: str) -> str:
    value = value.strip()
    if value[:1] in ("'", '"') and value.endswith(value[:1]) and len(value) > 1:
        value = value[1:-1]
    elif " #" in value:
        value = value.split(" #", maxsplit=1)[0].rstrip()
    return "".join(c for c in value if c.isprintable())[:VALUE_CHARS]


def _card(found: dict[str, tuple[int, list[str]]]) -> Card:
    line, values = found.get("license", (None, []))
    name_line, names = found.get("license_name", (None, []))
    declared = card_tag(next(iter(values), None), next(iter(names), None))
    line = line or name_line
    return Card(
        license=declared,
        license_line=line if declared else None,
        base_models=tuple(name for name in found.get("base_model", (0, []))[1] if name),
    )
