"""`steelyard model …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from steelyard.base.digests import is_digest
from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.cli.rates import bytes_per_s
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

models = typer.Typer(help="Models in the store.", no_args_is_help=True)

ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="Name in the store, or sha256: digest.")
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(models, name="model")


@models.command("list")
@covers("model.list")
def list_models(json: JsonFlag = False) -> None:
    """List the models in the store."""
    with session("model.list", as_json=json) as s:
        result: ask.ModelList = s.run(ask.ListModels())
    if json:
        output.print_result("model.list", to_json(result))
        return
    output.table(
        (
            "Name",
            "State",
            "Quant.",
            "Size",
            "License",
            "Publisher hash",
            "Signed by",
            "Scan",
            "Approved by",
        ),
        [
            (
                m.name,
                m.state,
                m.quantization,
                output.gib(m.size_bytes),
                m.license_id or "not known",
                m.trust.publisher_hash,
                m.trust.signed_by or "unsigned",
                m.trust.scan,
                m.trust.approved_by or "nobody",
            )
            for m in result.models
        ],
        right=(3,),
    )


@models.command("show")
@covers("model.show")
def show(model: ModelName, json: JsonFlag = False) -> None:
    """Show everything known of a model."""
    with session("model.show", as_json=json) as s:
        result: ask.ModelDetail = s.run(ask.ShowModel(model))
    if json:
        output.print_result("model.show", to_json(result))
        return
    _print_model(result.model, result.files)
    output.line(f"Folder        {result.path}")


def _print_model(model: ask.ModelRow, files: tuple[ask.ModelFile, ...]) -> None:
    output.line(f"{model.name}: {model.title}")
    output.line(f"Digest        {model.digest}")
    output.line(f"State         {model.state}" + (f" ({model.reason})" if model.reason else ""))
    output.line(f"License       {model.license_id or 'not known'}")
    output.line(
        f"Trust         publisher hash {model.trust.publisher_hash}; "
        f"{'signed by ' + model.trust.signed_by if model.trust.signed_by else 'unsigned'}; "
        f"scan {model.trust.scan}; approved by {model.trust.approved_by or 'nobody'}"
    )
    output.table(
        ("File", "Size", "Publisher hash", "Digest"),
        [(f.path, output.gib(f.size_bytes), f.publisher_hash, f.sha256) for f in files],
        right=(1,),
    )


@models.command("import")
@covers("model.import")
def import_model(
    path: Annotated[
        Path, typer.Argument(parser=given_path, help="A GGUF file or a safetensors folder.")
    ],
    sha256: Annotated[
        Optional[str],  # noqa: UP045  # typer reads this on every supported Python
        typer.Option(help="What its publisher declares."),
    ] = None,
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Name in the store."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Take in a GGUF file or a safetensors folder: copied, hashed, judged, admitted."""
    if sha256 is not None and not is_digest(sha256):
        raise typer.BadParameter(
            "--sha256 takes 64 hexadecimal digits, with or without sha256: before"
        )
    with session("model.import", as_json=json) as s:
        result: ask.ModelTaken = s.run(ask.ImportModel(path, sha256, name))
    print_taken("model.import", result, as_json=json)


@models.command("pull")
@covers("model.pull")
def pull(
    reference: Annotated[
        str, typer.Argument(help="owner/name[:file][@revision], or a pasted URL.")
    ],
    file: Annotated[Optional[str], typer.Option(help="Which file of the repository.")] = None,  # noqa: UP045
    revision: Annotated[Optional[str], typer.Option(help="Branch, tag or commit.")] = None,  # noqa: UP045
    endpoint: Annotated[str | None, typer.Option(help="Base address of the hub or mirror.")] = None,
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A configured source to fetch from, by its name."),
    ] = None,
    name: Annotated[Optional[str], typer.Option(help="Name in the store.")] = None,  # noqa: UP045
    connections: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="At once, over all files; else as set in downloads.connections."),
    ] = None,
    limit: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            parser=bytes_per_s,
            metavar="RATE",
            help="Over all connections: 5MB/s, 800KiB/s; 0: none.",
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Fetch a model from a hub, verified against what was published.

    Interrupt it to pause: what arrived is kept, and the same command, or transfer resume, goes on with it.
    """
    with session("model.pull", as_json=json) as s:
        request = ask.PullModel(
            reference, file, revision, endpoint, name, source, connections, limit
        )
        result: ask.ModelTaken = s.run(request)
    print_taken("model.pull", result, as_json=json)


def print_taken(operation: str, result: ask.ModelTaken, *, as_json: bool) -> None:
    """What came in, for people or programs."""
    if as_json:
        output.print_result(operation, to_json(result))
        return
    _print_model(result.model, result.files)
    output.line(
        f"Read {output.gib(result.bytes_fetched)}, reused {output.gib(result.bytes_reused)}."
    )


@models.command("verify")
@covers("model.verify")
def verify(
    model: Annotated[Optional[str], typer.Argument(metavar="[MODEL]")] = None,  # noqa: UP045
    everything: Annotated[bool, typer.Option("--all", help="Every model in the store.")] = False,
    json: JsonFlag = False,
) -> None:
    """Hash a model again, or all of them. Exit code 1 when anything differs."""
    if (model is None) != everything:
        raise typer.BadParameter("name a model, or give --all")
    with session("model.verify", as_json=json) as s:
        result: ask.ModelsVerified = s.run(ask.VerifyModels(model))
    if json:
        output.print_result("model.verify", to_json(result))
    else:
        for word, paths in (
            ("differs", result.mismatched),
            ("missing", result.missing),
            ("extra", result.extra),
        ):
            for path in paths:
                output.line(f"{word:<9} {path}")
        words = "nothing differs" if result.ok else "not all is as it was"
        output.line(
            f"{output.gib(result.checked_bytes)} in {_models(result.models)} read: {words}."
        )
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"


@models.command("approve")
@covers("model.approve")
def approve(
    model: ModelName,
    reason: Annotated[str, typer.Option(help="Why; kept in the log.")] = "",
    json: JsonFlag = False,
) -> None:
    """Approve a verified model under your own account."""
    with session("model.approve", as_json=json) as s:
        result: ask.ModelApproved = s.run(ask.ApproveModel(model, reason))
    if json:
        output.print_result("model.approve", to_json(result))
    else:
        output.line(
            f"{result.model.name} is {result.model.state}, approved by {result.model.trust.approved_by}."
        )


@models.command("remove")
@covers("model.remove")
def remove(
    model: ModelName,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    json: JsonFlag = False,
) -> None:
    """Remove a model; its record stays, so that runs and log entries still name it."""
    with session("model.remove", as_json=json) as s:
        result: ask.ModelRemoved = s.run(ask.RemoveModel(model, dry_run))
    if json:
        output.print_result("model.remove", to_json(result))
    else:
        verb = "would free" if dry_run else "freed"
        output.line(
            f"Removing {result.name} {verb} {output.gib(result.freed_bytes)}; "
            f"{result.blobs_shared} files are shared and stay."
        )
