"""The second copy of every record: one small JSON file a model, beside the blobs.

They are what the index is made from again when it was lost or an older one was put back. A copy is written
once its record is durable; where the two differ, the index is right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from steelyard.base.canonical import strict_loads
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, MalformedInput
from steelyard.store import views
from steelyard.store.blobs import make_folder
from steelyard.store.index import Entry, Index, Place
from steelyard.store.manifests import manifest_from, to_text, trust_from
from steelyard.store.names import check_paths, fold, with_suffix
from steelyard.store.records import Model, State
from steelyard.store.states import IN_STORE

FORMAT = 1
MOST_BYTES = 64 * 1024 * 1024
"""A manifest of a thousand files with a model's metadata takes about one."""

_FILE = re.compile(r"([0-9a-f]{64})\.json")


class Copies:
    """The folder `<store>/manifests`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, entry: Entry) -> None:
        """Replace the copy of one record, durably.

        Raises:
            OSError: the disk.
        """
        make_folder(self.root)
        model = entry.model
        record: dict[str, Json] = {
            "format": FORMAT,
            "name": model.name,
            "manifest": json.loads(to_text(model.manifest)),
            "trust": json.loads(to_text(model.trust)),
            "facts": dict(entry.facts or {}),
            "state": model.state.value,
            "reason": model.reason,
            "place": entry.place.value,
            "quarantine": entry.quarantine,
            "whole_state": None if entry.whole_state is None else entry.whole_state.value,
            "added_at": model.added_at,
            "last_verified_at": model.last_verified_at,
            "pin": entry.pin,
        }
        path = self.root / f"{model.digest.removeprefix('sha256:')}.json"
        write_bytes(path, json.dumps(record, indent=1, sort_keys=True).encode(), mode=0o644)

    def digests(self) -> frozenset[str]:
        """Of the models there is a copy of."""
        if not self.root.is_dir():
            return frozenset()
        found = (_FILE.fullmatch(path.name) for path in self.root.iterdir())
        return frozenset(f"sha256:{match[1]}" for match in found if match)

    def read(self, digest: str) -> Entry:
        """The record of one model.

        Raises:
            MalformedInput: the copy is not one, or is of another model.
            OSError: it cannot be read.
        """
        path = self.root / f"{digest.removeprefix('sha256:')}.json"
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise MalformedInput(f"{path.name} is too large for a record.", path=str(path))
        entry = _entry(strict_loads(data, what=path.name))
        if entry.model.digest != digest:
            raise MalformedInput(f"{path.name} is the record of another model.", path=str(path))
        return entry


def restore(index: Index, copies: Copies, view_root: Path, quarantine_root: Path) -> int:
    """Give the index the records it lacks; returns how many. Hold the lock.

    Nothing is said of the bytes: without signatures every file is hashed before the next load. A model whose
    files are not all there is quarantined until a verification finds them.
    """
    restored = 0
    for entry in _lacking(index, copies):
        known = entry
        if (
            entry.place is Place.QUARANTINE
            and not (quarantine_root / str(entry.quarantine)).is_dir()
        ):
            continue
        name = _free_name(index, entry.model)
        if name != entry.model.name:
            manifest = replace(entry.model.manifest, name=name)
            known = replace(entry, model=replace(entry.model, manifest=manifest))
        if known.place is Place.STORE and not views.resembles(
            view_root / name, known.model.manifest
        ):
            known = _quarantined(known)
        with index.change():
            index.write(known)
            if known.place is Place.STORE:
                files = {file.path: (file.sha256, None) for file in known.model.manifest.files}
                index.set_files(known.model.digest, files)
        restored += 1
    return restored


def _lacking(index: Index, copies: Copies) -> Iterator[Entry]:
    for digest in sorted(copies.digests() - index.digests()):
        try:
            yield copies.read(digest)
        except (MalformedInput, OSError):
            continue  # what it named stays on disk: `collection` spares what no record explains


def _free_name(index: Index, model: Model) -> str:
    names = index.names()
    if fold(model.name) not in names:
        return model.name
    return with_suffix(model.name, f"restored-{model.digest.removeprefix('sha256:')[:8]}")


def _quarantined(entry: Entry) -> Entry:
    state = entry.model.state
    return replace(
        entry,
        model=replace(
            entry.model,
            state=State.QUARANTINED,
            reason="Its record was restored, but not all of its files are there.",
        ),
        whole_state=state if state in IN_STORE else entry.whole_state,
    )


def _entry(value: Json) -> Entry:
    try:
        if not isinstance(value, dict) or value["format"] != FORMAT:
            raise KeyError("format")
        manifest = manifest_from(json.dumps(value["manifest"]))
        check_paths(file.path for file in manifest.files)
        whole_state, quarantine = value["whole_state"], _text_or_none(value["quarantine"])
        facts = value["facts"]
        if not isinstance(facts, dict):
            raise TypeError("facts")
        return Entry(
            Model(
                manifest=replace(manifest, name=str(value["name"])),
                state=State(str(value["state"])),
                trust=trust_from(json.dumps(value["trust"])),
                added_at=str(value["added_at"]),
                last_verified_at=_text_or_none(value["last_verified_at"]),
                reason=str(value["reason"]),
            ),
            Place(str(value["place"])),
            quarantine,
            None if whole_state is None else State(str(whole_state)),
            facts,
            _text_or_none(value["pin"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise MalformedInput(f"A record in manifests is not complete ({error}).") from error


def _text_or_none(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError("not a text")
