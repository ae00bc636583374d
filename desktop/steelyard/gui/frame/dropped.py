"""What files and folders are, by their names alone: models, bundles, places to look in, or nothing to take in, and why.

Only names are read, in the main thread, while something is held over the window; what is in the files the service
judges.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication

from steelyard.gui.names import display_name

Kind = Literal["model", "bundle", "receipt", "places", "wrong"]

_FIRST_PART = re.compile(r".+\.steelyard(\.001)?", re.IGNORECASE)
_OTHER_PART = re.compile(r".+\.steelyard\.\d{3}", re.IGNORECASE)
_BUNDLE_MANIFEST = "bundle.json"
_RECEIPT = ".receipt.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".xz", ".zst", ".7z", ".rar")
_MOST_NAMES = 2000
"""So many names of a folder are looked at; a model's folder has fewer."""


@dataclass(frozen=True)
class Seen:
    """One path.

    Attributes:
        kind: `model` (to import), `bundle` (to inspect), `receipt` (to check), `places` (a folder that models may
            lie in) or `wrong`.
        why: for `wrong`, a sentence with the next step.
    """

    path: Path
    kind: Kind
    why: str = ""


@dataclass(frozen=True)
class Dropped:
    """Several paths, by kind."""

    seen: tuple[Seen, ...]

    def paths(self, kind: Kind) -> tuple[Path, ...]:
        """Those of one kind."""
        return tuple(one.path for one in self.seen if one.kind == kind)

    @property
    def wrong(self) -> tuple[Seen, ...]:
        """Those that cannot be taken in."""
        return tuple(one for one in self.seen if one.kind == "wrong")

    @property
    def usable(self) -> bool:
        """There is something to take in among them."""
        return len(self.wrong) < len(self.seen)

    @property
    def headline(self) -> str:
        """What dropping them does."""
        translate = QCoreApplication.translate
        models, bundles = len(self.paths("model")), len(self.paths("bundle"))
        if models and bundles:
            return translate("Dropped", "Import as models, inspect bundles")
        if models:
            return (
                translate("Dropped", "Import as model")
                if models == 1
                else translate("Dropped", "Import {0} models").format(models)
            )
        if bundles:
            return (
                translate("Dropped", "Inspect bundle")
                if bundles == 1
                else translate("Dropped", "Inspect {0} bundles").format(bundles)
            )
        if self.paths("receipt"):
            return translate("Dropped", "Check the receipt of a bundle")
        if self.paths("places"):
            return translate("Dropped", "Look for models in this folder")
        return translate("Dropped", "This cannot be taken in")

    @property
    def explained(self) -> str:
        """What that means, or why it cannot be; and what is left out."""
        translate = QCoreApplication.translate
        if not self.usable:
            return self.wrong[0].why if self.wrong else ""
        if self.paths("model"):
            said = translate("Dropped", "It is copied, hashed and checked; it is never moved.")
        elif self.paths("bundle"):
            said = translate(
                "Dropped", "You see who signed it and what is in it before anything is taken in."
            )
        elif self.paths("receipt"):
            said = translate(
                "Dropped", "Whether it answers a bundle that was made here, and who signed it."
            )
        else:
            said = translate(
                "Dropped", "What is found there can be adopted; nothing is changed there."
            )
        if self.wrong:
            left = translate("Dropped", "{0} of {1} are left out.")
            said = f"{said} {left.format(len(self.wrong), len(self.seen))}"
        return said

    @property
    def names(self) -> str:
        """Their names, for people."""
        return ", ".join(display_name(one.path.name) for one in self.seen[:3]) + (
            ", …" if len(self.seen) > 3 else ""
        )


def look_at(paths: Sequence[Path]) -> Dropped:
    """Tell what each path is."""
    return Dropped(tuple(_look_at_one(path) for path in paths))


def _look_at_one(path: Path) -> Seen:
    translate = QCoreApplication.translate
    if path.is_dir():
        return _look_at_folder(path)
    name = path.name.lower()
    if not path.exists():
        return Seen(path, "wrong", translate("Dropped", "There is nothing at this place any more."))
    if name.endswith(".gguf"):
        return Seen(path, "model")
    if _FIRST_PART.fullmatch(name):
        return Seen(path, "bundle")
    if name.endswith(_RECEIPT):
        return Seen(path, "receipt")
    if name == _BUNDLE_MANIFEST:
        return Seen(path.parent, "bundle")
    if _OTHER_PART.fullmatch(name):
        why = translate("Dropped", "This is a later part of a bundle. Drop its first part, .001.")
    elif name.endswith(".safetensors"):
        why = translate(
            "Dropped", "Weights alone are no model. Drop the folder they are in, with config.json."
        )
    elif name.endswith(_PICKLES):
        why = translate(
            "Dropped",
            "Python pickles run code when they are opened and are never taken in. Use safetensors or GGUF.",
        )
    elif name.endswith(_ARCHIVES):
        why = translate(
            "Dropped", "Archives are not opened here. Unpack it first, then drop the folder."
        )
    else:
        why = translate("Dropped", "This is neither a GGUF file, a model folder nor a bundle.")
    return Seen(path, "wrong", why)


def _look_at_folder(path: Path) -> Seen:
    translate = QCoreApplication.translate
    names: list[str] = []
    folders = False
    try:
        with os.scandir(path) as entries:
            for entry, _ in zip(entries, range(_MOST_NAMES), strict=False):
                names.append(entry.name.lower())
                folders = folders or entry.is_dir(follow_symlinks=False)
    except OSError as error:
        said = translate("Dropped", "This folder cannot be read ({0}).")
        return Seen(path, "wrong", said.format(error.strerror or str(error)))
    if _BUNDLE_MANIFEST in names:
        return Seen(path, "bundle")
    safe = any(name.endswith(".safetensors") for name in names) and "config.json" in names
    if safe or any(name.endswith(".gguf") for name in names):
        return Seen(path, "model")
    if any(_FIRST_PART.fullmatch(name) for name in names):
        why = translate("Dropped", "Drop the bundle in this folder, not the folder.")
        return Seen(path, "wrong", why)
    if folders:
        return Seen(path, "places")
    why = translate(
        "Dropped", "There is neither a GGUF file nor config.json with safetensors in it."
    )
    return Seen(path, "wrong", why)
