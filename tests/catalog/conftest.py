"""Fixtures of the catalog: an index in this test's folder, and short ways to fill and search it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from steelyard.catalog.index import CatalogIndex, SourceState
from steelyard.catalog.records import Record, Variant
from steelyard.catalog.search import LocalModels, Surroundings

GIB = 1024**3
HUB = SourceState("hub", "hub", "https://hub.example")
SITE = SourceState("site", "mirror", "/srv/mirror")
NOON = "2026-09-01T12:00:00.000Z"
LATER = "2026-09-02T12:00:00.000Z"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[CatalogIndex]:
    index = CatalogIndex(tmp_path / "catalog.sqlite")
    yield index
    index.close()


def around(available_bytes: int | None = None, **local: Any) -> Surroundings:
    """What a search depends on: memory, what the store has, and `mit` as the one license that says yes."""
    return Surroundings(
        LocalModels(**local),
        available_bytes,
        lambda known: "yes" if known == "mit" else "not-known",
    )


def record(reference: str, *sizes_gib: float, **fields: Any) -> Record:
    """A model with one GGUF variant a size."""
    variants = tuple(
        Variant(f"Q{number}", f"{reference}:Q{number}", "gguf", f"Q{number}_K", int(size * GIB))
        for number, size in enumerate(sizes_gib, start=2)
    )
    owner, _, name = reference.rpartition("/")
    fields = {"title": name, "publisher": owner, "variants": variants, **fields}
    return Record(reference, **fields)
