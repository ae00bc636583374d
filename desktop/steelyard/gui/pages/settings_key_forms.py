"""The dialogs about keys: create one, trust somebody else's, revoke one; and the words keys are described with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from steelyard.gui.names import display_name
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.fields import NumberField, TextField
from steelyard.gui.widgets.form import FormDialog, PathField
from steelyard.gui.widgets.layouts import column, holder
from steelyard.service import requests as ask

translate = QCoreApplication.translate

PURPOSES = ("bundle", "catalog", "note", "checkpoint")
_DAYS = 730
_MOST_DAYS = 36_500


def purpose_word(purpose: str) -> str:
    """What a key may sign."""
    return {
        "bundle": translate("Keys", "Bundles"),
        "catalog": translate("Keys", "Mirror indexes"),
        "note": translate("Keys", "Notes"),
        "checkpoint": translate("Keys", "The log"),
    }.get(purpose, display_name(purpose))


def state_word(state: str) -> str:
    """How a key stands."""
    return {
        "in-force": translate("Keys", "In force"),
        "not-yet": translate("Keys", "Not yet"),
        "expired": translate("Keys", "Expired"),
        "revoked": translate("Keys", "Revoked"),
    }.get(state, display_name(state))


def origin_word(key: ask.KeyRow) -> str:
    """Whose key it is, or who believes it."""
    return {
        "own": translate("Keys", "Own"),
        "user": translate("Keys", "Trusted by you"),
        "managed": translate("Keys", "Trusted by policy"),
    }.get(key.origin, display_name(key.origin))


class CreateForm(FormDialog):
    """A new key of one's own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            translate("CreateForm", "Create a key"),
            translate(
                "CreateForm",
                "Its private part stays on this machine. Give the public part to others, and tell them the "
                "fingerprint over another way.",
            ),
            translate("CreateForm", "Create"),
        )
        self.name = TextField("desk-2026")
        self.purpose = Select(width=300)
        for purpose in PURPOSES:
            self.purpose.addItem(purpose_word(purpose), purpose)
        self.days = NumberField(0, _MOST_DAYS, _DAYS, unit=self.tr("days"), width=140)
        self.passphrase, self.again = TextField(), TextField()
        for field in (self.passphrase, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.add(self.tr("&Name"), self.name, self.tr("As signatures and lists will call it."))
        self.add(self.tr("&Signs"), self.purpose)
        self.add(self.tr("&Valid for"), self.days, self.tr("0: without end."))
        self.add(
            self.tr("&Passphrase"),
            self.passphrase,
            self.tr("Asked for at each signature. Empty: whoever has this account can sign."),
        )
        self.add(self.tr("Passphrase &again"), self.again)

    def problem(self) -> str:
        """What cannot be right, or empty."""
        if not self.name.text().strip():
            return self.tr("A key needs a name.")
        if self.passphrase.text() != self.again.text():
            return self.tr("The two passphrases differ.")
        return ""

    def request(self) -> ask.CreateKey:
        """What was typed."""
        return ask.CreateKey(
            self.name.text().strip(),
            str(self.purpose.key),
            valid_days=self.days.value(),
            passphrase=self.passphrase.text(),
        )


class TrustForm(FormDialog):
    """Somebody else's key."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent,
            translate("TrustForm", "Trust a key"),
            translate(
                "TrustForm",
                "Ask its owner for the fingerprint in person or by telephone, not from where the file came from. "
                "Only if both agree is the key believed.",
            ),
            translate("TrustForm", "Trust"),
        )
        self.file = PathField("file", self.tr("A public key"))
        self.name = TextField("records-desk")
        self.fingerprint = TextField("sha256:…", mono=True)
        self.purposes = {purpose: CheckBox(purpose_word(purpose)) for purpose in PURPOSES}
        self.purposes["bundle"].setChecked(True)
        self.days = NumberField(0, _MOST_DAYS, _DAYS, unit=self.tr("days"), width=140)
        self.add(self.tr("Public key &file"), self.file)
        self.add(
            self.tr("&Fingerprint as its owner told it"),
            self.fingerprint,
            self.tr("64 letters and digits; spaces do not matter."),
        )
        self.add(self.tr("&Name"), self.name, self.tr("As lists here will call it."))
        purposes = holder(column(*self.purposes.values(), gap=4))
        purposes.setFocusProxy(self.purposes["bundle"])
        self.add(self.tr("Believed &when it signs"), purposes)
        self.add(self.tr("&Valid for"), self.days, self.tr("0: without end."))

    def problem(self) -> str:
        """What cannot be right, or empty."""
        if self.file.path is None or not self.name.text().strip():
            return self.tr("Choose the file, and give the key a name.")
        if not self.fingerprint.text().strip():
            return self.tr("Without a fingerprint to compare, nobody knows whose key this is.")
        if not any(box.isChecked() for box in self.purposes.values()):
            return self.tr("Tick what the key is believed to sign.")
        return ""

    def request(self) -> ask.TrustKey:
        """What was typed."""
        chosen = tuple(purpose for purpose, box in self.purposes.items() if box.isChecked())
        return ask.TrustKey(
            self.file.path or Path(),
            self.name.text().strip(),
            chosen,
            self.fingerprint.text().strip(),
            self.days.value(),
        )


class RevokeForm(FormDialog):
    """Why a key is believed no longer."""

    def __init__(self, parent: QWidget, key: ask.KeyRow) -> None:
        super().__init__(
            parent,
            translate("RevokeForm", "Revoke {0}").format(display_name(key.name)),
            translate(
                "RevokeForm",
                "It is believed no longer, nor is what it signed before. This cannot be taken back.",
            ),
            translate("RevokeForm", "Revoke"),
        )
        self._key = key
        self.reason = TextField(self.tr("the stick with it was lost"))
        self.add(self.tr("&Reason"), self.reason, self.tr("It is written into the log."))

    def problem(self) -> str:
        """What cannot be right, or empty."""
        return "" if self.reason.text().strip() else self.tr("Say why, for whoever reads the log.")

    def request(self) -> ask.RevokeKey:
        """What was typed."""
        return ask.RevokeKey(self._key.fingerprint, self.reason.text().strip())
