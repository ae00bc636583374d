"""The four trust facts and a model's state in words and marks, the same on every page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from steelyard.gui.names import display_name
from steelyard.service.requests import ModelRow

_TR = QCoreApplication.translate


@dataclass(frozen=True)
class Fact:
    """A trust fact: its mark's state and its word, short for tables and long for headers."""

    state: str
    word: str
    sentence: str


def publisher_hash(model: ModelRow) -> Fact:
    """Do the bytes match what the publisher declared?"""
    if model.trust.publisher_hash == "matches":
        return Fact("yes", _TR("Trust", "Matches"), _TR("Trust", "Publisher hash matches"))
    if model.trust.publisher_hash == "differs":
        return Fact("no", _TR("Trust", "Differs"), _TR("Trust", "Publisher hash differs"))
    return Fact("not-mentioned", _TR("Trust", "None given"), _TR("Trust", "No publisher hash"))


def signature(model: ModelRow) -> Fact:
    """Did a trusted key sign them?"""
    if model.trust.signed_by:
        name = display_name(model.trust.signed_by)
        return Fact("yes", name, _TR("Trust", "Signed, {0}").format(name))
    return Fact("not-mentioned", _TR("Trust", "Unsigned"), _TR("Trust", "Unsigned"))


def scan(model: ModelRow) -> Fact:
    """Did the structure scan pass?"""
    if model.trust.scan == "clean":
        return Fact("yes", _TR("Trust", "Clean"), _TR("Trust", "Scan clean"))
    if model.trust.scan == "findings":
        words = _TR("Trust", "{0} findings").format(len(model.trust.findings) or 1)
        return Fact("no", words, _TR("Trust", "Scan: {0}").format(words))
    return Fact("not-mentioned", _TR("Trust", "Not run"), _TR("Trust", "Scan not run"))


def approval(model: ModelRow) -> Fact:
    """Did a named person approve it?"""
    by = model.trust.approved_by
    if by == "policy":
        words = _TR("Trust", "by policy")
        return Fact("yes", words, _TR("Trust", "Approved by policy"))
    if by:
        account = display_name(by.partition("@")[0])
        return Fact("yes", account, _TR("Trust", "Approved by {0}").format(account))
    if model.state == "verified":
        return Fact("pending", _TR("Trust", "Pending"), _TR("Trust", "Approval pending"))
    return Fact("not-mentioned", _TR("Trust", "None"), _TR("Trust", "Not approved"))


def facts(model: ModelRow) -> tuple[Fact, Fact, Fact, Fact]:
    """All four, in the order they are always shown."""
    return publisher_hash(model), signature(model), scan(model), approval(model)


def state_title(state: str) -> str:
    """A state's name for people."""
    return {
        "admitted": _TR("Trust", "Admitted"),
        "verified": _TR("Trust", "Verified"),
        "quarantined": _TR("Trust", "Quarantined"),
        "rejected": _TR("Trust", "Rejected"),
        "retired": _TR("Trust", "Retired"),
        "fetching": _TR("Trust", "Fetching"),
        "expected": _TR("Trust", "Expected"),
    }.get(state, state)


def state_meaning(state: str) -> str:
    """What a state means for whoever looks at the list."""
    return {
        "admitted": _TR("Trust", "may be used under the policy in force"),
        "verified": _TR("Trust", "bytes are right, a fact that policy needs is missing"),
        "quarantined": _TR("Trust", "not opened by any engine"),
        "rejected": _TR("Trust", "refused; not opened by any engine"),
        "retired": _TR("Trust", "kept for the record, cannot be loaded"),
        "fetching": _TR("Trust", "on their way"),
        "expected": _TR("Trust", "not begun"),
    }.get(state, "")


def usable(model: ModelRow) -> bool:
    """An engine may open it, as far as its state says; policy has the last word when it is loaded."""
    return model.state in ("admitted", "verified")
