"""The pages, and the list of them. A page's module is imported when the page is first opened."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QCoreApplication

from steelyard.gui.pages.page import Page, PageSpec, Shell


def specs() -> tuple[PageSpec, ...]:
    """All pages, in the order of the rail."""
    return (
        PageSpec(
            "browse",
            lambda: QCoreApplication.translate("Pages", "Browse"),
            "acquire",
            lambda shell: _make("browse", "BrowsePage", shell),
        ),
        PageSpec(
            "transfers",
            lambda: QCoreApplication.translate("Pages", "Transfers"),
            "acquire",
            lambda shell: _make("transfers", "TransfersPage", shell),
        ),
        PageSpec(
            "library",
            lambda: QCoreApplication.translate("Pages", "Library"),
            "use",
            lambda shell: _make("library", "LibraryPage", shell),
        ),
        PageSpec(
            "chat",
            lambda: QCoreApplication.translate("Pages", "Chat"),
            "use",
            lambda shell: _make("chat", "ChatPage", shell),
        ),
        PageSpec(
            "evaluate",
            lambda: QCoreApplication.translate("Pages", "Evaluate"),
            "prove",
            lambda shell: _make("evaluate", "EvaluatePage", shell),
        ),
        PageSpec(
            "audit",
            lambda: QCoreApplication.translate("Pages", "Audit"),
            "prove",
            lambda shell: _make("audit", "AuditPage", shell),
        ),
        PageSpec(
            "machine",
            lambda: QCoreApplication.translate("Pages", "Machine"),
            "foot",
            lambda shell: _make("machine", "MachinePage", shell),
        ),
        PageSpec(
            "settings",
            lambda: QCoreApplication.translate("Pages", "Settings"),
            "foot",
            lambda shell: _make("settings", "SettingsPage", shell),
        ),
        PageSpec(
            "model",
            lambda: QCoreApplication.translate("Pages", "Model"),
            "",
            lambda shell: _make("model", "ModelPage", shell),
            icon="library",
            rail="library",
        ),
        PageSpec(
            "entry",
            lambda: QCoreApplication.translate("Pages", "Model"),
            "",
            lambda shell: _make("entry", "EntryPage", shell),
            icon="browse",
            rail="browse",
        ),
        PageSpec(
            "first-run",
            lambda: QCoreApplication.translate("Pages", "First steps"),
            "",
            lambda shell: _make("first_run", "FirstRunPage", shell),
            icon="info",
            rail="library",
        ),
    )


def _make(module: str, name: str, shell: Shell) -> Page:
    """`steelyard.gui.pages.MODULE.NAME(shell)`."""
    page: Page = getattr(import_module(f"steelyard.gui.pages.{module}"), name)(shell)
    return page
