"""What a command prints: one JSON document for programs, or tables and sentences for people."""

from __future__ import annotations

import io
import json
import os
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


def prepare_streams() -> None:
    """Let stdout and stderr escape what their encoding cannot hold (a path in bytes of its own, a plain
    locale), and go nowhere where they were closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # for the process's life
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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

    return RichConsole(markup=False, highlight=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A table without frames; columns named in `right` hold numbers."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    texts = [[plain(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        _print_unfolded(columns, texts, right)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        grid.add_column(column, justify="right" if number in right else "left", overflow="fold")
    for row in texts:
        grid.add_row(*(Text(cell) for cell in row))
    console().print(grid)


def _print_unfolded(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]
) -> None:
    """A pipe has no width: one line a row, nothing folded or shortened, no blanks at the end."""
    table_rows = [columns, *rows]
    widths = [max(len(row[number]) for row in table_rows) for number in range(len(columns))]
    for row in table_rows:
        cells = (
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        # A line end in a cell would make two rows of one.
        line("  ".join(cells).rstrip().replace("\n", " "))


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
