"""The four trust facts and a model's state in words and marks, the same on every page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from steelyard.gui.names import display_name
from steelyard.service.requests import ModelRow

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Fact:
    """A trust fact: its mark's state and its word, short for tables and long for headers."""

    state: str
    word: str
    sentence: str


def publisher_hash(model: ModelRow) -> Fact:
    """Do the bytes match what the publisher declared?"""
    if model.trust.publisher_hash == "matches":
        return Fact(
            "yes", translate("Trust", "Matches"), translate("Trust", "Publisher hash matches")
        )
    if model.trust.publisher_hash == "differs":
        return Fact(
            "no", translate("Trust", "Differs"), translate("Trust", "Publisher hash differs")
        )
    return Fact(
        "not-mentioned", translate("Trust", "None given"), translate("Trust", "No publisher hash")
    )


def signature(model: ModelRow) -> Fact:
    """Did a trusted key sign them?"""
    if model.trust.signed_by:
        name = display_name(model.trust.signed_by)
        return Fact("yes", name, translate("Trust", "Signed, {0}").format(name))
    return Fact("not-mentioned", translate("Trust", "Unsigned"), translate("Trust", "Unsigned"))


def scan(model: ModelRow) -> Fact:
    """Did the structure scan pass?"""
    if model.trust.scan == "clean":
        return Fact("yes", translate("Trust", "Clean"), translate("Trust", "Scan clean"))
    if model.trust.scan == "findings":
        found = len(model.trust.findings)
        words = (
            translate("Trust", "{0} findings").format(found)
            if found > 1
            else translate("Trust", "1 finding")
        )
        return Fact("no", words, translate("Trust", "Scan: {0}").format(words))
    return Fact("not-mentioned", translate("Trust", "Not run"), translate("Trust", "Scan not run"))


def approval(model: ModelRow) -> Fact:
    """Did a named person approve it?"""
    by = model.trust.approved_by
    if by == "policy":
        words = translate("Trust", "by policy")
        return Fact("yes", words, translate("Trust", "Approved by policy"))
    if by:
        account = display_name(by.partition("@")[0])
        return Fact("yes", account, translate("Trust", "Approved by {0}").format(account))
    if model.state == "verified":
        return Fact(
            "pending", translate("Trust", "Pending"), translate("Trust", "Approval pending")
        )
    return Fact("not-mentioned", translate("Trust", "None"), translate("Trust", "Not approved"))


def facts(model: ModelRow) -> tuple[Fact, Fact, Fact, Fact]:
    """All four, in the order they are always shown."""
    return publisher_hash(model), signature(model), scan(model), approval(model)


def state_title(state: str) -> str:
    """A state's name for people."""
    return {
        "admitted": translate("Trust", "Admitted"),
        "verified": translate("Trust", "Verified"),
        "quarantined": translate("Trust", "Quarantined"),
        "rejected": translate("Trust", "Rejected"),
        "retired": translate("Trust", "Retired"),
        "fetching": translate("Trust", "Fetching"),
        "expected": translate("Trust", "Expected"),
    }.get(state, state)


def state_meaning(state: str) -> str:
    """What a state means for whoever looks at the list."""
    return {
        "admitted": translate("Trust", "may be used under the policy in force"),
        "verified": translate("Trust", "bytes are right, a fact that policy needs is missing"),
        "quarantined": translate("Trust", "not opened by any engine"),
        "rejected": translate("Trust", "refused; not opened by any engine"),
        "retired": translate("Trust", "kept for the record, cannot be loaded"),
        "fetching": translate("Trust", "on their way"),
        "expected": translate("Trust", "not begun"),
    }.get(state, "")


def usable(model: ModelRow) -> bool:
    """An engine may open it, as far as its state says; policy has the last word when it is loaded."""
    return model.state in ("admitted", "verified")
