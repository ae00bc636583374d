"""A transfer's kind, state and next step in words and symbols, the same in the table, the detail and the status bar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from steelyard.gui import figures
from steelyard.gui.tables.cells import Cell, IconCell, MarkCell
from steelyard.gui.theme.tokens import Tone
from steelyard.gui.transfer import Transfer

translate = QCoreApplication.translate


@dataclass(frozen=True)
class _Look:
    """How a state is drawn: an icon while it works, a mark where it rests or has ended."""

    icon: str = ""
    mark: str = ""
    tone: Tone = "text"


_LOOKS: dict[str, _Look] = {
    "queued": _Look("clock", tone="text_2"),
    "asking": _Look("search"),
    "fetching": _Look("download"),
    "copying": _Look("copy"),
    "hashing": _Look("hash"),
    "repairing": _Look("refresh"),
    "scanning": _Look("scan"),
    "checking": _Look("key"),
    "signing": _Look("sign"),
    "stopping": _Look("stop", tone="text_2"),
    "paused": _Look("pause", tone="text_2"),
    "quarantined": _Look(mark="refused", tone="amber"),
    "rejected": _Look(mark="refused", tone="amber"),
    "verified": _Look(mark="yes", tone="text_2"),
    "admitted": _Look(mark="yes", tone="text_2"),
    "written": _Look(mark="yes", tone="text_2"),
    "failed": _Look(mark="no", tone="red"),
    "cancelled": _Look(mark="not-mentioned", tone="text_2"),
}


def kind_word(kind: str) -> str:
    """What kind of transfer it is."""
    return {
        "pull": translate("Transfers", "Download"),
        "import": translate("Transfers", "Import"),
        "adopt": translate("Transfers", "Adoption"),
        "bundle-in": translate("Transfers", "Bundle in"),
        "bundle-out": translate("Transfers", "Bundle out"),
        "held": translate("Transfers", "Refused bytes"),
    }.get(kind, kind)


def kind_icon(kind: str) -> str:
    """Its icon."""
    return {
        "pull": "download",
        "import": "import",
        "adopt": "folder",
        "bundle-in": "archive",
        "bundle-out": "export",
    }.get(kind, "lock")


def state_word(state: str) -> str:
    """A state's name for people."""
    return {
        "queued": translate("Transfers", "Queued"),
        "asking": translate("Transfers", "Asking"),
        "fetching": translate("Transfers", "Fetching"),
        "copying": translate("Transfers", "Copying"),
        "hashing": translate("Transfers", "Hashing"),
        "repairing": translate("Transfers", "Repairing"),
        "scanning": translate("Transfers", "Scanning"),
        "checking": translate("Transfers", "Checking"),
        "signing": translate("Transfers", "Signing"),
        "stopping": translate("Transfers", "Stopping"),
        "paused": translate("Transfers", "Paused"),
        "quarantined": translate("Transfers", "Quarantined"),
        "rejected": translate("Transfers", "Rejected"),
        "verified": translate("Transfers", "Verified"),
        "admitted": translate("Transfers", "Admitted"),
        "written": translate("Transfers", "Written"),
        "failed": translate("Transfers", "Failed"),
        "cancelled": translate("Transfers", "Cancelled"),
    }.get(state, state)


def state_cell(transfer: Transfer) -> Cell:
    """Symbol and word."""
    look = _LOOKS.get(transfer.state, _Look("dots"))
    word = state_word(transfer.state)
    if transfer.elsewhere:
        look, word = _Look("dots", tone="text_2"), translate("Transfers", "Elsewhere")
    about = translate("Transfers", "State")
    if look.mark:
        return MarkCell(look.mark, word, tone=look.tone, about=about)
    return IconCell(look.icon, word, tone=look.tone, about=about)


def amount(transfer: Transfer) -> str:
    """`1.20 of 4.58 GiB`; one figure where they are the same or only one is known."""
    if not transfer.total_bytes:
        return figures.size(transfer.done_bytes) if transfer.done_bytes else ""
    if transfer.done_bytes >= transfer.total_bytes:
        return figures.size(transfer.total_bytes)
    done, total = figures.sizes(transfer.done_bytes, transfer.total_bytes)
    return translate("Transfers", "{0} of {1}").format(done, total)


def files_words(transfer: Transfer) -> str:
    """`2 of 5`: the file at hand while it runs, the whole ones where it rests."""
    if not transfer.files:
        return ""
    at = transfer.files_done
    if transfer.active and at < transfer.files:
        at += 1
    return translate("Transfers", "{0} of {1}").format(
        figures.count(at), figures.count(transfer.files)
    )


def kept(transfer: Transfer) -> str:
    """What is left of it, in a sentence."""
    if transfer.kind == "held" or transfer.state in ("quarantined", "rejected"):
        return translate(
            "Transfers", "The bytes lie in quarantine, where no engine opens them, until discarded."
        )
    if transfer.state in ("verified", "admitted") and transfer.kind != "bundle-out":
        return translate("Transfers", "All of it is in the store; every byte was hashed.")
    if transfer.state == "written":
        return translate("Transfers", "All of it is written.")
    if transfer.row is not None:
        said = translate("Transfers", "{0} lie in quarantine; only the rest is fetched again.")
        return said.format(figures.size(transfer.row.done_bytes))
    if transfer.active:
        keeps = transfer.can_pause or transfer.kind in ("pull", "bundle-in")
        return (
            translate("Transfers", "What arrives is kept when it stops.")
            if keeps
            else translate("Transfers", "Nothing is kept when it stops; the source is not touched.")
        )
    return ""  # what an error left, its own words say


def next_step(transfer: Transfer) -> str:
    """What a person can do now, where the error itself does not say it; empty: nothing need be done."""
    if transfer.elsewhere:
        return translate(
            "Transfers",
            "Another Steelyard process works on it. It can be resumed here when that ends.",
        )
    return {
        "queued": translate("Transfers", "It begins when another transfer ends."),
        "paused": translate("Transfers", "Resume it, or discard what arrived."),
        "quarantined": translate("Transfers", "Get it from another source, or discard the bytes."),
        "rejected": translate("Transfers", "Get it from another source, or discard the bytes."),
        "verified": translate("Transfers", "See in the Library what it lacks to be used."),
        "admitted": translate("Transfers", "It can be loaded."),
        "cancelled": translate("Transfers", "Try again, or clear it from the list."),
    }.get(transfer.state, "")
