"""The command `steelyard`: its options, its nouns, and the window when nothing is asked."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from steelyard import __version__
from steelyard.base.errors import ExitCode, UsageError
from steelyard.cli import audit, evals, governing, licenses, machine, models, output, running
from steelyard.cli.call import STATE, OpenWindow

app = typer.Typer(
    name="steelyard",
    help="Verify, license-check, fit, run and evaluate open-weight models, offline, with an audit log.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (models, licenses, machine, running, evals, audit, governing):
    room.register(app)


def _print_version(asked: bool) -> None:  # typer calls it so
    if asked:
        output.line(f"steelyard {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Refuse every connection in this call.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Without a command, open the window."""
    STATE.flags = {"network.offline": True} if offline else {}
    STATE.quiet = quiet
    if context.invoked_subcommand is None:
        raise typer.Exit(STATE.open_window(STATE.flags))


def run(arguments: list[str], open_window: OpenWindow | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        open_window: opens the window with these settings for this process and returns its exit code;
            the two faces do not know one another, whoever starts the program knows both.
    """
    if open_window is not None:
        STATE.open_window = open_window
    as_json = "--json" in arguments
    try:
        result = app(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as stopped:
        return stopped.exit_code
    except click.UsageError as error:
        if as_json:
            usage = UsageError(error.format_message(), next_step="See steelyard --help.")
            output.print_error(
                error.ctx.command_path if error.ctx else "steelyard", usage, as_json=True
            )
        else:
            error.show(sys.stderr)
        return int(ExitCode.USAGE)
    except click.Abort:
        output.note("Cancelled.")
        return int(ExitCode.CANCELLED)
    except BrokenPipeError:
        # Whoever read our output has gone; closing stdout again at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    return result if isinstance(result, int) else int(ExitCode.DONE)
