"""What one source says of one model. Every text is from outside: bounded here, shown as plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from steelyard.base.errors import Json

REFERENCE_CHARS = 1024
TITLE_CHARS = 200
NAME_CHARS = 200
TAG_CHARS = 96
MOST_TAGS = 64
MOST_BASES = 32
MOST_VARIANTS = 512
MOST_DIMENSIONS = 40
CARD_CHARS = 256 * 1024
MOST_BYTES = 2**53 - 1
"""What JSON numbers carry exactly; no file is larger."""

PUBLISHED = "published"
FORMULA = "formula"


@dataclass(frozen=True)
class Variant:
    """One way to have a model.

    Attributes:
        label: what to show.
        reference: what a pull, or for a folder an import, takes.
        size_bytes, sha256: None where the source does not say; a digest only where it is one file.
        size_source: `published`, or `formula`: computed from parameters and bits per weight.
    """

    label: str
    reference: str
    format: str
    quantization: str = ""
    size_bytes: int | None = None
    sha256: str | None = None
    size_source: str = PUBLISHED


@dataclass(frozen=True)
class Record:
    """One model as one source describes it. None and empty: it does not say.

    Attributes:
        reference: `owner/name`, or a path; two records are of the same model when it is the same but for case.
        declared_license: the tag, or `other: name`; `license_id` is ours for it, where it means exactly one.
        dimensions: architecture figures by name (see `CatalogDetail`).
        elsewhere: repositories known to hold further variants.
        updated: RFC 3339 moment or date when it was last changed or was released.
        facts_of: date, for facts that came with the program.
        complete: it was asked for in full, so its variants are all there are.
    """

    reference: str
    title: str
    publisher: str = ""
    task: str = ""
    architecture: str = ""
    parameters: int | None = None
    active_parameters: int | None = None
    context_length: int | None = None
    declared_license: str = ""
    license_id: str | None = None
    base_models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    downloads: int | None = None
    revision: str = ""
    gated: bool = False
    updated: str = ""
    variants: tuple[Variant, ...] = ()
    dimensions: Mapping[str, int] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    facts_of: str = ""
    complete: bool = False

    @property
    def key(self) -> str:
        """What makes it the same model as another source's."""
        return self.reference.casefold()

    def as_json(self) -> dict[str, Json]:
        """For the index; what is empty is left out."""
        said = {n: value for n in _NAMES if (value := getattr(self, n)) not in _NOTHING}
        if self.variants:
            said["variants"] = [_said(variant) for variant in self.variants]
        return cast("dict[str, Json]", said)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Record:
        """Read `as_json` back; the index is our own file."""
        kept: dict[str, Any] = {
            k: tuple(v) if k in _LISTS else v for k, v in value.items() if k in _NAMES
        }
        kept["variants"] = tuple(Variant(**item) for item in value.get("variants", ()))
        return cls(**kept)


_NAMES = tuple(item.name for item in fields(Record))
_LISTS = ("base_models", "tags", "elsewhere")
_NOTHING: tuple[object, ...] = (None, "", (), {})
_VARIANT_NAMES = tuple(item.name for item in fields(Variant))


def _said(variant: Variant) -> dict[str, Json]:
    return {name: value for name in _VARIANT_NAMES if (value := getattr(variant, name)) is not None}


# ------------------------------------------------------------------ bounds, for what comes from outside


def text(value: object, limit: int) -> str:
    """A text from outside: empty unless it is one, at most `limit` characters, storable.

    Direction and control characters stay; whoever shows it makes them visible. What no database or file can
    hold (a NUL, half of a surrogate pair) becomes U+FFFD.
    """
    if not isinstance(value, str):
        return ""
    kept = value[:limit].strip()
    if kept.isascii() and "\0" not in kept:
        return kept
    return kept.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def number(value: object, most: int = MOST_BYTES) -> int | None:
    """A count from outside: None unless it is a whole number from 0 to `most`."""
    fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return cast("int", value) if fine else None


def texts(value: object, limit: int, most: int) -> tuple[str, ...]:
    """A list of texts from outside, without empty ones and repetitions; a single text counts as one."""
    items: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
    kept: dict[str, None] = {}
    for item in items:
        if len(kept) == most:
            break
        if plain := text(item, limit):
            kept[plain] = None
    return tuple(kept)


def numbers(value: object) -> dict[str, int]:
    """Named counts from outside; what is none is left out."""
    if not isinstance(value, Mapping):
        return {}
    found = {text(key, TAG_CHARS): number(item) for key, item in value.items()}
    kept = {key: item for key, item in found.items() if key and item is not None}
    return dict(list(kept.items())[:MOST_DIMENSIONS])
