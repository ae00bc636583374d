"""What goes along with a model in a bundle, and what is made of it when it arrives."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from steelyard.audit.evidence import check_evidence, evidence_of
from steelyard.base.canonical import canonical_bytes
from steelyard.base.clock import iso_utc
from steelyard.base.errors import CheckFailed, Json, MalformedInput
from steelyard.evals.carrying import from_document, to_document
from steelyard.evals.errors import MalformedRun
from steelyard.formats.bounded_json import loads_bounded
from steelyard.service import licensing
from steelyard.service.operation import Context, to_json
from steelyard.service.requests import ShowLicense
from steelyard.service.storing import measured
from steelyard.store.records import Model

if TYPE_CHECKING:
    from steelyard.bundles.checking import Opened
    from steelyard.bundles.creating import Attachment
    from steelyard.bundles.importing import Imported
    from steelyard.bundles.verifying import Finding

MOST_RUNS = 1_000
"""Of one model; the newest."""

MOST_VALUES = 2_000_000
"""In one document; a sample has about ten."""


def attachments(
    context: Context, models: Iterable[Model], *, with_evals: bool, with_proofs: bool
) -> tuple[Attachment, ...]:
    """License facts, ML-BOM, approval and log entries of every model, and where asked its evaluation runs.

    Only runs made here go along: what another bundle brought is not ours to vouch for.
    """
    from steelyard.bundles.creating import Attachment  # noqa: PLC0415  # only when bundles are made

    found: list[Attachment] = []
    for model in models:
        name = model.name
        license_facts = to_json(licensing.show_license.run(context, ShowLicense(name)))
        found += [
            Attachment(f"licenses/{name}.json", canonical_bytes(license_facts)),
            Attachment(f"bom/{name}.cdx.json", _bom(context, model)),
            Attachment(f"approvals/{name}.json", canonical_bytes(_approval(model))),
        ]
        if with_proofs:
            proof = evidence_of(context.installation.checkpoints, [model.digest])
            found.append(Attachment(f"proofs/{name}.json", proof))
        if with_evals:
            found += [
                Attachment(f"runs/{name}/{run_id}.json", data)
                for run_id, data in _runs(context, model)
            ]
    return tuple(found)


def _bom(context: Context, model: Model) -> bytes:
    from steelyard.store.bom import bom_of  # noqa: PLC0415  # as above

    made_at = iso_utc(context.installation.clock())
    return bom_of(model, made_at=made_at, figures=measured(context, model))


def _approval(model: Model) -> Json:
    """Who approved it here. For whoever reads it elsewhere it is this installation's word and no approval there."""
    return {
        "model": model.name,
        "digest": model.digest,
        "state": model.state.value,
        "reason": model.reason,
        "approved_by": model.trust.approved_by,
        "trust": to_json(dataclasses.asdict(model.trust)),
        "added_at": model.added_at,
        "last_verified_at": model.last_verified_at,
    }


def _runs(context: Context, model: Model) -> Iterator[tuple[str, bytes]]:
    runs = context.installation.runs
    for record in runs.list(model_digest=model.digest, limit=MOST_RUNS):
        if record.status != "running" and not record.origin:
            document = to_document(record, runs.samples(record.run_id))
            # Seeds may be larger than what canonical JSON holds.
            text = json.dumps(document, sort_keys=True, separators=(",", ":"))
            yield record.run_id, text.encode()


@dataclass(frozen=True)
class BroughtIn:
    """What was made of the evidence that came along.

    Attributes:
        runs: identifiers of evaluation runs that are new here.
        proven_entries: of senders' logs, each with its proof under a checkpoint.
        findings: documents that are not what they should be. They are kept, and count for nothing.
    """

    runs: tuple[str, ...] = ()
    proven_entries: int = 0
    findings: tuple[Finding, ...] = ()


def bring_in(context: Context, opened: Opened, imported: Imported) -> BroughtIn:
    """Store the evaluation runs, marked as the sender's word (those that are here already stay as they are), and
    check the proofs. The models do not suffer for a document that is wrong."""
    runs, entries, findings = [], 0, []
    origin = f"{opened.sender or 'unsigned'}, bundle {opened.manifest.serial}"
    digests = {each.carried.manifest.digest for each in imported.models}
    for path, data in sorted(imported.carried.items()):
        try:
            if path.startswith("runs/"):
                runs += _bring_in_run(context, path, data, origin, digests)
            elif path.startswith("proofs/"):
                entries += len(check_evidence(data).entries)
        except (MalformedInput, CheckFailed) as error:
            findings.append(_finding(path, error.message))
    return BroughtIn(tuple(runs), entries, tuple(findings))


def _bring_in_run(
    context: Context, path: str, data: bytes, origin: str, digests: set[str]
) -> list[str]:
    document = loads_bounded(data, what=path, max_values=MOST_VALUES)
    record, samples = from_document(document, origin=origin)
    if record.model_digest not in digests:
        raise MalformedRun("It is about a model that is not in the bundle.", field="model_digest")
    added = context.installation.runs.bring_in(record, samples)
    return [record.run_id] if added else []


def _finding(path: str, detail: str) -> Finding:
    from steelyard.bundles import verifying  # noqa: PLC0415  # as above

    return verifying.Finding("refused", path, detail)
