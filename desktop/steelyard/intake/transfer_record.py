"""What a quarantine folder says of the transfer that it belongs to: who asked for what, how far it came, and why
it stands.

The record lies beside the bytes, so a list of transfers needs no other memory, and any process can go on with
what another began. A token is never part of a request, and so never of a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, MalformedInput, SteelyardError

RECORD = "transfer.json"
FORMAT = 1
BROKE_OFF = "The program ended while it was under way. What arrived is kept; resume it to go on."


@dataclass(frozen=True)
class TransferRecord:
    """One transfer.

    Attributes:
        kind: `pull`, `import` or `bundle-in`.
        title: what it is of; text from outside.
        request: what was asked, as `{"operation": ..., field: value}`; fields left empty are left out.
        pinned: fields that the first answer decided (commit, file); going on asks with these.
        found: digest by path of files that were judged already, equal to the declared one if they match.
        reason: why it stands, with the next step; empty while it is under way.
        paused: a person called it off, to go on later.
        updated_at: RFC 3339 UTC.
    """

    kind: str
    title: str
    request: Mapping[str, str]
    pinned: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    paused: bool = False
    updated_at: str = ""

    def write(self, folder: Path) -> None:
        """Write it into a quarantine folder, durably.

        Raises:
            OSError: the disk.
        """
        value: dict[str, Json] = {"format": FORMAT, **asdict(self)}
        write_bytes(folder / RECORD, canonical_bytes(value))

    def stopped(self, error: SteelyardError, updated_at: str) -> TransferRecord:
        """The same after it broke off or was called off."""
        return replace(self, reason=error.diagnosis(), updated_at=updated_at)

    @property
    def to_go_on(self) -> dict[str, str]:
        """The request that goes on with exactly this transfer."""
        return {**self.request, **self.pinned}


def read_record(folder: Path) -> TransferRecord | None:
    """The record of a quarantine folder; None where there is none that this version can read."""
    try:
        value = strict_loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, NotADirectoryError, MalformedInput):
        return None
    if not isinstance(value, dict) or value.pop("format", None) != FORMAT:
        return None
    maps = {name: value.pop(name, None) for name in ("request", "pinned", "found")}
    paused = value.pop("paused", None)
    texts = {name: text for name, text in value.items() if isinstance(text, str)}
    if len(texts) != len(value) or not isinstance(paused, bool):
        return None
    if not all(_is_texts(item) for item in maps.values()):
        return None
    try:
        return TransferRecord(paused=paused, **maps, **texts)  # type: ignore[arg-type]  # checked above
    except TypeError:
        return None


def _is_texts(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
