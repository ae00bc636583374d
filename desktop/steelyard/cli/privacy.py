"""`steelyard privacy …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from steelyard.base.errors import NotFound
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, session
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

privacy = typer.Typer(help="What is kept of prompts and answers.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(privacy, name="privacy")


@privacy.command("preview")
@covers("privacy.preview")
def preview(
    file: Annotated[str, typer.Argument(help="A text file; - reads from standard input.")] = "-",
    json: JsonFlag = False,
) -> None:
    """Show what would be stored of a text, without storing it."""
    with session("privacy.preview", as_json=json) as s:
        result: ask.StoragePreview = s.run(ask.PreviewStorage(_read(file)))
    if json:
        output.print_result("privacy.preview", to_json(result))
        return
    output.line(result.redacted.rstrip("\n"))
    output.note(f"{len(result.findings)} found.")
    for kind, level in result.in_force.items():
        output.note(f"{kind}: {level} is kept.")


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    path = Path(file)
    if not path.is_file():
        raise NotFound(f"There is no file at {file}.", next_step="Check the path.", path=file)
    return path.read_text("utf-8", errors="replace")
