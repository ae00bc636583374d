"""Transfers: what lies in quarantine, going on with it, and removing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from steelyard.service.operation import Context, operation, registry
from steelyard.service.requests import (
    BundleImported,
    DiscardTransfer,
    ListTransfers,
    ModelTaken,
    ResumeTransfer,
    TransferDiscarded,
    TransferFile,
    TransferList,
    TransferResumed,
    TransferRow,
)

if TYPE_CHECKING:
    from steelyard.intake.transfers import Transfer

GOES_ON = ("model.pull", "bundle.import")
"""Operations that a record in quarantine may ask for, whatever else it says."""


@operation(
    "transfer.list", summary="List downloads and bundles that are not done, and what was refused"
)
def list_transfers(context: Context, request: ListTransfers) -> TransferList:
    """Those under way in any process, those that can go on, and refused bytes that are kept to be looked at."""
    from steelyard.intake.transfers import transfers  # noqa: PLC0415  # only when needed

    return TransferList(tuple(_row(one) for one in transfers(context.installation.store)))


def _works_offline(context: Context, request: ResumeTransfer) -> bool:
    """Going on with a bundle needs no network; what cannot go on at all says so by itself."""
    from steelyard.base.errors import NotFound  # noqa: PLC0415  # only when needed
    from steelyard.intake.transfers import find_transfer  # noqa: PLC0415  # as above

    try:
        found = find_transfer(context.installation.store, request.id)
    except NotFound:
        return False
    asked = found.to_go_on.get("operation", "")
    if asked not in GOES_ON:
        return False
    try:
        return not registry()[asked].needs_network(context, _request_of(found))
    except NotFound:
        return False


@operation(
    "transfer.resume",
    summary="Go on with a download or a bundle's import",
    mutates=True,
    network=True,
    audited=("id",),
    works_offline=_works_offline,
)
def resume_transfer(context: Context, request: ResumeTransfer) -> TransferResumed:
    """Ask again for exactly what the transfer was of: the same commit, the same files.

    Raises:
        NotFound: there is no such transfer.
        NotResumable: its bytes were refused, or its record does not say what was asked.
        TransferUnderWay, QuarantineBusy: some process works on it.
        see `model.pull` and `bundle.import` for the rest.
    """
    from steelyard.intake.errors import TransferUnderWay  # noqa: PLC0415  # only when needed
    from steelyard.intake.transfers import FETCHING, find_transfer  # noqa: PLC0415  # as above

    found = find_transfer(context.installation.store, request.id)
    if found.state == FETCHING:
        raise TransferUnderWay(
            f"{found.title} is under way already.",
            next_step="Wait for it to finish.",
            id=found.identifier,
        )
    again = _request_of(found)
    name = found.to_go_on["operation"]
    context.facts["operation"] = name
    result = registry()[name].run(context, again)
    if isinstance(result, ModelTaken):
        return TransferResumed(
            found.identifier,
            name,
            result.model,
            result.files,
            result.bytes_fetched,
            result.bytes_reused,
        )
    assert isinstance(result, BundleImported)
    return TransferResumed(found.identifier, name, bundle=result)


@operation(
    "transfer.discard",
    summary="Remove what a transfer left in quarantine",
    mutates=True,
    audited=("id",),
)
def discard(context: Context, request: DiscardTransfer) -> TransferDiscarded:
    """Remove a broken transfer's bytes, or refused ones.

    Raises:
        NotFound: there is no such transfer.
        TransferUnderWay: some process works on it.
    """
    from steelyard.intake.transfers import discard_transfer, find_transfer  # noqa: PLC0415  # only when needed

    store = context.installation.store
    found = find_transfer(store, request.id)
    context.facts["title"] = found.title
    freed_bytes = discard_transfer(store, found)
    context.facts["freed_bytes"] = freed_bytes
    return TransferDiscarded(found.identifier, freed_bytes)


def _row(one: Transfer) -> TransferRow:
    return TransferRow(
        id=one.identifier,
        kind=one.kind,
        title=one.title,
        state=one.state,
        done_bytes=sum(part.here_bytes for part in one.parts),
        total_bytes=sum(part.size_bytes for part in one.parts),
        files_done=sum(part.here_bytes == part.size_bytes for part in one.parts),
        files=len(one.parts),
        reason=one.reason,
        request=dict(one.request),
        model=one.model,
        updated_at=one.updated_at,
        parts=tuple(
            TransferFile(
                part.path,
                part.size_bytes,
                part.here_bytes,
                part.expected,
                part.found,
                part.state,
            )
            for part in one.parts
        ),
    )


def _request_of(found: Transfer) -> Any:  # the operation's own request
    """The request that goes on with a transfer, from the texts of its record."""
    from steelyard.intake.errors import NotResumable  # noqa: PLC0415  # only when needed

    fields = dict(found.to_go_on)
    name = fields.pop("operation", "")
    if name in GOES_ON:
        kind = registry()[name].request
        hints = get_type_hints(kind)
        if fields.keys() <= hints.keys():
            try:
                return kind(**{key: _value(hints[key], text) for key, text in fields.items()})
            except TypeError:  # a field without a default is missing
                pass
    raise NotResumable(
        f"{found.title} cannot go on: {'its bytes were refused' if found.model else 'nobody knows what was asked'}.",
        next_step="Remove it, and ask for it again.",
        id=found.identifier,
    )


def _value(hint: object, text: str) -> object:
    return Path(text) if hint in (Path, Path | None) else text
