"""`steelyard bundle …`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

bundles = typer.Typer(
    help="Models with their evidence, carried across an air gap.", no_args_is_help=True
)

BundlePath = Annotated[
    Path,
    typer.Argument(
        metavar="BUNDLE",
        parser=given_path,
        help="The bundle's folder, its .steelyard file, or one of its parts.",
    ),
]
PassphraseVariable = Annotated[
    str,
    typer.Option(help="Environment variable with the key's passphrase, where it has one."),
]

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_FAT32_BYTES = 2**32 - 1
_SHOWN_RANGES = 4


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(bundles, name="bundle")


def size_in_bytes(text: str) -> int:
    """`4G`, `700M`, `1048576`; 4G is a byte less than 4 GiB, as much as a file on a FAT32 stick can have.

    Raises:
        typer.BadParameter: it is no size.
    """
    match = re.fullmatch(r"([0-9]{1,15})\s*([KMGT]?)(i?B)?", text.strip(), re.IGNORECASE)
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter("a size such as 4G or 700M is needed")
    size = int(match[1]) * _UNITS[match[2].upper()]
    return _FAT32_BYTES if size == _FAT32_BYTES + 1 else size


@bundles.command("create")
@covers("bundle.create")
def create(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Names or digests.")],
    out: Annotated[
        Path,
        typer.Option(parser=given_path, help="A folder to make, or one file NAME.steelyard."),
    ],
    sign: Annotated[
        Optional[list[str]],  # noqa: UP045  # as in models
        typer.Option("--sign", metavar="KEY", help="Key to sign with. May be given again."),
    ] = None,
    with_evals: Annotated[
        bool, typer.Option("--with-evals", help="Evaluation runs made here, with their samples.")
    ] = False,
    with_notes: Annotated[
        bool, typer.Option("--with-notes", help="Decision notes about these models.")
    ] = False,
    with_proofs: Annotated[
        bool,
        typer.Option(
            "--with-proofs/--no-proofs",
            help="This log's entries about the models, with proofs; they name accounts and paths.",
        ),
    ] = True,
    split: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="SIZE", help="Cut into parts; 4G fits FAT32 sticks."),
    ] = None,
    passphrase_variable: PassphraseVariable = "",
    json: JsonFlag = False,
) -> None:
    """Put models with license facts, ML-BOM and approvals into one signed bundle."""
    request = ask.CreateBundle(
        tuple(models),
        out,
        tuple(sign or ()),
        with_evals=with_evals,
        with_notes=with_notes,
        with_proofs=with_proofs,
        split_bytes=size_in_bytes(split) if split else 0,
        passphrase_variable=passphrase_variable,
    )
    with session("bundle.create", as_json=json) as s:
        result: ask.BundleReport = s.run(request)
    if json:
        output.print_result("bundle.create", to_json(result))
        return
    _print_report(result)
    output.line(f"Written to {result.path}" + (f" in {len(result.parts)} parts." if split else "."))
    if with_notes and not any(file.kind == "note" for file in result.files):
        output.line("There are no decision notes about these models here.")


@bundles.command("inspect")
@covers("bundle.inspect")
def inspect(path: BundlePath, json: JsonFlag = False) -> None:
    """Show who signed a bundle and what is in it; models are not read. Exit code 1 when something is wrong."""
    with session("bundle.inspect", as_json=json) as s:
        result: ask.BundleReport = s.run(ask.InspectBundle(path))
    _finish_report("bundle.inspect", result, as_json=json)


@bundles.command("verify")
@covers("bundle.verify")
def verify(path: BundlePath, json: JsonFlag = False) -> None:
    """Check every byte of a bundle against its signature. Exit code 1 when something is wrong."""
    with session("bundle.verify", as_json=json) as s:
        result: ask.BundleReport = s.run(ask.VerifyBundle(path))
    _finish_report("bundle.verify", result, as_json=json)


def _finish_report(operation: str, result: ask.BundleReport, *, as_json: bool) -> None:
    if as_json:
        output.print_result(operation, to_json(result))
    else:
        _print_report(result)
        if result.checked_bytes:
            output.line(f"{output.gib(result.checked_bytes)} read.")
        output.line("Nothing is wrong with it." if result.ok else "It would not be taken in.")
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


@bundles.command("import")
@covers("bundle.import")
def import_bundle(
    path: BundlePath,
    second: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(parser=given_path, help="Another copy, to mend damaged places from."),
    ] = None,
    receipt: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(parser=given_path, help="Where to write the receipt; beside the bundle."),
    ] = None,
    key: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Your key that signs the receipt, where you have several."),
    ] = None,
    accept_old_serial: Annotated[
        bool,
        typer.Option(
            "--accept-old-serial",
            help="Take it in although this or a later one was taken in before; recorded.",
        ),
    ] = False,
    passphrase_variable: PassphraseVariable = "",
    json: JsonFlag = False,
) -> None:
    """Take in a bundle's models, every byte checked, and write a signed receipt to carry back."""
    request = ask.ImportBundle(
        path, second, receipt, key, accept_old_serial, passphrase_variable=passphrase_variable
    )
    with session("bundle.import", as_json=json) as s:
        result: ask.BundleImported = s.run(request)
    if json:
        output.print_result("bundle.import", to_json(result))
    else:
        _print_signers(result.signers)
        for model in result.models:
            why = f" ({model.reason})" if model.reason else ""
            output.line(f"{model.name}  {model.outcome}{why}")
        _print_problems(result.problems)
        if result.runs:
            output.line(f"{len(result.runs)} evaluation runs came along, as their sender's word.")
        mended = f", {output.gib(result.repaired_bytes)} mended" if result.repaired_bytes else ""
        output.line(
            f"{output.gib(result.bytes_fetched)} copied, {output.gib(result.bytes_reused)} "
            f"were here already{mended}."
        )
        if any(model.outcome == "damaged" for model in result.models):
            output.line(
                "What is whole is kept. Import it again with --second and another copy to mend the rest."
            )
        elif result.receipt:
            output.line(f"Receipt to carry back: {result.receipt}")
        elif not any(signer.trusted for signer in result.signers):
            output.line("No receipt: nobody who is trusted here signed the bundle.")
        else:
            output.line("No receipt: there is no key here to sign one. See steelyard key create.")
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


@bundles.command("receipt")
@covers("bundle.receipt")
def receipt(
    path: Annotated[Path, typer.Argument(metavar="FILE", parser=given_path)], json: JsonFlag = False
) -> None:
    """Check a receipt that came back. Exit code 1 when it does not answer what was made here."""
    with session("bundle.receipt", as_json=json) as s:
        result: ask.ReceiptChecked = s.run(ask.CheckReceipt(path))
    if json:
        output.print_result("bundle.receipt", to_json(result))
    else:
        _print_signers(result.signers)
        output.line(
            f"Bundle {result.serial} was taken in by {result.receiver}, {result.received_at}."
        )
        for model in result.models:
            output.line(f"{model.name}  {model.outcome}")
        _print_problems(result.problems)
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


def _print_report(result: ask.BundleReport) -> None:
    if result.serial:
        output.line(
            f"Bundle {result.serial} from {result.sender or 'an unnamed sender'}, {result.created_at}"
        )
    _print_signers(result.signers)
    if result.models:
        output.table(
            ("Model", "Quant.", "Size", "License", "In the store"),
            [
                (
                    m.name,
                    m.quantization,
                    output.gib(m.size_bytes),
                    m.license_id or "not known",
                    "yes" if m.in_store else "no",
                )
                for m in result.models
            ],
            right=(2,),
        )
    _print_problems(result.problems)


def _print_signers(signers: tuple[ask.BundleSigner, ...]) -> None:
    for signer in signers:
        name = signer.name or "a key that is not known here"
        worth = "trusted" if signer.trusted else f"does not count: {signer.why}"
        output.line(f"Signed by {name} ({signer.key_id}): {worth}")


def _print_problems(problems: tuple[ask.BundleProblem, ...]) -> None:
    for problem in problems:
        place = f" {problem.path}" if problem.path else ""
        ranges = ", ".join(f"{start}-{end}" for start, end in problem.block_ranges[:_SHOWN_RANGES])
        more = " and more" if len(problem.block_ranges) > _SHOWN_RANGES else ""
        where = f" Damaged bytes: {ranges}{more}." if ranges else ""
        output.line(f"{problem.kind:<15}{place} {problem.detail}{where}")
