"""What passes between a log, its witnesses and whoever is shown its entries."""

from __future__ import annotations

from steelyard.audit.evidence import check_evidence
from steelyard.audit.witness import Witness, read_request, take_back, witness_keys, witnessed_to
from steelyard.service.auditing import believed_keys, file_bytes, shown, write_new
from steelyard.service.keys import opened_key
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    CheckEvidence,
    EvidenceChecked,
    LogWitnessed,
    TakeWitnessed,
    WitnessedTaken,
    WitnessLog,
)
from steelyard.signing.errors import SignerUnknown
from steelyard.signing.key_record import Purpose
from steelyard.signing.notes import verify_note


@operation("audit.check", summary="Check entries that came from another log")
def check_document(context: Context, request: CheckEvidence) -> EvidenceChecked:
    """Check a document with entries and proofs; whose log it is, is said, not decided.

    Raises:
        NotFound: there is no such file.
        EvidenceRefused, SignatureRefused, MalformedNote: it does not prove what it holds.
    """
    found = check_evidence(file_bytes(request.path))
    trust = context.installation.trust()
    now = context.installation.clock()
    key, note = found.log_key.key, found.checkpoint.note
    signed_by = ""
    if trust.usable and key in trust.public_keys():
        name, judged = trust.best(key, Purpose.CHECKPOINT, now)
        signed_by = name if judged.believed else ""
    try:
        witnesses = verify_note(note, witness_keys(found.checkpoint, believed_keys(context)))
    except SignerUnknown:
        witnesses = ()
    return EvidenceChecked(
        origin=found.checkpoint.origin,
        size=found.checkpoint.size,
        log_key=found.log_key.text(),
        signed_by=signed_by,
        witnesses=tuple(one.by.name for one in witnesses),
        entries=tuple(shown(entry) for entry in found.entries),
    )


@operation(
    "audit.witness",
    summary="Sign another log's checkpoint as a witness",
    mutates=True,
    audited=("path", "key", "out"),
)
def witness_log(context: Context, request: WitnessLog) -> LogWitnessed:
    """Sign what continues what was seen of that log before, and remember it.

    Raises:
        NotFound, MalformedNote: there is no request.
        SignerUnknown, SignatureWrong: it is not from a log that is trusted here.
        CheckpointRefused: the log does not continue what was seen.
        NoSuchKey, KeyNotUsable, PassphraseNeeded: the witness's key cannot sign.
        ExportRefused: `out` is there already.
    """
    installation = context.installation
    asked = read_request(file_bytes(request.path))
    context.subject = {"name": asked.checkpoint.origin}
    key = opened_key(
        context,
        request.key,
        Purpose.CHECKPOINT,
        passphrase_variable=request.passphrase_variable,
    )
    witness = Witness(installation.home.witness, installation.clock)
    done = witness.cosign(asked, trusted=believed_keys(context), key=key)
    write_new(request.out, done.checkpoint.document)
    context.facts |= {
        "size": done.checkpoint.size,
        "before": done.before,
        "root": done.checkpoint.root.hex(),
    }
    return LogWitnessed(done.checkpoint.origin, done.checkpoint.size, done.before, str(request.out))


@operation(
    "audit.witnessed",
    summary="Keep what a witness signed of this log",
    mutates=True,
    audited=("path",),
)
def take_witnessed(context: Context, request: TakeWitnessed) -> WitnessedTaken:
    """Keep a checkpoint of this log that came back with a trusted witness's signature.

    Raises:
        NotFound, MalformedNote: there is none.
        CheckpointRefused: it is of another log, or of another history of this one.
        SignerUnknown, SignatureWrong: no trusted witness signed it.
    """
    checkpoints = context.installation.checkpoints
    trusted = believed_keys(context)
    kept, signed = take_back(checkpoints, file_bytes(request.path), trusted=trusted)
    names = tuple(one.by.name for one in signed)
    context.facts |= {"size": kept.size, "witnesses": ", ".join(names)}
    return WitnessedTaken(kept.size, names, witnessed_to(checkpoints, trusted))
