"""The options' words for the window: literal strings, so that they can be translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.policy.options import BY_KEY


def section_title(section: str) -> str:
    """A category's title."""
    translate = QCoreApplication.translate
    return {
        "Network": translate("Settings", "Network"),
        "Trust": translate("Settings", "Trust"),
        "Engine": translate("Settings", "Engine"),
        "Window": translate("Settings", "Window"),
    }.get(section, section)


def option_title(key: str) -> str:
    """An option's title; the option list's own words where no translation is known."""
    translate = QCoreApplication.translate
    return {
        "network.offline": translate("Settings", "Stay offline"),
        "network.allowed-hosts": translate("Settings", "Allowed hosts"),
        "sources.endpoint": translate("Settings", "Model hub"),
        "admission.required": translate("Settings", "Needed to admit a model"),
        "load.admitted-only": translate("Settings", "Load admitted models only"),
        "engine.context-tokens": translate("Settings", "Context length"),
        "engine.threads": translate("Settings", "Threads"),
        "window.theme": translate("Settings", "Appearance"),
        "window.language": translate("Settings", "Language"),
    }.get(key, BY_KEY[key].title)


def option_help(key: str) -> str:
    """An option's one line of help."""
    translate = QCoreApplication.translate
    return {
        "network.offline": translate(
            "Settings",
            "Refuse every connection. Even without this, nothing connects unless someone asks for it.",
        ),
        "network.allowed-hosts": translate(
            "Settings",
            "Only these hosts may be reached; *.name allows all below it. Empty: any host a person names.",
        ),
        "sources.endpoint": translate(
            "Settings", "The hub, or a mirror on site that speaks its interface."
        ),
        "admission.required": translate(
            "Settings", "Trust facts a model must have before it is admitted."
        ),
        "load.admitted-only": translate(
            "Settings",
            "Otherwise a verified model that still lacks approval may be loaded to evaluate it.",
        ),
        "engine.context-tokens": translate(
            "Settings", "Tokens a model is loaded with, at most what it was trained for."
        ),
        "engine.threads": translate("Settings", "0 uses every physical core."),
        "window.theme": translate("Settings", "Light, dark, or as the system says."),
        "window.language": translate("Settings", "Language of the window."),
    }.get(key, BY_KEY[key].help)


def value_word(value: str) -> str:
    """A choice's word."""
    translate = QCoreApplication.translate
    return {
        "system": translate("Settings", "As the system"),
        "light": translate("Settings", "Light"),
        "dark": translate("Settings", "Dark"),
        "en": "English",
        "de": "Deutsch",
        "publisher-hash": translate("Settings", "Publisher hash matches"),
        "signature": translate("Settings", "Signed by a trusted key"),
        "scan": translate("Settings", "Structure scan clean"),
        "approval": translate("Settings", "Approved by a person"),
    }.get(value, value)
