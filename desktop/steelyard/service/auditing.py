"""The log as the faces see it."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import Path

from steelyard.audit.checkpoints import Checkpoint, Checkpoints, read_checkpoint
from steelyard.audit.entry import Entry
from steelyard.audit.errors import CheckpointRefused, ExportRefused
from steelyard.audit.evidence import MAX_DOCUMENT_BYTES, evidence_of_entries
from steelyard.audit.export import Form, export_log
from steelyard.audit.log import AuditLog
from steelyard.audit.merkle import tree_root
from steelyard.audit.verification import Problem
from steelyard.audit.witness import request_for_witness, witnessed_to
from steelyard.base import durable
from steelyard.base.errors import NotFound, UsageError
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    AuditEntry,
    AuditExported,
    AuditList,
    AuditProblem,
    AuditVerified,
    CheckpointMade,
    EntryProven,
    ExportAudit,
    ListAudit,
    MakeCheckpoint,
    ProveEntry,
    VerifyAudit,
)
from steelyard.signing.errors import MalformedNote, SignatureRefused
from steelyard.signing.key_record import Purpose
from steelyard.signing.notes import verify_note
from steelyard.signing.public_key import PublicKey
from steelyard.signing.trust import Origin


@operation("audit.list", summary="List entries of the log")
def list_entries(context: Context, request: ListAudit) -> AuditList:
    """The newest entries that match, newest first.

    Raises:
        LogDamaged: a line is not an entry; `audit.verify` says more.
    """
    log = context.installation.log
    if not request.text and request.outcome is None:
        newest = log.newest(max(request.limit, 1))
        return AuditList(tuple(shown(entry) for entry in newest), newest[0].seq if newest else 0)
    kept: deque[Entry] = deque(maxlen=max(request.limit, 1))
    total = 0
    for entry in log.entries():
        total += 1
        if _matches(request, entry):
            kept.append(entry)
    return AuditList(tuple(shown(entry) for entry in reversed(kept)), total)


@operation(
    "audit.verify",
    summary="Check the whole log",
    mutates=True,
    audited=("against",),
    examines_log=True,
)
def verify_log(context: Context, request: VerifyAudit) -> AuditVerified:
    """Read every entry and check every hash and every checkpoint, also of a log that is damaged; to such a log
    the entries of this very check are not added.

    Raises:
        NotFound: the checkpoint to compare with is not there.
        MalformedNote, SignatureRefused: it is none, or not signed by this log.
    """
    installation = context.installation
    log, checkpoints = installation.log, installation.checkpoints
    given = None
    if request.against is not None:
        given = read_checkpoint(file_bytes(request.against))
        verify_note(given.note, [checkpoints.note_key()])
    roots, wrong = _signed_roots(checkpoints)
    report = log.verify(context.report, checkpoints=roots)
    problem = report.problem or wrong
    if problem is None and given is not None:
        problem = _other_history(log, given, report.entries)
    context.facts |= {"ok": problem is None, "entries": report.entries, "root": report.root}
    return AuditVerified(
        ok=problem is None,
        entries=report.entries,
        root=report.root,
        witnessed_to=witnessed_to(checkpoints, believed_keys(context)),
        problem=AuditProblem(problem.seq, problem.kind, problem.detail) if problem else None,
        elapsed_s=report.elapsed_s,
        checkpoints=len(roots),
        compared_with=given.size if given else None,
        warning=checkpoints.problem,
    )


def _signed_roots(checkpoints: Checkpoints) -> tuple[dict[int, bytes], Problem | None]:
    try:
        return checkpoints.roots(), None
    except (MalformedNote, SignatureRefused, CheckpointRefused) as error:
        return {}, Problem(
            0, "checkpoint", f"a checkpoint of this log does not hold. {error.message}"
        )


def _other_history(log: AuditLog, given: Checkpoint, entries: int) -> Problem | None:
    if given.size > entries:
        return Problem(entries + 1, "cut", f"a checkpoint over {given.size} entries was made")
    if tree_root(log.tiles, given.size) != given.root:
        detail = f"entries up to {given.size} are not those the given checkpoint was made over"
        return Problem(1, "checkpoint", detail)
    return None


@operation(
    "audit.checkpoint",
    summary="Sign the log as it is now",
    mutates=True,
    audited=("out", "for_witness", "since"),
)
def make_checkpoint(context: Context, request: MakeCheckpoint) -> CheckpointMade:
    """Sign the log, and write the checkpoint and a witness's request where asked.

    Raises:
        ExportRefused: a file is there already.
        CheckpointRefused: the log is shorter than `since`.
        LogDamaged: the log does not continue its last checkpoint.
    """
    checkpoints = context.installation.checkpoints
    seen = witnessed_to(checkpoints, believed_keys(context))
    made = checkpoints.make()
    if request.for_witness is not None:
        since = (seen or 0) if request.since is None else request.since
        write_new(request.for_witness, request_for_witness(checkpoints, since))
    if request.out is not None:
        write_new(request.out, made.document)
    context.facts |= {"size": made.size, "root": made.root.hex()}
    return CheckpointMade(
        origin=made.origin,
        size=made.size,
        root=f"sha256:{made.root.hex()}",
        checkpoint=made.document.decode("utf-8"),
        log_key=checkpoints.note_key().text(),
        witnessed_to=seen,
        path=str(request.out) if request.out else None,
        request_path=str(request.for_witness) if request.for_witness else None,
        warning=checkpoints.problem,
    )


@operation(
    "audit.prove",
    summary="Write an entry with its proof",
    mutates=True,
    audited=("seq", "out"),
)
def prove_entry(context: Context, request: ProveEntry) -> EntryProven:
    """Write one entry and the proof that it stands in the log.

    Raises:
        NoSuchEntry: the log does not reach it.
        ExportRefused: the file is there already.
    """
    checkpoints = context.installation.checkpoints
    checkpoint = checkpoints.make()
    write_new(request.out, evidence_of_entries(checkpoints, [request.seq], checkpoint=checkpoint))
    return EntryProven(
        str(request.out),
        request.seq,
        checkpoint.size,
        f"sha256:{checkpoint.root.hex()}",
        checkpoints.note_key().text(),
    )


@operation(
    "audit.export", summary="Write the log for others", mutates=True, audited=("out", "form")
)
def export(context: Context, request: ExportAudit) -> AuditExported:
    """Write the log as JSON Lines, as a table, or as a package with its own verifier.

    Raises:
        UsageError: the form is not known.
        ExportRefused: the file or folder is there already.
    """
    if request.form not in set(Form):
        raise UsageError(f"A log is exported as {', '.join(Form)}, not as {request.form!r}.")
    checkpoints = context.installation.checkpoints
    whole = not request.text and request.outcome is None and request.first <= 1
    chosen = None if whole and request.last is None else partial(_matches, request)
    done = export_log(
        checkpoints, request.out, Form(request.form), chosen=chosen, report=context.report
    )
    context.facts |= {"entries": done.entries, "size": done.checkpoint.size}
    return AuditExported(
        str(done.path),
        request.form,
        done.entries,
        done.checkpoint.size,
        f"sha256:{done.checkpoint.root.hex()}",
        checkpoints.note_key().text(),
    )


def _matches(request: ListAudit | ExportAudit, entry: Entry) -> bool:
    if isinstance(request, ExportAudit) and not (
        request.first <= entry.seq <= (entry.seq if request.last is None else request.last)
    ):
        return False
    if request.outcome and entry.event.outcome.value != request.outcome:
        return False
    wanted = request.text.casefold()
    return not wanted or wanted in entry.line.decode("utf-8").casefold()


def shown(entry: Entry) -> AuditEntry:
    event = entry.event
    return AuditEntry(
        seq=entry.seq,
        time=entry.time,
        actor=event.actor,
        event=event.event,
        object=str(event.subject.get("name", "")),
        outcome=event.outcome.value,
        facts={**event.facts, "object": event.subject, "call": event.call, "policy": event.policy},
        previous=entry.previous,
        leaf=entry.leaf,
    )


def believed_keys(context: Context) -> list[PublicKey]:
    """Keys of others that are trusted for checkpoints now. One's own vouches for nothing about oneself."""
    trust = context.installation.trust()
    if not trust.usable:
        return []
    now = context.installation.clock()
    return [
        known.record.key
        for known in trust.keys
        if known.origin is not Origin.OWN and trust.judge(known, Purpose.CHECKPOINT, now).believed
    ]


def file_bytes(path: Path) -> bytes:
    """A document from outside, as far as one may reach.

    Raises:
        NotFound: it is not there.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_DOCUMENT_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", path=str(path)) from error


def write_new(path: Path, data: bytes) -> None:
    """Write a document that leaves the machine to a new file.

    Raises:
        ExportRefused: it is there already, or its folder is not.
    """
    if path.exists() or not path.parent.is_dir():
        why = "is there already" if path.exists() else "has no folder to be in"
        raise ExportRefused(
            f"{path} {why}. Nothing was written.",
            next_step="Name a new file in a folder that is there.",
            path=str(path),
        )
    durable.write_bytes(path, data, mode=0o644)
