"""A static site mirror on disk: a plain folder that any web server can give out.

    index.json                  canonical JSON: what there is, with the digest of every file
    index.sig                   DSSE envelope of exactly these bytes, by a key with the purpose `catalog`
    blobs/sha256/ab/<hex>       files by their content

The index says of each model what its publisher's store knew; the digests in it are what judges the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import cast

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.catalog import records
from steelyard.catalog.errors import MirrorDamaged
from steelyard.catalog.records import Record, Variant
from steelyard.licenses.tags import known_id
from steelyard.store.errors import UnsafePath
from steelyard.store.names import check_paths

INDEX = "index.json"
SIGNATURE = "index.sig"
BLOBS = "blobs/sha256"
PAYLOAD_TYPE = "application/vnd.steelyard.catalog-index+json"
KIND = "steelyard-mirror"
FORMAT = 1

INDEX_BYTES = 32 * 1024 * 1024
ENVELOPE_BYTES = 2 * INDEX_BYTES
MOST_MODELS = 20_000
MOST_FILES = 4_096
"""Of one model."""

_REFERENCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,95}/[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")
_REVISION = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TEXTS = (
    "name",
    "title",
    "publisher",
    "format",
    "quantization",
    "architecture",
    "declared_license",
)


@dataclass(frozen=True)
class MirrorFile:
    """One file. `sha256` is `sha256:<hex>`."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class MirrorModel:
    """One model as the mirror's publisher had it.

    Attributes:
        reference: `owner/name`; several models of one repository and revision share it.
        revision: 40 hex digits that stand for exactly these files: the commit, or the beginning of the model's
            digest.
        name: in the publisher's store.
        digest: the model's identity.
    """

    reference: str
    revision: str
    name: str
    digest: str
    title: str
    publisher: str
    format: str
    quantization: str
    architecture: str
    parameters: int | None
    context_length: int | None
    declared_license: str
    base_models: tuple[str, ...]
    files: tuple[MirrorFile, ...]


@dataclass(frozen=True)
class MirrorIndex:
    """What a mirror holds. `publisher` is the name of the key that signs it, or empty.

    Of models with the same reference, the newest revision comes first.
    """

    serial: int
    created_at: str
    publisher: str
    models: tuple[MirrorModel, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_bytes(
            {"kind": KIND, "format": FORMAT, **cast("dict[str, Json]", asdict(self))}
        )

    def files_of(self, reference: str, revision: str | None) -> tuple[str, dict[str, MirrorFile]]:
        """The revision and files of a repository, at the newest revision when None; empty where it has none."""
        key = reference.casefold()
        same = [m for m in self.models if m.reference.casefold() == key]
        wanted = revision or (same[0].revision if same else "")
        files = {f.path: f for m in same if m.revision == wanted for f in m.files}
        return wanted, files

    def blobs(self) -> dict[str, int]:
        """Size by digest of every file that is needed."""
        return {file.sha256: file.size_bytes for model in self.models for file in model.files}


def blob_path(sha256: str) -> str:
    """Where a file's content lies."""
    hexadecimal = sha256.removeprefix("sha256:")
    return f"{BLOBS}/{hexadecimal[:2]}/{hexadecimal}"


def parse_index(data: bytes) -> MirrorIndex:
    """Read an index whose signature was checked, or that policy takes unsigned. Strict and bounded all the same.

    Raises:
        MirrorDamaged: it is not one.
    """
    if len(data) > INDEX_BYTES:
        raise _damaged("it is too large")
    try:
        value = strict_loads(data, what="The mirror's index")
    except MalformedInput as error:
        raise _damaged(error.message) from error
    if not isinstance(value, dict) or value.get("kind") != KIND or value.get("format") != FORMAT:
        raise _damaged("it is of another kind or a newer version")
    models = value.get("models")
    serial = records.number(value.get("serial"))
    if not isinstance(models, list) or len(models) > MOST_MODELS or not serial:
        raise _damaged("its serial number or list of models is missing")
    return MirrorIndex(
        serial,
        records.text(value.get("created_at"), 40),
        records.text(value.get("publisher"), records.NAME_CHARS),
        tuple(_model(item) for item in models),
    )


def _model(item: Json) -> MirrorModel:
    if not isinstance(item, dict):
        raise _damaged("a model is not an object")
    reference, revision, digest = item.get("reference"), item.get("revision"), item.get("digest")
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        raise _damaged("a model's reference is not owner/name")
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision):
        raise _damaged(f"{reference} has no revision")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise _damaged(f"{reference} has no digest")
    listed = item.get("files")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_FILES:
        raise _damaged(f"{reference} has no list of files")
    files = tuple(_file(file, reference) for file in listed)
    try:
        check_paths([file.path for file in files])
    except UnsafePath as error:
        raise _damaged(f"{reference} has a path that is not safe") from error
    texts = {name: records.text(item.get(name), records.NAME_CHARS) for name in _TEXTS}
    return MirrorModel(
        reference=reference,
        revision=revision,
        digest=digest,
        parameters=records.number(item.get("parameters")),
        context_length=records.number(item.get("context_length")),
        base_models=records.texts(
            item.get("base_models") or [], records.REFERENCE_CHARS, records.MOST_BASES
        ),
        files=files,
        **texts,
    )


def _file(item: Json, reference: str) -> MirrorFile:
    value = item if isinstance(item, dict) else {}
    path, sha256 = value.get("path"), value.get("sha256")
    size_bytes = records.number(value.get("size_bytes"))
    fine = isinstance(sha256, str) and _DIGEST.fullmatch(sha256) and size_bytes is not None
    if not fine or not isinstance(path, str):
        raise _damaged(f"a file of {reference} has no path, size or digest")
    return MirrorFile(path, cast("int", size_bytes), cast("str", sha256))


def _damaged(what: str) -> MirrorDamaged:
    return MirrorDamaged(
        f"The mirror's index cannot be used: {what}. Nothing was taken from it.",
        next_step="Tell whoever runs the mirror.",
        what=what,
    )


def records_of(index: MirrorIndex) -> Iterator[Record]:
    """One record a repository, with its newest revision's models as variants."""
    by_reference: dict[str, list[MirrorModel]] = {}
    for model in index.models:
        same = by_reference.setdefault(model.reference.casefold(), [])
        if not same or same[0].revision == model.revision:
            same.append(model)
    for models in by_reference.values():
        first = models[0]
        yield Record(
            reference=first.reference,
            title=first.title or first.name,
            publisher=first.publisher,
            architecture=first.architecture,
            parameters=first.parameters,
            context_length=first.context_length,
            declared_license=first.declared_license,
            license_id=known_id(first.declared_license),
            base_models=first.base_models,
            revision=first.revision,
            updated=index.created_at,
            variants=tuple(_variant(model) for model in models),
            complete=True,
        )


def _variant(model: MirrorModel) -> Variant:
    weights = [f for f in model.files if f.path.endswith((".gguf", ".safetensors"))]
    main = f":{weights[0].path}" if weights and model.format == "gguf" else ""
    return Variant(
        label=model.quantization or model.name,
        reference=f"{model.reference}{main}",
        format=model.format,
        quantization=model.quantization,
        size_bytes=sum(file.size_bytes for file in weights or model.files),
        sha256=weights[0].sha256 if len(weights) == 1 else None,
    )
