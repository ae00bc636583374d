"""The window watched from inside, in a process that `bench_start.py` starts; prints one JSON document.

    python tests/benchmarks/window_probe.py bare|start|pages|stalls

`bare` is the reference: PySide6 and one empty widget. The others run the program's own entry without arguments
and look at its window. `STARTED_S` in the environment is when the parent started this process (`time.monotonic`).
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.gui.session import Session

MODELS = 500
IDLE_S = 10.0
STALL_S = 8.0
TICK_MS = 5
PATIENCE_S = 120.0
QUESTION = "Repeat exactly: " + "one two three " * 20
LARGE = "large"
"""Name of the model whose files take a while to hash."""
PAGES = (
    ("browse", None), ("library", None), ("model", LARGE), ("chat", None), ("evaluate", None),
    ("audit", None), ("machine", None), ("settings", None), ("first-run", None),
)  # fmt: skip


def since_start_s() -> float:
    """Seconds since the parent started this process."""
    return time.monotonic() - float(os.environ["STARTED_S"])


def resident_bytes() -> int:
    """Resident memory of this process, shared libraries included."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def processor_s() -> float:
    """Processor time of this process, all threads."""
    return time.process_time()


def tell(figures: dict[str, object]) -> None:
    """The one document."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def bare() -> None:
    """The least any window costs."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QWidget

    class Empty(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, self, painted)

    def painted() -> None:
        tell({
            "first_paint_s": since_start_s(),
            "first_paint_processor_s": processor_s(),
            "resident_bytes": resident_bytes(),
        })  # fmt: skip
        app.quit()

    app = QApplication(["bare"])
    widget = Empty()
    widget.resize(1440, 900)
    widget.show()
    app.exec()


def watched(look: Callable[[Session], None]) -> None:
    """Run the program; `look` gets the session after the first paint, and the window closes when it returns."""
    import steelyard.gui.app as program
    from steelyard.__main__ import main

    class Watched(program.Session):
        def show(self) -> None:
            self.window.painted.connect(self._look)
            super().show()

        def _look(self) -> None:
            try:
                look(self)
            except BaseException:  # noqa: BLE001  # Qt would print it and wait for ever
                traceback.print_exc()
                os._exit(1)
            self.window.close()

    program.Session = Watched  # type: ignore[misc]  # the one seam: everything else is the program's own
    sys.argv = ["steelyard"]
    sys.exit(main())


def until(condition: Callable[[], bool], every_ms: int = 5) -> None:
    """Let the event loop run until the condition holds.

    Raises:
        TimeoutError: it does not come to hold.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer, end_s = QEventLoop(), QTimer(), time.monotonic() + PATIENCE_S
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end_s else None)
    timer.start(every_ms)
    loop.exec()
    timer.stop()
    if not condition():
        raise TimeoutError


def rest(seconds: float) -> None:
    """Let the event loop run, with no timer but one at the end."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def settled(session: Session) -> Callable[[], bool]:
    """Nothing is asked or done any more."""
    return lambda: not session.runner._live


def library_is_full(session: Session) -> bool:
    """The first page shows every model."""
    from steelyard.gui.tables.table import Table

    page = session.window.page("library")
    table = page.findChild(Table) if page is not None else None
    if table is None or not table.isVisible() or table.model().rowCount() < MODELS:
        return False
    table.viewport().repaint()
    return True


def look_at_start(session: Session) -> None:
    """When the window is painted, and when its first page can be used."""
    figures: dict[str, object] = {
        "first_paint_s": since_start_s(),
        "first_paint_processor_s": processor_s(),
    }
    until(lambda: library_is_full(session))
    figures["usable_s"] = since_start_s()
    figures["usable_processor_s"] = processor_s()
    until(settled(session))
    figures["resident_bytes"] = resident_bytes()
    tell(figures)


def look_at_pages(session: Session) -> None:
    """Memory with every page opened, and what the window does when nothing is done with it."""
    until(lambda: library_is_full(session))
    opened = {}
    for page, argument in PAGES:
        session.window.go(page, argument)
        until(settled(session))
        rest(0.2)
        opened[page] = resident_bytes()
    idle = {}
    for page in ("library", "chat", "machine"):
        session.window.go(page, None)
        until(settled(session))
        rest(2.0)
        before_s = processor_s()
        rest(IDLE_S)
        idle[page] = (processor_s() - before_s) / IDLE_S
    tell({"resident_bytes": resident_bytes(), "resident_after": opened, "idle_share": idle})


class Ticks:
    """A timer in the main thread; how much later than it was due it fires is how long the loop was held up.

    `busy` is the main thread's own processor time between two ticks: what the window does itself, apart from what
    a busy machine and an engine on every core do to it.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late_ms: list[float] = []
        self._busy_ms: list[float] = []
        self._last_s = time.monotonic()
        self._used_s = time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now_s, used_s = time.monotonic(), time.thread_time()
        self._late_ms.append(max(0.0, (now_s - self._last_s) * 1000 - TICK_MS))
        self._busy_ms.append((used_s - self._used_s) * 1000)
        self._last_s, self._used_s = now_s, used_s

    def stop(self) -> dict[str, float]:
        """Percentiles in ms."""
        self._timer.stop()
        late, busy = sorted(self._late_ms), sorted(self._busy_ms)
        return {
            "ticks": len(late),
            "late_p50_ms": percentile(late, 0.5),
            "late_p99_ms": percentile(late, 0.99),
            "late_longest_ms": round(late[-1], 2),
            "late_over_50_ms": sum(value > 50 for value in late),
            "busy_p99_ms": percentile(busy, 0.99),
            "busy_longest_ms": round(busy[-1], 2),
        }


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank."""
    return round(ordered[round(share * (len(ordered) - 1))], 2)


def look_at_stalls(session: Session) -> None:
    """How long the event loop is held up at rest, while the store is hashed, and while an answer is written."""
    until(lambda: library_is_full(session))
    until(settled(session))
    ticks = Ticks()
    rest(STALL_S)
    figures: dict[str, object] = {"rest": ticks.stop()}
    figures["hashing"] = while_hashing(session)
    figures["generating"] = while_generating(session)
    tell(figures)


def while_hashing(session: Session) -> dict[str, float]:
    """Verify the large model again and again, with the tasks panel open."""
    from steelyard.service import requests

    session.window.go("library")
    session.window.top.tasks.click()
    ticks, end_s, times = Ticks(), time.monotonic() + STALL_S, 0
    while time.monotonic() < end_s:
        job = session.runner.act(requests.VerifyModels(LARGE), title="Verify")
        until(lambda job=job: not job.active)  # type: ignore[misc]  # bound early
        assert job.state == "done", job.error
        times += 1
    session.window.tasks.close()
    return {"jobs": times, **ticks.stop()}


def while_generating(session: Session) -> dict[str, float]:
    """Ask the starter model in Chat as a person does; from the first piece of text on, with loading not counted."""
    from steelyard.gui.pages.chat import ChatPage

    session.window.go("chat", "starter")
    until(settled(session))
    page = session.window.page("chat")
    assert isinstance(page, ChatPage)

    def ask() -> None:
        page._composer.setPlainText(QUESTION)
        page._send.click()

    ask()
    until(lambda: bool(page._conversation.turns[-1].text))
    ticks, end_s, asked = Ticks(), time.monotonic() + STALL_S, 1
    while time.monotonic() < end_s:
        if page._job is None:
            ask()
            asked += 1
        rest(0.1)
    figures = ticks.stop()
    chars = sum(len(turn.text) for turn in page._conversation.turns)
    if page._job is not None:
        page._send.click()
    until(lambda: page._job is None)
    return {"questions": asked, "conversation_chars": chars, **figures}


LOOKS = {"start": look_at_start, "pages": look_at_pages, "stalls": look_at_stalls}

if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    else:
        watched(LOOKS[sys.argv[1]])
