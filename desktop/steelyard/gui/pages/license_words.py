"""The fourteen questions and their groups in words that can be translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.gui.theme.tokens import Tone


def group_title(group: str) -> str:
    """Heading of a column of the grid."""
    translate = QCoreApplication.translate
    return {
        "using": translate("License", "Using it"),
        "passing-on": translate("License", "Passing it on"),
        "legal": translate("License", "Legal terms"),
    }[group]


def question_title(key: str) -> str:
    """A question, phrased so that Yes is the freer answer."""
    translate = QCoreApplication.translate
    return {
        "commercial_use": translate("License", "Commercial use"),
        "scale_limits": translate("License", "Any scale"),
        "acceptable_use": translate("License", "Any purpose"),
        "territory_field": translate("License", "Any field and territory"),
        "outputs_to_train": translate("License", "Outputs for training"),
        "redistribution": translate("License", "Redistribution"),
        "derivatives": translate("License", "Derivatives"),
        "naming_display": translate("License", "Free choice of name"),
        "attribution_notice": translate("License", "Without notices"),
        "patent": translate("License", "Patent license"),
        "termination": translate("License", "Safe from termination"),
        "indemnity_liability": translate("License", "No indemnity owed"),
        "governing_law": translate("License", "Free choice of law"),
        "licensor_can_change": translate("License", "Terms stay as they are"),
    }.get(key, key)


def fact_tone(state: str) -> Tone:
    """Colour of the fact's line: quieter where there is no answer."""
    return "text_3" if state in ("not-mentioned", "not-known") else "text_2"
