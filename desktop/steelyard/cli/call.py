"""Running one operation for a command: progress on stderr, Ctrl+C as cancellation, exit codes from
results and errors."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from steelyard.base.errors import Cancelled, ExitCode, Json, SteelyardError
from steelyard.base.progress import CancelToken, Progress
from steelyard.cli import output

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
"""The option every command has."""


def given_path(text: str) -> Path:
    """A path from the command line, absolute, so that the log names the same file everywhere.

    Raises:
        typer.BadParameter: it is empty; a script's unset variable must not mean the current folder.
    """
    if not text.strip():
        raise typer.BadParameter("the path is empty")
    return Path(text).absolute()


COVERED: dict[str, list[str]] = {}
"""Operation name to the commands that run it; a test holds it against the registry."""


OpenWindow = Callable[[dict[str, Json]], int]


def _no_window(_flags: dict[str, Json]) -> int:
    sys.stderr.write("This installation has no window. See steelyard --help.\n")
    return int(ExitCode.USAGE)


@dataclass
class State:
    """What the options before the command say, and how the window is opened."""

    flags: dict[str, Json] = field(default_factory=dict)
    quiet: bool = False
    open_window: OpenWindow = _no_window


STATE = State()


def covers(*operations: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which operations a command runs."""

    def mark(command: Callable[..., None]) -> Callable[..., None]:
        for name in operations:
            COVERED.setdefault(name, []).append(command.__name__)
        return command

    return mark


class Session:
    """An opened installation for the length of one command."""

    def __init__(self, *, as_json: bool) -> None:
        from steelyard.service import Steelyard  # noqa: PLC0415  # not for --help

        self.as_json = as_json
        self.token = CancelToken()
        self.waiting_for_person = False
        self.desk = Steelyard.open(flags=STATE.flags)

    def run(
        self, request: object, *, on_event: Callable[[object], None] | None = None
    ) -> Any:  # the request's type decides
        """Run an operation and return its result, with progress for people on a terminal."""
        with progress_line(shown=not self.as_json and not STATE.quiet) as show:

            def emit(event: object) -> None:
                if isinstance(event, Progress):
                    show(event)
                elif on_event is not None:
                    show(None)
                    on_event(event)

            return self.desk.run(request, emit=emit, cancel=self.token)


@contextlib.contextmanager
def session(operation: str, *, as_json: bool) -> Iterator[Session]:
    """Open the installation, turn Ctrl+C into cancellation, and errors into exit codes.

    Raises:
        typer.Exit: with the code of the error, after it was printed.
    """
    opened: Session | None = None
    try:
        opened = Session(as_json=as_json)
        with _cancel_on_signals(opened):
            yield opened
    except SteelyardError as error:
        output.print_error(operation, error, as_json=as_json)
        raise typer.Exit(int(error.exit_code)) from error
    except KeyboardInterrupt as error:
        output.print_error(operation, Cancelled("Cancelled."), as_json=as_json)
        raise typer.Exit(int(ExitCode.CANCELLED)) from error
    except (typer.Exit, BrokenPipeError):
        raise
    except Exception as error:  # the command line's outermost loop
        from steelyard.service.errors import InternalError  # noqa: PLC0415  # only when it happens

        traceback.print_exc(file=sys.stderr)
        internal = InternalError(
            f"This is a bug in Steelyard: {type(error).__name__}: {error}.",
            next_step="Please report it with the lines above.",
        )
        output.print_error(operation, internal, as_json=as_json)
        raise typer.Exit(int(ExitCode.INTERNAL)) from error
    finally:
        if opened is not None:
            opened.desk.close()


@contextlib.contextmanager
def _cancel_on_signals(opened: Session) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def called_off(number: int, _frame: FrameType | None) -> None:
        # Reading a line looks at no token, and whoever asks twice will not wait for the work to notice.
        if opened.token.cancelled or opened.waiting_for_person:
            raise KeyboardInterrupt
        opened.token.cancel()

    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, called_off) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)


@contextlib.contextmanager
def progress_line(*, shown: bool) -> Iterator[Callable[[Progress | None], None]]:
    """A line on stderr that is rewritten while work goes on; nothing where stderr is no terminal."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _progress: None
        return
    width = 0

    def show(progress: Progress | None) -> None:
        nonlocal width
        text = "" if progress is None else output.plain(_words(progress))
        sys.stderr.write(
            f"\r{text.ljust(width)}\r" if progress is None else f"\r{text.ljust(width)}"
        )
        sys.stderr.flush()
        width = len(text)

    try:
        yield show
    finally:
        show(None)


def _words(progress: Progress) -> str:
    if progress.unit == "bytes":
        done = output.gib(progress.done)
        total = f" of {output.gib(progress.total)}" if progress.total else ""
    else:
        done = f"{progress.done:,}"
        total = f" of {progress.total:,} {progress.unit}" if progress.total else ""
    share = f" {100 * progress.done / progress.total:.0f} %" if progress.total else ""
    detail = progress.detail if len(progress.detail) <= 40 else f"{progress.detail[:39]}…"
    return f"{progress.stage} {done}{total}{share} {detail}".rstrip()


def finish(code: ExitCode) -> None:
    """End the command with an exit code other than 0."""
    if code is not ExitCode.DONE:
        raise typer.Exit(int(code))
