"""How long a keystroke takes in Browse over 100,000 entries, from the key to the painted rows, and a scroll.

    QT_QPA_PLATFORM=offscreen PYTHONPATH=desktop:tests python tests/benchmarks/bench_browse.py

Writes `tests/benchmarks/results/browse.json` and prints it. The real service and its real index hold the generated
entries; the window is the program's own. Each key is pressed when the one before has been answered, so that every
figure is one question's; a person who types faster only drops the older ones. The search's own time stands beside it,
and the same typing over what came with the program alone as the reference: what is left where there is little to
search. Nothing here fails for being slow.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import PySide6
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.bench_catalog import ENTRIES, TYPED, records
from steelyard.base.paths import Home
from steelyard.catalog.index import SourceState
from steelyard.gui.app import make_application
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.gui.pages import specs
from steelyard.gui.pages.browse import BrowsePage
from steelyard.service import Steelyard

RESULTS = Path(__file__).with_name("results") / "browse.json"
GOAL_MS = 50
JUMPS = 40
PATIENCE_S = 120.0


class Painted(QObject):
    """Tells when the rows were painted after a question's answer was put into the table."""

    def __init__(self, page: BrowsePage) -> None:
        super().__init__(page)
        self._page = page
        self.searched_s = 0.0
        page._search.found.connect(lambda answer, _put: self._found(answer.elapsed_s))
        self.answered = False

    def _found(self, elapsed_s: float) -> None:
        self.searched_s = elapsed_s
        self.answered = True

    def after(self, act: Callable[[], None]) -> float:
        """Seconds from the act until the rows of its answer are painted."""
        self.answered = False
        started_s = time.perf_counter()
        act()
        until(lambda: self.answered)
        self._page._table.viewport().repaint()
        return time.perf_counter() - started_s


def until(condition: Callable[[], bool]) -> None:
    """Handle events until something holds."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        QApplication.processEvents()
        if time.monotonic() > end_s:
            raise TimeoutError("the window did not get there")


def quiet(page: BrowsePage, runner: JobRunner) -> None:
    """Until nothing is asked and nothing waits."""
    search = page._search
    until(lambda: not (runner._live or search._rest.isActive() or search._soon.isActive()))


def typing(page: BrowsePage, runner: JobRunner, painted: Painted) -> dict[str, object]:
    """Type each text and take it back, letter by letter, as a person does who is in no hurry."""
    taken: list[tuple[float, float, str]] = []
    for text in TYPED:
        page._field.clear()
        quiet(page, runner)
        for letter in text:
            spent_s = painted.after(lambda letter=letter: QTest.keyClicks(page._field, letter))
            taken.append((spent_s, painted.searched_s, page._field.text()))
        for _ in text[1:]:
            spent_s = painted.after(lambda: QTest.keyClick(page._field, Qt.Key.Key_Backspace))
            taken.append((spent_s, painted.searched_s, page._field.text()))
    slowest = sorted(taken)[-3:]
    return {
        "keystrokes": len(taken),
        "key_to_paint_ms": spread_ms(s for s, _, _ in taken),
        "search_alone_ms": spread_ms(s for _, s, _ in taken),
        "slowest": [{"text": text, "ms": round(s * 1e3, 1)} for s, _, text in slowest],
    }


def scrolling(page: BrowsePage, runner: JobRunner) -> dict[str, object]:
    """Jump through all rows; from the jump until the rows there are at hand and painted."""
    page._field.clear()
    quiet(page, runner)
    bar = page._table.verticalScrollBar()
    taken = []
    for jump in range(1, JUMPS + 1):
        started_s = time.perf_counter()
        bar.setValue(bar.maximum() * jump // JUMPS)
        page._table.viewport().repaint()
        quiet(page, runner)
        page._table.viewport().repaint()
        taken.append(time.perf_counter() - started_s)
    return {
        "jumps": JUMPS,
        "pages_held": page._model.pages_held,
        "jump_to_paint_ms": spread_ms(taken),
    }


def spread_ms(seconds: Iterable[float]) -> dict[str, float]:
    """Median, 95th percentile and highest, in milliseconds."""
    values = sorted(seconds)
    return {
        "median": round(statistics.median(values) * 1e3, 1),
        "p95": round(statistics.quantiles(values, n=20)[-1] * 1e3, 1),
        "high": round(values[-1] * 1e3, 1),
    }


def measure(home: Home, entries: int) -> dict[str, object]:
    """One window on a catalog of that many generated entries, beside what came with the program."""
    app = make_application(theme="light")
    with Steelyard.open(home, flags={"network.offline": True}) as desk:
        if entries:
            source = SourceState("hub", "hub", "https://huggingface.co")
            desk.installation.catalog.index.learn(source, records(), "2026-09-01T00:00:00Z")
        runner = JobRunner(desk)
        window = Window(runner, specs())
        window.resize(1440, 900)
        window.show()
        started_s = time.perf_counter()
        window.go("browse")
        page = window.page("browse")
        assert isinstance(page, BrowsePage)
        quiet(page, runner)
        opened_ms = round((time.perf_counter() - started_s) * 1e3, 1)
        painted = Painted(page)
        figures = {
            "entries": page._model.total,
            "page_opened_and_counted_ms": opened_ms,
            **typing(page, runner, painted),
            "scroll": scrolling(page, runner),
        }
        window._quit_agreed = True
        window.close()
        app.processEvents()
        runner.close()
    return figures


def main() -> None:
    """Measure, write and print."""
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as name:
        few = measure(prepared(Path(name, "few")), 0)
        many = measure(prepared(Path(name, "many")), ENTRIES)
    load.append(os.getloadavg()[0])
    document = {
        "where": {
            "python": platform.python_version(),
            "pyside6": PySide6.__version__,
            "system": platform.system(),
            "cores": os.cpu_count(),
            "load_before_and_after": [round(value, 1) for value in load],
        },
        "goal_key_to_paint_ms": GOAL_MS,
        "only_what_came_with_the_program": few,
        "many": many,
    }
    text = json.dumps(document, indent=2) + "\n"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text)
    sys.stdout.write(text)


def prepared(base: Path) -> Home:
    """An empty home of its own."""
    return Home.locate({"STEELYARD_HOME": str(base)})


if __name__ == "__main__":
    main()
