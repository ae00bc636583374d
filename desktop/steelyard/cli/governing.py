"""`steelyard policy …` and `steelyard version`."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.policy.options import option
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

policy = typer.Typer(help="Settings and policy in force.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(policy, name="policy")
    app.command("version")(version)
    app.command("qualify")(qualify)


@policy.command("show")
@covers("policy.show")
def show(json: JsonFlag = False) -> None:
    """Every setting in force, and where it comes from."""
    with session("policy.show", as_json=json) as s:
        result: ask.PolicyInForce = s.run(ask.ShowPolicy())
    if json:
        output.print_result("policy.show", to_json(result))
        return
    for problem in result.problems:
        output.line(f"! Safe mode: {problem}")
    output.table(
        ("Setting", "Value", "Locked", "Origin"),
        [
            (v.key, jsonlib.dumps(v.value), "yes" if v.locked else "", v.origin)
            for v in result.values
        ],
    )


@policy.command("set")
@covers("policy.set")
def change(
    key: Annotated[str, typer.Argument(help="For example network.offline.")],
    value: Annotated[str, typer.Argument(help="Lists with commas.")],
    json: JsonFlag = False,
) -> None:
    """Change one of your own settings."""
    with session("policy.set", as_json=json) as s:
        result: ask.PolicyValue = s.run(ask.ChangeSetting(key, option(key).parse_text(value)))
    if json:
        output.print_result("policy.set", to_json(result))
    else:
        output.line(f"{result.key} is {jsonlib.dumps(result.value)} ({result.origin}).")


@policy.command("check")
@covers("policy.check")
def check(
    file: Annotated[Path, typer.Argument(parser=given_path, help="A policies.json.")],
    json: JsonFlag = False,
) -> None:
    """Judge a managed file before it is rolled out, and say what it would change here."""
    with session("policy.check", as_json=json) as s:
        result: ask.PolicyChecked = s.run(ask.CheckPolicy(file))
    if json:
        output.print_result("policy.check", to_json(result))
    else:
        for problem in result.problems:
            output.line(f"Not acceptable: {problem}")
        if result.ok:
            output.line("The file is acceptable.")
            output.table(
                ("Setting", "Now", "Then", "Locked"),
                [
                    (c.key, jsonlib.dumps(c.old), jsonlib.dumps(c.new), "yes" if c.locked else "")
                    for c in result.changes
                ],
            )
            for verdict in result.models:
                if verdict.now != verdict.then or verdict.objections:
                    output.line(_verdict_words(verdict))
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


@policy.command("simulate")
@covers("policy.simulate")
def simulate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Name in the store, or digest.")],
    file: Annotated[
        Optional[Path],  # noqa: UP045  # typer reads this on every supported Python
        typer.Option(parser=given_path, help="Judge by this file instead of the policy in force."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Would this model be allowed, and if not, which rule says so?"""
    with session("policy.simulate", as_json=json) as s:
        result: ask.PolicySimulated = s.run(ask.SimulatePolicy(model, file))
    if json:
        output.print_result("policy.simulate", to_json(result))
    else:
        output.line(_verdict_words(result.verdict))
    finish(ExitCode.DONE if result.verdict.then else ExitCode.ANSWER_IS_NO)


def _verdict_words(verdict: ask.ModelVerdict) -> str:
    words = "may be used" if verdict.then else "may not be used"
    return f"{verdict.model} {words}." + "".join(f"\n  {each}" for each in verdict.objections)


@policy.command("template")
@covers("policy.template")
def template(
    kind: Annotated[
        str, typer.Argument(help="template, json-schema, admx, adml or page.")
    ] = "template",
    json: JsonFlag = False,
) -> None:
    """Print what administrators start from."""
    with session("policy.template", as_json=json) as s:
        result: ask.PolicyWritten = s.run(ask.WritePolicy(kind))
    if json:
        output.print_result("policy.template", to_json(result))
    else:
        output.line(result.text.rstrip("\n"))


@policy.command("network")
@covers("network.connections")
def network(json: JsonFlag = False) -> None:
    """Whether the network may be used, and every connection this process tried."""
    with session("network.connections", as_json=json) as s:
        result: ask.ConnectionList = s.run(ask.ListConnections())
    if json:
        output.print_result("network.connections", to_json(result))
        return
    output.line(
        "Offline by policy."
        if result.offline_by_policy
        else "Offline."
        if result.offline
        else "The network may be used when someone asks for it."
    )
    for attempt in result.connections:
        output.line(f"{attempt.time} {attempt.host} {attempt.why} ({attempt.asked_by})")


@covers("program.version")
def version(json: JsonFlag = False) -> None:
    """Versions of Steelyard, Python and the engines."""
    with session("program.version", as_json=json) as s:
        result: ask.VersionInfo = s.run(ask.ShowVersion())
    if json:
        output.print_result("program.version", to_json(result))
        return
    output.line(f"steelyard {result.version}, Python {result.python}")
    for engine in result.engines:
        output.line(f"{engine['name']} {engine['version']} ({engine['build']})")


@covers("program.qualify")
def qualify(
    network: Annotated[
        bool,
        typer.Option("--network", help="Watch the network meanwhile: not one packet may leave."),
    ] = False,
    installation_only: Annotated[
        bool, typer.Option("--installation-only", help="Check what is installed; run no journeys.")
    ] = False,
    out: Annotated[
        Optional[Path],  # noqa: UP045  # typer reads this on every supported Python
        typer.Option(parser=given_path, help="Write the report: .json, else Markdown."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Show that this installation does what it should: a qualification report."""
    asked = ask.Qualify(network, not installation_only, out)
    with session("program.qualify", as_json=json) as s:
        result: ask.QualificationReport = s.run(asked)
    if json:
        output.print_result("program.qualify", to_json(result))
    else:
        output.table(
            ("Check", "Expected", "Observed", "Verdict"),
            [(row.title, row.expected, row.observed, row.verdict) for row in result.rows],
        )
        for packet in result.packets:
            output.line(
                f"! {packet.count} × {packet.protocol} to {packet.destination} port {packet.port}"
            )
        output.line(f"{'Passed' if result.ok else 'Not passed'}. Report {result.digest}")
        if result.path:
            output.line(f"Written to {result.path}")
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)
