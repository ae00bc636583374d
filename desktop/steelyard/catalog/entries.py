"""One entry made of what several sources say of the same model.

What is shown is one source's word, never a mixture: the one that was asked for the model in full, else the facts that
came with the program, else a line of a hub's list; the newest where there are several. Only what all of them
add up to is taken from all: which formats, quantizations and sizes can be had, from which sources, and the
largest count of downloads, which orders a list and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.base.errors import Json
from steelyard.catalog.appearances import warning_for
from steelyard.catalog.needs import needed_bytes
from steelyard.catalog.records import Record, Variant
from steelyard.catalog.words import squeezed, words_in

GIB = 1024**3
SIZES: tuple[tuple[int, str], ...] = (
    (1, "up-to-1-gib"),
    (4, "1-to-4-gib"),
    (8, "4-to-8-gib"),
    (16, "8-to-16-gib"),
    (32, "16-to-32-gib"),
)
LARGER = "over-32-gib"
NOT_KNOWN = "not-known"


@dataclass(frozen=True)
class Said:
    """A record with whose it is and when it was learned (RFC 3339)."""

    source: str
    learned_at: str
    record: Record


@dataclass(frozen=True)
class Entry:
    """What the index keeps of one model. `row` has what a search shows, `facets` the stored values."""

    key: str
    name: str
    name_words: str
    other_words: str
    downloads: int | None
    updated: str
    smallest_bytes: int | None
    needed_bytes: int | None
    row: dict[str, Json]
    facets: dict[str, tuple[str, ...]]
    contents: frozenset[str]


def shown(said: Sequence[Said]) -> Said:
    """The one whose word is shown."""
    return max(said, key=lambda one: (_weight(one.record), one.learned_at, one.source))


def _weight(record: Record) -> int:
    if record.complete:
        return 2
    return 1 if record.facts_of else 0


def all_variants(said: Sequence[Said]) -> tuple[tuple[str, Variant], ...]:
    """Source and variant; the shown source's first, then the others' that have something different."""
    first = shown(said)
    ordered = [first, *(one for one in said if one is not first)]
    found: dict[tuple[str, str], tuple[str, Variant]] = {}
    for one in ordered:
        for variant in one.record.variants:
            found.setdefault((one.source, variant.reference), (one.source, variant))
    return tuple(found.values())


def entry_of(said: Sequence[Said]) -> Entry:
    """Derive the entry; `said` is not empty, and all of it is about one model."""
    best = shown(said)
    record = best.record
    variants = [variant for _, variant in all_variants(said)]
    sizes = [v.size_bytes for v in variants if v.size_bytes]
    smallest = min(sizes, default=None)
    needed = None
    if smallest is not None:
        needed = needed_bytes(smallest, record.dimensions, record.context_length)
    downloads = max((d for s in said if (d := s.record.downloads) is not None), default=None)
    formats = tuple(dict.fromkeys(v.format for v in variants if v.format))
    quantizations = tuple(dict.fromkeys(v.quantization for v in variants if v.quantization))
    name = record.reference.rsplit("/", maxsplit=1)[-1]
    row: dict[str, Json] = {
        "reference": record.reference,
        "title": record.title,
        "publisher": record.publisher,
        "formats": list(formats),
        "quantizations": list(quantizations),
        "parameters": record.parameters,
        "active_parameters": record.active_parameters,
        "context_length": record.context_length,
        "architecture": record.architecture,
        "task": record.task,
        "license_id": record.license_id,
        "declared_license": record.declared_license,
        "smallest_bytes": smallest,
        "largest_bytes": max(sizes, default=None),
        "downloads": downloads,
        "source": best.source,
        "learned_at": record.facts_of or best.learned_at,
        "warning": warning_for(record.reference, record.title, record.publisher),
    }
    other = (
        record.publisher,
        record.architecture,
        record.task,
        record.declared_license,
        record.license_id or "",
        *record.tags,
        *formats,
        *quantizations,
    )
    return Entry(
        key=record.key,
        name=name.casefold(),
        name_words=_words(record.reference, record.title, squeezed(name)),
        other_words=_words(*other),
        downloads=downloads,
        updated=record.updated,
        smallest_bytes=smallest,
        needed_bytes=needed,
        row=row,
        facets={
            "license": (record.license_id or "",),
            "format": formats,
            "size": (size_class(smallest),),
            "task": (record.task or NOT_KNOWN,),
            "publisher": (record.publisher,) if record.publisher else (),
            "source": tuple(sorted({one.source for one in said})),
            "quantization": quantizations,
        },
        contents=frozenset(v.sha256 for v in variants if v.sha256),
    )


def size_class(size_bytes: int | None) -> str:
    """The value of the `size` facet for the smallest variant's size."""
    if size_bytes is None:
        return NOT_KNOWN
    return next((name for most, name in SIZES if size_bytes <= most * GIB), LARGER)


def _words(*given: str) -> str:
    return " ".join(dict.fromkeys(word for text in given for word in words_in(text)))
