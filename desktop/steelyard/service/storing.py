"""The store as a whole: how it stands, making one, collecting garbage, scrubbing; pins and ML-BOMs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc, parse_utc
from steelyard.base.digests import digest_of
from steelyard.base.errors import FolderNotUsable
from steelyard.service.models import name_subject
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    BomMade,
    CollectGarbage,
    GarbageFound,
    MakeBom,
    MakeStore,
    ModelPinned,
    PinModel,
    ScrubStore,
    ShowStore,
    StoreMade,
    StoreScrubbed,
    StoreStatus,
)
from steelyard.service.running import reverify
from steelyard.store.index import Place

if TYPE_CHECKING:
    from steelyard.service.steelyard import Steelyard
    from steelyard.store.bom import Figure
    from steelyard.store.records import Model
    from steelyard.store.store import Store

RUNS_IN_A_BOM = 20


@operation("store.show", summary="Where models lie, and how it stands with that store")
def show_store(context: Context, request: ShowStore) -> StoreStatus:
    """Counts, room, rubbish and what a person should look at. Of a store that is away, what was known last."""
    from steelyard.store.collection import survey  # noqa: PLC0415  # only when asked
    from steelyard.store.opening import group_of  # noqa: PLC0415  # as above

    store = context.installation.store
    blobs = store.index.blobs()
    garbage_bytes, problems = 0, []
    if store.away:
        problems.append("The store is away: connect the disk or share it is on. Nothing was lost.")
    elif store.writable:
        with store.lock():
            found = survey(store)
        garbage_bytes, problems = found.size_bytes, list(found.unexplained)
    entries = [entry for entry in store.index.all() if entry.place is Place.STORE]
    damaged = [entry.model.name for entry in entries if entry.whole_state is not None]
    if damaged:
        problems.append(f"Damaged: {', '.join(damaged)}. Import or pull again to repair.")
    return StoreStatus(
        location=str(store.home.store),
        shared=store.shared,
        writable=store.writable,
        away=store.away,
        models=len(entries),
        blobs=len(blobs),
        used_bytes=sum(blobs.values()),
        free_bytes=store.free_bytes(),
        garbage_bytes=garbage_bytes,
        unverified_for_s=_oldest_s(store),
        reverify=str(reverify(context)),
        shared_blobs=sum(len(store.index.owners(sha256)) > 1 for sha256 in blobs),
        group=group_of(store.home.store) if store.shared else None,
        problems=tuple(problems),
    )


def _oldest_s(store: Store) -> float | None:
    now = store.clock()
    times = (
        parse_utc(entry.model.last_verified_at or entry.model.added_at)
        for entry in store.index.all()
        if entry.place is Place.STORE
    )
    oldest = min(times, default=None)
    return None if oldest is None else max(0.0, (now - oldest).total_seconds())


@operation(
    "store.create",
    summary="Make a store on another disk, or for several users",
    mutates=True,
    audited=("location", "group"),
)
def make_store(context: Context, request: MakeStore) -> StoreMade:
    """Make an empty store; the setting `store.location` puts it to use.

    Raises:
        NotAStore: the folder holds something else, or there is no such group.
        FolderNotUsable: it cannot be made.
    """
    from steelyard.store.opening import create  # noqa: PLC0415  # only when asked

    marker = create(request.location, request.group)
    context.facts["identifier"] = marker.identifier
    return StoreMade(str(request.location), marker.identifier, marker.shared)


@operation(
    "store.collect",
    summary="Find what nothing in the store refers to, and take it away",
    mutates=True,
    audited=("apply",),
)
def collect(context: Context, request: CollectGarbage) -> GarbageFound:
    """Mark from manifests, pins and work in progress; sweep the rest, or only say what would go.

    Raises:
        StoreAway, StoreReadOnly: it cannot be changed.
        DiskFailed: something cannot be removed.
    """
    from steelyard.store.collection import survey, sweep  # noqa: PLC0415  # only when asked

    store = context.installation.store
    with store.lock():
        rubbish = survey(store)
        if request.apply:
            sweep(store, rubbish)
    context.facts |= {
        "blobs": len(rubbish.blobs),
        "folders": len(rubbish.folders),
        "temporaries": len(rubbish.temporaries),
        "freed_bytes": rubbish.size_bytes,
    }
    return GarbageFound(
        applied=request.apply,
        blobs=len(rubbish.blobs),
        folders=len(rubbish.folders),
        freed_bytes=rubbish.size_bytes,
        kept=rubbish.kept,
    )


@operation(
    "store.scrub",
    summary="Hash again what was not verified for longest",
    mutates=True,
    audited=("older_than_days", "max_bytes"),
)
def scrub_store(context: Context, request: ScrubStore) -> StoreScrubbed:
    """Read the store through at the lowest priority, resting while anything else is at work.

    Raises:
        StoreAway: the store is away.
        Cancelled: what was verified before is recorded; the next scrub goes on there.
    """
    from steelyard.store.quarantine import is_at_work  # noqa: PLC0415  # only when asked
    from steelyard.store.scrubbing import scrub  # noqa: PLC0415  # as above

    store = context.installation.store

    def busy() -> bool:
        # Two scrubs must not wait for one another.
        return bool(context.others() - {"store.scrub"}) or is_at_work(store.home.quarantine)

    done = scrub(
        store,
        store.clock() - timedelta(days=request.older_than_days),
        context.report,
        max_bytes=request.max_bytes,
        busy=busy,
    )
    context.facts |= {
        "models": done.models,
        "checked_bytes": done.checked_bytes,
        "damaged": list(done.damaged),
        "remaining": done.remaining,
    }
    return StoreScrubbed(
        not done.damaged, done.models, done.checked_bytes, done.damaged, done.remaining
    )


def scrub_due(desk: Steelyard) -> ScrubStore | None:
    """What the window should run when nothing else does, or None: nothing is due, or the setting is off.

    Raises:
        SteelyardError: the store cannot be opened.
    """
    from steelyard.store.scrubbing import due  # noqa: PLC0415  # only when asked

    days = desk.installation.settings.number("store.scrub-days")
    if not days or desk.installation.store.away:
        return None
    store = desk.installation.store
    found = due(store, store.clock() - timedelta(days=days))
    return ScrubStore(older_than_days=days) if found else None


@operation(
    "model.pin",
    summary="Keep a model from being removed, or let it go",
    mutates=True,
    audited=("pinned", "reason"),
)
def pin_model(context: Context, request: PinModel) -> ModelPinned:
    """Set or take away a pin.

    Raises:
        NotFound: the store has no such model, or its files were removed.
        StoreReadOnly: it cannot be changed.
    """
    store = context.installation.store
    model = store.get(request.model)
    name_subject(context, model)
    store.set_pin(model, request.reason if request.pinned else None)
    return ModelPinned(model.name, request.pinned, request.reason if request.pinned else "")


@operation(
    "model.bom",
    summary="A model's bill of materials (CycloneDX 1.6)",
    mutates=True,
    audited=("out",),
)
def make_bom(context: Context, request: MakeBom) -> BomMade:
    """Say what a model is made of, in a form other tools read; write it where asked.

    Raises:
        NotFound: the store has no such model.
        FolderNotUsable: the file cannot be written.
    """
    from steelyard.base.durable import write_bytes  # noqa: PLC0415  # only when asked
    from steelyard.store.bom import bom_of  # noqa: PLC0415  # as above

    store = context.installation.store
    model = store.get(request.model)
    name_subject(context, model)
    document = bom_of(model, made_at=iso_utc(store.clock()), figures=measured(context, model))
    digest = digest_of(document)
    context.facts["document"] = digest
    if request.out is not None:
        if not request.out.parent.is_dir():
            raise FolderNotUsable(
                f"There is no folder {request.out.parent}. Nothing was written.",
                next_step="Name a file in a folder that exists.",
                path=str(request.out),
                reason="no such folder",
            )
        write_bytes(request.out, document, mode=0o644)
    path = None if request.out is None else str(request.out)
    return BomMade(model.name, digest, document.decode(), path)


def measured(context: Context, model: Model) -> tuple[Figure, ...]:
    """What finished evaluations of exactly these bytes counted, newest first, each naming its run."""
    from steelyard.store.bom import Figure  # noqa: PLC0415  # only when asked

    runs = context.installation.runs.list(model_digest=model.digest, limit=RUNS_IN_A_BOM)
    return tuple(
        Figure(
            name=f"{run.suite}/{row.name}",
            value=f"{row.passed}/{row.total}",
            low=None if row.low is None else f"{row.low:.4f}",
            high=None if row.high is None else f"{row.high:.4f}",
            evidence=f"run {run.run_id}" + (f", made by {run.origin}" if run.origin else ""),
        )
        for run in runs
        if run.status == "done"
        for row in run.rows
        if row.total
    )
