"""Everything known of one model: what each source says of it, and its variants from all of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from steelyard.catalog.entries import Said, all_variants, shown
from steelyard.catalog.errors import EntryUnknown
from steelyard.catalog.index import CatalogIndex
from steelyard.catalog.records import FORMULA, Variant


@dataclass(frozen=True)
class Detail:
    """One model.

    Attributes:
        best: the source whose word is shown.
        others: names of the other sources that have it.
        variants: source and variant, the shown source's first.
        card: the model card as that source gave it, or None.
    """

    best: Said
    others: tuple[str, ...]
    variants: tuple[tuple[str, Variant], ...]
    card: str | None


def find_entry(index: CatalogIndex, reference: str) -> Detail:
    """Look a model up by `owner/name`, with or without `:file` and `@revision`, or by a path.

    Raises:
        EntryUnknown: nothing by this reference was learned from any source.
    """
    said = index.said_of(reference.strip()) or index.said_of(_repository(reference))
    if not said:
        near = difflib.get_close_matches(reference.casefold(), index.near(reference), n=3)
        raise EntryUnknown(
            f"Nothing is known here of {reference[:200]!r}.",
            next_step=f"Did you mean {' or '.join(near)}?"
            if near
            else "Ask the sources with steelyard catalog refresh --reference.",
            reference=reference[:200],
            near=list(near),
        )
    best = shown(said)
    variants = _with_published(index, said)
    card = index.card(best.record.reference, best.source)
    return Detail(best, tuple(s.source for s in said if s is not best), variants, card)


def _repository(reference: str) -> str:
    return reference.strip().split("@", maxsplit=1)[0].split(":", maxsplit=1)[0]


def _with_published(index: CatalogIndex, said: tuple[Said, ...]) -> tuple[tuple[str, Variant], ...]:
    """Variants in other repositories by their real sizes, where one of those was asked for in full."""
    found = list(all_variants(said))
    for repository in shown(said).record.elsewhere:
        told = [one for one in index.said_of(repository) if one.record.complete]
        if not told:
            continue
        prefix = f"{repository.casefold()}:"
        found = [
            (source, variant)
            for source, variant in found
            if variant.size_source != FORMULA or not variant.reference.casefold().startswith(prefix)
        ]
        found += all_variants(told)
    return tuple(found)
