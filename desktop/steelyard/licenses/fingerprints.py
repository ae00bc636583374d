"""Fingerprints of license texts: enough to recognize a text word by word, without the text itself.

A fingerprint is the ordered sequence of 64-bit hashes of every window of three words, so a text at hand
can be laid beside it (`alignment`) and every changed, missing or added word found. Beside the hashes
stand the places where a copy may differ: list labels, passages that may be absent, blanks for names.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from sys import byteorder
from typing import cast

from steelyard.base.errors import Json
from steelyard.base.paths import resource
from steelyard.licenses.errors import LicenseDataDamaged
from steelyard.licenses.words import WINDOW_WORDS

LICENSE = "license"
POLICY = "policy"


@dataclass(frozen=True)
class Slot:
    """Words `start .. end` of the reference that a copy may replace.

    `choices` are the replacements allowed; None allows any name (`remainder.is_name`).
    """

    start: int
    end: int
    choices: tuple[tuple[str, ...], ...] | None


@dataclass(frozen=True)
class Fingerprint:
    """One known text.

    Attributes:
        name: unique among fingerprints; for a use policy what it is shown as, such as `llama3.1/use-policy`.
        license_id: whose text it is.
        kind: `license`, or `policy` for a use policy that belongs to a license but is not one.
        word_count: words of the reference.
        windows: hashes, `word_count - 2` of them.
        labels: list labels by the index of the word after them.
        optional: word ranges that are either wholly there or wholly absent in a copy.
        slots: word ranges that a copy fills in.
        titles: headings that may stand anywhere around the text, as words.
    """

    name: str
    license_id: str
    kind: str
    word_count: int
    windows: Sequence[int]
    labels: Mapping[int, tuple[str, ...]]
    optional: tuple[tuple[int, int], ...]
    slots: tuple[Slot, ...]
    titles: tuple[tuple[str, ...], ...]

    @cached_property
    def window_set(self) -> frozenset[int]:
        """The windows, order aside."""
        return frozenset(self.windows)

    @cached_property
    def required_windows(self) -> int:
        """How many windows lie wholly outside optional passages and slots; at least 1."""
        ranges = sorted([*self.optional, *((slot.start, slot.end) for slot in self.slots)])
        touched = 0
        counted_to = 0
        for start, end in ranges:
            first = max(counted_to, start - WINDOW_WORDS + 1)
            last = min(end, len(self.windows))
            touched += max(0, last - first)
            counted_to = max(counted_to, last)
        return max(1, len(self.windows) - touched)

    def as_json(self) -> dict[str, Json]:
        """The form it is kept in, one file each under `resources/licenses/fingerprints`."""
        windows = array("Q", self.windows)
        if byteorder == "big":
            windows.byteswap()
        return {
            "name": self.name,
            "license": self.license_id,
            "kind": self.kind,
            "window_words": WINDOW_WORDS,
            "word_count": self.word_count,
            "optional": [[start, end] for start, end in self.optional],
            "slots": [
                {
                    "start": slot.start,
                    "end": slot.end,
                    "choices": None
                    if slot.choices is None
                    else [" ".join(choice) for choice in slot.choices],
                }
                for slot in self.slots
            ],
            "titles": [" ".join(title) for title in self.titles],
            "labels": {str(at): list(labels) for at, labels in self.labels.items()},
            "windows": b64encode(windows.tobytes()).decode("ascii"),
        }


def parse_fingerprint(data: bytes, file: str) -> Fingerprint:
    """The inverse of `Fingerprint.as_json`.

    Raises:
        LicenseDataDamaged: the file does not have that form.
    """
    try:
        raw = json.loads(data)
        windows = array("Q")
        windows.frombytes(b64decode(raw["windows"], validate=True))
        if byteorder == "big":
            windows.byteswap()
        fingerprint = Fingerprint(
            name=str(raw["name"]),
            license_id=str(raw["license"]),
            kind=str(raw["kind"]),
            word_count=int(raw["word_count"]),
            windows=windows,
            labels={int(at): tuple(labels) for at, labels in raw["labels"].items()},
            optional=tuple((int(start), int(end)) for start, end in raw["optional"]),
            slots=tuple(_parse_slot(slot) for slot in raw["slots"]),
            titles=tuple(tuple(title.split()) for title in raw["titles"]),
        )
        problem = _problem(fingerprint, raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        raise LicenseDataDamaged(
            f"The fingerprint {file} is damaged ({problem}).",
            next_step="Install Steelyard again.",
            file=file,
        )
    return fingerprint


def _parse_slot(raw: dict[str, object]) -> Slot:
    choices = cast("list[str] | None", raw["choices"])
    return Slot(
        int(cast("int", raw["start"])),
        int(cast("int", raw["end"])),
        None if choices is None else tuple(tuple(choice.split()) for choice in choices),
    )


def _problem(fingerprint: Fingerprint, raw: dict[str, object]) -> str:
    count = fingerprint.word_count
    ranges = [*fingerprint.optional, *((slot.start, slot.end) for slot in fingerprint.slots)]
    if raw["window_words"] != WINDOW_WORDS:
        return "made with windows of another length"
    if len(fingerprint.windows) != count - WINDOW_WORDS + 1 or count < WINDOW_WORDS:
        return "the number of windows and of words differ"
    if any(not 0 <= start <= end <= count for start, end in ranges):
        return "a range lies outside the text"
    if fingerprint.kind not in (LICENSE, POLICY):
        return "neither a license nor a policy"
    return ""


@cache
def all_fingerprints() -> tuple[Fingerprint, ...]:
    """Every shipped fingerprint, read once.

    Raises:
        NotFound: the folder is missing from the installation.
        LicenseDataDamaged: a file is damaged.
    """
    return read_folder(resource("licenses", "fingerprints"))


def read_folder(folder: Path) -> tuple[Fingerprint, ...]:
    """Every fingerprint in a folder, in the order of their file names.

    Raises:
        LicenseDataDamaged: a file is damaged.
        OSError: a file cannot be read.
    """
    return tuple(
        parse_fingerprint(path.read_bytes(), path.name) for path in sorted(folder.glob("*.json"))
    )
