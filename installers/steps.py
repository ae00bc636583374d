"""What every setup step shares: saying what it does, running a command, failing with a next step."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_STARTED_S = time.monotonic()


class SetupFailed(Exception):
    """A step could not be done; the message says why and what to do."""


def say(words: str) -> None:
    """One line of what is being done, with the seconds since the start; on stderr, so that the
    program's own output stays clean."""
    print(f"[{time.monotonic() - _STARTED_S:6.1f} s] {words}", file=sys.stderr, flush=True)


def run(
    command: Sequence[str | Path],
    *,
    failing: str,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> None:
    """Run a command whose output goes to stderr.

    Raises:
        SetupFailed: it ended with another code than 0; `failing` says what that means.
    """
    # stdout belongs to the program that is set up; talk of the steps goes to stderr.
    result = subprocess.run(
        [str(part) for part in command], env=environment, cwd=folder, stdout=sys.stderr, check=False
    )
    if result.returncode:
        raise SetupFailed(f"{failing} (exit code {result.returncode})")
