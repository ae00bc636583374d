"""The log as the faces see it."""

from __future__ import annotations

from collections import deque

from steelyard.audit.entry import Entry
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    AuditEntry,
    AuditList,
    AuditProblem,
    AuditVerified,
    ListAudit,
    VerifyAudit,
)


@operation("audit.list", summary="List entries of the log")
def list_entries(context: Context, request: ListAudit) -> AuditList:
    """The newest entries that match, newest first.

    Raises:
        LogDamaged: a line is not an entry; `audit.verify` says more.
    """
    log = context.installation.log
    if not request.text and request.outcome is None:
        newest = log.newest(max(request.limit, 1))
        return AuditList(tuple(_shown(entry) for entry in newest), newest[0].seq if newest else 0)
    wanted = request.text.casefold()
    kept: deque[Entry] = deque(maxlen=max(request.limit, 1))
    total = 0
    for entry in log.entries():
        total += 1
        if request.outcome and entry.event.outcome.value != request.outcome:
            continue
        if wanted and wanted not in entry.line.decode("utf-8").casefold():
            continue
        kept.append(entry)
    return AuditList(tuple(_shown(entry) for entry in reversed(kept)), total)


@operation("audit.verify", summary="Check the whole log", mutates=True, examines_log=True)
def verify_log(context: Context, request: VerifyAudit) -> AuditVerified:
    """Read every entry and check every hash, also of a log that is damaged; to such a log the entries
    of this very check are not added."""
    report = context.installation.log.verify(context.report)
    problem = report.problem
    context.facts |= {"ok": report.ok, "entries": report.entries, "root": report.root}
    return AuditVerified(
        ok=report.ok,
        entries=report.entries,
        root=report.root,
        witnessed_to=None,
        problem=AuditProblem(problem.seq, problem.kind, problem.detail) if problem else None,
        elapsed_s=report.elapsed_s,
    )


def _shown(entry: Entry) -> AuditEntry:
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
