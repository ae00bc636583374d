"""What a model's own files say of its license: the card, the license text and the file header."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from steelyard.intake.card import Card, read_card
from steelyard.intake.choosing import WITNESS_BYTES
from steelyard.store.records import LicenseEvidence

_NAMES = ("license", "licence", "copying")


def license_file(paths: Iterable[str]) -> str | None:
    """The license text among a model's paths; the plainest name where there are several."""
    named = [path for path in paths if path.lower().startswith(_NAMES)]
    return min(named, key=lambda path: (len(path), path), default=None)


def card_of(files: dict[str, Path]) -> Card:
    """The model card's front matter; empty where the model has no card."""
    path = next((files[name] for name in files if name.lower() == "readme.md"), None)
    return Card() if path is None else read_card(path)


def gather(files: dict[str, Path], card: Card, header: str | None) -> LicenseEvidence:
    """Ask the three witnesses, and which of them counts.

    Args:
        files: where each of the model's files lies, by path.
        header: `general.license` as the scan read it.
    """
    from steelyard.licenses.library import summarise  # noqa: PLC0415  # reads its texts when needed

    path = license_file(files)
    text = None
    if path is not None:
        with files[path].open("rb") as stream:
            text = stream.read(WITNESS_BYTES).decode("utf-8", "replace")
    summary = summarise(
        card=card.license,
        header=header,
        license_text=text,
        text_path=path,
        card_where=f"README.md line {card.license_line}" if card.license_line else "",
    )
    known = {witness.id for witness in summary.witnesses if witness.id is not None}
    by_file = [witness.id for witness in summary.witnesses if witness.kind == "file"]
    return LicenseEvidence(
        card=card.license,
        file=by_file[0] if by_file else None,
        file_path=path,
        header=header,
        license_id=summary.id,
        # One known license and still none that counts: another witness named something nobody knows.
        agree=len(known) <= 1 and not (known and summary.id is None),
    )
