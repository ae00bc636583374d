"""The language of the window: English in the code, others from `resources/translations/steelyard_XX.qm`."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator

from steelyard.base.errors import NotFound
from steelyard.base.paths import resource
from steelyard.gui import figures

LANGUAGES = ("en", "de")


def language(choice: str) -> str:
    """`system` becomes the desktop's language where we speak it, else English."""
    if choice in LANGUAGES:
        return choice
    name = QLocale.system().name().split("_")[0]
    return name if name in LANGUAGES else "en"


def install(app: QCoreApplication, choice: str = "system") -> str:
    """Load the words of a language, and Qt's own, in place of the ones before.

    Before the first widget; later changes need a new window.

    Returns:
        The language in force: `en` where the other's file is missing.
    """
    _remove(app)
    chosen = language(choice)
    if chosen == "en":
        return chosen
    ours = QTranslator(app)
    try:
        found = ours.load(str(resource("translations", f"steelyard_{chosen}.qm")))
    except NotFound:
        found = False
    if not found:
        return "en"
    app.installTranslator(ours)
    qt = QTranslator(app)
    if qt.load(
        QLocale(chosen), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        app.installTranslator(qt)
    if QLocale.system().name().split("_")[0] != chosen:
        QLocale.setDefault(QLocale(chosen))
    return chosen


def _remove(app: QCoreApplication) -> None:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    before = app.findChildren(QTranslator, options=direct)
    for translator in before:
        app.removeTranslator(translator)
        # Without a parent it is no longer found; deleteLater would leave it a child until events are handled.
        translator.setParent(None)
    if before:
        QLocale.setDefault(QLocale.system())
        figures.ensure_separators()
