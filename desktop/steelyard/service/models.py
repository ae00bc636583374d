"""Models in the store: list, show, import, pull, verify, approve, remove."""

from __future__ import annotations

import dataclasses
import time
from functools import cache
from pathlib import Path

from steelyard.base.errors import Json
from steelyard.evals.records import RowVerdict, RunRecord
from steelyard.licenses.records import AnswerState
from steelyard.policy.models import check_allowed
from steelyard.service.candidates import candidate_of
from steelyard.service.errors import NotLoadable
from steelyard.service.operation import Context, operation, to_json
from steelyard.service.permission import GATE_SUITE, check_approver
from steelyard.service.requests import (
    ApproveModel,
    ImportModel,
    ListModels,
    ModelApproved,
    ModelDetail,
    ModelFile,
    ModelList,
    ModelRemoved,
    ModelRow,
    ModelsVerified,
    ModelTaken,
    PullModel,
    RemoveModel,
    ShowModel,
    TrustFacts,
    VerifyModels,
)
from steelyard.store.index import Place
from steelyard.store.records import FileEntry, Model, State

CARD_MAX_BYTES = 1024 * 1024


def row_of(context: Context, model: Model, gates: dict[str, RunRecord] | None = None) -> ModelRow:
    """A model as faces show it; `gates` are the newest finished gates by model digest."""
    manifest = model.manifest
    pin = context.installation.store.entry(model.digest).pin
    gate = (newest_gates(context) if gates is None else gates).get(model.digest)
    ran = [row for row in gate.rows if row.verdict is not RowVerdict.NOT_RUN] if gate else []
    return ModelRow(
        name=manifest.name,
        title=manifest.title,
        publisher=manifest.publisher,
        digest=model.digest,
        state=model.state.value,
        format=manifest.format,
        quantization=manifest.quantization,
        architecture=manifest.architecture,
        size_bytes=manifest.size_bytes,
        parameters=manifest.parameters,
        context_length=manifest.context_length,
        license_id=manifest.license.license_id,
        license_state=commercial_use(manifest.license.license_id),
        trust=TrustFacts(
            model.trust.publisher_hash.value,
            model.trust.signed_by,
            model.trust.scan.value,
            model.trust.approved_by,
            model.trust.findings,
        ),
        added_at=model.added_at,
        last_verified_at=model.last_verified_at,
        gate=gate.verdict.value if gate else None,
        gate_passed=sum(row.verdict is RowVerdict.PASS for row in ran),
        gate_total=len(gate.rows) if gate else 0,
        loaded=model.digest in context.installation.engines.loaded(),
        reason=model.reason,
        pinned=pin is not None,
        pin_reason=pin or "",
    )


@cache
def commercial_use(license_id: str | None) -> str:
    """State of the first question, for lists; `not-known` without a known license."""
    from steelyard.licenses import library  # noqa: PLC0415  # only when models are shown

    if license_id is None:
        return AnswerState.NOT_KNOWN.value
    answers = library.explain(license_id).answers
    return next(a.state.value for a in answers if a.question == "commercial_use")


def newest_gates(context: Context) -> dict[str, RunRecord]:
    """The newest fast gate of every model that was finished on this machine, by digest.

    A gate that a bundle brought says nothing of this machine and was checked by nobody here.
    """
    newest: dict[str, RunRecord] = {}
    for run in context.installation.runs.list(suite=GATE_SUITE):
        if run.status == "done" and not run.origin:
            newest.setdefault(run.model_digest, run)
    return newest


def files_of(entries: tuple[FileEntry, ...]) -> tuple[ModelFile, ...]:
    """A manifest's files as faces show them."""
    return tuple(
        ModelFile(entry.path, entry.size_bytes, entry.sha256, entry.publisher_hash.value)
        for entry in entries
    )


def name_subject(context: Context, model: Model) -> None:
    """Let the audit entry name the model by its digest."""
    context.subject = {"name": model.name, "digest": model.digest}


@operation("model.list", summary="List the models in the store")
def list_models(context: Context, request: ListModels) -> ModelList:
    """All models, also quarantined and retired ones."""
    store = context.installation.store
    gates = newest_gates(context)
    return ModelList(
        tuple(row_of(context, model, gates) for model in store.models()),
        store.free_bytes(),
        store.away,
    )


@operation("model.show", summary="Show one model")
def show_model(context: Context, request: ShowModel) -> ModelDetail:
    """Everything known of a model.

    Raises:
        NotFound: the store has no such model.
    """
    store = context.installation.store
    model = store.get(request.model)
    view = store.view(model)
    template, metadata = _read_header(context, model)
    return ModelDetail(
        model=row_of(context, model),
        files=files_of(model.manifest.files),
        source=dataclasses.asdict(model.manifest.source),
        card=_read_text(view, "README.md"),
        chat_template=template,
        template_digest=model.manifest.template_digest,
        tokenizer_digest=model.manifest.tokenizer_digest,
        metadata=metadata,
        base_models=model.manifest.base_models,
        path=str(view),
    )


def _read_header(context: Context, model: Model) -> tuple[str | None, dict[str, Json]]:
    """Template and header facts as the scan worker found them; the file is not parsed here again."""
    found = context.installation.store.facts(model)
    template, metadata = found.get("chat_template"), found.get("metadata")
    return (
        template if isinstance(template, str) else None,
        metadata if isinstance(metadata, dict) else {},
    )


def _read_text(view: Path, name: str) -> str | None:
    path = view / name
    try:
        if path.stat().st_size > CARD_MAX_BYTES:
            return None
        return path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None


@operation(
    "model.import",
    summary="Take in a GGUF file or a safetensors folder",
    mutates=True,
    audited=("path", "sha256", "name"),
)
def import_model(context: Context, request: ImportModel) -> ModelTaken:
    """Copy, hash, judge in a worker, store by content, admit.

    Raises:
        CheckFailed: the digest is not the declared one; the bytes stay in quarantine.
        MalformedInput: the structure is not what it claims; the bytes stay in quarantine.
        NotFound, OutOfResources, Cancelled: as they say; nothing remains.
    """
    from steelyard.intake.importer import import_path  # noqa: PLC0415  # only when needed

    taken = import_path(
        context.installation.store,
        request.path,
        expected_sha256=request.sha256,
        name=request.name,
        required=frozenset(context.installation.settings.items("admission.required")),
        report=context.report,
    )
    return taken_of(context, taken.model, taken.bytes_fetched, taken.bytes_reused)


def _pulls_offline(context: Context, request: PullModel) -> bool:
    from steelyard.service.pulling import works_offline  # noqa: PLC0415  # only when needed

    return works_offline(context, request)


@operation(
    "model.pull",
    summary="Fetch a model from a hub and verify it",
    mutates=True,
    network=True,
    audited=("reference", "file", "revision", "endpoint", "name", "source"),
    works_offline=_pulls_offline,
)
def pull_model(context: Context, request: PullModel) -> ModelTaken:
    """Fetch with resume, hash while it streams, compare with what was published, judge, admit.

    Raises:
        RefusedByPolicy: offline, or the host is not allowed.
        RemoteFailure: the network or the server failed; what verified is kept for the next try.
        CheckFailed: the bytes are not the published ones; they stay in quarantine.
    """
    from steelyard.service.pulling import pull_as_asked  # noqa: PLC0415  # only when needed

    taken = pull_as_asked(context, request)
    return taken_of(context, taken.model, taken.bytes_fetched, taken.bytes_reused)


def taken_of(context: Context, model: Model, fetched: int, reused: int) -> ModelTaken:
    """What came in, and the same for the audit entry."""
    name_subject(context, model)
    context.facts |= {
        "state": model.state.value,
        "size_bytes": model.manifest.size_bytes,
        "bytes_fetched": fetched,
        "publisher_hash": model.trust.publisher_hash.value,
    }
    return ModelTaken(row_of(context, model), files_of(model.manifest.files), fetched, reused)


@operation("model.verify", summary="Hash models in the store again", mutates=True)
def verify_models(context: Context, request: VerifyModels) -> ModelsVerified:
    """Compare every byte with the manifests; a model that differs can no longer be loaded.

    Raises:
        NotFound: the store has no such model.
    """
    store = context.installation.store
    started = time.perf_counter()
    if request.model:
        models = [store.get(request.model)]
        name_subject(context, models[0])
    else:
        # Also those found damaged before: they stay a "no" until they are repaired or removed.
        models = [m for m in store.models() if store.entry(m.digest).place is Place.STORE]
    results = [(model.name, store.verify(model, context.report)) for model in models]
    verified = ModelsVerified(
        ok=all(result.ok for _, result in results),
        mismatched=tuple(f"{name}/{p}" for name, result in results for p in result.mismatched),
        missing=tuple(f"{name}/{p}" for name, result in results for p in result.missing),
        extra=tuple(f"{name}/{p}" for name, result in results for p in result.extra),
        checked_bytes=sum(result.checked_bytes for _, result in results),
        models=len(results),
        elapsed_s=time.perf_counter() - started,
    )
    context.facts |= {
        "ok": verified.ok,
        "models": verified.models,
        "checked_bytes": verified.checked_bytes,
        "mismatched": to_json(verified.mismatched),
        "missing": to_json(verified.missing),
    }
    return verified


@operation("model.approve", summary="Approve a verified model", mutates=True, audited=("reason",))
def approve_model(context: Context, request: ApproveModel) -> ModelApproved:
    """Record that the person asking approves the model, and admit it when that was what it lacked.

    Raises:
        NotFound: the store has no such model.
        RefusedByPolicy: the model is quarantined, rejected or retired, a rule of policy stands against it, or
            this account may not approve.
    """
    from steelyard.intake.admission import decide_admission  # noqa: PLC0415  # only when needed

    store = context.installation.store
    model = store.get(request.model)
    name_subject(context, model)
    check_approver(context, request.reason)
    check_allowed(context.installation.settings, candidate_of(model.manifest))
    if model.state not in (State.VERIFIED, State.ADMITTED):
        raise NotLoadable(
            f"{model.name} is {model.state.value} and cannot be approved.",
            next_step="Import a copy that verifies.",
            model=model.name,
            state=model.state.value,
        )
    trust = dataclasses.replace(model.trust, approved_by=context.actor)
    required = frozenset(context.installation.settings.items("admission.required"))
    model = store.set_trust(model, trust)
    model = store.set_state(model, decide_admission(trust, required), request.reason)
    context.facts["state"] = model.state.value
    return ModelApproved(row_of(context, model))


@operation(
    "model.remove", summary="Remove a model from the store", mutates=True, audited=("dry_run",)
)
def remove_model(context: Context, request: RemoveModel) -> ModelRemoved:
    """Retire a model and free the blobs nobody else uses; with `dry_run` only say what would go.

    Raises:
        NotFound: the store has no such model.
        ModelIsPinned, ModelInUse: it stays.
    """
    store = context.installation.store
    model = store.get(request.model)
    name_subject(context, model)
    if not request.dry_run and store.entry(model.digest).pin is None:
        # One that stays is not taken from whoever talks to it.
        context.installation.engines.unload(model.digest)
    removal = store.remove(model, dry_run=request.dry_run)
    context.facts["freed_bytes"] = removal.freed_bytes
    return ModelRemoved(
        removal.name,
        removal.digest,
        removal.dry_run,
        removal.freed_bytes,
        len(removal.blobs_removed),
        len(removal.blobs_shared),
    )
