"""`steelyard license …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.cli.models import ModelName
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

licenses = typer.Typer(
    help="What licenses say, with clauses. Not legal advice.", no_args_is_help=True
)

WORDS = {
    "yes": "Yes",
    "conditional": "With conditions",
    "no": "No",
    "not-mentioned": "Not mentioned",
    "not-known": "Not known",
}


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(licenses, name="license")


def _print_answers(operation: str, result: ask.LicenseAnswers, *, as_json: bool) -> None:
    if as_json:
        output.print_result(operation, to_json(result))
        return
    output.line(f"{result.name} ({result.id or 'not known'})")
    for finding in result.findings:
        output.line(f"! {finding}")
    output.table(
        ("Question", "Answer", "Clause", "Fact"),
        [
            (question, WORDS[answer.state.value], answer.clause, answer.fact)
            for question, answer in result.answers.items()
        ],
    )
    for obligation in result.obligations:
        output.line(f"[ ] {obligation.text} ({obligation.clause})")
    output.line(f"A summary ({result.summary_version}), not legal advice.")


@licenses.command("show")
@covers("license.show")
def show(model: ModelName, json: JsonFlag = False) -> None:
    """What a model's license says."""
    with session("license.show", as_json=json) as s:
        result: ask.LicenseAnswers = s.run(ask.ShowLicense(model))
    _print_answers("license.show", result, as_json=json)


@licenses.command("explain")
@covers("license.explain")
def explain(
    license_id: Annotated[str, typer.Argument(metavar="ID", help="SPDX identifier or hub tag.")],
    json: JsonFlag = False,
) -> None:
    """What a known license says."""
    with session("license.explain", as_json=json) as s:
        result: ask.LicenseAnswers = s.run(ask.ExplainLicense(license_id))
    _print_answers("license.explain", result, as_json=json)


@licenses.command("identify")
@covers("license.identify")
def identify(
    file: Annotated[Path, typer.Argument(parser=given_path, help="A license text.")],
    json: JsonFlag = False,
) -> None:
    """Recognise a license text. Exit code 1 when it is not a known text without additions."""
    with session("license.identify", as_json=json) as s:
        result: ask.LicenseIdentified = s.run(ask.IdentifyLicense(file))
    if json:
        output.print_result("license.identify", to_json(result))
    else:
        output.line(f"{result.id or 'not known'}: {result.verdict.value}")
        for passage in result.left_over:
            output.line(f"+ {passage}")
        for neighbour in result.neighbours:
            output.line(f"  {neighbour.resemblance:.3f} {neighbour.id}")
    finish(ExitCode.DONE if result.verdict.value == "known" else ExitCode.ANSWER_IS_NO)
