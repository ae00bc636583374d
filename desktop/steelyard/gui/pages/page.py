"""What every page is, and what it may reach.

A page is a widget that fills the window below the top bar. It gets a `Shell` and nothing else: jobs, going to other
pages, taking files in, the appearance. It never blocks, and never reaches for the main window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui.jobs import JobRunner
from steelyard.gui.theme.tokens import MARGIN
from steelyard.gui.transfers import Transfers
from steelyard.gui.widgets.layouts import Note


@dataclass(frozen=True)
class Shell:
    """What a page may reach.

    Attributes:
        jobs: `jobs.ask(...)`, `jobs.act(...)`.
        transfers: what comes in and goes out, running or waiting.
        go: show another page: `go("library", "starter")`; the argument reaches its `activate`.
        take_in: import files or folders, or inspect bundles, as if they had been dropped.
        find_models: look for models in other programs' folders and offer to adopt them.
        set_theme: `system`, `light` or `dark`, at once.
        show_engine: what is loaded and how fast it wrote, for the status bar: `show_engine(words, tokens_per_s)`.
    """

    jobs: JobRunner
    transfers: Transfers
    go: Callable[[str, object], None]
    take_in: Callable[[list[Path]], None]
    find_models: Callable[[], None]
    set_theme: Callable[[str], None]
    show_engine: Callable[[str, float | None], None]


@dataclass(frozen=True)
class Crumb:
    """A step of the way to a page, before its title. `page` and `argument` say where it leads."""

    text: str
    page: str
    argument: object = None


@dataclass(frozen=True)
class PageSpec:
    """A page of the rail.

    Attributes:
        id: short, lower case; also its icon's name unless `icon` says otherwise.
        title: gives the title in the language in force.
        group: `acquire`, `use`, `prove` or `foot`; empty: not in the rail, only reached by `go`.
        factory: makes the page; it imports the page's module itself, so that nothing is imported before it is opened.
        rail: id of the rail entry that is lit while this page is shown; its own when empty.
    """

    id: str
    title: Callable[[], str]
    group: str
    factory: Callable[[Shell], Page]
    icon: str = ""
    rail: str = ""


class Page(QWidget):
    """Base of all pages.

    Override `activate` and `refresh`; build the interface in `__init__` (cheaply: ask for data in `activate`).

    Signals:
        title_changed(): `title` or `crumbs` changed.
    """

    title_changed = Signal()

    def __init__(self, shell: Shell, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self._title = title
        self._crumbs: tuple[Crumb, ...] = ()
        self.setProperty("page", True)
        self.setProperty("ringNone", True)
        self.setAccessibleName(title)

    @property
    def title(self) -> str:
        """For the top bar; plain text, may be from outside."""
        return self._title

    @property
    def crumbs(self) -> tuple[Crumb, ...]:
        """The way here, shown before the title."""
        return self._crumbs

    def set_title(self, title: str, crumbs: tuple[Crumb, ...] = ()) -> None:
        """Change title and way."""
        self._title, self._crumbs = title, crumbs
        self.setAccessibleName(title)
        self.title_changed.emit()

    def activate(self, argument: object = None) -> None:
        """The page comes to the front. `argument` is what `go` was given; None: show what was shown before."""
        self.refresh()

    def refresh(self) -> None:
        """Data may have changed: a job ended, F5 was pressed. Ask again; keep selection and scroll position."""

    def first_focus(self) -> QWidget | None:
        """Where the keyboard goes when the page comes to the front by keyboard."""
        return None


def page_column(page: QWidget, *, note: Note | None = None) -> QVBoxLayout:
    """The usual layout of a page: 24 px around, and a note 12 px above the status bar. Fill what is returned."""
    outer = QVBoxLayout(page)
    outer.setContentsMargins(MARGIN, MARGIN, MARGIN, 12 if note is not None else MARGIN)
    outer.setSpacing(0)
    content = QVBoxLayout()
    content.setContentsMargins(0, 0, 0, 0)
    content.setSpacing(0)
    outer.addLayout(content, 1)
    if note is not None:
        outer.addSpacing(12)
        outer.addWidget(note)
    return content


def scrolling(content: QWidget, name: str) -> QScrollArea:
    """A scroll area around content that grows downwards; the page's ground shows through."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(content)
    content.setAutoFillBackground(False)  # which setWidget turns on
    return area
