"""`steelyard catalog …`: where models can be had from, and searching what was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, given_path, session
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

catalog = typer.Typer(help="What can be had, and where from.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(catalog, name="catalog")


@catalog.command("sources")
@covers("catalog.sources")
def sources(json: JsonFlag = False) -> None:
    """List the configured sources, and whether each may be used now."""
    with session("catalog.sources", as_json=json) as s:
        result: ask.SourceList = s.run(ask.ListSources())
    if json:
        output.print_result("catalog.sources", to_json(result))
        return
    _print_sources(result.sources)


def _print_sources(rows: tuple[ask.SourceRow, ...]) -> None:
    output.table(
        ("Source", "Kind", "Where", "Models", "Asked", "Signed by", "Usable"),
        [
            (
                r.name,
                r.kind,
                r.location,
                f"{r.entries:,}",
                r.refreshed_at or "never",
                r.signed_by or "",
                "yes" if r.reachable else f"no: {r.why}",
            )
            for r in rows
        ],
        right=(3,),
    )


@catalog.command("add")
@covers("catalog.add")
def add(
    name: Annotated[str, typer.Argument(help="How to call it.")],
    kind: Annotated[str, typer.Argument(help="hub, mirror, folder or bundles.")],
    location: Annotated[str, typer.Argument(help="Base address, or a folder.")],
    ca_file: Annotated[
        Path | None,
        typer.Option(parser=given_path, help="Certificate authorities to trust for it."),
    ] = None,
    proxy: Annotated[str | None, typer.Option(help="http://host:port for it.")] = None,
    token_variable: Annotated[
        str,
        typer.Option(help="Environment variable with its access token; else the system keyring."),
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Add a source to your list."""
    if "://" not in location and kind != "hub":
        location = str(given_path(location))
    with session("catalog.add", as_json=json) as s:
        result: ask.SourceAdded = s.run(
            ask.AddSource(name, kind, location, ca_file, proxy, token_variable)
        )
    if json:
        output.print_result("catalog.add", to_json(result))
    else:
        output.line(f"Added {result.source.name}. Ask it with steelyard catalog refresh.")


@catalog.command("drop")
@covers("catalog.drop")
def drop(
    name: Annotated[str, typer.Argument(help="Which source.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Also forget what was learned from it.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Drop a source from your list; what was learned from it stays searchable."""
    with session("catalog.drop", as_json=json) as s:
        result: ask.SourceRemoved = s.run(ask.RemoveSource(name, forget))
    if json:
        output.print_result("catalog.drop", to_json(result))
    else:
        said = f" {result.forgotten_entries:,} models were forgotten." if forget else ""
        output.line(f"Dropped {result.name}.{said}")


@catalog.command("refresh")
@covers("catalog.refresh")
def refresh(
    source: Annotated[
        str | None, typer.Option(help="Which source; every reachable one without.")
    ] = None,
    text: Annotated[
        str, typer.Option(help="What to search a hub for; its most downloaded without.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Models to take from a hub's list.")
    ] = 200,
    reference: Annotated[
        str, typer.Option(help="Ask for this one in full: files, sizes, digests, card.")
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Ask sources what they have."""
    with session("catalog.refresh", as_json=json) as s:
        result: ask.CatalogRefreshed = s.run(ask.RefreshCatalog(source, text, limit, reference))
    if json:
        output.print_result("catalog.refresh", to_json(result))
        return
    for problem in result.problems:
        output.line(f"! {problem}")
    output.line(f"{result.added:,} new, {result.updated:,} changed, {result.removed:,} gone.")


@catalog.command("publish")
@covers("catalog.publish")
def publish(
    folder: Annotated[
        Path, typer.Argument(parser=given_path, help="A folder for the mirror; made or updated.")
    ],
    models: Annotated[
        list[str] | None, typer.Argument(help="Models; all admitted ones without.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Your key that signs the index; its purpose is catalog.")
    ] = None,
    passphrase_variable: Annotated[
        str, typer.Option(help="Environment variable whose value opens the key.")
    ] = "",
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove files that no listed model needs.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Write a mirror for this site, to be given out by any web server or carried as a folder."""
    with session("catalog.publish", as_json=json) as s:
        result: ask.CatalogPublished = s.run(
            ask.PublishCatalog(
                folder,
                tuple(models or ()),
                key,
                prune=prune,
                passphrase_variable=passphrase_variable,
            )
        )
    if json:
        output.print_result("catalog.publish", to_json(result))
        return
    signed = f"signed by {result.signed_by}" if result.signed_by else "not signed by anyone"
    output.line(
        f"{result.folder} holds {result.models:,} models in {result.files:,} files "
        f"({output.gib(result.size_bytes)}); index {result.serial}, {signed}."
    )
    if not result.signed_by:
        output.line("Nobody takes anything from it unless policy allows unsigned mirrors.")
    if result.unreferenced_files:
        output.line(
            f"{result.unreferenced_files:,} files belong to no listed model; --prune removes them."
        )


@catalog.command("search")
@covers("catalog.search")
def search(
    text: Annotated[
        str, typer.Argument(help="Words that begin words of its name, publisher or tags.")
    ] = "",
    license: Annotated[  # noqa: A002  # the option's name
        list[str] | None,
        typer.Option(help="Commercial use: yes, conditional, no, not-mentioned, not-known."),
    ] = None,
    format: Annotated[list[str] | None, typer.Option(help="gguf or safetensors.")] = None,  # noqa: A002
    size: Annotated[list[str] | None, typer.Option(help="Such as 4-to-8-gib.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Such as text-generation.")] = None,
    publisher: Annotated[list[str] | None, typer.Option(help="Who published it.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Name of a source.")] = None,
    quantization: Annotated[list[str] | None, typer.Option(help="Such as Q4_K_M.")] = None,
    fits: Annotated[
        bool, typer.Option("--fits", help="Only what fits the memory of this machine by estimate.")
    ] = False,
    local: Annotated[bool, typer.Option("--local", help="Only what is in the store.")] = False,
    order: Annotated[
        str, typer.Option(help="relevance, downloads, size, name or newest.")
    ] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many rows.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to skip.")] = 0,
    json: JsonFlag = False,
) -> None:
    """Search everything learned so far; no network is used."""
    given = {
        "license": license,
        "format": format,
        "size": size,
        "task": task,
        "publisher": publisher,
        "source": source,
        "quantization": quantization,
        "fits": ["yes", "tight"] if fits else None,
        "local": ["yes"] if local else None,
    }
    facets = {name: tuple(values) for name, values in given.items() if values}
    with session("catalog.search", as_json=json) as s:
        result: ask.CatalogPage = s.run(
            ask.SearchCatalog(text, facets, order, limit, offset, count_facets=json)
        )
    if json:
        output.print_result("catalog.search", to_json(result))
        return
    output.table(
        ("Model", "Parameters", "License", "Size", "Fits", "Downloads", "Source"),
        [
            (
                row.reference,
                _billions(row.parameters),
                row.license_id or row.declared_license or "not known",
                _sizes(row),
                row.fits or "not known",
                "" if row.downloads is None else f"{row.downloads:,}",
                f"{row.source}{', in the store' if row.local else ''}",
            )
            for row in result.rows
        ],
        right=(1, 5),
    )
    for row in result.rows:
        if row.warning:
            output.line(f"! {row.reference}: {row.warning}")
    shown = f"{offset + 1:,} to {offset + len(result.rows):,} of " if result.rows else ""
    output.line(f"{shown}{result.total:,} found.")


def _billions(count: int | None) -> str:
    if count is None:
        return "not known"
    return f"{count / 1e9:.2f} B" if count >= 10**7 else f"{count / 1e6:.2f} M"


def _sizes(row: ask.CatalogRow) -> str:
    if row.smallest_bytes is None or row.largest_bytes is None:
        return "not known"
    smallest, largest = output.gib(row.smallest_bytes), output.gib(row.largest_bytes)
    return smallest if smallest == largest else f"{smallest} to {largest}"


@catalog.command("show")
@covers("catalog.show")
def show(
    reference: Annotated[str, typer.Argument(help="owner/name, or a path of a folder source.")],
    json: JsonFlag = False,
) -> None:
    """Show what is known of one model; no network is used."""
    with session("catalog.show", as_json=json) as s:
        result: ask.CatalogDetail = s.run(ask.ShowEntry(reference))
    if json:
        output.print_result("catalog.show", to_json(result))
        return
    row = result.row
    output.line(f"{row.reference}: {row.title}")
    if row.warning:
        output.line(f"! {row.warning}")
    output.line(f"Publisher     {row.publisher or 'not known'}")
    output.line(f"Parameters    {_billions(row.parameters)}")
    output.line(f"Context       {row.context_length or 'not known'}")
    output.line(f"License       {row.license_id or row.declared_license or 'not known'}")
    output.line(f"Base models   {', '.join(result.base_models) or 'not known'}")
    output.line(f"Revision      {result.revision or 'not known'}")
    output.line(f"Source        {row.source} ({result.verify_note or row.learned_at})")
    if result.other_sources:
        output.line(f"Also at       {', '.join(result.other_sources)}")
    if result.gated:
        output.line("The publisher asks for a login before it can be downloaded.")
    output.table(
        ("Variant", "Size", "Fits", "Pull", "Source"),
        [
            (
                v.label,
                _variant_size(v),
                v.fits or "not known",
                v.reference,
                f"{v.source}{f', in the store as {v.local}' if v.local else ''}",
            )
            for v in result.variants
        ],
        right=(1,),
    )


def _variant_size(variant: ask.VariantRow) -> str:
    if variant.size_bytes is None:
        return "not known"
    about = "about " if variant.size_source == "formula" else ""
    return f"{about}{output.gib(variant.size_bytes)}"
