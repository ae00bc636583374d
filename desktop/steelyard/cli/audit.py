"""`steelyard audit …`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, session
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
def verify(json: JsonFlag = False) -> None:
    """Check the whole log. Exit code 1 when it is not what was written."""
    with session("audit.verify", as_json=json) as s:
        result: ask.AuditVerified = s.run(ask.VerifyAudit())
    if json:
        output.print_result("audit.verify", to_json(result))
    elif result.problem is None:
        entries = "1 entry" if result.entries == 1 else f"{result.entries:,} entries"
        output.line(f"The log is whole: {entries}, root {result.root}.")
        output.line("No witness has seen it; a cut tail cannot be ruled out by this machine alone.")
    else:
        output.line(
            f"The log is damaged at entry {result.problem.seq} ({result.problem.kind}): "
            f"{result.problem.detail}."
        )
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)
