"""Learning from folders: model files, or bundles, that lie there, by their names and sizes.

No file is opened: a folder may hold thousands, on a slow stick. What a name does not say (parameters, license,
context length) is not known until one is asked for by itself, when a worker reads its header.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.catalog import records
from steelyard.catalog.errors import SourceAway
from steelyard.catalog.file_variants import ListedFile, variants_of
from steelyard.catalog.hub_source import Told
from steelyard.catalog.records import Record, Variant
from steelyard.formats.facts_record import ModelFacts
from steelyard.formats.file_names import gguf_sets
from steelyard.licenses.tags import known_id

MOST_FILES = 100_000
DEEPEST = 8
BUNDLE_ENDING = ".steelyard"
BUNDLE_MANIFEST = "bundle.json"

Look = Callable[[Path], ModelFacts]
"""Reads a model's header where it can do no harm."""


def list_folder(folder: Path, report: Reporter) -> Told:
    """Every GGUF model, and every folder with a safetensors model, below a folder.

    Raises:
        SourceAway: the folder is not there.
        Cancelled: nothing is kept.
    """
    found: list[Record] = []
    count = 0
    unnameable: list[str] = []
    for place, files in _walk(folder, unnameable=unnameable):
        count += len(files)
        report("listing", count, None, unit="items", detail=str(place))
        if count > MOST_FILES:
            problem = f"{folder} has more than {MOST_FILES:,} files; the rest was not looked at."
            return Told(tuple(found), {}, (problem,))
        found += _gguf_records(place, files)
        found += _folder_record(place, files)
    problems: tuple[str, ...] = ()
    if unnameable:
        problems = (f"{len(unnameable):,} files have names that are no text; they are left out.",)
    return Told(tuple(found), {}, problems)


def list_bundles(folder: Path, report: Reporter) -> Told:
    """Every bundle in a folder, by name and size; what is in them is told by `bundle inspect`.

    Raises:
        SourceAway: the folder is not there.
        Cancelled: nothing is kept.
    """
    found: list[Record] = []
    for place, files in _walk(folder, deepest=2):
        report("listing", len(found), None, unit="items", detail=str(place))
        if BUNDLE_MANIFEST in files and place != folder:
            total = sum(size for _, inner in _walk(place) for size in inner.values())
            found.append(_bundle(place, total))
        for name, size in files.items():
            if name.lower().endswith(BUNDLE_ENDING):
                found.append(_bundle(place / name, size))
            elif name.lower().endswith(f"{BUNDLE_ENDING}.001"):
                stem = name[: -len(".001")]
                parts = [s for other, s in files.items() if _is_part(other, stem)]
                found.append(_bundle(place / name, sum(parts)))
    return Told(tuple(found))


def look_at(path: str, listed: Record | None, look: Look) -> Record:
    """What a file or folder says in its own header, added to what its name says.

    Raises:
        SourceAway: it is not there.
        MalformedInput, OutOfResources, Cancelled: as the reader says.
    """
    place = Path(path)
    record = listed or next(iter(_of_one(place)), None)
    if record is None:
        raise SourceAway(f"There is no model at {path[:200]}.", source="", path=path[:200])
    facts = look(place)
    declared = facts.header_license or ""
    variants = tuple(
        Variant(
            label=facts.quantization or variant.label,
            reference=variant.reference,
            format=variant.format,
            quantization=facts.quantization or variant.quantization,
            size_bytes=variant.size_bytes,
        )
        for variant in record.variants
    )
    return Record(
        reference=record.reference,
        title=records.text(facts.title, records.TITLE_CHARS) or record.title,
        publisher=records.text(facts.publisher, records.NAME_CHARS),
        architecture=records.text(facts.architecture, records.NAME_CHARS),
        parameters=facts.parameters,
        context_length=facts.context_length,
        declared_license=records.text(declared, records.NAME_CHARS),
        license_id=known_id(declared),
        base_models=records.texts(facts.base_models, records.REFERENCE_CHARS, records.MOST_BASES),
        updated=record.updated,
        variants=variants,
        complete=True,
    )


def _of_one(path: Path) -> list[Record]:
    if path.is_dir():
        for place, files in _walk(path, deepest=0):
            return _folder_record(place, files)
    if path.is_file():
        return _gguf_records(path.parent, {path.name: path.stat().st_size})
    return []


def _walk(
    folder: Path, deepest: int = DEEPEST, unnameable: list[str] | None = None
) -> Iterator[tuple[Path, dict[str, int]]]:
    """Folders with the sizes of their regular files by name; links are not followed, hidden folders not entered."""
    if not folder.is_dir():
        raise SourceAway(
            f"The folder {folder} is not there now. What was learned from it is kept.",
            next_step="Put the stick in, or connect the share, and try again.",
            source="",
            path=str(folder),
        )
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(n for n in folders if not n.startswith(".")) if depth < deepest else []
        sizes = {}
        for name in sorted(names):
            path = str(Path(place, name))
            if records.text(path, records.REFERENCE_CHARS) != path:
                if unnameable is not None:
                    unnameable.append(path)
                continue
            try:
                status = Path(place, name).lstat()
            except OSError:
                continue  # gone since it was listed
            if stat.S_ISREG(status.st_mode) and not name.startswith("."):
                sizes[name] = status.st_size
        yield Path(place), sizes


def _gguf_records(place: Path, files: dict[str, int]) -> list[Record]:
    found = []
    for one in gguf_sets(files):
        if one.parts[0] not in files:
            continue
        path = str(place / one.parts[0])
        parts = {part: ListedFile(files[part]) for part in one.parts if part in files}
        (variant,) = variants_of(parts, "")
        found.append(
            Record(
                reference=path,
                title=one.stem[: records.TITLE_CHARS],
                variants=(
                    Variant(variant.label, path, "gguf", variant.quantization, variant.size_bytes),
                ),
            )
        )
    return found


def _folder_record(place: Path, files: dict[str, int]) -> list[Record]:
    listed = {name: ListedFile(size) for name, size in files.items()}
    whole = [v for v in variants_of(listed, str(place)) if v.format == "safetensors"]
    return [Record(str(place), place.name[: records.TITLE_CHARS], variants=(v,)) for v in whole]


def _bundle(path: Path, size_bytes: int) -> Record:
    name = path.name[: records.TITLE_CHARS]
    variant = Variant("bundle", str(path), "bundle", "", size_bytes)
    return Record(str(path), name, variants=(variant,))


def _is_part(name: str, stem: str) -> bool:
    ending = name[len(stem) :]
    return name.startswith(stem) and len(ending) == 4 and ending[0] == "." and ending[1:].isdigit()
