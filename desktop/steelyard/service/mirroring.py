"""Site mirrors: opening one to read or pull from, and publishing one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc
from steelyard.base.errors import UsageError
from steelyard.catalog.sources import ConfiguredSource
from steelyard.service.keys import opened_key
from steelyard.service.operation import Context, operation
from steelyard.service.requests import CatalogPublished, PublishCatalog
from steelyard.service.ways import access_of, token_for_use
from steelyard.signing.key_record import Purpose
from steelyard.store.records import State

if TYPE_CHECKING:
    from steelyard.catalog.index import Learned
    from steelyard.catalog.mirror_place import MirrorPlace
    from steelyard.catalog.mirror_reading import AcceptedIndex


@contextmanager
def opened_place(
    context: Context, source: ConfiguredSource, asked_by: str
) -> Iterator[MirrorPlace]:
    """A mirror's place, over the network or in a folder.

    Raises:
        SourceAway: the folder is not there.
        RefusedByPolicy: offline, or the host is not allowed.
    """
    from steelyard.catalog.mirror_place import FolderPlace, WebPlace  # noqa: PLC0415  # not at start-up
    from steelyard.connections.transport import GatedTransport  # noqa: PLC0415  # as above
    from steelyard.connections.web import WebSession  # noqa: PLC0415  # as above

    if not source.is_remote:
        yield FolderPlace(source.folder)
        return
    installation = context.installation
    transport = GatedTransport(
        installation.gate, access_of(source), asked_by=asked_by, token=token_for_use(source)
    )
    with WebSession(source.location, transport, clock=installation.clock) as session:
        yield WebPlace(session)


def accepted_index(context: Context, source: ConfiguredSource, place: MirrorPlace) -> AcceptedIndex:
    """A mirror's index by the rules in force, held against what was accepted of it before.

    Raises:
        As `mirror_reading.read_index`.
    """
    from steelyard.catalog.mirror_reading import MirrorRules, read_index  # noqa: PLC0415  # as above
    from steelyard.connections.cancelling import breaking_when_cancelled  # noqa: PLC0415  # as above
    from steelyard.connections.retries import (  # noqa: PLC0415  # as above
        Patience,
        cancellable_sleep,
        with_attempts,
    )

    installation = context.installation
    seen = installation.catalog.index.sources().get(source.name)
    if seen is not None and (seen.kind, seen.location) != (source.kind, source.location):
        seen = None
    rules = MirrorRules(
        installation.trust(),
        installation.clock(),
        installation.settings.switch("sources.allow-unsigned-mirror"),
        seen.serial if seen else None,
        seen.state if seen else "",
    )
    context.report("asking", 0, None, unit="items", detail=source.name)
    with breaking_when_cancelled(place, context.cancel):
        return with_attempts(
            lambda: read_index(place, rules), Patience(), cancellable_sleep(context.cancel)
        )


def keep_index(context: Context, source: ConfiguredSource, accepted: AcceptedIndex) -> Learned:
    """Keep what an accepted index says; its number must not go back after that."""
    from steelyard.catalog.index import SourceState  # noqa: PLC0415  # not at start-up
    from steelyard.catalog.mirror_format import records_of  # noqa: PLC0415  # as above

    state = SourceState(
        source.name,
        source.kind,
        source.location,
        state=accepted.digest,
        serial=accepted.index.serial,
        signed_by=accepted.signed_by,
    )
    now = iso_utc(context.installation.clock())
    return context.installation.catalog.index.learn(
        state, records_of(accepted.index), now, whole=True
    )


@operation(
    "catalog.publish",
    summary="Write a mirror for this site: model files and a signed index",
    mutates=True,
    audited=("folder", "models", "key", "prune"),
)
def publish_catalog(context: Context, request: PublishCatalog) -> CatalogPublished:
    """Make or update a mirror in a folder.

    Raises:
        NotFound, RefusedByPolicy: a model is not there, or not admitted.
        NoSuchKey, KeyNotUsable, PassphraseNeeded, PassphraseWrong: the key.
        MirrorDamaged, DiskFull, DiskFailed, Cancelled: the mirror is as it was.
    """
    from steelyard.catalog.mirror_publishing import publish  # noqa: PLC0415  # not at start-up
    from steelyard.store.lookup import not_admitted  # noqa: PLC0415  # as above

    installation = context.installation
    store, index = installation.store, installation.catalog.index
    if request.models:
        models = [store.get(name) for name in dict.fromkeys(request.models)]
    else:
        models = [
            model
            for model in store.models()
            if model.state is State.ADMITTED and model.manifest.source.kind != "starter"
        ]
    for model in models:
        if model.state is not State.ADMITTED:
            raise not_admitted(model)
    if not models:
        raise UsageError(
            "There is no admitted model to publish beside the starter.",
            next_step="Import or pull one first, or name models.",
        )
    key = None
    if request.key:
        key = opened_key(
            context,
            request.key,
            Purpose.CATALOG,
            passphrase_variable=request.passphrase_variable,
            typed=request.passphrase,
        )
    folder = request.folder.absolute()
    done = publish(
        store,
        folder,
        models,
        key,
        context.report,
        least_serial=index.published_serial(str(folder)),
        prune=request.prune,
    )
    index.note_published(str(folder), done.index.serial)
    blobs = done.index.blobs()
    context.subject = {"name": str(folder)}
    context.facts |= {
        "serial": done.index.serial,
        "signed_by": key.record.name if key else None,
        "published": [model.digest for model in models],
        "pruned_bytes": done.pruned_bytes,
    }
    return CatalogPublished(
        folder=str(folder),
        models=len(models),
        files=len(blobs),
        size_bytes=sum(blobs.values()),
        signed_by=key.record.name if key else None,
        serial=done.index.serial,
        unreferenced_files=done.unreferenced,
        pruned_bytes=done.pruned_bytes,
    )
