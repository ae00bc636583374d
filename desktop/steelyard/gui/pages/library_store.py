"""The store below and above the Library's table: what is away or wrong, what is shared and free, rubbish, checks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.frame.tasks import progress_words
from steelyard.gui.job import Job
from steelyard.gui.jobs import JobRunner
from steelyard.gui.names import display_name
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button, Link
from steelyard.gui.widgets.cards import Panel
from steelyard.gui.widgets.dialogs import ask as ask_first
from steelyard.gui.widgets.labels import Elided
from steelyard.gui.widgets.layouts import Note, row
from steelyard.service import requests as ask

_DAY_S = 24 * 3600
_OLD_DAYS = 30
"""What was verified longer ago is what "check the oldest" reads."""


class GoingOn(Panel):
    """One job under way on this page: what, how far, and a button that stops it. Hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._job: Job | None = None
        self._title = Elided("", weight=fonts.MEDIUM)
        self._words = Elided("", size=11, tone="text_2")
        self._line = ProgressLine(
            QCoreApplication.translate("GoingOn", "How far the check is"), width=160
        )
        self._stop = Button(QCoreApplication.translate("GoingOn", "Stop"), icon="stop", small=True)
        self._stop.clicked.connect(self._call_off)
        layout = row(self._title, margins=(16, 7, 12, 7), gap=12)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._line)
        layout.addWidget(self._stop)
        self.setLayout(layout)
        self.hide()

    @property
    def busy(self) -> bool:
        """There is one."""
        return self._job is not None and self._job.active

    def follow(self, job: Job) -> None:
        """Show this one until it ends."""
        self._job = job
        self._title.setText(job.title)
        job.changed.connect(self._show)
        self._show()
        self.show()

    def _show(self) -> None:
        job = self._job
        if job is None or not job.active:
            self._job = None
            self.hide()
            return
        self._line.set_share(job.share)
        self._words.setText(progress_words(job))
        self._stop.setEnabled(not job.cancel_asked)

    def _call_off(self) -> None:
        if self._job is not None:
            self._job.cancel()


class StoreView(QObject):
    """Keeps the banner and the note of a page in line with the store, and does what is offered there.

    Args:
        page: the page; questions open over it.
        jobs: asks and acts.
        told: the page's own banner, for outcomes.
        going: shows what runs.

    Signals:
        changed(): the store's status arrived.
    """

    changed = Signal()

    def __init__(self, page: QWidget, jobs: JobRunner, told: Banner, going: GoingOn) -> None:
        super().__init__(page)
        self._page, self._jobs, self._told, self._going = page, jobs, told, going
        self.status: ask.StoreStatus | None = None
        self.banner = Banner("amber")
        self.banner.hide()
        self.note = Note(icon=None)
        self._models: ask.ModelList | None = None

    @property
    def away(self) -> bool:
        """Its disk or share is not there; what is listed is what was known last."""
        return self.status is not None and self.status.away

    @property
    def writable(self) -> bool:
        """Models may be taken in and removed."""
        return self.status is None or (self.status.writable and not self.status.away)

    def refresh(self) -> None:
        """Ask how it stands."""
        self._jobs.ask(ask.ShowStore(), self._show, self._not_shown, owner=self, replaces="store")

    def count(self, listed: ask.ModelList) -> None:
        """The models there are; for the note."""
        self._models = listed
        self._fill_note()

    # ------------------------------------------------------------------ showing

    def _show(self, status: ask.StoreStatus) -> None:
        self.status = status
        self._show_banner(status)
        self._fill_note()
        self.changed.emit()

    def _not_shown(self, error: SteelyardError) -> None:
        self.banner.say_error(error)
        self.banner.show()

    def _show_banner(self, status: ask.StoreStatus) -> None:
        place = display_name(status.location)
        if status.away:
            self.banner.say(
                "amber",
                self.tr("The store is away."),
                self.tr(
                    "Connect the disk or share of {0}, then press F5. Nothing was lost."
                ).format(place),
                more=self.tr(
                    "The list shows what was known last; nothing of it can be loaded now."
                ),
            )
        elif status.problems:
            self.banner.say(
                "amber",
                self.tr("The store needs a look."),
                display_name(" ".join(status.problems)),
            )
        elif not status.writable:
            self.banner.say(
                "blue",
                self.tr("You may use this store and not change it."),
                self.tr("Ask whoever keeps {0} to take models in or remove them.").format(place),
            )
        else:
            self.banner.hide()
            return
        self.banner.show()

    def _fill_note(self) -> None:
        listed, status = self._models, self.status
        if listed is None:
            return
        kept = [model for model in listed.models if model.state != "retired"]
        size = figures.size(sum(model.size_bytes for model in kept))
        parts: list[str | QWidget | None] = [
            self.tr("{0} models, {1}").format(figures.count(len(listed.models)), size)
        ]
        if status is not None and status.shared_blobs:
            parts.append(
                self.tr("{0} files shared between models").format(
                    figures.count(status.shared_blobs)
                )
            )
        if not self.away:
            parts.append(self.tr("{0} free").format(figures.size(listed.free_bytes)))
        if status is not None and status.garbage_bytes and self.writable:
            parts.append(
                self._link(
                    self.tr("Free {0}").format(figures.size(status.garbage_bytes)),
                    self._ask_to_collect,
                )
            )
        parts.append(None)
        if status is not None and status.unverified_for_s is not None and not status.away:
            parts.append(self.tr("Oldest check: {0}").format(self._age(status.unverified_for_s)))
            if status.unverified_for_s > _OLD_DAYS * _DAY_S and not self._going.busy:
                parts.append(self._link(self.tr("Check the oldest"), self._scrub))
        self.note.set_parts(*parts)

    def _link(self, words: str, do: Callable[[], object]) -> Link:
        made = Link(words, size=11)
        made.clicked.connect(do)
        return made

    def _age(self, seconds: float) -> str:
        days = int(seconds // _DAY_S)
        if days == 0:
            return self.tr("today")
        return self.tr("1 day ago") if days == 1 else self.tr("{0} days ago").format(days)

    # ------------------------------------------------------------------ doing

    def verify(self, name: str | None) -> None:
        """Hash a model again, or all of them."""
        shown = display_name(name or "")
        title = (
            self.tr("Verify all models") if name is None else self.tr("Verify {0}").format(shown)
        )
        self._go(ask.VerifyModels(name), title, self._verified)

    def _scrub(self) -> None:
        title = self.tr("Check what was not verified for {0} days").format(_OLD_DAYS)
        self._go(ask.ScrubStore(older_than_days=_OLD_DAYS), title, self._scrubbed)

    def _go(self, request: object, title: str, on_result: Callable[[object], None]) -> None:
        self._told.hide()
        job = self._jobs.act(
            request, title=title, on_result=on_result, on_error=self._failed, owner=self
        )
        self._going.follow(job)

    def _verified(self, result: object) -> None:
        assert isinstance(result, ask.ModelsVerified)
        if result.ok:
            said = self.tr("{0} read in {1}.")
            read, took = figures.size(result.checked_bytes), figures.duration(result.elapsed_s)
            self._say("green", self.tr("Nothing differs."), said.format(read, took))
        else:
            self._say_damaged((*result.mismatched, *result.missing, *result.extra))

    def _scrubbed(self, result: object) -> None:
        assert isinstance(result, ask.StoreScrubbed)
        if result.ok:
            said = self.tr("{0} models, {1} read. {2} still to be checked.").format(
                figures.count(result.models),
                figures.size(result.checked_bytes),
                figures.count(result.remaining),
            )
            self._say("green", self.tr("Nothing differs."), said)
        else:
            self._say_damaged(result.damaged)

    def _say_damaged(self, names: tuple[str, ...]) -> None:
        self._told.say(
            "red",
            self.tr("Not all files are as they were admitted."),
            display_name(", ".join(names)),
            more=self.tr("These models cannot be loaded. Import them again from a good copy."),
        )
        self._told.show()

    def _ask_to_collect(self) -> None:
        self._jobs.act(
            ask.CollectGarbage(),
            title=self.tr("Look for rubbish in the store"),
            on_result=self._confirm_collection,
            on_error=self._failed,
            owner=self,
            listed=False,
        )

    def _confirm_collection(self, found: ask.GarbageFound) -> None:
        said = self.tr(
            "{0} files and {1} left-over folders that no model refers to are deleted. Models, pins and what "
            "is on its way stay."
        ).format(figures.count(found.blobs), figures.count(found.folders))
        if found.kept:
            spared = self.tr("Spared: {0}").format(display_name("; ".join(found.kept[:3])))
            said = f"{said}\n{spared}"
        ask_first(
            self._page,
            self.tr("Free {0}?").format(figures.size(found.freed_bytes)),
            said,
            self.tr("Delete"),
            self._collect,
        )

    def _collect(self) -> None:
        self._jobs.act(
            ask.CollectGarbage(apply=True),
            title=self.tr("Free space in the store"),
            on_result=self._collected,
            on_error=self._failed,
            owner=self,
        )

    def _collected(self, found: ask.GarbageFound) -> None:
        self._say("green", self.tr("{0} freed.").format(figures.size(found.freed_bytes)), "")
        self.refresh()

    def _say(self, mood: str, headline: str, words: str) -> None:
        self._told.say("green" if mood == "green" else "red", headline, words)
        self._told.show()

    def _failed(self, error: SteelyardError) -> None:
        self._told.say_error(error)
        self._told.show()
