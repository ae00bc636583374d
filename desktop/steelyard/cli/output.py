"""What a command prints: one JSON document for programs, or tables and sentences for people."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from steelyard.base.errors import Json, SteelyardError

if TYPE_CHECKING:
    from rich.console import Console


def print_json(document: Json) -> None:
    """Write one document and a line end to stdout, ASCII-safe on any terminal."""
    sys.stdout.write(json.dumps(document, ensure_ascii=not _utf8(), indent=None) + "\n")
    sys.stdout.flush()


def print_result(operation: str, result: Json) -> None:
    """`{"ok": true, "operation", "result"}`."""
    print_json({"ok": True, "operation": operation, "result": result})


def print_error(operation: str, error: SteelyardError, *, as_json: bool) -> None:
    """The error as a document on stdout, or as a sentence on stderr."""
    if as_json:
        print_json({"ok": False, "operation": operation, "error": error.as_json()})
    else:
        sys.stderr.write(f"{plain(error.diagnosis())}\n")


def _utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def plain(text: str) -> str:
    """Text from outside for a terminal: control and direction characters are shown, not obeyed."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t" else c
        for c in text
    )


def console() -> Console:
    """A console on stdout that reads no markup from the text it is given."""
    from rich.console import Console as RichConsole  # noqa: PLC0415  # only for people

    # A pipe has no width: nothing is shortened there.
    width = None if sys.stdout.isatty() else 400
    return RichConsole(markup=False, highlight=False, emoji=False, width=width)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A table without frames; columns named in `right` hold numbers."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        grid.add_column(column, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(plain(cell)) for cell in row))
    console().print(grid)


def line(text: str = "") -> None:
    """One line for people on stdout."""
    sys.stdout.write(f"{plain(text)}\n")


def note(text: str) -> None:
    """One line of talk on stderr."""
    sys.stderr.write(f"{plain(text)}\n")


def gib(size_bytes: int) -> str:
    """A size in GiB with two decimals, or in MiB or bytes where that would be 0.00."""
    if size_bytes >= 10 * 1024**2:
        return f"{size_bytes / 1024**3:.2f} GiB"
    if size_bytes >= 10 * 1024:
        return f"{size_bytes / 1024**2:.2f} MiB"
    return f"{size_bytes} B"
