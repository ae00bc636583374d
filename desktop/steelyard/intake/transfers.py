"""The transfers that lie in quarantine: what is under way in any process, what can go on, and what was refused.

Everything is read from the folders themselves and the store's index; nothing is opened or changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from steelyard.base.canonical import strict_loads
from steelyard.base.clock import iso_utc
from steelyard.base.errors import Json, MalformedInput, NotFound
from steelyard.intake import declared
from steelyard.intake.errors import TransferUnderWay
from steelyard.intake.expected import Expected, read_expected
from steelyard.intake.progress import FileProgress, progress
from steelyard.intake.transfer_record import BROKE_OFF, TransferRecord, read_record
from steelyard.store.errors import UnsafePath
from steelyard.store.index import Entry, Place
from steelyard.store.names import check_name, check_path
from steelyard.store.quarantine import RESUMABLE, QuarantineFolder
from steelyard.store.records import PublisherHash
from steelyard.store.store import Store

FETCHING = "fetching"
PAUSED = "paused"


@dataclass(frozen=True)
class TransferPart:
    """One file of a transfer.

    Attributes:
        expected: digest its publisher declared, or empty. `found`: of what lies here, once it was judged.
        state: `waiting`, `partial`, `here`, `matches`, `differs` or `in-store`.
    """

    path: str
    size_bytes: int
    here_bytes: int
    expected: str = ""
    found: str = ""
    state: str = "waiting"


@dataclass(frozen=True)
class Transfer:
    """One transfer.

    Attributes:
        identifier: its quarantine folder.
        kind: `pull`, `bundle-in` or `held` (refused bytes).
        title, model: texts from outside.
        state: `fetching`, `paused`, `quarantined` or `rejected`.
        reason: why it stands, with the next step.
        request: what was asked, with `operation`. `to_go_on`: what to ask to go on with exactly this one.
    """

    identifier: str
    kind: str
    title: str
    state: str
    parts: tuple[TransferPart, ...]
    reason: str = ""
    request: Mapping[str, str] = field(default_factory=dict)
    to_go_on: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    updated_at: str = ""


def transfers(store: Store) -> tuple[Transfer, ...]:
    """All of them, newest first."""
    held = {
        entry.quarantine: entry
        for entry in store.index.all()
        if entry.place is Place.QUARANTINE and entry.quarantine is not None
    }
    folders = [path for path in _folders(store.home.quarantine) if path.name not in held]
    under_way = [one for path in folders if (one := _under_way(store, path)) is not None]
    found = [*(_held(store, entry) for entry in held.values()), *under_way]
    return tuple(sorted(found, key=lambda one: (one.updated_at, one.identifier), reverse=True))


def find_transfer(store: Store, identifier: str) -> Transfer:
    """The transfer with this identifier.

    Raises:
        NotFound: there is none.
    """
    found = next((one for one in transfers(store) if one.identifier == identifier), None)
    if found is None:
        raise NotFound(
            f"There is no transfer {identifier[:80]!r}.",
            next_step="See steelyard transfer list.",
            id=identifier[:80],
        )
    return found


def discard_transfer(store: Store, transfer: Transfer) -> int:
    """Remove what a transfer left in quarantine; how many bytes that frees.

    Raises:
        TransferUnderWay: some process works on it now.
        DiskFull, DiskFailed: the disk.
    """
    folder = QuarantineFolder(store.home.quarantine / check_name(transfer.identifier))
    freed_bytes = _used_bytes(folder.path)
    if transfer.model:
        return store.remove(store.get(transfer.model)).freed_bytes
    with store.lock():
        if not folder.try_lock():
            raise TransferUnderWay(
                f"{transfer.title} is being fetched now. Nothing was removed.",
                next_step="Pause it first, in the window or the process that works on it.",
                id=transfer.identifier,
            )
        folder.discard()
    return freed_bytes


def _folders(quarantine: Path) -> tuple[Path, ...]:
    try:
        found = sorted(quarantine.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ()  # the disk is away, or this account may only read the store
    return tuple(path for path in found if (path / RESUMABLE).is_file())


def _under_way(store: Store, path: Path) -> Transfer | None:
    record = read_record(path)
    expected = read_expected(path)
    if expected is not None:
        record = record or _made_up(expected)
        parts = tuple(_part(one, path, record) for one in progress(path, expected))
    else:
        announced = _announced(path)
        if announced is None:
            return None
        record, parts = announced
    at_work = _is_locked(store, path)
    return Transfer(
        identifier=path.name,
        kind=record.kind,
        title=record.title,
        state=FETCHING if at_work else PAUSED,
        parts=parts,
        reason="" if at_work else record.reason or BROKE_OFF,
        request=record.request,
        to_go_on=record.to_go_on,
        updated_at=record.updated_at or _changed_at(path / RESUMABLE),
    )


def _made_up(expected: Expected) -> TransferRecord:
    """What a folder without a record of its transfer must have been."""
    request = {
        "operation": "model.pull",
        "reference": expected.repository,
        "revision": expected.commit,
        "endpoint": expected.endpoint,
    }
    return TransferRecord("pull", expected.repository, request)


def _part(one: FileProgress, folder: Path, record: TransferRecord) -> TransferPart:
    file = one.expected
    found = record.found.get(file.path, "") if one.is_here else ""
    state = "waiting" if not one.here_bytes else "here" if one.is_here else "partial"
    if one.is_here and _has_other_names(folder.joinpath("files", *file.path.split("/"))):
        state = "in-store"
    elif found and file.declared:
        state = "matches" if found == file.declared else "differs"
    return TransferPart(
        file.path, file.size_bytes, one.here_bytes, file.declared or "", found, state
    )


def _announced(path: Path) -> tuple[TransferRecord, tuple[TransferPart, ...]] | None:
    """A transfer of another kind, which says in its own record what it is: a bundle's model."""
    try:
        value = strict_loads((path / RESUMABLE).read_bytes())
    except (OSError, MalformedInput):
        return None
    if not isinstance(value, dict):
        return None
    kind, title, request, files = (value.get(k) for k in ("kind", "title", "request", "files"))
    if not isinstance(kind, str) or not isinstance(title, str) or not isinstance(request, dict):
        return None
    asked = {name: str(text) for name, text in request.items() if text is not None}
    listed = files if isinstance(files, list) else []
    parts = [part for item in listed if (part := _announced_part(path, item)) is not None]
    return TransferRecord(kind, title, asked), tuple(parts)


def _announced_part(folder: Path, item: Json) -> TransferPart | None:
    if not isinstance(item, dict):
        return None
    name, size_bytes, sha256 = item.get("path"), item.get("size_bytes"), item.get("sha256")
    if not isinstance(name, str) or not isinstance(size_bytes, int):
        return None
    try:
        location = folder.joinpath("files", *check_path(name).split("/"))
    except UnsafePath:
        return None
    here = min(_size(location), size_bytes)
    state = "waiting" if not here else "here" if here == size_bytes else "partial"
    if here == size_bytes and _has_other_names(location):
        state = "in-store"
    return TransferPart(
        name, size_bytes, here, sha256 if isinstance(sha256, str) else "", "", state
    )


def _held(store: Store, entry: Entry) -> Transfer:
    model = entry.model
    states = {PublisherHash.MATCHES: "matches", PublisherHash.DIFFERS: "differs"}
    asked_for = declared.read(store.home.quarantine / check_name(str(entry.quarantine)))
    return Transfer(
        identifier=str(entry.quarantine),
        kind="held",
        title=model.manifest.title or model.name,
        state=model.state.value,
        parts=tuple(
            TransferPart(
                file.path,
                file.size_bytes,
                file.size_bytes,
                file.sha256
                if file.publisher_hash is PublisherHash.MATCHES
                else asked_for.get(file.path, ""),
                file.sha256,
                states.get(file.publisher_hash, "here"),
            )
            for file in model.manifest.files
        ),
        reason=f"{model.reason} Get it again from another source, or remove it.".strip(),
        model=model.name,
        updated_at=model.added_at,
    )


def _is_locked(store: Store, path: Path) -> bool:
    """Whether some process works in a folder; asked under the lock that whoever begins to work there holds."""
    folder = QuarantineFolder(path)
    try:
        with store.lock():
            if not folder.try_lock():
                return True
            folder.release()
    except FileNotFoundError:
        return False  # it was finished and removed meanwhile
    return False


def _has_other_names(location: Path) -> bool:
    """The store lent it: its content has a name there too."""
    with contextlib.suppress(OSError):
        return location.lstat().st_nlink > 1
    return False


def _size(location: Path) -> int:
    with contextlib.suppress(OSError):
        return location.lstat().st_size
    return 0


def _used_bytes(folder: Path) -> int:
    """What removing a folder frees: blocks, of files that have no other name."""
    used_bytes = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            status = path.lstat()
            if status.st_nlink == 1 and not path.is_dir():
                used_bytes += getattr(status, "st_blocks", status.st_size // 512) * 512
    return used_bytes


def _changed_at(path: Path) -> str:
    with contextlib.suppress(OSError):
        return iso_utc(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    return ""
