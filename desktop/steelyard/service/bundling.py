"""Bundles: making them, looking at them, taking them in, and the receipts that come back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, NotFound, UsageError
from steelyard.service.keys import opened_key
from steelyard.service.operation import Context, operation, to_json
from steelyard.service.requests import (
    BundleFile,
    BundleImported,
    BundleModel,
    BundleProblem,
    BundleReport,
    BundleSigner,
    CheckReceipt,
    CreateBundle,
    ImportBundle,
    InspectBundle,
    ReceiptChecked,
    VerifyBundle,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.trust import Origin
from steelyard.store.index import Place
from steelyard.store.records import Model

if TYPE_CHECKING:
    from steelyard.bundles.checking import Opened, Rules
    from steelyard.bundles.importing import Imported, TakenModel
    from steelyard.bundles.manifest import BundleManifest
    from steelyard.bundles.verifying import Finding
    from steelyard.signing.dsse import Signer
    from steelyard.signing.own_keys import OwnKey

UNSIGNED = "It is not signed. Whoever gets it cannot tell who made it or whether it was changed."
IN_STORE = ("admitted", "verified")


@operation(
    "bundle.create",
    summary="Put models with their evidence into a signed bundle",
    mutates=True,
    audited=("models", "out", "keys", "with_evals", "with_notes", "with_proofs", "split_bytes"),
)
def create_bundle(context: Context, request: CreateBundle) -> BundleReport:
    """Copy models out of the store, every byte checked on the way, with what is known of them, and sign it.

    Raises:
        NotFound: the store has no such model, or there is no such key.
        UsageError: it cannot be made like this, or something is there already.
        CheckFailed: a file in the store is not what was admitted, or a key may not sign.
        OutOfResources, Cancelled: as they say; nothing remains at the target.
    """
    from steelyard.bundles.creating import BundleSpec, create  # noqa: PLC0415  # only when needed
    from steelyard.service.bundle_evidence import attachments  # noqa: PLC0415  # as above

    installation = context.installation
    models = tuple(installation.store.get(name) for name in request.models)
    keys = tuple(
        opened_key(
            context,
            name,
            Purpose.BUNDLE,
            passphrase_variable=request.passphrase_variable,
            typed=request.passphrase,
        )
        for name in dict.fromkeys(request.keys)
    )
    made = create(
        installation.store,
        installation.bundles,
        BundleSpec(
            models,
            request.out,
            request.split_bytes,
            attachments(
                context,
                models,
                with_evals=request.with_evals,
                with_proofs=request.with_proofs,
            ),
        ),
        keys,
        context.report,
    )
    context.subject = {"name": request.out.name, "digest": made.digest}
    context.facts |= _facts_of(made.manifest) | {"parts": len(made.parts)}
    return BundleReport(
        path=str(request.out),
        serial=made.manifest.serial,
        sender=made.manifest.sender.name,
        created_at=made.manifest.created_at,
        signers=tuple(BundleSigner(k.record.name, k.key.key_id, trusted=True) for k in keys),
        models=_models(context, made.manifest),
        files=_files(made.manifest),
        ok=True,
        problems=() if keys else (BundleProblem("unsigned", "", UNSIGNED),),
        size_bytes=made.size_bytes,
        checked_bytes=made.size_bytes,
        parts=made.parts,
        digest=made.digest,
    )


@operation("bundle.inspect", summary="Who signed a bundle, and what is in it")
def inspect_bundle(context: Context, request: InspectBundle) -> BundleReport:
    """Signatures, manifest, missing and extra files; no file of a model is read.

    Raises:
        NotFound, UsageError, OutOfResources: there is no bundle there, or it cannot be read.
    """
    return _look(context, request.path, every_byte=False)


@operation("bundle.verify", summary="Check every byte of a bundle", mutates=True)
def verify_bundle(context: Context, request: VerifyBundle) -> BundleReport:
    """As inspecting it, and every file hashed; damage is told by byte ranges.

    Raises:
        NotFound, UsageError, OutOfResources, Cancelled: as for inspecting.
    """
    report = _look(context, request.path, every_byte=True)
    context.facts |= {
        "ok": report.ok,
        "digest": report.digest,
        "checked_bytes": report.checked_bytes,
        "problems": [f"{problem.kind}: {problem.path}" for problem in report.problems[:20]],
    }
    return report


def _look(context: Context, path: Path, *, every_byte: bool) -> BundleReport:
    from steelyard.bundles.verifying import look  # noqa: PLC0415  # only when needed

    seen = look(path, _rules(context), context.report, every_byte=every_byte)
    manifest = seen.opened.manifest if seen.opened else None
    return BundleReport(
        path=str(path),
        serial=manifest.serial if manifest else 0,
        sender=manifest.sender.name if manifest else "",
        created_at=manifest.created_at if manifest else "",
        signers=_signers(seen.signatures.signers if seen.signatures else ()),
        models=_models(context, manifest) if manifest else (),
        files=_files(manifest) if manifest else (),
        ok=not seen.findings,
        problems=_problems(seen.findings),
        size_bytes=manifest.size_bytes if manifest else 0,
        checked_bytes=seen.checked_bytes,
        parts=seen.parts,
        digest=seen.opened.digest if seen.opened else "",
    )


@operation(
    "bundle.import",
    summary="Take a bundle's models in",
    mutates=True,
    audited=("path", "second", "receipt", "key", "accept_old_serial"),
)
def import_bundle(context: Context, request: ImportBundle) -> BundleImported:
    """Check, copy and verify in one pass, judge in a worker, admit by policy, and write the receipt.

    Raises:
        NotFound, UsageError, MalformedInput: there is no bundle, or it does not have the form of one.
        CheckFailed: it is not signed as policy asks, not whole, or its number is old; nothing was copied.
        OutOfResources, Cancelled: what arrived is kept; the next import goes on with it.
    """
    from steelyard.bundles import importing  # noqa: PLC0415  # only when needed
    from steelyard.bundles.checking import open_bundle  # noqa: PLC0415  # as above
    from steelyard.bundles.sources import open_source  # noqa: PLC0415  # as above
    from steelyard.service.bundle_evidence import BroughtIn, bring_in  # noqa: PLC0415  # as above

    installation = context.installation
    key = _receipt_key(context, request)
    opened = open_bundle(request.path, _rules(context), context.report)
    receipt: str | None = None
    brought = BroughtIn()

    def settle(imported: Imported) -> None:
        nonlocal receipt, brought
        brought = bring_in(context, opened, imported)
        if key is not None and opened.believed:
            receipt = _write_receipt(context, request, opened, imported, key)

    with closing(opened.source):
        context.subject = {"name": request.path.name, "digest": opened.digest}
        context.facts |= _facts_of(opened.manifest)
        context.facts["signers"] = [f"{s.name} {s.key_id}" for s in opened.believed]
        second = open_source(request.second) if request.second else None
        try:
            imported = importing.import_bundle(
                installation.store,
                installation.bundles,
                opened,
                context.report,
                second=second,
                required=frozenset(installation.settings.items("admission.required")),
                accept_old_serial=request.accept_old_serial,
                settle=settle,
            )
        finally:
            if second is not None:
                second.close()
    context.facts |= {
        "outcomes": {each.carried.manifest.digest: each.outcome for each in imported.models},
        "bytes_fetched": imported.bytes_copied,
        "repaired_bytes": imported.bytes_repaired,
        "old_serial_accepted": imported.accepted_old,
        "evidence": list(imported.evidence),
        "runs": list(brought.runs),
        "proven_entries": brought.proven_entries,
    }
    return BundleImported(
        serial=opened.manifest.serial,
        sender=opened.manifest.sender.name,
        signers=_signers(opened.signatures.signers),
        models=tuple(map(_taken, imported.models)),
        files=_files(opened.manifest),
        ok=all(each.outcome in IN_STORE for each in imported.models),
        problems=_problems((*imported.findings, *brought.findings)),
        bytes_fetched=imported.bytes_copied,
        bytes_reused=imported.bytes_reused,
        repaired_bytes=imported.bytes_repaired,
        receipt=receipt,
        runs=brought.runs,
        proven_entries=brought.proven_entries,
    )


@operation("bundle.receipt", summary="Check a receipt that came back", mutates=True)
def check_receipt(context: Context, request: CheckReceipt) -> ReceiptChecked:
    """Who signed it, and whether it answers a bundle that was made here, model by model.

    Raises:
        NotFound: there is no such file.
        MalformedInput: it is no receipt.
        CheckFailed: it is not signed by a key that is trusted for bundles.
    """
    from steelyard.bundles import receipts  # noqa: PLC0415  # only when needed

    installation = context.installation
    if not request.path.is_file():
        raise NotFound(f"There is no file {request.path}.", path=str(request.path))
    with request.path.open("rb") as stream:
        data = stream.read(receipts.MOST_BYTES + 1)
    now = installation.clock()
    checked = receipts.check(data, installation.bundles, trust=installation.trust(), at=now)
    receipt = checked.receipt
    context.facts |= {
        "ok": not checked.findings,
        "serial": receipt.serial,
        "bundle_digest": receipt.bundle_digest,
        "receiver": receipt.receiver,
        "problems": [f"{finding.kind}: {finding.path}" for finding in checked.findings[:20]],
    }
    if not checked.findings:
        installation.bundles.record_receipt(
            receipt.sender, receipt.serial, receipt.receiver_key, receipt.received_at, iso_utc(now)
        )
    return ReceiptChecked(
        ok=not checked.findings,
        serial=receipt.serial,
        receiver=receipt.receiver,
        received_at=receipt.received_at,
        signers=_signers(checked.signers),
        models=tuple(
            BundleModel(
                name=model.name,
                digest=model.digest,
                size_bytes=model.size_bytes,
                format="",
                quantization="",
                license_id=None,
                in_store=model.outcome in IN_STORE,
                outcome=model.outcome,
                reason=model.reason,
            )
            for model in receipt.models
        ),
        problems=_problems(checked.findings),
    )


# -------------------------------------------------------------------- what the operations share


def _rules(context: Context) -> Rules:
    from steelyard.bundles.checking import Rules as Asked  # noqa: PLC0415  # only when needed

    installation = context.installation
    return Asked(
        trust=installation.trust(),
        at=installation.clock(),
        needed=installation.settings.number("bundles.signers-needed"),
        allow_unsigned=installation.settings.switch("bundles.allow-unsigned"),
    )


def _receipt_key(context: Context, request: ImportBundle) -> OwnKey | None:
    """The key that signs the receipt, opened before anything is copied; None where there is none.

    Raises:
        UsageError: there are several, and none was named.
        NoSuchKey, KeyNotUsable, PassphraseNeeded, PassphraseWrong: the key.
    """
    trust, now = context.installation.trust(), context.installation.clock()
    name = request.key
    if name is None:
        names = [
            known.record.name
            for known in trust.keys
            if known.origin is Origin.OWN
            and Purpose.BUNDLE in known.record.purposes
            and known.record.revoked is None
            and known.record.valid_from <= now
            and (known.record.valid_until is None or now < known.record.valid_until)
        ]
        if not names:
            return None
        if len(names) > 1:
            raise UsageError(
                f"Several keys could sign the receipt: {', '.join(names)}. Nothing was taken in.",
                next_step="Name one with --key.",
                keys=list(names),
            )
        name = names[0]
    return opened_key(
        context,
        name,
        Purpose.BUNDLE,
        passphrase_variable=request.passphrase_variable,
        typed=request.passphrase,
    )


def _write_receipt(
    context: Context, request: ImportBundle, opened: Opened, imported: Imported, key: OwnKey
) -> str:
    from steelyard.bundles import receipts  # noqa: PLC0415  # only when needed

    receipt = receipts.Receipt(
        serial=opened.manifest.serial,
        bundle_digest=opened.digest,
        sender=opened.manifest.sender.fingerprint,
        receiver=key.record.name,
        receiver_key=key.key.fingerprint,
        received_at=iso_utc(context.installation.clock()),
        models=tuple(
            receipts.ReceiptModel(
                each.carried.manifest.name,
                each.carried.manifest.digest,
                each.carried.manifest.size_bytes,
                each.outcome,
                each.reason,
            )
            for each in imported.models
        ),
        accepted_old_serial=imported.accepted_old,
    )
    data = receipts.write(receipt, key)
    name = f"{_stem(request.path)}-{opened.manifest.serial}{receipts.ENDING}"
    places = [request.path.parent / name, Path.cwd() / name]
    if request.receipt is not None:
        places = [request.receipt / name if request.receipt.is_dir() else request.receipt]
    for place in places[:-1]:
        try:
            write_bytes(place, data, mode=0o644)
        except OSError:
            continue  # a read-only or full stick: it goes to the folder the person is in
        return str(place)
    write_bytes(places[-1], data, mode=0o644)
    return str(places[-1])


def _stem(path: Path) -> str:
    return re.sub(r"\.steelyard(\.\d{3})?$", "", path.name, flags=re.IGNORECASE) or "bundle"


def _facts_of(manifest: BundleManifest) -> dict[str, Json]:
    return {
        "serial": manifest.serial,
        "sender": manifest.sender.name,
        "sender_key": manifest.sender.fingerprint,
        "models_by_name": to_json({m.manifest.name: m.manifest.digest for m in manifest.models}),
        "size_bytes": manifest.size_bytes,
    }


def _signers(signers: Iterable[Signer]) -> tuple[BundleSigner, ...]:
    return tuple(BundleSigner(s.name, s.key_id, s.trusted, s.why) for s in signers)


def _problems(findings: Iterable[Finding]) -> tuple[BundleProblem, ...]:
    return tuple(BundleProblem(f.kind, f.path, f.detail, f.damaged_ranges) for f in findings)


def _files(manifest: BundleManifest) -> tuple[BundleFile, ...]:
    return tuple(BundleFile(f.path, f.size_bytes, f.sha256, f.kind) for f in manifest.files)


def _models(context: Context, manifest: BundleManifest) -> tuple[BundleModel, ...]:
    index = context.installation.store.index
    found = []
    for carried in manifest.models:
        entry = index.by_digest(carried.manifest.digest)
        here = entry is not None and entry.place is Place.STORE
        found.append(
            BundleModel(
                name=carried.manifest.name,
                digest=carried.manifest.digest,
                size_bytes=carried.manifest.size_bytes,
                format=carried.manifest.format,
                quantization=carried.manifest.quantization,
                license_id=carried.manifest.license.license_id,
                in_store=here,
            )
        )
    return tuple(found)


def _taken(each: TakenModel) -> BundleModel:
    model: Model | None = each.model
    manifest = model.manifest if model is not None else each.carried.manifest
    return BundleModel(
        name=manifest.name,
        digest=manifest.digest,
        size_bytes=manifest.size_bytes,
        format=manifest.format,
        quantization=manifest.quantization,
        license_id=manifest.license.license_id,
        in_store=each.outcome in IN_STORE,
        outcome=each.outcome,
        reason=each.reason,
    )
