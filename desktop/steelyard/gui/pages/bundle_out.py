"""Making a bundle of chosen models: where, in how large parts, signed by which keys; and what to tell the receiver."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from steelyard.base.errors import SteelyardError
from steelyard.gui import figures
from steelyard.gui.folders import show_in_folder
from steelyard.gui.frame.tasks import progress_words
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Shell, scrolling
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import ProgressLine
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.labels import Elided, Label, Paragraph, field_label
from steelyard.gui.widgets.layouts import clear, column, holder, row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.gui.widgets.sheet import Sheet
from steelyard.service import requests as ask

FAT32_PART_BYTES = 4 * 1024**3 - 1
"""The largest file a FAT32 disk can hold (its size field has 32 bits)."""
_ENDING = ".steelyard"


class BundleOutDialog(Sheet):
    """Asks what is needed, makes the bundle, and shows the fingerprints that the receiver compares."""

    def __init__(self, parent: QWidget, shell: Shell, models: tuple[ask.ModelRow, ...]) -> None:
        super().__init__(
            parent,
            QCoreApplication.translate("BundleOutDialog", "Export bundle"),
            width=640,
            height=600,
        )
        self._shell, self._models = shell, models
        self._job: Job | None = None
        self._keys: dict[str, tuple[CheckBox, ask.KeyRow]] = {}
        self._written = ""
        self._banner = Banner("blue")
        self._banner.hide()
        self._where = TextField(self.tr("Folder or file to make"), name=self.tr("Target"))
        self._where.textChanged.connect(lambda _text: self._show_buttons())
        self._choose = Button(self.tr("Choose…"), icon="folder")
        self._choose.clicked.connect(self._choose_target)
        self._form = Segmented(
            (
                Choice("file", self.tr("One file")),
                Choice("folder", self.tr("A folder")),
            ),
            self.tr("Form of the bundle"),
        )
        self._form.chosen_changed.connect(lambda _key: self._form_changed())
        self._split = Select(self.tr("Largest part"))
        self._split.addItem(self.tr("not split"), 0)
        self._split.addItem(self.tr("4 GiB parts, for FAT32 sticks"), FAT32_PART_BYTES)
        self._split.addItem(self.tr("1 GiB parts"), 1024**3)
        self._evals = CheckBox(
            self.tr("With evaluation runs"),
            note=self.tr("So that the receiver need not run them again."),
        )
        self._notes = CheckBox(self.tr("With decision notes"))
        self._passphrase = TextField(self.tr("Passphrase of the protected keys"))
        self._passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._passphrase.hide()
        self._passphrase.textChanged.connect(lambda _text: self._show_buttons())
        self._key_list = QVBoxLayout()
        self._key_list.setSpacing(4)
        self._unsigned = Paragraph(
            self.tr(
                "Without a signature the receiver cannot tell who sent it, and by default does not take it in."
            ),
            size=11,
        )
        self._make = Button(self.tr("Export"), icon="export", kind="primary")
        self._make.clicked.connect(self._start)
        self._folder = Button(self.tr("Show in folder"), icon="folder")
        self._folder.clicked.connect(lambda: show_in_folder(self._written))
        self._progress = ProgressLine(self.tr("Writing the bundle"))
        self._now = Elided("", size=11, tone="text_2")
        self._going = holder(column(self._progress, self._now, gap=6))
        self._going.hide()
        self._result = Card(self.tr("Tell the receiver by another way"), padded=True)
        self._result.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._result.hide()
        self._lay_out()
        self._suggest_target()
        shell.jobs.ask(ask.ListKeys(), self._show_keys, self._show_error, owner=self)

    def _lay_out(self) -> None:
        names = ", ".join(display_name(model.name) for model in self._models)
        size = figures.size(sum(model.size_bytes for model in self._models))
        what = Paragraph(self.tr("{0}: {1}").format(names, size), tone="text")
        where = row(gap=8)
        where.addWidget(self._where, 1)
        where.addWidget(self._choose)
        self._split_box = holder(
            column(field_label(self.tr("Parts"), self._split), self._split, gap=4)
        )
        form_box = holder(column(field_label(self.tr("Form")), self._form, gap=4))
        self._fields = holder(
            column(
                what,
                row(form_box, self._split_box, None, gap=16),
                column(field_label(self.tr("Target"), self._where), where, gap=4),
                column(self._evals, self._notes, gap=4),
                field_label(self.tr("Signed by")),
                self._key_list,
                self._unsigned,
                self._passphrase,
                gap=12,
            )
        )
        self._fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        content = scrolling(
            holder(column(self._fields, self._result, None, gap=12, margins=(2, 2, 6, 4))),
            self.tr("What goes into the bundle"),
        )
        self.body.addWidget(self._banner)
        self.body.addWidget(content, 1)
        self.body.addWidget(self._going)
        self.add_to_foot_start(self._folder)
        self.add_buttons(self._make)
        self._show_buttons()

    # ------------------------------------------------------------------ what goes in

    def _suggest_target(self) -> None:
        first = self._models[0].name if self._models else "models"
        more = f"-and-{len(self._models) - 1}-more" if len(self._models) > 1 else ""
        self._where.setText(str(Path.home() / f"{first}{more}{_ENDING}"))

    def _form_changed(self) -> None:
        folder = self._form.chosen == "folder"
        self._split_box.setVisible(not folder)
        path = self._where.text().strip()
        if folder:
            self._where.setText(path.removesuffix(_ENDING))
        elif path and not path.endswith(_ENDING):
            self._where.setText(path + _ENDING)
        self._show_buttons()

    def _show_keys(self, listed: ask.KeyList) -> None:
        clear(self._key_list)
        self._keys = {}
        for key in listed.keys:
            if not key.own or "bundle" not in key.purposes or key.state != "in-force":
                continue
            note = self.tr("protected by a passphrase") if key.protected else ""
            box = CheckBox(
                display_name(key.name), note=note, end=figures.short_digest(key.fingerprint)
            )
            box.setChecked(not self._keys)
            box.toggled.connect(lambda _on: self._show_signing())
            self._keys[key.name] = (box, key)
            self._key_list.addWidget(box)
        if not self._keys:
            self._key_list.addWidget(
                Paragraph(
                    self.tr(
                        "There is no signing key of yours for bundles. Make one in Settings to sign what you send."
                    )
                )
            )
        self._show_signing()

    @property
    def _chosen_keys(self) -> tuple[ask.KeyRow, ...]:
        return tuple(key for box, key in self._keys.values() if box.isChecked())

    def _show_signing(self) -> None:
        self._unsigned.setVisible(not self._chosen_keys)
        self._passphrase.setVisible(any(key.protected for key in self._chosen_keys))
        self._make.setText(self.tr("Export") if self._chosen_keys else self.tr("Export unsigned"))
        self._show_buttons()

    def _choose_target(self) -> None:
        dialog = QFileDialog(self, self.tr("Where to write the bundle"), self._where.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if self._form.chosen == "file":
            dialog.setDefaultSuffix(_ENDING.removeprefix("."))
        dialog.fileSelected.connect(self._where.setText)
        dialog.open()

    def _show_buttons(self) -> None:
        running = self._job is not None and self._job.active
        done = self._job is not None and self._job.state == "done"
        needs_word = self._passphrase.isVisibleTo(self) and not self._passphrase.text()
        self._make.setVisible(not done)
        self._make.setEnabled(bool(self._where.text().strip()) and not running and not needs_word)
        self._fields.setEnabled(not running)
        self._fields.setVisible(not done)
        self._folder.setVisible(done)
        self.close_button.setText(self.tr("Go on in Transfers") if running else self.tr("Close"))

    # ------------------------------------------------------------------ making it

    def _start(self) -> None:
        path = Path(self._where.text().strip()).expanduser()
        request = ask.CreateBundle(
            tuple(model.name for model in self._models),
            path,
            keys=tuple(key.name for key in self._chosen_keys),
            with_evals=self._evals.isChecked(),
            with_notes=self._notes.isChecked(),
            split_bytes=int(self._split.currentData() or 0) if self._form.chosen == "file" else 0,
            passphrase=self._passphrase.text() if self._passphrase.isVisibleTo(self) else "",
        )
        self._passphrase.clear()
        self._banner.hide()
        self._progress.set_share(None)
        self._going.show()
        self._job = self._shell.jobs.act(
            request,
            title=self.tr("Export {0}").format(display_name(path.name)),
            on_event=lambda _event: self._show_progress(),
            on_result=self._show_result,
            on_error=self._show_failure,
            owner=self,
        )
        self._show_buttons()

    def _show_progress(self) -> None:
        if self._job is not None:
            self._progress.set_share(self._job.share)
            self._now.setText(progress_words(self._job))

    def _show_result(self, report: ask.BundleReport) -> None:
        self._going.hide()
        self._written = report.parts[0] if report.parts else report.path
        written = self.tr("{0} in {1} files, serial {2}.").format(
            figures.size(report.size_bytes),
            figures.count(max(1, len(report.parts))),
            figures.count(report.serial),
        )
        self._banner.say(
            "green", self.tr("The bundle is written."), written, more=display_name(report.path)
        )
        self._banner.show()
        signers = {signer.key_id for signer in report.signers}
        signed = [key for _, key in self._keys.values() if key.key_id in signers]
        self._result.body.addWidget(
            Paragraph(
                self.tr(
                    "By telephone or on paper, not with the bundle: the receiver compares this with what their "
                    "Steelyard shows for your key."
                )
                if signed
                else self.tr("It is not signed. The receiver can check its bytes, not its sender.")
            )
        )
        for key in signed:
            self._result.body.addSpacing(8)
            name = display_name(key.name)
            digest = DigestLabel(key.fingerprint, self.tr("Fingerprint of {0}").format(name))
            self._result.body.addLayout(row(Label(name, weight=fonts.MEDIUM), digest, None))
            whole = Paragraph(_in_groups(key.fingerprint), tone="text", mono=True, size=11)
            whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._result.body.addWidget(whole)
        self._result.show()
        self._show_buttons()

    def _show_failure(self, error: SteelyardError) -> None:
        self._going.hide()
        self._show_error(error)
        self._show_buttons()

    def _show_error(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()


def _in_groups(fingerprint: str) -> str:
    """A fingerprint as it is read aloud: its hexadecimal digits in groups of four."""
    digits = fingerprint.rpartition(":")[2]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
