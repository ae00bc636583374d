#!/usr/bin/env python3
"""Set Steelyard up from a checkout and open it, or set it up and run every check.

    python3 installers/bootstrap.py run  [options] [-- ARGUMENTS OF steelyard]
    python3 installers/bootstrap.py test [options] [-- ARGUMENTS OF pytest]

Standard library only. Everything goes into `.venv` beside this folder; a second call takes seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment
import system_packages
import verification
from steps import ROOT, SetupFailed, say


def arguments() -> argparse.Namespace:
    """Parse the command line; everything after `--` is passed on."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|test")
    for name, words in (
        ("run", "set up what is missing and open the program"),
        ("test", "set up everything and run every check"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument(
            "--accelerator",
            choices=sorted(environment.ACCELERATORS),
            default="cpu",
            help="how llama-cpp-python is built (default: cpu)",
        )
        command.add_argument(
            "--wheelhouse",
            type=Path,
            metavar="DIR",
            help="take every package from this folder and never use the network",
        )
        command.add_argument(
            "--venv", type=Path, default=ROOT / ".venv", metavar="DIR", help="default: .venv"
        )
        command.add_argument(
            "--with",
            dest="extras",
            action="append",
            choices=["transformers"],
            default=[],
            help="also install an optional engine",
        )
        command.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- ARGS")
    options = parser.parse_args()
    options.rest = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    return options


def main() -> int:
    """Set up, then run or test. Returns the exit code of what was run."""
    options = arguments()
    testing = options.command == "test"
    extras = {"test", "transformers"} if testing else set(options.extras)
    try:
        python = environment.find_python()
        system_packages.require(
            python,
            window=testing or not options.rest,
            build=not environment.is_ready(options.venv, extras, options.accelerator),
            testing=testing,
        )
        venv = environment.prepare(
            options.venv, python, extras, options.accelerator, options.wheelhouse
        )
        if testing:
            return verification.run_all(venv, options.wheelhouse, options.accelerator, options.rest)
    except SetupFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    program = venv.program("steelyard")
    say(f"starting {program.name} {' '.join(options.rest)}".rstrip())
    command = [str(program), *options.rest]
    if os.name != "nt":
        # The program takes this process's place, so signals and the exit code are its own.
        os.execv(program, command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
