"""Receipts for bundles: signing them where a bundle was taken in, checking them where it was made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc
from steelyard.base.durable import write_bytes
from steelyard.base.errors import NotFound, UsageError
from steelyard.service import bundle_rows as rows
from steelyard.service.keys import opened_key
from steelyard.service.operation import Context, operation
from steelyard.service.requests import BundleModel, CheckReceipt, ImportBundle, ReceiptChecked
from steelyard.signing.key_record import Purpose
from steelyard.signing.trust import Origin

if TYPE_CHECKING:
    from steelyard.bundles.checking import Opened
    from steelyard.bundles.importing import Imported
    from steelyard.signing.own_keys import OwnKey


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
        signers=rows.signers(checked.signers),
        models=tuple(
            BundleModel(
                name=model.name,
                digest=model.digest,
                size_bytes=model.size_bytes,
                format="",
                quantization="",
                license_id=None,
                in_store=model.outcome in rows.IN_STORE,
                outcome=model.outcome,
                reason=model.reason,
            )
            for model in receipt.models
        ),
        problems=rows.problems(checked.findings),
    )


def receipt_key(context: Context, request: ImportBundle) -> OwnKey | None:
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


def write_receipt(
    context: Context, request: ImportBundle, opened: Opened, imported: Imported, key: OwnKey
) -> str:
    """Sign what became of every model and write it where asked, or beside the bundle, or where that cannot be
    written to, into the current folder. Returns its path.

    Raises:
        OSError: none of these can be written to.
    """
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
