"""What would be stored of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PreviewStorage:
    """Show what each level keeps of a text. The text itself is neither stored nor logged."""

    text: str


@dataclass(frozen=True)
class PersonalFinding:
    """A stretch that was found: its kind, where it stands, and what found it."""

    kind: str
    start: int
    end: int
    detector: str


@dataclass(frozen=True)
class StoragePreview:
    """What would be kept at the level `redacted`, and what was found.

    Attributes:
        in_force: level per class of data, such as `evaluation`: `full`. Chats and answers of the command line
            are not stored at any level.
    """

    redacted: str
    findings: tuple[PersonalFinding, ...]
    in_force: dict[str, str]
