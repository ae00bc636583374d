"""Writing a site mirror: files by content first, each hashed while it is copied, then the index, signed, last.

Whoever reads the mirror meanwhile sees the old index or the new one, and every file either of them needs. The serial
number only rises. Files that no model of the new index needs stay until they are pruned.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from steelyard.base import durable
from steelyard.base.clock import iso_utc
from steelyard.base.digests import CHUNK_BYTES
from steelyard.base.lock import data_lock
from steelyard.base.progress import Reporter
from steelyard.catalog.errors import MirrorDamaged
from steelyard.catalog.mirror_format import (
    BLOBS,
    INDEX,
    INDEX_BYTES,
    PAYLOAD_TYPE,
    SIGNATURE,
    MirrorFile,
    MirrorIndex,
    MirrorModel,
    blob_path,
    parse_index,
)
from steelyard.signing import dsse
from steelyard.signing.own_keys import OwnKey
from steelyard.store.contents import open_regular
from steelyard.store.disk import disk_errors, disk_full
from steelyard.store.records import FileEntry, Model
from steelyard.store.store import Store

FILE_MODE = 0o644
FOLDER_MODE = 0o755
SITE_OWNER = "site"

_HEX = re.compile(r"[0-9a-f]{64}")
_ODD = re.compile(r"[^A-Za-z0-9._]+|(?<=[._-])[._-]+")


@dataclass(frozen=True)
class Published:
    """What the mirror holds now."""

    index: MirrorIndex
    unreferenced: int
    pruned_bytes: int


def publish(
    store: Store,
    folder: Path,
    models: Sequence[Model],
    key: OwnKey | None,
    report: Reporter,
    *,
    least_serial: int = 0,
    prune: bool = False,
) -> Published:
    """Make or update the mirror in a folder.

    Args:
        least_serial: the highest number this installation gave a mirror there.

    Raises:
        MirrorDamaged: what lies there is no mirror of ours, or a model's file is not what it was.
        DiskFull, DiskFailed, Cancelled: the old index is still in force.
    """
    with disk_errors(folder):
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with data_lock(folder):
            before = _before(folder)
            serial = max(before.serial if before else 0, least_serial) + 1
            index = MirrorIndex(
                serial,
                iso_utc(store.clock()),
                key.record.name if key else "",
                tuple(_model(model) for model in _newest_first(models)),
            )
            data = index.to_bytes()
            parse_index(data)  # what cannot be read again is not written
            _copy_blobs(store, folder, models, report)
            report.cancel.check()
            _write_index(folder, data, key)
            return _cleaned(folder, index, prune)


def _before(folder: Path) -> MirrorIndex | None:
    path = folder / INDEX
    if not path.exists():
        foreign = next((p for p in folder.iterdir() if p.name not in ("lock", "blobs")), None)
        if foreign is not None:
            raise MirrorDamaged(
                f"{folder} has other things in it ({foreign.name}) and no mirror. Nothing was written.",
                next_step="Choose an empty folder.",
                what=foreign.name,
            )
        return None
    with path.open("rb") as stream:
        return parse_index(stream.read(INDEX_BYTES + 1))


def _newest_first(models: Sequence[Model]) -> list[Model]:
    return sorted(models, key=lambda model: (model.added_at, model.name), reverse=True)


def _model(model: Model) -> MirrorModel:
    manifest = model.manifest
    source = manifest.source
    known = source.repository is not None and source.commit is not None
    return MirrorModel(
        reference=str(source.repository) if known else _own_reference(model),
        revision=str(source.commit) if known else model.digest.removeprefix("sha256:")[:40],
        name=model.name,
        digest=model.digest,
        title=manifest.title,
        publisher=manifest.publisher,
        format=manifest.format,
        quantization=manifest.quantization,
        architecture=manifest.architecture,
        parameters=manifest.parameters,
        context_length=manifest.context_length,
        declared_license=manifest.license.card or manifest.license.license_id or "",
        base_models=manifest.base_models,
        files=tuple(
            MirrorFile(file.path, file.size_bytes, file.sha256)
            for file in sorted(manifest.files, key=lambda file: file.path)
        ),
    )


def _own_reference(model: Model) -> str:
    """`owner/name` for a model that came from no repository."""
    owner = _plain(model.manifest.publisher) or SITE_OWNER
    return f"{owner}/{_plain(model.name) or 'model'}"


def _plain(text: str) -> str:
    return _ODD.sub("-", text).strip("-.")[:96].rstrip("-.")


def _copy_blobs(store: Store, folder: Path, models: Sequence[Model], report: Reporter) -> None:
    missing: dict[str, tuple[Path, FileEntry]] = {}
    for model in models:
        view = store.view(model)
        for file in model.manifest.files:
            target = folder / blob_path(file.sha256)
            there = target.is_file() and target.stat().st_size == file.size_bytes
            if not there:
                missing[file.sha256] = (view.joinpath(*file.path.split("/")), file)
    total = sum(file.size_bytes for _, file in missing.values())
    if shutil.disk_usage(folder).free < total:
        raise disk_full(folder, total)
    done = 0

    def on_bytes(count: int, path: str) -> None:
        nonlocal done
        done += count
        report("copying", done, total, detail=path)

    for source, file in missing.values():
        _copy(source, folder / blob_path(file.sha256), file, on_bytes)


def _copy(
    source: Path, target: Path, file: FileEntry, on_bytes: Callable[[int, str], None]
) -> None:
    target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    hasher = hashlib.sha256()
    with (
        os.fdopen(open_regular(source), "rb", buffering=0) as reading,
        durable.replacing(target, mode=FILE_MODE) as writing,
    ):
        while piece := reading.read(CHUNK_BYTES):
            hasher.update(piece)
            writing.write(piece)
            on_bytes(len(piece), file.path)
        if f"sha256:{hasher.hexdigest()}" != file.sha256:
            raise MirrorDamaged(
                f"{file.path} in the store is not what was admitted. It was not published, and the mirror "
                "is as it was.",
                next_step="Run steelyard model verify --all.",
                what=file.path,
            )


def _write_index(folder: Path, data: bytes, key: OwnKey | None) -> None:
    signature = folder / SIGNATURE
    if key is None:
        signature.unlink(missing_ok=True)
        durable.write_bytes(folder / INDEX, data, mode=FILE_MODE)
        return
    durable.write_bytes(folder / INDEX, data, mode=FILE_MODE)
    durable.write_bytes(signature, dsse.sign(data, PAYLOAD_TYPE, [key]), mode=FILE_MODE)


def _cleaned(folder: Path, index: MirrorIndex, prune: bool) -> Published:
    needed = {sha256.removeprefix("sha256:") for sha256 in index.blobs()}
    unreferenced = pruned_bytes = 0
    for path in folder.joinpath(*BLOBS.split("/")).glob("*/*"):
        if not _HEX.fullmatch(path.name) or path.name in needed:
            continue
        if prune:
            pruned_bytes += path.lstat().st_size
            path.unlink()
        else:
            unreferenced += 1
    return Published(index, unreferenced, pruned_bytes)
