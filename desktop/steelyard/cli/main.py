"""The command `steelyard`: its options, its nouns, and the window when nothing is asked."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from steelyard import __version__
from steelyard.base.errors import Cancelled, ExitCode, UsageError
from steelyard.cli import (
    audit,
    bundles,
    catalog,
    evals,
    governing,
    keys,
    licenses,
    machine,
    models,
    output,
    privacy,
    running,
    storing,
    transfers,
)
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
for room in (
    models,
    catalog,
    storing,
    transfers,
    bundles,
    keys,
    licenses,
    machine,
    running,
    evals,
    audit,
    governing,
    privacy,
):
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


WRONG_USAGE: type[Exception] = typer.BadParameter.__bases__[0]
"""What a wrong command line raises. Typer carries its own copy of click or uses click itself, depending on its
version; the base of its public exception is the right class in either case."""


def _command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return str(getattr(context, "command_path", "steelyard"))


_INTERRUPTED = 130
"""What typer makes of Ctrl+C outside of an operation."""


def called_off(*, as_json: bool) -> int:
    """Say that the person called it off before an operation began; returns the exit code."""
    error = Cancelled("Cancelled before anything was begun.")
    output.print_error("steelyard", error, as_json=as_json)
    return int(ExitCode.CANCELLED)


def _write_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments: list[str], open_window: OpenWindow | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        open_window: opens the window with these settings for this process and returns its exit code;
            the two faces do not know one another, whoever starts the program knows both.
    """
    if open_window is not None:
        STATE.open_window = open_window
    as_json = "--json" in arguments
    output.prepare_streams()
    try:
        result = app(args=arguments, standalone_mode=False, prog_name="steelyard")
        sys.stdout.flush()
    except typer.Exit as stopped:
        if stopped.exit_code != _INTERRUPTED:
            return stopped.exit_code
        return called_off(as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        return called_off(as_json=as_json)
    except WRONG_USAGE as error:
        words = str(getattr(error, "format_message", error.__str__)())
        path = _command_path(error)
        usage = UsageError(words, next_step=f"See {path} --help.")
        # Operations are named room.verb; so is the command that was not understood.
        operation = ".".join(path.split()[1:]) or path
        output.print_error(operation, usage, as_json=as_json)
        return int(ExitCode.USAGE)
    except SystemExit:
        # Typer's own way out when whoever read our output has gone. It is no answer of "no".
        return int(ExitCode.DONE)
    except BrokenPipeError:
        # Whoever read our output has gone; closing stdout again at exit must not complain.
        _write_nowhere()
        return int(ExitCode.DONE)
    except OSError as error:
        _write_nowhere()
        output.note(f"The output could not be written ({error.strerror or error}).")
        return int(ExitCode.OUT_OF_RESOURCES)
    return result if isinstance(result, int) else int(ExitCode.DONE)
