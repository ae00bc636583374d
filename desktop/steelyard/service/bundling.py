"""Bundles: making them, looking at them, taking them in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.errors import Json
from steelyard.service import bundle_rows as rows
from steelyard.service.keys import opened_key
from steelyard.service.operation import Context, operation, to_json
from steelyard.service.receipting import receipt_key, write_receipt
from steelyard.service.requests import (
    BundleImported,
    BundleProblem,
    BundleReport,
    BundleSigner,
    CreateBundle,
    ImportBundle,
    InspectBundle,
    VerifyBundle,
)
from steelyard.signing.key_record import Purpose

if TYPE_CHECKING:
    from steelyard.bundles.checking import Opened, Rules
    from steelyard.bundles.importing import Imported
    from steelyard.bundles.manifest import BundleManifest
    from steelyard.bundles.verifying import Finding

UNSIGNED = "It is not signed. Whoever gets it cannot tell who made it or whether it was changed."


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
        models=rows.models(context, made.manifest),
        files=rows.files(made.manifest),
        ok=True,
        problems=() if keys else (BundleProblem("unsigned", "", UNSIGNED),),
        size_bytes=made.size_bytes,
        checked_bytes=made.size_bytes,
        parts=made.parts,
        digest=made.digest,
    )


@operation("bundle.inspect", summary="Who signed a bundle, and what is in it")
def inspect_bundle(context: Context, request: InspectBundle) -> BundleReport:
    """Signatures, manifest, missing and extra files, and whether its number is the next; no file of a model is
    read.

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
    findings = seen.findings
    if not every_byte and seen.opened is not None:
        findings += _old_serial(context, seen.opened)
    return BundleReport(
        path=str(path),
        serial=manifest.serial if manifest else 0,
        sender=manifest.sender.name if manifest else "",
        created_at=manifest.created_at if manifest else "",
        signers=rows.signers(seen.signatures.signers if seen.signatures else ()),
        models=rows.models(context, manifest) if manifest else (),
        files=rows.files(manifest) if manifest else (),
        ok=not findings,
        problems=rows.problems(findings),
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
    key = receipt_key(context, request)
    opened = open_bundle(request.path, _rules(context), context.report)
    receipt: str | None = None
    brought = BroughtIn()

    def settle(imported: Imported) -> None:
        nonlocal receipt, brought
        brought = bring_in(context, opened, imported)
        if key is not None and opened.believed:
            receipt = write_receipt(context, request, opened, imported, key)

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
        signers=rows.signers(opened.signatures.signers),
        models=tuple(map(rows.taken, imported.models)),
        files=rows.files(opened.manifest),
        ok=all(each.outcome in rows.IN_STORE for each in imported.models),
        problems=rows.problems((*imported.findings, *brought.findings)),
        bytes_fetched=imported.bytes_copied,
        bytes_reused=imported.bytes_reused,
        repaired_bytes=imported.bytes_repaired,
        receipt=receipt,
        runs=brought.runs,
        proven_entries=brought.proven_entries,
    )


def _old_serial(context: Context, opened: Opened) -> tuple[Finding, ...]:
    """What an import would say of its number. Whether its bytes are right does not depend on it."""
    from steelyard.bundles.errors import OldSerial  # noqa: PLC0415  # only when needed
    from steelyard.bundles.verifying import finding_of  # noqa: PLC0415  # as above

    bundle = opened.manifest
    if opened.believed:
        try:
            context.installation.bundles.check_serial(
                bundle.sender.fingerprint, bundle.serial, opened.digest
            )
        except OldSerial as error:
            return (finding_of(error),)
    return ()


def _rules(context: Context) -> Rules:
    from steelyard.bundles.checking import Rules as Asked  # noqa: PLC0415  # only when needed

    installation = context.installation
    return Asked(
        trust=installation.trust(),
        at=installation.clock(),
        needed=installation.settings.number("bundles.signers-needed"),
        allow_unsigned=installation.settings.switch("bundles.allow-unsigned"),
    )


def _facts_of(manifest: BundleManifest) -> dict[str, Json]:
    return {
        "serial": manifest.serial,
        "sender": manifest.sender.name,
        "sender_key": manifest.sender.fingerprint,
        "models_by_name": to_json({m.manifest.name: m.manifest.digest for m in manifest.models}),
        "size_bytes": manifest.size_bytes,
    }
