"""The program's entry: the version at once, the command line for everything else, the window when nothing
is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.base.errors import Json


def main() -> int:
    """Run `steelyard` with the process's arguments; returns the exit code."""
    arguments = sys.argv[1:]
    try:
        return _start(arguments)
    except KeyboardInterrupt:
        # Ctrl+C while modules were still being imported: nothing has begun.
        from steelyard.cli.main import called_off  # noqa: PLC0415  # only when it happens

        return called_off(as_json="--json" in arguments)


def _start(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from steelyard import __version__  # noqa: PLC0415  # nothing else is loaded for this

        sys.stdout.write(f"steelyard {__version__}\n")
        return 0
    if arguments[:1] == ["--worker"]:
        # A frozen executable starts its workers through itself.
        from steelyard.runtime.worker import main as worker_main  # noqa: PLC0415

        return worker_main(arguments[1:])
    if arguments[:1] == ["--observed"]:
        from steelyard.qualification.observed import main as observed_main  # noqa: PLC0415  # likewise

        return observed_main(Path(arguments[1]))
    if not arguments:
        # The command line imports every operation; the window paints first and imports them behind that.
        return _open_window({})
    from steelyard.cli.main import run  # noqa: PLC0415

    return run(arguments, _open_window)


def _open_window(flags: dict[str, Json]) -> int:
    from steelyard.gui.app import run  # noqa: PLC0415  # only for the window

    return run(flags=flags)


if __name__ == "__main__":
    sys.exit(main())
