"""What a pull needs beyond its request: the source's certificate file, proxy and token, and how fast it may go.

A token is looked up here, handed to the connection, and is part of no request, result, record or log entry.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from steelyard.catalog.sources import ConfiguredSource, configured, find_source
from steelyard.service.operation import Context
from steelyard.service.requests import PullModel

if TYPE_CHECKING:
    from steelyard.intake.pull import PullLimits
    from steelyard.intake.records import PullSpec, Taken


def pull_as_asked(context: Context, request: PullModel) -> Taken:
    """Fetch, verify, judge and admit.

    Raises:
        SourceUnknown, UnusableToken, UnusableAuthority: what is configured.
        see `intake.pull.pull` for the rest.
    """
    from steelyard.intake.pull import pull  # noqa: PLC0415  # only when needed

    installation = context.installation
    return pull(
        installation.store,
        _spec(context, request),
        installation.gate,
        required=frozenset(installation.settings.items("admission.required")),
        report=context.report,
        limits=_limits(context, request),
    )


def _spec(context: Context, request: PullModel) -> PullSpec:
    from steelyard.connections.access import Access, token_for  # noqa: PLC0415  # only when needed
    from steelyard.intake.records import PullSpec  # noqa: PLC0415  # as above
    from steelyard.intake.reference import parse  # noqa: PLC0415  # as above

    settings = context.installation.settings
    sources = configured(settings)
    named = find_source(sources, request.source) if request.source else None
    asked = {
        "operation": "model.pull",
        "reference": request.reference,
        "file": request.file,
        "revision": request.revision,
        "endpoint": request.endpoint,
        "name": request.name,
        "source": request.source,
    }
    spec = PullSpec(
        reference=request.reference,
        file=request.file,
        revision=request.revision,
        endpoint=request.endpoint or (named.location if named else None),
        default_endpoint=settings.text("sources.endpoint"),
        name=request.name,
        request={name: text for name, text in asked.items() if text},
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
    return next((one for one in sources if one.is_remote and one.location == endpoint), None)


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
