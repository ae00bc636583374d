"""Keeps the window's translations: `update` collects its words from the source, `release` packs them for Qt.

The words are translated in `resources/translations/steelyard_XX.ts`, by hand or in Qt Linguist; the window loads the
packed `steelyard_XX.qm` beside it. Run with the environment's Python, and commit both files:

    python installers/translations.py update    # after changing words in the window
    python installers/translations.py release   # after translating them

Only Qt's own programs are used, those that come with PySide6: pyside6-lupdate and pyside6-lrelease.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from steps import ROOT, SetupFailed

SOURCES = ROOT / "desktop" / "steelyard" / "gui"
TRANSLATIONS = ROOT / "resources" / "translations"
LANGUAGES = ("de",)
"""The window's languages except English, which the source is written in."""


def ts_path(language: str) -> Path:
    """The file translators edit."""
    return TRANSLATIONS / f"steelyard_{language}.ts"


def qm_path(language: str) -> Path:
    """The file the window loads."""
    return TRANSLATIONS / f"steelyard_{language}.qm"


def update(ts: Path, language: str) -> None:
    """Bring a .ts file in line with the source: new words are added as unfinished, gone ones are dropped.

    Locations are left out, so that the file changes when words do and not when lines move.

    Raises:
        SetupFailed: lupdate is missing or did not succeed.
    """
    ts.parent.mkdir(parents=True, exist_ok=True)
    sources = sorted(SOURCES.rglob("*.py"))
    languages = ("-source-language", "en", "-target-language", language)
    _run_qt("lupdate", "-no-obsolete", "-locations", "none", *languages, *sources, "-ts", ts)


def release(ts: Path, qm: Path) -> None:
    """Pack a .ts file. Unfinished translations are left out; the window shows English for those.

    Raises:
        SetupFailed: lrelease is missing or did not succeed.
    """
    _run_qt("lrelease", ts, "-qm", qm)


def _run_qt(program: str, *arguments: str | Path) -> None:
    folder = Path(sysconfig.get_path("scripts"))
    found = folder / f"pyside6-{program}{'.exe' if sys.platform == 'win32' else ''}"
    if not found.is_file():
        raise SetupFailed(f"{found} is missing. Run this with the Python that has PySide6.")
    command = [str(found), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupFailed(f"{program} ended with code {done.returncode}: {done.stderr.strip()}")
    print(done.stdout.strip())


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 where all languages were written."""
    parser = argparse.ArgumentParser(
        prog="translations.py", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "verb", choices=("update", "release"), help="collect the words, or pack them"
    )
    verb = parser.parse_args(arguments).verb
    try:
        for language in LANGUAGES:
            if verb == "update":
                update(ts_path(language), language)
            else:
                release(ts_path(language), qm_path(language))
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
