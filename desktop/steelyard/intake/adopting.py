"""Taking in a model that lies in another program's folder: hashed, judged and admitted like every other.

What its place claims (a digest in a file's name, a repository, a commit) is recorded as claimed. A digest that
the bytes do not have means damage and is refused; one they have makes no publisher's hash of it, since
anybody could have named the file so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from steelyard.base.progress import Reporter
from steelyard.formats.file_names import stem_of
from steelyard.intake.admission import DEFAULT_REQUIRED
from steelyard.intake.arrival import Judge
from steelyard.intake.choosing import Choice
from steelyard.intake.elsewhere import finding
from steelyard.intake.elsewhere.records import Elsewhere
from steelyard.intake.importer import Plan, plan_import, take
from steelyard.intake.records import Taken
from steelyard.store.index import Place
from steelyard.store.names import check_paths, name_from
from steelyard.store.records import Source
from steelyard.store.store import Store

ADOPTED = "adopted"


@dataclass(frozen=True)
class Adoptable:
    """A model found elsewhere, and how it stands to the store.

    Attributes:
        linkable: it could be adopted by hard link.
        known: name of the model in the store that has these files, by what the place claims, or None.
    """

    model: Elsewhere
    linkable: bool
    known: str | None


def adopt(
    store: Store,
    path: Path,
    *,
    name: str | None = None,
    link: bool = False,
    report: Reporter | None = None,
    judge: Judge | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
) -> Taken:
    """Take in what `path` names: a manifest of Ollama's, a file or snapshot of a hub cache, a file or folder.

    Args:
        link: by hard link where the file system and the rules of the system allow it, else by copy.

    Raises:
        ClaimDiffers: a file is not what its own name says.
        See `importer.import_path`.
    """
    found = finding.at(path.expanduser())
    plan = _plan_plain(path) if found is None else _plan(found)
    return take(store, plan, name=name, report=report, judge=judge, required=required, link=link)


def weigh(store: Store, model: Elsewhere) -> Adoptable:
    """How a model that was found stands to the store. Nothing of it is read."""
    return Adoptable(model, _is_linkable(store, model), _known(store, model))


def _plan_plain(path: Path) -> Plan:
    plan = plan_import(path)
    return replace(plan, source=replace(plan.source, kind=ADOPTED))


def _plan(found: Elsewhere) -> Plan:
    weights = tuple(part.path for part in found.parts[: found.weights])
    paths = check_paths(part.path for part in found.parts)
    stem = stem_of(weights[0]) if found.format == "gguf" else ""
    name = stem or (found.repository or found.path.name).rpartition("/")[2]
    return Plan(
        choice=Choice(found.format, weights, paths, stem),
        sources={part.path: part.location for part in found.parts},
        sizes={part.path: part.size_bytes for part in found.parts},
        name=name_from(name),
        source=Source(
            ADOPTED,
            path=str(found.path),
            repository=found.repository,
            commit=found.commit,
        ),
        declared={},
        left_out=found.left_out,
        claimed={part.path: part.claimed for part in found.parts if part.claimed is not None},
    )


def _is_linkable(store: Store, model: Elsewhere) -> bool:
    if store.shared or not store.writable:
        return False
    try:
        disk = store.home.store.stat().st_dev
        found = [part.location.stat() for part in model.parts]
    except OSError:
        return False
    # Linux lets nobody but its owner link a file he may not write to (fs.protected_hardlinks).
    mine = getattr(os, "geteuid", lambda: 0)()
    return all(each.st_dev == disk and mine in (0, each.st_uid) for each in found)


def _known(store: Store, model: Elsewhere) -> str | None:
    weights = model.parts[: model.weights]
    claimed = [part.claimed for part in weights]
    for entry in store.index.all():
        if entry.place is not Place.STORE:
            continue
        manifest = entry.model.manifest
        contents = {file.sha256 for file in manifest.files}
        by_claim = None not in claimed and contents.issuperset(c for c in claimed if c)
        by_path = manifest.source.path == str(model.path)
        if by_claim or (by_path and manifest.size_bytes == model.size_bytes):
            return entry.model.name
    return None
