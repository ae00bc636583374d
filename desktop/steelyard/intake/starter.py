"""The starter model: what the installation itself brings, so that everything works without a network.

Its files are held to the digests shipped beside them while they are copied. What the scan says of exactly these
bytes is shipped too; else our own readers look at them in this process, since they are not from outside. Whoever
removes the starter is not given it again.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from steelyard.base.canonical import strict_loads
from steelyard.base.digests import parse_digest
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Json, MalformedInput, NotFound
from steelyard.base.paths import resource
from steelyard.intake import license_evidence
from steelyard.intake.copying import copy_while_hashing
from steelyard.intake.errors import DigestMismatch
from steelyard.store.names import check_name, check_paths
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.records import (
    FileEntry,
    LicenseEvidence,
    Manifest,
    Model,
    PublisherHash,
    Scan,
    Source,
    State,
    Trust,
    identity,
)
from steelyard.store.store import Store

if TYPE_CHECKING:
    from steelyard.formats.facts_record import ModelFacts

TITLE = "Starter: checks this installation, not for work"
FORMAT = 1
JUDGED = "judged.json"


@dataclass(frozen=True)
class StarterModel:
    """One model of the shipped manifest. `sources` gives each file's place by its path in the model."""

    name: str
    format: str
    quantization: str
    parameters: int
    files: tuple[FileEntry, ...]
    sources: dict[str, Path]
    folder: Path

    @property
    def digest(self) -> str:
        """The model's identity, known before anything is read."""
        return identity(self.files)


def ensure_starter(store: Store, folder: Path | None = None) -> None:
    """Put each shipped model into the store that is not there and that nobody removed.

    A newer version of one takes the place of the older.

    Args:
        folder: where the manifest lies; the installation's own by default.

    Raises:
        NotFound, SourceUnreadable, MalformedInput, DigestMismatch: the installation is not complete or
            was damaged.
        DiskFull: no room.
    """
    folder = folder or resource("starter", "manifest.json").parent
    starters = read_manifest(folder)
    missing = [starter for starter in starters if _is_wanted(store, starter)]
    for starter in missing:
        _admit(store, starter)


def read_manifest(folder: Path) -> tuple[StarterModel, ...]:
    """The models a starter folder ships.

    Raises:
        NotFound: there is no manifest.
        MalformedInput: it is not one.
    """
    path = folder / "manifest.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"The starter model of this installation cannot be read ({error.strerror or error}).",
            next_step="Install Steelyard again.",
            path=str(path),
        ) from error
    value = strict_loads(data, what="The starter's manifest")
    try:
        assert isinstance(value, dict)
        if value["format"] != FORMAT:
            raise KeyError("format")
        models = value["models"]
        assert isinstance(models, list)
        return tuple(_model(item, folder) for item in models)
    except (KeyError, TypeError, AssertionError) as error:
        raise MalformedInput(
            f"The starter's manifest is not complete ({error}).",
            next_step="Install Steelyard again.",
        ) from error


def _model(item: Json, folder: Path) -> StarterModel:
    assert isinstance(item, dict)
    files, sources = [], {}
    listed = item["files"]
    assert isinstance(listed, list)
    for entry in listed:
        assert isinstance(entry, dict)
        path, size_bytes = str(entry["path"]), entry["size_bytes"]
        assert isinstance(size_bytes, int)
        digest = parse_digest(str(entry["sha256"]))
        files.append(FileEntry(path, size_bytes, digest, PublisherHash.MATCHES))
        sources[path] = folder.joinpath(*str(entry["source"]).split("/"))
    check_paths(sources)
    parameters = item["parameters"]
    assert isinstance(parameters, int)
    return StarterModel(
        check_name(str(item["name"])),
        str(item["format"]),
        str(item["quantization"]),
        parameters,
        tuple(sorted(files, key=lambda entry: entry.path)),
        sources,
        folder,
    )


def _is_wanted(store: Store, starter: StarterModel) -> bool:
    entry = store.index.by_digest(starter.digest)
    if entry is not None:
        return entry.whole_state is not None  # damaged: the installation can repair it
    before = [
        model
        for model in store.models()
        if model.manifest.source.kind == "starter" and model.manifest.source.path == starter.name
    ]
    removed = bool(before) and all(model.state is State.RETIRED for model in before)
    return not removed


def _admit(store: Store, starter: StarterModel) -> Model:
    for model in store.models():
        source = model.manifest.source
        older = source.kind == "starter" and source.path == starter.name
        if older and model.state is not State.RETIRED and model.digest != starter.digest:
            store.remove(model)
    folder = store.new_quarantine()
    try:
        staged = _copy(starter, folder)
        manifest, facts = _describe(starter, staged, folder)
        trust = Trust(
            publisher_hash=PublisherHash.MATCHES,
            scan=Scan.FINDINGS if facts.findings else Scan.CLEAN,
            approved_by="policy",
            findings=facts.findings,
        )
        return store.admit(manifest, staged, trust, State.ADMITTED, facts=facts.as_json())
    finally:
        folder.discard()


def _copy(starter: StarterModel, folder: QuarantineFolder) -> dict[str, Path]:
    staged = {}
    for entry in starter.files:
        target = folder.file(entry.path)
        if not starter.sources[entry.path].is_file():
            raise NotFound(
                f"{entry.path} of the starter model is missing from this installation.",
                next_step="Install Steelyard again.",
                path=str(starter.sources[entry.path]),
            )
        reading = copy_while_hashing(starter.sources[entry.path], target, lambda _: None)
        if reading.sha256 != entry.sha256:
            raise DigestMismatch(
                f"{entry.path} of the starter model is not what was shipped. It was not taken in.",
                next_step="Install Steelyard again.",
                path=entry.path,
                expected=entry.sha256,
                actual=reading.sha256,
            )
        staged[entry.path] = target
    return staged


def write_judged(folder: Path) -> Path:
    """Scan what a starter folder ships and write `judged.json` beside its manifest; returns its path.

    A first start then need not ask again what was found when the same bytes were made. Run it after the recipe
    (`python -m steelyard.intake.starter resources/starter`); a test holds the two together.
    """
    path = folder / JUDGED
    text = json.dumps(judge_shipped(folder), indent=1, sort_keys=True)
    write_bytes(path, f"{text}\n".encode(), mode=0o644)
    return path


def judge_shipped(folder: Path) -> dict[str, Json]:
    """What the scan and the license witnesses say of each shipped model, by its digest."""
    judged: dict[str, Json] = {}
    for starter in read_manifest(folder):
        with tempfile.TemporaryDirectory() as place:
            files = {}
            for path, source in starter.sources.items():
                files[path] = Path(place, path)
                files[path].parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, files[path])
            judged[starter.digest] = _judge(files, Path(place))
    return judged


def _judge(files: dict[str, Path], folder: Path) -> dict[str, Json]:
    from steelyard.formats.model_facts import scan  # noqa: PLC0415  # only where it is not known yet

    weights = [path for path in files if path.endswith(".gguf")]
    facts = scan(files[weights[0]] if weights else folder)
    header = facts.header_license if facts.format == "gguf" else None
    evidence = license_evidence.gather(files, license_evidence.card_of(files), header)
    return {"facts": facts.as_json(), "license": cast("Json", asdict(evidence))}


def _known(starter: StarterModel) -> dict[str, Json] | None:
    path = starter.folder / JUDGED
    if not path.is_file():
        return None
    value = strict_loads(path.read_bytes(), what="What is known of the starter")
    known = value.get(starter.digest) if isinstance(value, dict) else None
    return known if isinstance(known, dict) else None


def _describe(
    starter: StarterModel, staged: dict[str, Path], folder: QuarantineFolder
) -> tuple[Manifest, ModelFacts]:
    from steelyard.formats.facts_record import ModelFacts  # noqa: PLC0415  # only on the first start

    judged = _known(starter) or _judge(staged, folder.files)
    recorded, evidence = judged["facts"], judged["license"]
    assert isinstance(recorded, dict)
    assert isinstance(evidence, dict)
    facts = ModelFacts.from_json(recorded)
    manifest = Manifest(
        name=starter.name,
        title=TITLE,
        publisher="Steelyard",
        format=starter.format,
        quantization=starter.quantization,
        architecture=facts.architecture,
        parameters=starter.parameters,
        context_length=facts.context_length,
        tokenizer_digest=facts.tokenizer_digest,
        template_digest=facts.template_digest,
        files=starter.files,
        source=Source("starter", path=starter.name),
        license=LicenseEvidence(**evidence),  # type: ignore[arg-type]  # written from one, see _judge
        base_models=facts.base_models,
    )
    return manifest, facts


if __name__ == "__main__":
    write_judged(Path(sys.argv[1]))
