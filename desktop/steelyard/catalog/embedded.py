"""What comes with the program: the starter models, and facts about well-known families as of a date.

Both are read from the installation's own resources when their bytes have changed since they were last learned.
Sizes of a family's usual quantizations are a formula until a hub says better, and are marked as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from steelyard.base.digests import digest_of
from steelyard.base.errors import MalformedInput
from steelyard.base.paths import resource
from steelyard.catalog.index import CatalogIndex, SourceState
from steelyard.catalog.needs import formula_bytes
from steelyard.catalog.records import (
    FORMULA,
    NAME_CHARS,
    PUBLISHED,
    REFERENCE_CHARS,
    TITLE_CHARS,
    Record,
    Variant,
    number,
    numbers,
    text,
    texts,
)

STARTER = "starter"
FAMILIES = "families"
EMBEDDED = {STARTER: "in this installation", FAMILIES: "in this installation"}
"""Names and places of the sources that come with the program."""

FORMAT = 1

_USUAL = ("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")
_FEWER_BITS = frozenset({"gpt-oss", "minimax-m2"})
_MANY_EXPERTS = 128
"""Mixtures of this many experts are published at 8 or 4 bits as often as at 16: their size is not known."""


def learn_embedded(index: CatalogIndex, learned_at: str) -> None:
    """Bring the index up to what this version of the program knows.

    Raises:
        NotFound, MalformedInput: the installation is not complete or was damaged.
    """
    known = index.sources()
    for name, path, read in (
        (STARTER, resource("starter", "manifest.json"), starter_records),
        (FAMILIES, resource("catalog", "families.json"), family_records),
    ):
        data = path.read_bytes()
        state = digest_of(data)
        if name not in known or known[name].state != state:
            source = SourceState(name, "embedded", EMBEDDED[name], state=state)
            index.learn(source, read(_document(data, path)), learned_at, whole=True)


def _document(data: bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(data)
        if not isinstance(value, dict) or value["format"] != FORMAT:
            raise ValueError("it has another form")
    except (ValueError, KeyError, RecursionError) as error:
        raise MalformedInput(
            f"{path.name} of this installation is damaged ({error}).",
            next_step="Install Steelyard again.",
            path=str(path),
        ) from error
    return value


def family_records(document: dict[str, Any]) -> Iterator[Record]:
    """The careful rows, then the thin ones; what a row does not have is not known."""
    as_of = text(document.get("as_of"), NAME_CHARS)
    for row in (*document.get("models", ()), *document.get("more", ())):
        reference = text(row.get("reference"), REFERENCE_CHARS)
        dimensions = numbers(row.get("dimensions"))
        parameters = number(row.get("parameters"))
        architecture = text(row.get("architecture"), NAME_CHARS)
        elsewhere = texts(row.get("gguf_repositories") or [], REFERENCE_CHARS, 8)
        yield Record(
            reference=reference,
            title=text(row.get("title"), TITLE_CHARS) or reference.rsplit("/", maxsplit=1)[-1],
            publisher=text(row.get("publisher"), NAME_CHARS),
            task=text(row.get("task"), NAME_CHARS),
            architecture=architecture,
            parameters=parameters,
            active_parameters=number(row.get("active_parameters")),
            context_length=number(row.get("context_length")),
            declared_license=text(row.get("declared_license"), NAME_CHARS),
            license_id=row.get("license_id"),
            base_models=texts(row.get("base_models") or [], REFERENCE_CHARS, 8),
            tags=texts([row.get("family"), *(row.get("tags") or [])], NAME_CHARS, 32),
            downloads=number(row.get("downloads")),
            gated=bool(row.get("gated")),
            updated=text(row.get("released"), NAME_CHARS),
            variants=_variants(reference, parameters, architecture, dimensions, elsewhere),
            dimensions=dimensions,
            elsewhere=elsewhere,
            facts_of=as_of,
        )


def _variants(
    reference: str,
    parameters: int | None,
    architecture: str,
    dimensions: dict[str, int],
    elsewhere: tuple[str, ...],
) -> tuple[Variant, ...]:
    plain = architecture not in _FEWER_BITS and dimensions.get("experts", 0) < _MANY_EXPERTS
    whole = formula_bytes(parameters, "BF16") if parameters and plain else None
    found = [Variant("safetensors", reference, "safetensors", "BF16" if whole else "", whole)]
    if elsewhere and parameters:
        found += [
            Variant(name, f"{elsewhere[0]}:{name}", "gguf", name, formula_bytes(parameters, name))
            for name in _USUAL
        ]
    return tuple(_by_formula(variant) for variant in found)


def _by_formula(variant: Variant) -> Variant:
    source = PUBLISHED if variant.size_bytes is None else FORMULA
    return Variant(
        variant.label,
        variant.reference,
        variant.format,
        variant.quantization,
        variant.size_bytes,
        variant.sha256,
        source,
    )


def starter_records(document: dict[str, Any]) -> Iterator[Record]:
    """The models the installation brings; the store has them from its first start."""
    for row in document["models"]:
        name = text(row["name"], NAME_CHARS)
        weights = next(f for f in row["files"] if f["path"].endswith((".gguf", ".safetensors")))
        yield Record(
            reference=name,
            title=text(row.get("description"), TITLE_CHARS),
            publisher="Steelyard",
            task="text-generation",
            parameters=number(row.get("parameters")),
            declared_license=text(document.get("license"), NAME_CHARS),
            license_id=document.get("license"),
            variants=(
                Variant(
                    text(row["quantization"], NAME_CHARS),
                    name,
                    text(row["format"], NAME_CHARS),
                    text(row["quantization"], NAME_CHARS),
                    number(weights["size_bytes"]),
                    f"sha256:{weights['sha256'].removeprefix('sha256:')}",
                ),
            ),
            complete=True,
        )
