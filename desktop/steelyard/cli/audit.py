"""`steelyard audit …`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

audit = typer.Typer(help="The tamper-evident log.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(audit, name="audit")


@audit.command("list")
@covers("audit.list")
def list_entries(
    limit: Annotated[int, typer.Option(min=1)] = 50,
    text: Annotated[str, typer.Option(help="Only entries with this text.")] = "",
    outcome: Annotated[
        Optional[str],  # noqa: UP045  # as in models
        typer.Option(help="begun, done, refused, failed, cancelled or noted."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """List entries, newest first."""
    with session("audit.list", as_json=json) as s:
        result: ask.AuditList = s.run(ask.ListAudit(limit, text, outcome))
    if json:
        output.print_result("audit.list", to_json(result))
        return
    output.table(
        ("Entry", "Time", "Actor", "Event", "Object", "Outcome"),
        [(str(e.seq), e.time, e.actor, e.event, e.object, e.outcome) for e in result.entries],
        right=(0,),
    )


@audit.command("verify")
@covers("audit.verify")
def verify(
    against: Annotated[
        Optional[str],  # noqa: UP045  # as in models
        typer.Option("--from", metavar="FILE", help="A checkpoint of this log, kept elsewhere."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Check the whole log. Exit code 1 when it is not what was written."""
    request = ask.VerifyAudit(given_path(against) if against is not None else None)
    with session("audit.verify", as_json=json) as s:
        result: ask.AuditVerified = s.run(request)
    if json:
        output.print_result("audit.verify", to_json(result))
    elif result.problem is None:
        entries = "1 entry" if result.entries == 1 else f"{result.entries:,} entries"
        output.line(f"The log is whole: {entries}, root {result.root}.")
        if result.compared_with is not None:
            output.line(f"It continues the given checkpoint over {result.compared_with:,} entries.")
        output.line(_witnessed(result.witnessed_to))
    else:
        place = f" at entry {result.problem.seq}" if result.problem.seq else ""
        output.line(
            f"The log is damaged{place} ({result.problem.kind}): {result.problem.detail.rstrip('.')}."
        )
    if result.warning and not json:
        output.note(f"The last checkpoint: {result.warning}")
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


def _witnessed(to: int | None) -> str:
    if to is None:
        return "No witness has seen it; a cut tail cannot be ruled out by this machine alone."
    return f"Witnessed up to entry {to:,}; later entries are local only."


@audit.command("checkpoint")
@covers("audit.checkpoint")
def checkpoint(
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write it to a new file too."),
    ] = None,
    for_witness: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--for-witness", metavar="FILE", help="Write the request to a witness."),
    ] = None,
    since: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=0, help="Entries the witness saw last; by default what it signed last."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Sign the log as it is now, and show the signed note."""
    request = ask.MakeCheckpoint(
        given_path(out) if out is not None else None,
        given_path(for_witness) if for_witness is not None else None,
        since,
    )
    with session("audit.checkpoint", as_json=json) as s:
        result: ask.CheckpointMade = s.run(request)
    if json:
        output.print_result("audit.checkpoint", to_json(result))
        return
    output.line(result.checkpoint.rstrip("\n"))
    output.line()
    output.line(f"Log key  {result.log_key}")
    output.line(_witnessed(result.witnessed_to))
    if result.request_path:
        output.line(f"Carry {result.request_path} to the witness: steelyard audit witness FILE")
    if result.warning:
        output.note(result.warning)


@audit.command("prove")
@covers("audit.prove")
def prove(
    seq: Annotated[int, typer.Argument(min=1, help="The entry's number.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="A new file.")],
    json: JsonFlag = False,
) -> None:
    """Write an entry with the proof that it stands in the log."""
    with session("audit.prove", as_json=json) as s:
        result: ask.EntryProven = s.run(ask.ProveEntry(seq, given_path(out)))
    if json:
        output.print_result("audit.prove", to_json(result))
        return
    output.line(f"Entry {result.seq} of {result.size:,} is in {result.path}.")
    output.line(f"Whoever gets it needs the log's key from you: {result.log_key}")


@audit.command("check")
@covers("audit.check")
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="From audit prove or a bundle.")],
    json: JsonFlag = False,
) -> None:
    """Check entries and proofs that came from another log."""
    with session("audit.check", as_json=json) as s:
        result: ask.EvidenceChecked = s.run(ask.CheckEvidence(given_path(file)))
    if json:
        output.print_result("audit.check", to_json(result))
        return
    output.table(
        ("Entry", "Time", "Actor", "Event", "Object", "Outcome"),
        [(str(e.seq), e.time, e.actor, e.event, e.object, e.outcome) for e in result.entries],
        right=(0,),
    )
    output.line(f"Proven to stand in the log {result.origin}, of {result.size:,} entries then.")
    if result.signed_by:
        output.line(f"The log's key is trusted here as {result.signed_by}.")
    else:
        output.line(
            f"The log's key is not trusted here. Ask its keeper whether this is it: {result.log_key}"
        )
    if result.witnesses:
        output.line(f"Witnessed by {', '.join(result.witnesses)}.")


@audit.command("witness")
@covers("audit.witness")
def witness(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The request from the log's side.")],
    key: Annotated[str, typer.Option(help="Your key, made with --purpose checkpoint.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="A new file to carry back.")],
    passphrase_variable: Annotated[
        str,
        typer.Option(metavar="VARIABLE", help="Environment variable that holds the passphrase."),
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Sign another log's checkpoint, if it continues what you saw of that log before."""
    request = ask.WitnessLog(given_path(file), key, given_path(out), passphrase_variable)
    with session("audit.witness", as_json=json) as s:
        result: ask.LogWitnessed = s.run(request)
    if json:
        output.print_result("audit.witness", to_json(result))
        return
    seen = f"{result.before:,} were seen before" if result.before else "this log was new here"
    output.line(f"Signed: {result.origin} up to entry {result.size:,} ({seen}).")
    output.line(f"Carry {result.path} back: steelyard audit witnessed FILE")


@audit.command("witnessed")
@covers("audit.witnessed")
def witnessed(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What the witness gave back.")],
    json: JsonFlag = False,
) -> None:
    """Keep what a witness signed of this log."""
    with session("audit.witnessed", as_json=json) as s:
        result: ask.WitnessedTaken = s.run(ask.TakeWitnessed(given_path(file)))
    if json:
        output.print_result("audit.witnessed", to_json(result))
        return
    output.line(f"{', '.join(result.witnesses)} signed the log up to entry {result.size:,}.")
    output.line(_witnessed(result.witnessed_to))


@audit.command("export")
@covers("audit.export")
def export(
    out: Annotated[str, typer.Option("--out", help="A new file; a new folder for a package.")],
    form: Annotated[str, typer.Option(help="package, jsonl or csv.")] = "package",
    text: Annotated[str, typer.Option(help="Only entries with this text.")] = "",
    outcome: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Only entries with this outcome."),
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="From this entry on.")] = 1,
    last: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Up to this entry."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the log, or some entries, for others; a package brings its own verifier."""
    request = ask.ExportAudit(given_path(out), form, text, outcome, first, last)
    with session("audit.export", as_json=json) as s:
        result: ask.AuditExported = s.run(request)
    if json:
        output.print_result("audit.export", to_json(result))
        return
    output.line(f"{result.entries:,} of {result.size:,} entries are in {result.path}.")
    if result.form == "package":
        output.line(
            "Whoever gets it runs verify.py in it, and compares the log's key with this one:"
        )
        output.line(result.log_key)
