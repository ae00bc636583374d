"""`steelyard transfer …`"""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, session
from steelyard.cli.models import print_taken
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

transfers = typer.Typer(
    help="Downloads and bundles that are not done, and what was refused.", no_args_is_help=True
)

TransferId = Annotated[
    str, typer.Argument(metavar="ID", help="As transfer list shows it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(transfers, name="transfer")


@transfers.command("list")
@covers("transfer.list")
def list_transfers(json: JsonFlag = False) -> None:
    """List what lies in quarantine: under way, waiting to go on, or refused."""
    with session("transfer.list", as_json=json) as s:
        result: ask.TransferList = s.run(ask.ListTransfers())
    if json:
        output.print_result("transfer.list", to_json(result))
        return
    output.table(
        ("Id", "Kind", "What", "State", "There", "Of", "Files", "Why"),
        [
            (
                row.id,
                row.kind,
                row.title,
                row.state,
                output.gib(row.done_bytes),
                output.gib(row.total_bytes),
                f"{row.files_done}/{row.files}",
                row.reason,
            )
            for row in result.transfers
        ],
        right=(4, 5, 6),
    )


@transfers.command("resume")
@covers("transfer.resume")
def resume(transfer: TransferId, json: JsonFlag = False) -> None:
    """Go on with a download or a bundle's import where it stopped."""
    with session("transfer.resume", as_json=json) as s:
        result: ask.TransferResumed = s.run(ask.ResumeTransfer(transfer))
    if json:
        output.print_result("transfer.resume", to_json(result))
    elif result.model is not None:
        taken = ask.ModelTaken(
            result.model, result.files, result.bytes_fetched, result.bytes_reused
        )
        print_taken("transfer.resume", taken, as_json=False)
    elif result.bundle is not None:
        names = ", ".join(model.name for model in result.bundle.models)
        output.line(f"Bundle {result.bundle.serial} of {result.bundle.sender}: {names}")
        for problem in result.bundle.problems:
            output.line(f"{problem.kind:<12} {problem.path} {problem.detail}")
    whole = result.bundle is None or result.bundle.ok
    finish(ExitCode.DONE if whole else ExitCode.ANSWER_IS_NO)


@transfers.command("discard")
@covers("transfer.discard")
def discard(transfer: TransferId, json: JsonFlag = False) -> None:
    """Remove what a transfer left in quarantine."""
    with session("transfer.discard", as_json=json) as s:
        result: ask.TransferDiscarded = s.run(ask.DiscardTransfer(transfer))
    if json:
        output.print_result("transfer.discard", to_json(result))
    else:
        output.line(f"Removed {result.id}; {output.gib(result.freed_bytes)} are free again.")
