"""What a bundle says of itself, who signed it and what is wrong with it, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.pages import trust
from steelyard.gui.tables.cells import MarkCell, NumberCell, TextCell
from steelyard.gui.tables.model import Row
from steelyard.gui.theme import fonts
from steelyard.service import requests as ask

translate = QCoreApplication.translate

ACCEPTABLE = frozenset({"old-serial"})
"""Problems that a person may accept, which is recorded."""
REPAIRABLE = frozenset({"mismatch", "missing", "part-missing"})
"""Problems that a second copy of the same bundle can mend."""


OLD_SERIAL_CODE = "old-serial"
"""The code of the error with which an import refuses an old serial."""
REPAIRABLE_CODES = frozenset(
    {"bundle-file-differs", "bundle-file-missing", "bundle-part-missing", "bundle-cut-off"}
)
"""Codes of errors of an import that a second copy can mend."""


def problem_word(kind: str) -> str:
    """A kind of problem, for people."""
    return {
        "missing": translate("Bundle", "Missing"),
        "extra": translate("Bundle", "Not listed"),
        "mismatch": translate("Bundle", "Damaged"),
        "unsigned": translate("Bundle", "Unsigned"),
        "untrusted": translate("Bundle", "Not trusted"),
        "revoked": translate("Bundle", "Key revoked"),
        "expired": translate("Bundle", "Key expired"),
        "old-serial": translate("Bundle", "Old serial"),
        "part-missing": translate("Bundle", "Part missing"),
        "not-regular": translate("Bundle", "Not a file"),
        "malformed": translate("Bundle", "Malformed"),
        "unreadable": translate("Bundle", "Unreadable"),
    }.get(kind, display_name(kind))


def advice(kinds: frozenset[str]) -> str:
    """What policy asks for, or what to do, by the problem that weighs most."""
    steps = (
        ("malformed", translate("Bundle", "Ask the sender for a new copy.")),
        ("not-regular", translate("Bundle", "Ask the sender for a new copy.")),
        ("extra", translate("Bundle", "Something was added after it was signed. Ask the sender.")),
        (
            "revoked",
            translate("Bundle", "The key that signed it is no longer believed. Ask the sender."),
        ),
        (
            "untrusted",
            translate(
                "Bundle",
                "Policy asks for a signature by a trusted key. Compare the key's fingerprint with its owner by "
                "telephone, trust it in Settings, then look again.",
            ),
        ),
        (
            "unsigned",
            translate(
                "Bundle", "Policy asks for a signature by a trusted key. Ask the sender to sign it."
            ),
        ),
        (
            "expired",
            translate(
                "Bundle", "The key that signed it has expired. Ask the sender for a new one."
            ),
        ),
        ("part-missing", translate("Bundle", "Put all parts into one folder, then look again.")),
        (
            "missing",
            translate("Bundle", "Copy it again from the sender's medium, or give a second copy."),
        ),
        (
            "mismatch",
            translate("Bundle", "Give a second copy to repair it from, or copy it again."),
        ),
        (
            "old-serial",
            translate(
                "Bundle",
                "A bundle with this serial or a newer one came from this sender before. Accept it only if you "
                "know why; that is recorded.",
            ),
        ),
    )
    return next((words for kind, words in steps if kind in kinds), "")


def signer_rows(signers: tuple[ask.BundleSigner, ...]) -> list[Row]:
    """Name, key and whether it is believed."""
    rows = []
    for signer in signers:
        trusted = (
            MarkCell("yes", translate("Bundle", "Trusted"))
            if signer.trusted
            else MarkCell("refused", display_name(signer.why) or translate("Bundle", "Not trusted"))
        )
        name = display_name(signer.name) or translate("Bundle", "unknown")
        rows.append(
            Row(
                signer.key_id,
                (
                    TextCell(name, weight=fonts.MEDIUM),
                    TextCell(display_name(signer.key_id), tone="text_2"),
                    trusted,
                ),
                tooltip=display_name(signer.why),
            )
        )
    return rows


def model_rows(models: tuple[ask.BundleModel, ...]) -> list[Row]:
    """What it carries."""
    unknown = translate("Bundle", "not known")
    return [
        Row(
            model.digest,
            (
                TextCell(display_name(model.name), weight=fonts.MEDIUM),
                TextCell(display_name(model.quantization) or figures.MISSING, tone="text_2"),
                TextCell(display_name(model.license_id or unknown), tone="text_2"),
                _place(model),
                NumberCell(figures.size(model.size_bytes)),
            ),
            tooltip=display_name(model.reason) or model.digest,
        )
        for model in models
    ]


def _place(model: ask.BundleModel) -> MarkCell:
    """Whether it is here; after an import what became of it."""
    if model.outcome and not model.in_store:
        return MarkCell("refused", trust.state_title(model.outcome))
    if model.outcome:
        return MarkCell("yes", trust.state_title(model.outcome))
    if model.in_store:
        return MarkCell("yes", translate("Bundle", "In the store"))
    return MarkCell("begun", translate("Bundle", "New"), tone="text_2")


def problem_rows(problems: tuple[ask.BundleProblem, ...]) -> list[Row]:
    """What is wrong, one a row."""
    return [
        Row(
            number,
            (
                MarkCell(
                    "conditional" if problem.kind in ACCEPTABLE else "no",
                    problem_word(problem.kind),
                ),
                TextCell(display_name(problem.path)),
                TextCell(display_name(problem.detail), tone="text_2"),
            ),
            tooltip=display_name(f"{problem.path} {problem.detail}".strip()),
        )
        for number, problem in enumerate(problems)
    ]
