"""Asking sources what they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc
from steelyard.base.errors import Cancelled, RefusedByPolicy, SteelyardError, UsageError
from steelyard.catalog.errors import SourceUnknown
from steelyard.catalog.sources import ConfiguredSource, configured, find_source
from steelyard.service.mirroring import accepted_index, keep_index, opened_place
from steelyard.service.operation import Context, operation
from steelyard.service.requests import CatalogRefreshed, RefreshCatalog
from steelyard.service.ways import access_of, token_for_use

if TYPE_CHECKING:
    from steelyard.catalog.entries import Said
    from steelyard.catalog.hub_source import Told
    from steelyard.catalog.index import Learned

ASKED_BY = "catalog.refresh"


def _chosen(context: Context, request: RefreshCatalog) -> tuple[ConfiguredSource, ...]:
    """The sources to ask, in their order. One that was named is asked alone."""
    sources = configured(context.installation.settings)
    if request.source is not None:
        return (find_source(sources, request.source),)
    asked = tuple(source for source in sources if source.kind != "embedded")
    if request.reference:
        known = {said.source for said in _said(context, request.reference)}
        return tuple(s for s in asked if s.name in known) or tuple(
            s for s in asked if s.kind in ("hub", "mirror")
        )
    return asked


def _works_offline(context: Context, request: RefreshCatalog) -> bool:
    try:
        sources = _chosen(context, request)
    except SourceUnknown:
        return False
    return any(not source.is_remote for source in sources)


@operation(
    "catalog.refresh",
    summary="Ask sources what they have",
    mutates=True,
    network=True,
    audited=("source", "text", "limit", "reference"),
    works_offline=_works_offline,
)
def refresh_catalog(context: Context, request: RefreshCatalog) -> CatalogRefreshed:
    """Ask a source, or every one, and keep what it says.

    What one of several cannot say is a problem in the result; the only one's is raised.

    Raises:
        SourceUnknown: no source has this name.
        RefusedByPolicy: offline, or no host that was asked may be reached.
        RemoteFailure, NotFound, MalformedInput: the only source that was asked.
        Cancelled: what other sources said before is kept.
    """
    sources = _chosen(context, request)
    added = updated = removed = 0
    problems: list[str] = []
    failures: list[SteelyardError] = []
    for source in sources:
        try:
            learned, told = _ask(context, source, request)
        except Cancelled:
            raise
        except SteelyardError as error:
            failures.append(error)
            problems.append(f"{source.name}: {error.diagnosis()}")
            continue
        added, updated = added + learned.added, updated + learned.updated
        removed += learned.removed
        problems += [f"{source.name}: {problem}" for problem in told.problems]
        if request.reference:
            break  # one answer is enough
    if failures and len(failures) == len(sources):
        raise _worst(failures)
    context.facts |= {"added": added, "updated": updated, "removed": removed}
    return CatalogRefreshed(added, updated, removed, tuple(problems))


def _worst(failures: Sequence[SteelyardError]) -> SteelyardError:
    """What to raise when nobody answered: a refusal before a failure, else the first."""
    return next((f for f in failures if isinstance(f, RefusedByPolicy)), failures[0])


def _said(context: Context, reference: str) -> tuple[Said, ...]:
    index = context.installation.catalog.index
    return index.said_of(reference) or index.said_of(repository_of(reference)[0])


def repository_of(reference: str) -> tuple[str, str]:
    """`owner/name` and the revision of a reference; `:file` is left out."""
    whole, _, revision = reference.strip().partition("@")
    return whole.split(":", maxsplit=1)[0], revision or "main"


def _ask(
    context: Context, source: ConfiguredSource, request: RefreshCatalog
) -> tuple[Learned, Told]:
    from steelyard.catalog.hub_source import Told  # noqa: PLC0415  # not at start-up
    from steelyard.catalog.index import SourceState  # noqa: PLC0415  # as above

    now = iso_utc(context.installation.clock())
    if source.kind == "mirror":
        with opened_place(context, source, ASKED_BY) as place:
            return keep_index(context, source, accepted_index(context, source, place)), Told(())
    told, whole = _told(context, source, request)
    state = SourceState(source.name, source.kind, source.location)
    learned = context.installation.catalog.index.learn(
        state, told.records, now, whole=whole, cards=told.cards
    )
    return learned, told


def _told(context: Context, source: ConfiguredSource, request: RefreshCatalog) -> tuple[Told, bool]:
    """What a source says, and whether that is all it has."""
    from steelyard.catalog import folder_source  # noqa: PLC0415  # not at start-up

    report = context.report
    if source.kind == "embedded":
        raise UsageError(
            f"{source.name} comes with the program and is always up to date.",
            next_step="Name another source, or none to ask all.",
            source=source.name,
        )
    if source.kind == "hub":
        return _told_by_hub(context, source, request), False
    if request.reference and source.kind == "folder":
        return _looked_at(context, request.reference), False
    list_all = folder_source.list_folder if source.kind == "folder" else folder_source.list_bundles
    told = list_all(source.folder, report)
    return told, not told.problems


def _told_by_hub(context: Context, source: ConfiguredSource, request: RefreshCatalog) -> Told:
    from steelyard.catalog.hub_source import ask_model, list_models  # noqa: PLC0415  # as above
    from steelyard.connections.hub import HubSession  # noqa: PLC0415  # as above
    from steelyard.connections.transport import GatedTransport  # noqa: PLC0415  # as above

    installation = context.installation
    installation.gate.check(source.location, ASKED_BY)
    access = access_of(source)
    transport = GatedTransport(
        installation.gate, access, asked_by=ASKED_BY, token=token_for_use(source)
    )
    with HubSession(source.location, transport, clock=installation.clock) as session:
        if request.reference:
            repository, revision = repository_of(request.reference)
            return ask_model(session, repository, revision, context.report)
        return list_models(session, request.text, request.limit, context.report)


def _looked_at(context: Context, path: str) -> Told:
    from steelyard.catalog.folder_source import look_at  # noqa: PLC0415  # as above
    from steelyard.catalog.hub_source import Told  # noqa: PLC0415  # as above
    from steelyard.runtime.inspection import scan_in_worker  # noqa: PLC0415  # starts a worker

    said = context.installation.catalog.index.said_of(path)
    listed = said[0].record if said else None
    return Told((look_at(path, listed, lambda place: scan_in_worker(place, context.report)),))
