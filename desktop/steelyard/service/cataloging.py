"""Sources, and the catalog of everything learned from them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from steelyard.base.errors import Json
from steelyard.catalog.embedded import EMBEDDED
from steelyard.catalog.errors import SourceNameTaken, SourceStays
from steelyard.catalog.sources import (
    HUB,
    LIST,
    ConfiguredSource,
    configured,
    find_source,
    folder_is_there,
)
from steelyard.policy.errors import LockedSetting
from steelyard.service.models import commercial_use
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    AddSource,
    CatalogDetail,
    CatalogPage,
    CatalogRow,
    Facet,
    ListSources,
    RemoveSource,
    SearchCatalog,
    ShowEntry,
    SourceAdded,
    SourceList,
    SourceRemoved,
    SourceRow,
    VariantRow,
)
from steelyard.service.ways import token_for_use

if TYPE_CHECKING:
    from steelyard.catalog.index import SourceState
    from steelyard.catalog.records import Record, Variant
    from steelyard.catalog.search import Surroundings

# ------------------------------------------------------------------ sources


@operation("catalog.sources", summary="Where models can be had from")
def list_sources(context: Context, request: ListSources) -> SourceList:
    """The configured sources, and whether each may be used now."""
    states = context.installation.catalog.index.sources()
    sources = configured(context.installation.settings)
    return SourceList(tuple(_row(context, source, states.get(source.name)) for source in sources))


@operation(
    "catalog.add",
    summary="Add a source of models",
    mutates=True,
    audited=("name", "kind"),  # the other fields only once they are known to hold no password
)
def add_source(context: Context, request: AddSource) -> SourceAdded:
    """Write a source into the user's list.

    Raises:
        InvalidSetting: a field is not what it should be.
        SourceNameTaken: there is a source of this name.
        LockedSetting: policy fixed the list.
    """
    settings = context.installation.settings
    listed = settings.get(LIST).value
    assert isinstance(listed, list)
    if request.name.casefold() in {s.name.casefold() for s in configured(settings)}:
        raise SourceNameTaken(
            f"There is a source {request.name!r} already.",
            next_step="Choose another name, or drop that one first.",
            source=request.name,
        )
    record: dict[str, Json] = {
        "name": request.name,
        "kind": request.kind,
        "location": request.location,
        "ca_file": None if request.ca_file is None else str(request.ca_file),
        "proxy": request.proxy,
        "token_variable": request.token_variable,
    }
    settings.change(LIST, [*listed, record])
    context.facts |= {key: value for key, value in record.items() if value}
    source = find_source(configured(settings), request.name)
    state = context.installation.catalog.index.sources().get(source.name)
    return SourceAdded(_row(context, source, state))


@operation(
    "catalog.drop", summary="Drop a source of models", mutates=True, audited=("name", "forget")
)
def drop_source(context: Context, request: RemoveSource) -> SourceRemoved:
    """Take a source off the user's list, and with `forget` what was learned from it out of the catalog.

    Raises:
        SourceUnknown: there is none of this name.
        SourceStays: it comes with the program, or is the model hub.
        LockedSetting: policy put it there, or fixed the list.
    """
    settings = context.installation.settings
    source = find_source(configured(settings), request.name)
    if source.name == HUB or source.name in EMBEDDED:
        raise SourceStays(
            f"{source.name} is always there.",
            next_step="Set sources.endpoint to use another hub." if source.name == HUB else "",
            source=source.name,
        )
    if source.managed:
        raise LockedSetting(
            f"{source.name} was put there by policy.",
            next_step="Ask whoever manages this machine.",
            key=LIST,
            origin=settings.get(LIST).origin,
        )
    listed = settings.get(LIST).value
    assert isinstance(listed, list)
    kept = [item for item in listed if isinstance(item, dict) and item["name"] != source.name]
    settings.change(LIST, [*kept])
    forgotten = context.installation.catalog.index.forget(source.name) if request.forget else 0
    context.facts["forgotten_entries"] = forgotten
    return SourceRemoved(source.name, forgotten)


def _row(context: Context, source: ConfiguredSource, state: SourceState | None) -> SourceRow:
    why = ""
    if source.is_remote:
        why = context.installation.gate.why_not(source.location)
    elif source.kind != "embedded" and not folder_is_there(source):
        why = "The folder is not there now"
    if state is not None and (state.kind, state.location) != (source.kind, source.location):
        state = None  # learned from another place of this name
    return SourceRow(
        name=source.name,
        kind=source.kind,
        location=source.location,
        reachable=not why,
        why=why,
        managed=source.managed,
        entries=state.records if state else 0,
        refreshed_at=state.refreshed_at if state else None,
        has_token=_has_token(source),
        signed_by=state.signed_by if state else None,
    )


def _has_token(source: ConfiguredSource) -> bool:
    from steelyard.connections.errors import UnusableToken  # noqa: PLC0415  # not at start-up

    try:
        return source.is_remote and token_for_use(source) is not None
    except UnusableToken:
        return False


# ------------------------------------------------------------------ searching


@operation("catalog.search", summary="Search for models that can be had")
def search_catalog(context: Context, request: SearchCatalog) -> CatalogPage:
    """A page of the rows found, and counts to narrow them down by.

    Raises:
        UnknownFacet: a facet or the order has no such name.
    """
    from steelyard.catalog.search import Query  # noqa: PLC0415  # not at start-up

    catalog, around = context.installation.catalog, _around(context)
    query = Query(
        request.text,
        request.facets,
        request.order,
        request.limit,
        request.offset,
        request.count_facets,
    )
    started = time.perf_counter()
    found = catalog.search.find(query, around)
    elapsed_s = time.perf_counter() - started
    return CatalogPage(
        tuple(_catalog_row(row.row, row.needed_bytes, around, row.local) for row in found.rows),
        found.total,
        {
            name: tuple(Facet(value, count) for value, count in values)
            for name, values in found.facets.items()
        },
        elapsed_s,
    )


@operation("catalog.show", summary="Show what is known of a model that can be had")
def show_entry(context: Context, request: ShowEntry) -> CatalogDetail:
    """One entry with its variants, as known here.

    Raises:
        EntryUnknown: nothing by this reference was learned.
    """
    from steelyard.catalog.detail import find_entry  # noqa: PLC0415  # not at start-up
    from steelyard.catalog.entries import entry_of  # noqa: PLC0415  # as above

    index, around = context.installation.catalog.index, _around(context)
    detail = find_entry(index, request.reference)
    record = detail.best.record
    variants = tuple(
        _variant_row(source, variant, record, around) for source, variant in detail.variants
    )
    entry = entry_of(index.said_of(record.reference))
    local = any(row.local for row in variants) or record.key in around.local.by_reference
    return CatalogDetail(
        row=_catalog_row(entry.row, entry.needed_bytes, around, local),
        variants=variants,
        tags=record.tags,
        base_models=record.base_models,
        dimensions=dict(record.dimensions),
        revision=record.revision,
        verify_note=f"facts as of {record.facts_of}, verify at download" if record.facts_of else "",
        card=detail.card,
        gated=record.gated,
        other_sources=detail.others,
    )


def _around(context: Context) -> Surroundings:
    from steelyard.catalog.search import Surroundings  # noqa: PLC0415  # not at start-up
    from steelyard.machine.memory import read_memory  # noqa: PLC0415  # as above
    from steelyard.service.local_models import local_models  # noqa: PLC0415  # as above

    return Surroundings(local_models(context), read_memory().available_bytes, commercial_use)


def _catalog_row(
    row: dict[str, Json], needed: int | None, around: Surroundings, local: bool
) -> CatalogRow:
    from steelyard.catalog.needs import fits  # noqa: PLC0415  # not at start-up

    fields: dict[str, Any] = dict(row)
    fields["formats"] = tuple(fields["formats"])
    fields["quantizations"] = tuple(fields["quantizations"])
    return CatalogRow(
        **fields,
        license_state=around.license_state(fields["license_id"]),
        local=local,
        fits=fits(needed, around.available_bytes),
    )


def _variant_row(source: str, variant: Variant, record: Record, around: Surroundings) -> VariantRow:
    from steelyard.catalog.needs import fits, needed_bytes  # noqa: PLC0415  # not at start-up

    needed = None
    if variant.size_bytes:
        needed = needed_bytes(variant.size_bytes, record.dimensions, record.context_length)
    return VariantRow(
        label=variant.label,
        reference=variant.reference,
        format=variant.format,
        quantization=variant.quantization,
        size_bytes=variant.size_bytes,
        publisher_hash=variant.sha256,
        local=around.local.of_variant(variant),
        needed_bytes=needed,
        fits=fits(needed, around.available_bytes),
        size_source=variant.size_source,
        source=source,
    )
