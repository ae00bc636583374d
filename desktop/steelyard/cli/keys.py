"""`steelyard key …`."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, given_path, session
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

keys = typer.Typer(help="Signing keys, and whose signatures count.", no_args_is_help=True)

_PURPOSES = "bundle (bundles and receipts), catalog, note or checkpoint."


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(keys, name="key")


@keys.command("create")
@covers("key.create")
def create(
    name: Annotated[str, typer.Argument(help="Such as anna or site-a.")],
    purpose: Annotated[str, typer.Option(help=f"What it signs: {_PURPOSES}")] = "bundle",
    passphrase_variable: Annotated[
        str,
        typer.Option(metavar="VARIABLE", help="Environment variable that holds the passphrase."),
    ] = "",
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for a passphrase on this terminal.")
    ] = False,
    valid_days: Annotated[int, typer.Option(min=0, help="0: no end.")] = 730,
    json: JsonFlag = False,
) -> None:
    """Make a signing key of your own."""
    typed = _asked() if passphrase else ""
    with session("key.create", as_json=json) as s:
        result: ask.KeyMade = s.run(
            ask.CreateKey(name, purpose, passphrase_variable, valid_days, passphrase=typed)
        )
    if json:
        output.print_result("key.create", to_json(result))
        return
    _print_key(result.key)
    output.line(f"Public part  {result.public_path}")
    if not result.key.protected:
        output.line("No passphrase protects it: whoever reads your files can sign as you.")
    output.line(
        "Give others the public part, and tell them the fingerprint by telephone or in person."
    )


def _asked() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("--passphrase needs a terminal; use --passphrase-variable")
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))


@keys.command("list")
@covers("key.list")
def list_keys(json: JsonFlag = False) -> None:
    """Your keys, and the keys whose signatures count here."""
    with session("key.list", as_json=json) as s:
        result: ask.KeyList = s.run(ask.ListKeys())
    if json:
        output.print_result("key.list", to_json(result))
        return
    for problem in result.problems:
        output.line(f"! Nobody is believed: {problem}")
    if result.trust_origin == "managed-only":
        output.line("Policy: only keys the administrator trusts count.")
    if not result.keys:
        output.line("No keys yet. Make one with steelyard key create NAME.")
        return
    output.table(
        ("Name", "Key", "For", "Whose", "State", "Until"),
        [
            (
                k.name,
                k.key_id,
                ", ".join(k.purposes),
                _WHOSE[k.origin],
                k.state,
                (k.valid_until or "no end")[:10],
            )
            for k in result.keys
        ],
    )


_WHOSE = {"own": "yours", "user": "trusted by you", "managed": "trusted by policy"}


@keys.command("export")
@covers("key.export")
def export(
    name: Annotated[str, typer.Argument()],
    out: Annotated[str, typer.Option("--out", help="A new file, or a folder.")] = ".",
    json: JsonFlag = False,
) -> None:
    """Write a key's public part to a file, to be carried to others."""
    path = given_path(out)
    with session("key.export", as_json=json) as s:
        result: ask.KeyExported = s.run(ask.ExportKey(name, path))
    if json:
        output.print_result("key.export", to_json(result))
        return
    output.line(f"Written to {result.path}.")
    output.line(f"Fingerprint  {_grouped(result.fingerprint)}")
    output.line("Tell it to whoever gets the file by telephone or in person, not with the file.")


@keys.command("trust")
@covers("key.trust")
def trust(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The public key.")],
    name: Annotated[str, typer.Option("--as", help="What you call its owner.")],
    fingerprint: Annotated[
        str, typer.Option(help="As its owner told you, in person or by telephone.")
    ],
    purposes: Annotated[
        Optional[list[str]],  # noqa: UP045  # as in models
        typer.Option("--for", help=f"What it may sign: {_PURPOSES} May be given again."),
    ] = None,
    valid_days: Annotated[int, typer.Option(min=0, help="0: no end.")] = 730,
    json: JsonFlag = False,
) -> None:
    """Believe what a key signs from now on. Refused unless the fingerprint is the one you were told."""
    path = given_path(file)
    request = ask.TrustKey(path, name, tuple(purposes or ("bundle",)), fingerprint, valid_days)
    with session("key.trust", as_json=json) as s:
        result: ask.KeyTrusted = s.run(request)
    if json:
        output.print_result("key.trust", to_json(result))
        return
    _print_key(result.key)
    output.line("What this key signs counts here from now on.")


@keys.command("revoke")
@covers("key.revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Name, key id or fingerprint.")],
    reason: Annotated[str, typer.Option(help="One line; it is shown to whoever meets the key.")],
    json: JsonFlag = False,
) -> None:
    """Stop believing a key, also what it signed before. There is no way back."""
    with session("key.revoke", as_json=json) as s:
        result: ask.KeyRevoked = s.run(ask.RevokeKey(name, reason))
    if json:
        output.print_result("key.revoke", to_json(result))
        return
    output.line(f"{result.key.name} ({result.key.key_id}) is revoked: {result.key.revoked_reason}")
    if result.key.own:
        output.line(
            "It signs nothing any more. Tell whoever trusts it; their machines do not know yet."
        )


def _print_key(key: ask.KeyRow) -> None:
    output.line(f"Name         {key.name}")
    output.line(f"Fingerprint  {_grouped(key.fingerprint)}")
    output.line(f"For          {', '.join(key.purposes)}")
    output.line(f"Valid until  {key.valid_until or 'no end'}")


def _grouped(fingerprint: str) -> str:
    """In groups of four, as one reads it aloud; `key trust` takes it so."""
    digits = fingerprint.removeprefix("sha256:")
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
