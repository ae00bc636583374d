"""What a pull needs beyond its request: the source's certificate file, proxy and token, and how fast it may go.

A token is looked up here, handed to the connection, and is part of no request, result, record or log entry.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.errors import UsageError
from steelyard.catalog.errors import SourceUnknown
from steelyard.catalog.sources import ConfiguredSource, configured, find_source
from steelyard.service.mirroring import accepted_index, keep_index, opened_place
from steelyard.service.operation import Context
from steelyard.service.refreshing import repository_of
from steelyard.service.requests import PullModel

if TYPE_CHECKING:
    from steelyard.intake.pull import PullLimits
    from steelyard.intake.records import PullSpec, Taken

ASKED_BY = "model.pull"


def pull_as_asked(context: Context, request: PullModel) -> Taken:
    """Fetch, verify, judge and admit.

    Raises:
        SourceUnknown, UnusableToken, UnusableAuthority: what is configured.
        UsageError: the source has nothing that is pulled.
        SignatureRefused, MirrorWentBack, MirrorDamaged: a mirror's index.
        see `intake.pull.pull` and, for a folder, `intake.importer.import_path` for the rest.
    """
    source = chosen_source(context, request)
    if source is not None:
        context.facts["from"] = source.name
    if source is not None and source.kind == "mirror":
        return _from_mirror(context, request, source)
    if source is not None and source.kind != "hub":
        return _from_folder(context, request, source)
    from steelyard.intake.pull import pull  # noqa: PLC0415  # only when needed

    installation = context.installation
    return pull(
        installation.store,
        _spec(context, request, source),
        installation.gate,
        required=frozenset(installation.settings.items("admission.required")),
        report=context.report,
        limits=_limits(context, request),
    )


def works_offline(context: Context, request: PullModel) -> bool:
    """A model that lies in a folder is had without a network."""
    try:
        source = chosen_source(context, request)
    except SourceUnknown:
        return False
    return source is not None and not source.is_remote


def chosen_source(context: Context, request: PullModel) -> ConfiguredSource | None:
    """The source a person named by name or address; else the first in order from which the catalog learned of
    the model; None: the model hub, or an address that is no configured source.

    Raises:
        SourceUnknown: no source has the name.
    """
    sources = configured(context.installation.settings)
    if request.source:
        return find_source(sources, request.source)
    if request.endpoint:
        return _source_at(sources, request.endpoint.rstrip("/"))
    if "://" in request.reference:
        return None
    index = context.installation.catalog.index
    said = index.said_of(request.reference) or index.said_of(repository_of(request.reference)[0])
    known = {one.source for one in said}
    return next((s for s in sources if s.name in known and s.kind != "embedded"), None)


def _from_mirror(context: Context, request: PullModel, source: ConfiguredSource) -> Taken:
    from steelyard.catalog.mirror_reading import MirrorRepository  # noqa: PLC0415  # only when needed
    from steelyard.intake.pull import pull  # noqa: PLC0415  # as above
    from steelyard.intake.records import PullSpec  # noqa: PLC0415  # as above

    installation = context.installation
    with opened_place(context, source, ASKED_BY) as place:
        accepted = accepted_index(context, source, place)
        keep_index(context, source, accepted)
        spec = PullSpec(
            reference=request.reference,
            file=request.file,
            revision=request.revision,
            name=request.name,
            source_kind="mirror",
            signed_by=accepted.signed_by,
            request=_asked(request) | {"source": source.name},
        )
        repository = MirrorRepository(place, accepted)
        return pull(
            installation.store,
            spec,
            installation.gate,
            required=frozenset(installation.settings.items("admission.required")),
            report=context.report,
            limits=_limits(context, request),
            open_source=lambda _reference: nullcontext(repository),
        )


def _from_folder(context: Context, request: PullModel, source: ConfiguredSource) -> Taken:
    """What lies in a folder is imported from there, by its path."""
    from steelyard.intake.importer import import_path  # noqa: PLC0415  # only when needed

    if source.kind != "folder":
        raise UsageError(
            f"{source.name} has nothing that is pulled.",
            next_step="Use steelyard bundle import with the bundle's path."
            if source.kind == "bundles"
            else "Name another source.",
            source=source.name,
        )
    path = Path(request.reference)
    if not path.is_absolute() or not path.resolve().is_relative_to(source.folder.resolve()):
        raise UsageError(
            f"{request.reference[:200]} does not lie in {source.name} ({source.location}).",
            next_step="See steelyard catalog search --source with its name.",
            source=source.name,
        )
    installation = context.installation
    return import_path(
        installation.store,
        path,
        name=request.name,
        required=frozenset(installation.settings.items("admission.required")),
        report=context.report,
    )


def _asked(request: PullModel) -> dict[str, str]:
    asked = {
        "operation": "model.pull",
        "reference": request.reference,
        "file": request.file,
        "revision": request.revision,
        "endpoint": request.endpoint,
        "name": request.name,
        "source": request.source,
    }
    return {name: text for name, text in asked.items() if text}


def _spec(context: Context, request: PullModel, named: ConfiguredSource | None) -> PullSpec:
    from steelyard.connections.access import Access, token_for  # noqa: PLC0415  # only when needed
    from steelyard.intake.records import PullSpec  # noqa: PLC0415  # as above
    from steelyard.intake.reference import parse  # noqa: PLC0415  # as above

    settings = context.installation.settings
    sources = configured(settings)
    spec = PullSpec(
        reference=request.reference,
        file=request.file,
        revision=request.revision,
        endpoint=request.endpoint or (named.location if named else None),
        default_endpoint=settings.text("sources.endpoint"),
        name=request.name,
        request=_asked(request),
    )
    endpoint = parse(spec).endpoint
    source = named or _source_at(sources, endpoint)
    if source is None:
        return replace(spec, token=token_for(Access(endpoint)))
    return replace(
        spec,
        ca_file=source.ca_file,
        proxy=source.proxy,
        token_variable=source.token_variable,
        token=token_for(Access(endpoint, token_variable=source.token_variable)),
    )


def _source_at(sources: tuple[ConfiguredSource, ...], endpoint: str) -> ConfiguredSource | None:
    """The configured source with this address: whoever names an address means the source that has it."""
    return next((one for one in sources if endpoint in (one.location, _uri(one))), None)


def _uri(source: ConfiguredSource) -> str:
    """How manifests and transfers name a folder."""
    if source.is_remote or not source.folder.is_absolute():
        return source.location
    return source.folder.as_uri()


def _limits(context: Context, request: PullModel) -> PullLimits:
    from steelyard.intake.download import Manner  # noqa: PLC0415  # only when needed
    from steelyard.intake.pull import PullLimits  # noqa: PLC0415  # as above

    settings = context.installation.settings
    connections, limit = request.connections, request.limit_bytes_per_s
    return PullLimits(
        manner=Manner(
            connections=settings.number("downloads.connections")
            if connections is None
            else settings_bound("downloads.connections", connections),
            limit_bytes_per_s=settings.number("downloads.limit-bytes-per-s")
            if limit is None
            else settings_bound("downloads.limit-bytes-per-s", limit),
        )
    )


def settings_bound(key: str, value: int) -> int:
    """A value given for one call, held to what the setting may be.

    Raises:
        InvalidSetting: it is out of bounds.
    """
    from steelyard.policy.options import option  # noqa: PLC0415  # only when needed

    checked = option(key).parse(value)
    assert isinstance(checked, int)
    return checked
