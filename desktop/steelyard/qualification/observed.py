"""The journeys in a network of their own, as a process: `python -m steelyard.qualification.observed FOLDER`.

A process of its own, since a namespace cannot be left again and must be entered before any thread starts.
Prints one JSON line per row, then one for the observation.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from steelyard.qualification.journeys import Place, run_steps
from steelyard.qualification.records import Observation, Row
from steelyard.qualification.wire_tap import NotPossible, WireTap, enter_namespace


def observation_command(folder: Path) -> list[str]:
    """How this file is run as a process; also of a frozen program."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--observed", str(folder)]
    return [sys.executable, "-P", "-m", "steelyard.qualification.observed", str(folder)]


def _print(kind: str, value: Row | Observation) -> None:
    sys.stdout.write(json.dumps({kind: asdict(value)}) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> int:
    """Enter the namespace, run every step, say what tried to leave."""
    try:
        enter_namespace()
        tap = WireTap()
    except NotPossible as error:
        _print("observation", Observation("none", (), trial_seen=False, why=str(error)))
        return 0
    with tap:
        tap.send_trial()
        run_steps(Place.make(folder), lambda row: _print("row", row))
        packets, trial_seen = tap.caught()
    _print("observation", Observation("packets", packets, trial_seen))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
