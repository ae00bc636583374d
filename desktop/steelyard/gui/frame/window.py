"""The main window: rail, top bar, pages made when they are first opened, status bar; and what is dropped on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import icons
from steelyard.gui.frame.background import BackgroundCheck
from steelyard.gui.frame.drop_hint import DropHint
from steelyard.gui.frame.dropped import look_at
from steelyard.gui.frame.network import NetworkPopover
from steelyard.gui.frame.palette import Command, CommandPalette, Source
from steelyard.gui.frame.rail import Rail
from steelyard.gui.frame.reference import Pasted
from steelyard.gui.frame.statusbar import StatusBar
from steelyard.gui.frame.taking_in import TakingIn
from steelyard.gui.frame.tasks import TasksPopover
from steelyard.gui.frame.topbar import TopBar
from steelyard.gui.frame.vitals import Vitals
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Crumb, Page, PageSpec, Shell
from steelyard.gui.transfers import Transfers
from steelyard.gui.widgets.banner import Banner, Mood
from steelyard.gui.widgets.buttons import IconButton
from steelyard.gui.widgets.dialogs import ask
from steelyard.gui.widgets.empty import Skeleton
from steelyard.gui.widgets.layouts import column, holder
from steelyard.gui.widgets.popover import Popover

NARROW_PX = 1100
"""Below this width the rail shows icons alone."""


class Window(QWidget):
    """Steelyard's window.

    Args:
        runner: runs requests.
        specs: the pages.
        sources: more commands for the palette, besides the pages (models, actions).

    Signals:
        paths_taken(object): files or folders to import: a list of Path.
        reference_taken(str): a reference or address to pull.
        theme_asked(str): `system`, `light` or `dark`.
        page_shown(str): id of the page that came to the front.
        painted(): it was painted for the first time.
        closing(): it closes, for good.
    """

    paths_taken = Signal(object)
    reference_taken = Signal(str)
    theme_asked = Signal(str)
    page_shown = Signal(str)
    painted = Signal()
    closing = Signal()

    def __init__(
        self, runner: JobRunner, specs: Sequence[PageSpec], *, sources: Sequence[Source] = ()
    ) -> None:
        super().__init__()
        self.setWindowTitle("Steelyard")
        self.setWindowIcon(icons.application_icon())
        self.setMinimumSize(1024, 700)
        self.resize(1440, 900)
        self.setAcceptDrops(True)
        self._runner = runner
        self._specs = {spec.id: spec for spec in specs}
        self._pages: dict[str, Page] = {}
        self._here = ""
        self._quit_agreed = False
        self._quit_waits = False
        self._droppable = False
        self._was_painted = False
        self.transfers = Transfers(runner, self)
        self.shell = Shell(
            jobs=runner,
            transfers=self.transfers,
            go=self.go,
            take_in=self.paths_taken.emit,
            find_models=self._find_models,
            set_theme=self.theme_asked.emit,
            show_engine=self._show_engine,
        )
        self.rail = Rail(specs)
        self.top = TopBar()
        self.status = StatusBar()
        shut = IconButton("x", self.tr("Close this notice"))
        shut.clicked.connect(self.hide_notice)
        self.notice = Banner("red", actions=(shut,))
        self._stack = QStackedWidget()
        self._stack.setProperty("ringNone", True)
        self._stack.setAccessibleName(self.tr("Page"))
        self._stack.addWidget(holder(column(Skeleton(8), None, margins=(24, 24, 24, 24))))
        self._lay_out()
        self.tasks = TasksPopover(self, runner)
        self.network = NetworkPopover(self)
        self.palette_panel = CommandPalette(self, (self._page_commands, *sources), self._on_pasted)
        self._drop_hint = DropHint(self)
        self.taking_in = TakingIn(self, self.shell)
        self.background = BackgroundCheck(runner, self)
        self.vitals = Vitals(runner, self.status, self.top.network, self.network)
        self._connect()

    def _lay_out(self) -> None:
        self.notice.hide()
        notice = holder(column(self.notice, margins=(24, 16, 24, 0)))
        notice.hide()
        self._notice_box = notice
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(self.top)
        main.addWidget(notice)
        main.addWidget(self._stack, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.rail, 0, 0)
        grid.addLayout(main, 0, 1)
        grid.addWidget(self.status, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)

    def _connect(self) -> None:
        self.rail.asked.connect(lambda page: self.go(page, None))
        self.top.crumb_asked.connect(self._on_crumb)
        self.top.search.clicked.connect(self.open_palette)
        self.top.tasks.clicked.connect(lambda: self._open(self.tasks, self.top.tasks))
        self.top.network.clicked.connect(lambda: self._open(self.network, self.top.network))
        self._runner.job_added.connect(self._count_jobs)
        self._runner.job_changed.connect(self._count_jobs)
        self._runner.settled.connect(self._on_settled)
        self.transfers.changed.connect(self._count_transfers)
        self.tasks.transfers_asked.connect(lambda: self.go("transfers"))
        self.paths_taken.connect(self.taking_in.take)
        self.taking_in.told.connect(self._say)
        self._runner.open_failed.connect(self.show_notice)
        self._runner.opened.connect(self._refresh_page)
        self._shortcut("Ctrl+K", self.open_palette)
        self._shortcut("F5", self._refresh_page)
        self._shortcut("Ctrl+Q", self.close)
        for number, page in enumerate(self.rail.order[:9], 1):
            self._shortcut(f"Ctrl+{number}", partial(self.go, page, None))

    def _shortcut(self, keys: str, do: Callable[[], Any]) -> None:
        QShortcut(QKeySequence(keys), self, do)

    # ------------------------------------------------------------------ pages

    def go(self, page: str, argument: object = None) -> None:
        """Bring a page to the front, making it if this is the first time."""
        spec = self._specs[page]
        if page not in self._pages:
            made = spec.factory(self.shell)
            made.title_changed.connect(self._on_title)
            self._pages[page] = made
            self._stack.addWidget(made)
        self._here = page
        shown = self._pages[page]
        self._stack.setCurrentWidget(shown)
        self.rail.light(spec.rail or page)
        shown.activate(argument)
        self._on_title()
        first = shown.first_focus()
        if first is None or not first.isEnabled():
            first = (
                self._stack
            )  # a widget that cannot take the keyboard would leave it on a page that is gone
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(page)

    @property
    def here(self) -> str:
        """Id of the page in front."""
        return self._here

    def page(self, page: str) -> Page | None:
        """A page that was opened, or None."""
        return self._pages.get(page)

    def show_notice(self, error: SteelyardError) -> None:
        """An error that concerns the whole window, above every page."""
        self.notice.say_error(error)
        self.notice.show()
        self._notice_box.show()

    def hide_notice(self) -> None:
        """Take it away again."""
        self._notice_box.hide()

    def _on_title(self) -> None:
        if (page := self._pages.get(self._here)) is not None:
            crumbs = [Crumb(display_name(c.text), c.page, c.argument) for c in page.crumbs]
            self.top.show_place(display_name(page.title), crumbs)
            self.setWindowTitle(f"{display_name(page.title)} – Steelyard")

    def _on_crumb(self, crumb: Crumb) -> None:
        self.go(crumb.page, crumb.argument)

    def _refresh_page(self) -> None:
        if (page := self._pages.get(self._here)) is not None:
            page.refresh()

    def _on_settled(self, job: object) -> None:
        # What is not listed (an answer, a setting) changes its own page only, which knows.
        if isinstance(job, Job) and job.listed:
            self._refresh_page()
        if self._quit_waits and not any(one.active for one in self._runner.jobs):
            self._quit()

    # ------------------------------------------------------------------ frame

    def open_palette(self) -> None:
        """Ctrl+K."""
        self.palette_panel.open(self.top.search)

    def _open(self, panel: Popover, anchor: QWidget) -> None:
        panel.open_below(anchor)

    def _page_commands(self) -> list[Command]:
        keys = {page: f"Ctrl+{n}" for n, page in enumerate(self.rail.order[:9], 1)}
        return [
            Command(
                spec.title(),
                keys.get(spec.id, ""),
                self.tr("Page"),
                spec.icon or spec.id,
                partial(self.go, spec.id, None),
            )
            for spec in self._specs.values()
            if spec.group
        ]

    def _on_pasted(self, pasted: Pasted) -> None:
        if pasted.kind == "path":
            self.paths_taken.emit([Path(pasted.text)])
        else:
            self.reference_taken.emit(pasted.text)

    def _show_engine(self, words: str, tokens_per_s: float | None) -> None:
        self.status.show_engine(words, tokens_per_s)

    def _count_jobs(self, _: object = None) -> None:
        jobs = self._runner.jobs
        running = [job for job in jobs if job.active]
        failed = sum(1 for job in jobs if job.state == "failed")
        shares = [job.share for job in running if job.share is not None]
        share = sum(shares) / len(running) if shares else None
        self.top.tasks.show_jobs(len(running), failed, share)

    def _count_transfers(self) -> None:
        if "transfers" in self.rail.order:
            self.rail.item("transfers").set_count(self.transfers.open_count)
        running = self.transfers.running
        speeds = [transfer.per_s for transfer in running if transfer.per_s is not None]
        left = [transfer.left_s for transfer in running if transfer.left_s is not None]
        self.status.show_transfers(
            len(running), sum(speeds) if speeds else None, max(left) if left else None
        )

    def _find_models(self) -> None:
        self.taking_in.find_models()

    def _say(self, mood: Mood, what: str, words: str) -> None:
        self.notice.say(mood, what, words)
        self.notice.show()
        self._notice_box.show()

    # ------------------------------------------------------------------ events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.focusWidget() is None:
            # Nothing has asked for the keyboard yet: no ring around the first button of the rail.
            self._stack.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_narrow(self.width() < NARROW_PX)
        for panel in (self.tasks, self.network, self.palette_panel, self._drop_hint):
            panel.setGeometry(self.rect())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths := _local_paths(event):
            self._drop_hint.show_for(look_at(paths))
        elif event.mimeData().hasUrls():
            self._drop_hint.show_for_address()
        else:
            return
        self._droppable = bool(paths) and look_at(paths).usable
        # What cannot be taken in is let in too, so that the reason can be read; only dropping it is refused.
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setAccepted(self._droppable)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        paths = _local_paths(event)
        if paths and self._droppable:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.paths_taken.emit(paths)
        else:
            event.ignore()

    def closeEvent(self, event: QCloseEvent) -> None:
        running = sum(1 for job in self._runner.jobs if job.active)
        if not running or self._quit_agreed:
            self.closing.emit()
            event.accept()
            return
        event.ignore()
        if self.transfers.running:
            self._ask_about_transfers(running)
            return
        ask(
            self,
            self.tr("Quit while tasks run? ({0})").format(running),
            self.tr(
                "They stop at their next safe point. What is complete is kept; nothing half-done remains."
            ),
            self.tr("Quit"),
            self._quit,
        )

    def _ask_about_transfers(self, running: int) -> None:
        transfers = self.transfers.running
        said = []
        if any(transfer.can_pause for transfer in transfers):
            said.append(
                self.tr("Downloads and bundles keep what arrived and go on when you resume them.")
            )
        if not all(transfer.can_pause for transfer in transfers):
            said.append(self.tr("Imports begin again; their source is not touched."))
        if running > len(transfers):
            said.append(self.tr("Other tasks stop at their next safe point."))
        ask(
            self,
            self.tr("Close while transfers run? ({0})").format(len(transfers)),
            " ".join(said),
            self.tr("Keep for later and close"),
            self._quit,
            no=self.tr("Stay"),
            other=(self.tr("Close when done"), self._quit_when_done),
        )

    def _quit_when_done(self) -> None:
        self._quit_waits = True

    def _quit(self) -> None:
        self._quit_agreed = True
        self.transfers.pause_all()
        self.close()


def _local_paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
