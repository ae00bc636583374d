"""A bundle before it is taken in: who signed it, what is in it, what is wrong; then taking it in; then the receipt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.folders import show_in_folder
from steelyard.gui.frame.tasks import progress_words
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages import bundle_words as words
from steelyard.gui.pages.page import Shell, scrolling
from steelyard.gui.tables.model import Column
from steelyard.gui.tables.table import Table
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.empty import Skeleton
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.labels import Elided, Paragraph, field_label
from steelyard.gui.widgets.layouts import column, holder, row
from steelyard.gui.widgets.sheet import Sheet
from steelyard.service import requests as ask


class BundleInDialog(Sheet):
    """Looks at a bundle at once; takes it in when asked and allowed."""

    def __init__(self, parent: QWidget, shell: Shell, path: Path) -> None:
        super().__init__(
            parent,
            QCoreApplication.translate("BundleInDialog", "Import bundle"),
            width=780,
            height=640,
        )
        self._shell, self._path = shell, path
        self._report: ask.BundleReport | None = None
        self._job: Job | None = None
        self._second: Path | None = None
        self._receipt = ""
        self._old = self._mendable = False
        self._own: dict[str, ask.KeyRow] = {}
        self._banner = Banner("blue")
        self._banner.hide()
        self._facts = Paragraph()
        self._make_tables()
        self._accept = CheckBox(
            self.tr("Accept the old serial"), note=self.tr("That you did is recorded in the log.")
        )
        self._accept.toggled.connect(lambda _on: self._show_buttons())
        self._accept.hide()
        self._key = Select(self.tr("Receipt signed by"))
        self._key.currentIndexChanged.connect(lambda _place: self._show_buttons())
        self._passphrase = TextField(self.tr("Passphrase of this key"))
        self._passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._passphrase.textChanged.connect(lambda _text: self._show_buttons())
        self._again = Button(self.tr("Look again"), icon="refresh")
        self._again.clicked.connect(self.look)
        self._other = Button(self.tr("Second copy…"), icon="archive")
        self._other.setToolTip(
            self.tr("Another copy of the same bundle, to repair damaged parts from")
        )
        self._other.clicked.connect(self._choose_second)
        self._folder = Button(self.tr("Show receipt in folder"), icon="folder")
        self._folder.clicked.connect(lambda: show_in_folder(self._receipt))
        self._import = Button(self.tr("Import"), icon="import", kind="primary")
        self._import.clicked.connect(self._start)
        self._progress = ProgressLine(self.tr("Importing the bundle"))
        self._now = Elided("", size=11, tone="text_2")
        self._going = holder(column(self._progress, self._now, gap=6))
        self._going.hide()
        self._skeleton = Skeleton(6)
        self._lay_out()
        self.look()
        # That keys cannot be read must not hide who signed the bundle; importing would say it.
        shell.jobs.ask(ask.ListKeys(), self._show_keys, owner=self)

    def _make_tables(self) -> None:
        self._signers = Table(
            (
                Column(self.tr("Signer"), 180),
                Column(self.tr("Key"), 150),
                Column(self.tr("Believed here")),
            ),
            self.tr("Signers"),
            select="none",
            fit_height=True,
        )
        self._models = Table(
            (
                Column(self.tr("Model")),
                Column(self.tr("Quant."), 84),
                Column(self.tr("License"), 120),
                Column(self.tr("Here"), 120),
                Column(self.tr("Size"), 92, end=True),
            ),
            self.tr("Models in the bundle"),
            select="none",
            fit_height=True,
        )
        self._problems = Table(
            (
                Column(self.tr("Problem"), 132),
                Column(self.tr("Where"), 220),
                Column(self.tr("What")),
            ),
            self.tr("Problems"),
            select="none",
            fit_height=True,
        )

    def _lay_out(self) -> None:
        path = Elided(display_name(str(self._path)), size=11, tone="text_2")
        self._signers_card = Card(self.tr("Signers"))
        self._signers_card.body.addWidget(self._signers)
        self._models_card = Card(self.tr("Models"))
        self._models_card.body.addWidget(self._models)
        self._problems_card = Card(self.tr("Problems"))
        self._problems_card.body.addWidget(self._problems)
        cards = (self._problems_card, self._signers_card, self._models_card)
        for card in cards:
            card.hide()
        self._content = scrolling(
            holder(column(self._facts, self._skeleton, *cards, None, gap=12, margins=(0, 0, 4, 4))),
            self.tr("What is in the bundle"),
        )
        self.body.addWidget(path)
        self.body.addWidget(self._banner)
        self.body.addWidget(self._content, 1)
        self.body.addWidget(self._accept)
        label = field_label(self.tr("Receipt signed by"), self._key)
        self._signing = holder(row(label, self._key, self._passphrase, gap=8))
        self._signing.hide()
        self.body.addWidget(self._signing)
        self.body.addWidget(self._going)
        self.add_to_foot_start(self._again, self._other, self._folder)
        self.add_buttons(self._import)
        self._show_buttons()

    # ------------------------------------------------------------------ looking

    def look(self) -> None:
        """Check the signature and read the manifest; files are not hashed."""
        self._report = None
        self._skeleton.show()
        self._show_buttons()
        self._shell.jobs.ask(
            ask.InspectBundle(self._path),
            self._show_report,
            self._show_error,
            owner=self,
            replaces="look",
        )

    def _show_report(self, report: ask.BundleReport) -> None:
        self._report = report
        self._skeleton.hide()
        self._show_verdict(report)
        self._facts.setText(self._words_of(report))
        for card, table, rows in (
            (self._problems_card, self._problems, words.problem_rows(report.problems)),
            (self._signers_card, self._signers, words.signer_rows(report.signers)),
            (self._models_card, self._models, words.model_rows(report.models)),
        ):
            table.set_rows(rows)
            card.setVisible(bool(rows))
        self._models_card.set_title(
            self.tr("Models"), self.tr("{0} files").format(figures.count(len(report.files)))
        )
        self._show_buttons()

    def _words_of(self, report: ask.BundleReport) -> str:
        said = [
            self.tr("Sender: {0}").format(display_name(report.sender) or self.tr("not named")),
            self.tr("Serial: {0}").format(figures.count(report.serial)),
        ]
        if report.created_at:
            said.append(self.tr("Made: {0}").format(figures.day(report.created_at)))
        if report.size_bytes:
            said.append(self.tr("Size: {0}").format(figures.size(report.size_bytes)))
        if len(report.parts) > 1:
            said.append(self.tr("Parts: {0}").format(figures.count(len(report.parts))))
        return " · ".join(said)

    def _show_verdict(self, report: ask.BundleReport) -> None:
        trusted = [display_name(signer.name) for signer in report.signers if signer.trusted]
        self._banner.show()
        if report.ok:
            headline = self.tr("Signed by a key that is trusted here.")
            if not trusted:
                headline = self.tr("No trusted key signed it; policy allows that.")
            more = self.tr("Every byte is checked while it is copied.")
            self._banner.say(
                "green" if trusted else "amber", headline, ", ".join(trusted), more=more
            )
            return
        kinds = frozenset(problem.kind for problem in report.problems)
        first = words.problem_word(report.problems[0].kind) if report.problems else ""
        headline = self.tr("It cannot be taken in as it is: {0}.").format(first.lower())
        acceptable = kinds and kinds <= words.ACCEPTABLE
        self._banner.say("amber" if acceptable else "red", headline, words.advice(kinds))
        self._accept.setVisible(bool(acceptable))

    def _show_error(self, error: SteelyardError) -> None:
        self._skeleton.hide()
        self._banner.say_error(error)
        self._banner.show()
        self._show_buttons()

    # ------------------------------------------------------------------ taking in

    def _show_keys(self, listed: ask.KeyList) -> None:
        """Which of the own keys signs the receipt, where there is something to choose or to open."""
        self._own = {
            key.name: key
            for key in listed.keys
            if key.own and "bundle" in key.purposes and key.state == "in-force"
        }
        self._key.clear()
        for name in self._own:
            self._key.addItem(display_name(name), name)
        self._show_buttons()

    @property
    def _receipt_key(self) -> ask.KeyRow | None:
        return self._own.get(str(self._key.currentData() or ""))

    @property
    def _allowed(self) -> bool:
        report = self._report
        if report is None or self._receipt:
            return False
        kinds = {problem.kind for problem in report.problems}
        if report.ok:
            return self._accept.isChecked() or not self._old
        left = kinds - (words.ACCEPTABLE if self._accept.isChecked() else frozenset())
        left -= words.REPAIRABLE if self._second is not None else frozenset()
        return bool(kinds) and not left

    def _show_buttons(self) -> None:
        running = self._job is not None and self._job.active
        done = self._job is not None and self._job.state == "done"
        kinds = {problem.kind for problem in self._report.problems} if self._report else set()
        mendable = self._mendable or bool(kinds & words.REPAIRABLE)
        key = self._receipt_key
        locked = key is not None and key.protected
        self._passphrase.setVisible(locked)
        self._signing.setVisible(not done and (len(self._own) > 1 or locked))
        self._signing.setEnabled(not running)
        ready = not locked or bool(self._passphrase.text())
        self._again.setVisible(not running and not done)
        self._other.setVisible(not running and not done and mendable)
        self._folder.setVisible(done and bool(self._receipt))
        self._import.setVisible(not done)
        self._import.setEnabled(self._allowed and ready and not running)
        self._accept.setEnabled(not running)
        self.close_button.setText(self.tr("Go on in Transfers") if running else self.tr("Close"))

    def _choose_second(self) -> None:
        dialog = QFileDialog(self, self.tr("Second copy of the bundle"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [
                self.tr("Bundles ({0})").format("*.steelyard *.steelyard.001 bundle.json"),
                self.tr("All files (*)"),
            ]
        )
        dialog.fileSelected.connect(self._take_second)
        dialog.open()

    def _take_second(self, name: str) -> None:
        path = Path(name)
        self._second = path.parent if path.name == "bundle.json" else path
        self._other.setText(self.tr("Second copy: {0}").format(display_name(self._second.name)))
        self._show_buttons()

    def _start(self) -> None:
        key = self._receipt_key
        request = ask.ImportBundle(
            self._path,
            second=self._second,
            key=key.name if key is not None else None,
            accept_old_serial=self._accept.isChecked(),
            passphrase=self._passphrase.text() if key is not None and key.protected else "",
        )
        self._passphrase.clear()
        self._banner.hide()
        self._progress.set_share(None)
        self._going.show()
        self._job = self._shell.jobs.act(
            request,
            title=self.tr("Import {0}").format(display_name(self._path.name)),
            on_event=lambda _event: self._show_progress(),
            on_result=self._show_outcome,
            on_error=self._show_failure,
            owner=self,
        )
        self._show_buttons()

    def _show_progress(self) -> None:
        if self._job is not None:
            self._progress.set_share(self._job.share)
            self._now.setText(progress_words(self._job))

    def _show_outcome(self, outcome: ask.BundleImported) -> None:
        self._going.hide()
        self._receipt = outcome.receipt or ""
        self._models.set_rows(words.model_rows(outcome.models))
        self._problems.set_rows(words.problem_rows(outcome.problems))
        self._problems_card.setVisible(bool(outcome.problems))
        self._accept.hide()
        copied = self.tr("{0} copied, {1} were here already.").format(
            figures.size(outcome.bytes_fetched), figures.size(outcome.bytes_reused)
        )
        if outcome.repaired_bytes:
            copied = self.tr("{0} {1} repaired from the second copy.").format(
                copied, figures.size(outcome.repaired_bytes)
            )
        receipt = (
            self.tr("Receipt to carry back: {0}").format(display_name(self._receipt))
            if self._receipt
            else self.tr("No receipt was written: no key signs receipts here.")
        )
        if outcome.ok:
            self._banner.say("green", self.tr("The bundle is in the store."), copied, more=receipt)
        else:
            headline = self.tr("Not everything in it was taken in.")
            self._banner.say("red", headline, copied, more=receipt)
        self._banner.show()
        self._show_buttons()

    def _show_failure(self, error: SteelyardError) -> None:
        self._going.hide()
        self._old = self._old or error.code == words.OLD_SERIAL_CODE
        self._mendable = error.code in words.REPAIRABLE_CODES
        self._accept.setVisible(self._old)
        self._show_error(error)
        self._show_buttons()
