"""Taking in a GGUF file or a model folder from a disk: copied, never moved, and hashed on the way.

The source is read once. Cancelled or failed at any point, nothing of it stays behind, except where the bytes
themselves were found wrong: those stay in quarantine, to be looked at or removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from steelyard.base.digests import parse_digest
from steelyard.base.progress import Reporter
from steelyard.connections.errors import FileNotInRepository
from steelyard.formats.file_names import split_parts, stem_of
from steelyard.intake.admission import DEFAULT_REQUIRED
from steelyard.intake.arrival import Arrival, ArrivedFile, Judge, check_name_is_free, take_in
from steelyard.intake.choosing import Choice, choose
from steelyard.intake.copying import copy_while_hashing, reading_errors
from steelyard.intake.errors import (
    ClaimDiffers,
    LinkLeavesFolder,
    NotImportable,
    PartMissing,
    SourceMissing,
)
from steelyard.intake.linking import (
    are_linked,
    check_still_the_same,
    link_to,
    on_same_disk,
    read_linked,
)
from steelyard.intake.records import Taken
from steelyard.store.contents import Reading
from steelyard.store.disk import disk_full
from steelyard.store.index import Place
from steelyard.store.names import check_paths, name_from
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.records import PublisherHash, Source, identity
from steelyard.store.store import Store

SPARE_BYTES = 16 * 1024 * 1024
"""Room left for the index and the log beside what is copied."""


@dataclass(frozen=True)
class Plan:
    """What an import will copy.

    Attributes:
        sources: file to read by path inside the model.
        sizes: in bytes, by the same paths.
        declared: digest the person gave, by path.
        left_out: names beside the model that are not taken.
        claimed: digest that a file's own name says where it lies; damage, if it differs, and no more.
    """

    choice: Choice
    sources: Mapping[str, Path]
    sizes: Mapping[str, int]
    name: str
    source: Source
    declared: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    claimed: Mapping[str, str] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Of everything that will be copied."""
        return sum(self.sizes.values())


def import_path(
    store: Store,
    path: Path,
    *,
    expected_sha256: str | None = None,
    name: str | None = None,
    report: Reporter | None = None,
    judge: Judge | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
) -> Taken:
    """Import a `.gguf` file (any part of a split one brings all) or a Hugging Face safetensors folder.

    Args:
        expected_sha256: what the file's publisher declares; only for a GGUF file.
        name: taken as it is, or refused; made from the file's or folder's name when None.
        judge: what says whether the bytes are a model; a worker process by default.
        required: trust facts policy requires to admit a model.

    Raises:
        SourceMissing, SourceUnreadable, NotImportable, ChooseFile, PartMissing, OnlyPickles,
        LinkLeavesFolder: the source is not something to import.
        DigestMismatch, RefusedBefore, ScanFoundProblems, MalformedInput: the bytes are wrong; they are in
            quarantine.
        DiskFull, DiskFailed: the disk; nothing was copied, or what was is gone.
        NameTaken, InvalidName: the name.
        Cancelled: nothing stays behind.
    """
    plan = plan_import(path, expected_sha256)
    return take(store, plan, name=name, report=report, judge=judge, required=required)


def take(
    store: Store,
    plan: Plan,
    *,
    name: str | None = None,
    report: Reporter | None = None,
    judge: Judge | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
    link: bool = False,
) -> Taken:
    """Carry out a plan: bring every file into quarantine, hash it there, have it judged.

    Args:
        link: give files a second name instead of copying them, where that can be done. Whoever can write
            to them by their other name can then change a model's bytes; it shows before the next load.

    Raises:
        ClaimDiffers: a file is not what its own name says; nothing of it is kept.
        See `import_path`.
    """
    report = report or Reporter()
    if name is not None:
        check_name_is_free(store, name, plan.size_bytes)
    # Readers of a shared store may lack permission to read what another program made for itself.
    link = link and not store.shared
    needed_bytes = SPARE_BYTES + (
        0
        if link and on_same_disk(store.home.quarantine, plan.sources.values())
        else plan.size_bytes
    )
    if store.free_bytes() < needed_bytes:
        raise disk_full(store.home.store, needed_bytes)
    folder = store.new_quarantine()
    try:
        files = _bring(plan, folder, report, link=link)
        linked = are_linked(files)
        before = store.index.by_digest(identity(tuple(file.entry for file in files)))
        model = take_in(
            store,
            Arrival(
                folder,
                files,
                plan.choice.format,
                plan.choice.weights[0],
                replace(plan.source, linked=linked),
                name or plan.name,
                name_given=name is not None,
            ),
            report,
            judge=judge,
            required=required,
        )
    finally:
        # What was held for people to look at belongs to a record now; anything else goes.
        if folder.identifier not in store.index.quarantine_folders():
            folder.discard()
    if linked:
        check_still_the_same(store, model, files)
    had_it = before is not None and before.place is Place.STORE
    reused = plan.size_bytes if had_it else 0
    return Taken(model, plan.size_bytes - reused, reused, plan.left_out, linked and not had_it)


def plan_import(path: Path, expected_sha256: str | None = None) -> Plan:
    """Look at names and sizes and say what an import would copy.

    Raises:
        See `import_path`.
    """
    expected = None if expected_sha256 is None else parse_digest(expected_sha256)
    try:
        resolved = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise SourceMissing(
            f"There is nothing at {path}.", next_step="Check the path.", path=str(path)
        ) from error
    if resolved.is_dir():
        return _plan_folder(path, resolved, expected)
    if not path.name.lower().endswith(".gguf") and not resolved.name.lower().endswith(".gguf"):
        raise NotImportable(
            f"{path.name} is not a .gguf file, and not a folder with a model.",
            next_step="Give a .gguf file, or a folder with config.json and safetensors weights.",
            path=str(path),
        )
    return _plan_file(path, resolved, expected)


def _plan_file(path: Path, resolved: Path, expected: str | None) -> Plan:
    # The name as given counts: caches keep the bytes under a digest and link to them by name.
    shown = path if path.name.lower().endswith(".gguf") else resolved
    parts = split_parts(shown.name)
    sources = {part: shown.with_name(part) for part in parts}
    sizes: dict[str, int] = {}
    for part, source in sources.items():
        if not source.exists():
            raise PartMissing(
                f"{part} is missing beside {shown.name}; the model has {len(parts)} parts.",
                next_step="Copy all parts into one folder, then try again.",
                path=part,
            )
        sources[part] = source.resolve()
        sizes[part] = _regular_size(sources[part], part)
    choice = Choice("gguf", parts, parts, stem_of(shown.name))
    check_paths(parts)
    source_record = Source("file", path=str(path.absolute()))
    declared = {} if expected is None else {shown.name: expected}
    return Plan(choice, sources, sizes, name_from(choice.stem), source_record, declared)


def _plan_folder(path: Path, folder: Path, expected: str | None) -> Plan:
    found = _listing(folder)
    try:
        choice = choose({name: _size_at_a_glance(folder / name) for name in found})
    except FileNotInRepository as error:
        raise NotImportable(
            f"There is no model in {path.name}: neither a GGUF file nor config.json with "
            "safetensors weights.",
            next_step="Give the folder that config.json is in, or a .gguf file.",
            path=str(path),
        ) from error
    if expected is not None and choice.format != "gguf":
        raise NotImportable(
            "A digest can be given for a GGUF file, not for a folder. Nothing was taken in.",
            next_step="Import without --sha256.",
            path=str(path),
        )
    check_paths(choice.paths)
    sources = {name: _inside(folder, name) for name in choice.paths}
    return Plan(
        choice=choice,
        sources=sources,
        sizes={name: _regular_size(source, name) for name, source in sources.items()},
        name=name_from(choice.stem or folder.name),
        source=Source("folder", path=str(path.absolute())),
        declared={choice.weights[0]: expected} if expected is not None else {},
        left_out=tuple(name for name in found if name not in sources),
    )


def _listing(folder: Path) -> tuple[str, ...]:
    with reading_errors(folder), os.scandir(folder) as entries:
        return tuple(
            sorted(entry.name for entry in entries if not entry.is_dir(follow_symlinks=False))
        )


def _size_at_a_glance(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a broken link: said with its name if it turns out to be needed


def _inside(folder: Path, name: str) -> Path:
    """The real path of a file in a folder, which a link in it may lead to as long as it stays inside."""
    path = (folder / name).resolve()
    if folder not in path.parents:
        raise LinkLeavesFolder(
            f"{name} is a link that leads outside of {folder.name}. Nothing was taken in.",
            next_step="Copy the folder with its links followed (cp -RL), then import the copy.",
            path=name,
        )
    return path


def _regular_size(path: Path, name: str) -> int:
    with reading_errors(path):
        status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise LinkLeavesFolder(
            f"{name} is not a regular file. Nothing was taken in.",
            next_step="Remove it from the folder, or import the model's own file.",
            path=name,
        )
    return status.st_size


def _bring(
    plan: Plan, folder: QuarantineFolder, report: Reporter, *, link: bool
) -> tuple[ArrivedFile, ...]:
    stage = "hashing" if link else "copying"
    total_bytes, done_bytes = plan.size_bytes, 0
    files = []
    for path, source in plan.sources.items():

        def on_bytes(count: int, path: str = path) -> None:
            nonlocal done_bytes
            done_bytes += count
            report(stage, done_bytes, total_bytes, detail=path)

        on_bytes(0)
        location = folder.file(path)
        if link and link_to(source, location):
            reading = read_linked(location, on_bytes)
        else:
            reading = copy_while_hashing(source, location, on_bytes)
        _check_claim(plan, path, reading)
        declared = plan.declared.get(path)
        outcome = PublisherHash.NONE_GIVEN
        if declared is not None:
            same = declared == reading.sha256
            outcome = PublisherHash.MATCHES if same else PublisherHash.DIFFERS
        files.append(ArrivedFile(path, location, reading, declared, outcome))
    return tuple(files)


def _check_claim(plan: Plan, path: str, reading: Reading) -> None:
    claimed = plan.claimed.get(path)
    if claimed is not None and claimed != reading.sha256:
        raise ClaimDiffers(
            f"{path} is not what its own name in that folder says: it is damaged, or was changed. "
            "Nothing was taken in.",
            next_step="Let the other program fetch it again, or pull it from the hub.",
            path=path,
            claimed=claimed,
            actual=reading.sha256,
        )
