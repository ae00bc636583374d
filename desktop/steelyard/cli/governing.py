"""`steelyard policy …` and `steelyard version`."""

from __future__ import annotations

import json as jsonlib
from typing import Annotated

import typer

from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, session
from steelyard.policy.options import option
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

policy = typer.Typer(help="Settings and policy in force.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(policy, name="policy")
    app.command("version")(version)


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
