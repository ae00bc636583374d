"""`bundle.json`: what a bundle carries, as its sender says.

It is canonical JSON and is parsed only once its digest stands in a statement that was believed. Even then every
field is checked: a trusted sender can be mistaken too. What it says of trust (who approved, what the scan found)
is the sender's word and never becomes this installation's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import cast

from steelyard.base.canonical import canonical_bytes
from steelyard.base.clock import parse_utc
from steelyard.base.errors import Json, MalformedInput
from steelyard.bundles import layout
from steelyard.bundles.blocks import DIGEST_BYTES, count, needs_list
from steelyard.bundles.errors import MalformedBundle
from steelyard.formats.bounded_json import loads_bounded
from steelyard.store.manifests import manifest_from, to_text, trust_from
from steelyard.store.records import Manifest, PublisherHash, Source, Trust, identity

FORMAT = 1
KIND = "steelyard-bundle"
MOST_VALUES = 120_000
MOST_SERIAL = 2**53 - 1
TEXT_CHARS = 4_000

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Sender:
    """Who made a bundle.

    Attributes:
        name: what the sender calls the key; to be believed only with its signature.
        fingerprint: of the key, `sha256:<hex>`; empty for an unsigned bundle.
    """

    name: str
    fingerprint: str


@dataclass(frozen=True)
class CarriedModel:
    """A model, and what its sender's store held about it."""

    manifest: Manifest
    state: str
    trust: Trust

    @property
    def prefix(self) -> str:
        """The folder of its files in the bundle, with a slash at the end."""
        return layout.model_path(self.manifest.name, "")


@dataclass(frozen=True)
class CarriedFile:
    """A file of the bundle, every one but `bundle.json` and the signatures."""

    path: str
    size_bytes: int
    sha256: str
    kind: str


@dataclass(frozen=True)
class BundleManifest:
    """All of `bundle.json`. `created_at` is the sender's clock."""

    serial: int
    sender: Sender
    created_at: str
    program: str
    models: tuple[CarriedModel, ...]
    files: tuple[CarriedFile, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files it lists."""
        return sum(file.size_bytes for file in self.files)

    @property
    def evidence_bytes(self) -> int:
        """Of the files that are neither a model's nor block hashes."""
        return sum(file.size_bytes for file in self.files if layout.is_evidence(file.kind))

    def to_bytes(self) -> bytes:
        """The file's content.

        Raises:
            MalformedInput: a text in it has no canonical form.
        """
        models: list[Json] = [
            {
                "manifest": _as_json(to_text(model.manifest)),
                "digest": model.manifest.digest,
                "state": model.state,
                "trust": _as_json(to_text(model.trust)),
            }
            for model in self.models
        ]
        files: list[Json] = [cast("Json", asdict(file)) for file in self.files]
        return canonical_bytes(
            {
                "kind": KIND,
                "format": FORMAT,
                "serial": self.serial,
                "sender": cast("Json", asdict(self.sender)),
                "created_at": self.created_at,
                "program": self.program,
                "models": models,
                "files": files,
            }
        )


def without_places(manifest: Manifest) -> Manifest:
    """A manifest to give away: a path on the sender's disk tells of people, not of the model, so only the last
    part of it goes along."""
    source = manifest.source
    if source.kind == "bundle" or source.path is None:
        return manifest
    name = source.path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return replace(manifest, source=replace(source, path=name))


def read_manifest(data: bytes) -> BundleManifest:
    """The inverse of `BundleManifest.to_bytes`.

    Raises:
        MalformedBundle: it has another form, another version's, or contradicts itself; naming where.
    """
    try:
        value = loads_bounded(data, what="bundle.json", max_values=MOST_VALUES)
        if canonical_bytes(value) != data:
            raise _wrong("its form (not canonical JSON)")
        found = _read(_object(value, "bundle.json"))
    except MalformedBundle:
        raise
    except MalformedInput as error:
        raise MalformedBundle(
            f"bundle.json does not have its form: {error.message}",
            next_step="Ask the sender for a new bundle.",
            path=layout.MANIFEST,
        ) from error
    _check_models(found)
    return found


def _read(document: Mapping[str, Json]) -> BundleManifest:
    if document.get("kind") != KIND:
        raise _wrong("kind")
    if document.get("format") != FORMAT:
        raise MalformedBundle(
            "The bundle was made by another version of Steelyard, in a form that is not known here.",
            next_step="Use the newer version.",
            path=layout.MANIFEST,
            format=document.get("format"),
        )
    expected = {"kind", "format", "serial", "sender", "created_at", "program", "models", "files"}
    if set(document) != expected:
        raise _wrong("its fields")
    serial = document["serial"]
    if isinstance(serial, bool) or not isinstance(serial, int) or not 1 <= serial <= MOST_SERIAL:
        raise _wrong("serial")
    created_at = _text(document, "created_at", 40)
    try:
        parse_utc(created_at)
    except ValueError:
        raise _wrong("created_at") from None
    return BundleManifest(
        serial=serial,
        sender=_sender(_object(document["sender"], "sender")),
        created_at=created_at,
        program=_text(document, "program", 200),
        models=tuple(
            _model(_object(model, "models"))
            for model in _list(document["models"], "models", layout.MOST_MODELS)
        ),
        files=tuple(
            _file(_object(file, "files"))
            for file in _list(document["files"], "files", layout.MOST_FILES)
        ),
    )


def _sender(value: Mapping[str, Json]) -> Sender:
    sender = Sender(_text(value, "name", 200), _text(value, "fingerprint", 100))
    if sender.fingerprint and not _SHA256.fullmatch(sender.fingerprint):
        raise _wrong("sender")
    return sender


def _model(value: Mapping[str, Json]) -> CarriedModel:
    manifest = manifest_from(_as_text(value.get("manifest")))
    if value.get("digest") != manifest.digest:
        raise _wrong(f"the digest of {manifest.name}")
    if any(file.publisher_hash is PublisherHash.DIFFERS for file in manifest.files):
        raise _wrong(f"{manifest.name} differs from what its publisher declared")
    for text in (manifest.title, manifest.publisher, manifest.quantization, manifest.architecture):
        if len(text) > TEXT_CHARS:
            raise _wrong(f"a text of {manifest.name[:100]}")
    return CarriedModel(
        manifest, _text(value, "state", 40), trust_from(_as_text(value.get("trust")))
    )


def _file(value: Mapping[str, Json]) -> CarriedFile:
    size, sha256 = value.get("size_bytes"), _text(value, "sha256", 100)
    if isinstance(size, bool) or not isinstance(size, int) or not _SHA256.fullmatch(sha256):
        raise _wrong("files")
    path = _text(value, "path", layout.PATH_CHARS)
    if layout.check_member(path, size) != value.get("kind"):
        raise _wrong(f"the kind of {path}")
    return CarriedFile(path, size, sha256, str(value["kind"]))


def _check_models(found: BundleManifest) -> None:
    """The models' own files are exactly those listed under their names, and large ones have block hashes."""
    by_path = {file.path: file for file in found.files}
    if len(by_path) != len(found.files) or any(
        layout.is_signature(path) or path == layout.MANIFEST for path in by_path
    ):
        raise _wrong("files")
    layout.check_together(by_path)
    if found.evidence_bytes > layout.EVIDENCE_TOTAL_BYTES:
        raise _wrong("its evidence is larger than any evidence is")
    listed: dict[str, set[str]] = {}
    for path in by_path:
        if path.startswith(f"{layout.MODELS}/"):
            listed.setdefault(path.split("/")[1], set()).add(path)
    named: set[str] = set()
    digests: set[str] = set()
    for model in found.models:
        name = model.manifest.name
        own = {layout.model_path(name, entry.path): entry for entry in model.manifest.files}
        if not own or name in named or model.manifest.digest in digests:
            raise _wrong(f"the model {name}")
        for path, entry in own.items():
            file = by_path.get(path)
            if file is None or (file.size_bytes, file.sha256) != (entry.size_bytes, entry.sha256):
                raise _wrong(path)
        if len(own) != len(model.manifest.files) or listed.get(name) != set(own):
            raise _wrong(f"the files of {name}")
        if identity(model.manifest.files) != model.manifest.digest:
            raise _wrong(f"the digest of {name}")
        named.add(name)
        digests.add(model.manifest.digest)
    if not named or set(listed) != named:
        raise _wrong("models")
    lists = {
        layout.blocks_path(file.sha256): count(file.size_bytes) * DIGEST_BYTES
        for file in found.files
        if file.kind in ("weights", "model") and needs_list(file.size_bytes)
    }
    if lists != {f.path: f.size_bytes for f in found.files if f.kind == "blocks"}:
        raise _wrong("block hashes")


def origin(model: CarriedModel, sender: str, serial: int) -> Source:
    """Where a model taken from a bundle came from: the bundle, and where its sender had it from."""
    told = model.manifest.source
    return Source(
        "bundle",
        path=f"{sender or 'unsigned'} #{serial}",
        endpoint=told.endpoint,
        repository=told.repository,
        commit=told.commit,
    )


def _as_json(text: str) -> Json:
    return loads_bounded(text.encode(), what="a manifest", max_values=MOST_VALUES)


def _as_text(value: Json) -> str:
    return canonical_bytes(value).decode()


def _object(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise _wrong(where)
    return value


def _list(value: Json, where: str, limit: int) -> list[Json]:
    if not isinstance(value, list) or len(value) > limit:
        raise _wrong(where)
    return value


def _text(value: Mapping[str, Json], key: str, limit: int) -> str:
    text = value.get(key)
    if not isinstance(text, str) or len(text) > limit:
        raise _wrong(key)
    return text


def _wrong(where: str) -> MalformedBundle:
    return MalformedBundle(
        f"bundle.json contradicts its form or itself: {where[:200]}. Nothing was taken in.",
        next_step="Ask the sender for a new bundle.",
        path=layout.MANIFEST,
    )
