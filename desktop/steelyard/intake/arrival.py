"""From bytes in quarantine to a model: the one path that every file from outside takes, whoever brought it.

In order: do the bytes match what was declared; were they refused before; does the structure scan, in a worker
without a network, find them well-formed; are they still what was hashed; what do they say of their license;
and which state does policy give them. Whatever is not admitted stays in quarantine, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.base.errors import Cancelled, CheckFailed, Json, MalformedInput, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.intake import declared, license_evidence
from steelyard.intake.admission import (
    DEFAULT_REQUIRED,
    approved_by_policy,
    decide_admission,
    missing_facts,
)
from steelyard.intake.errors import DigestMismatch, RefusedBefore, ScanFoundProblems, SourceChanged
from steelyard.store.blobs import discard_file
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors
from steelyard.store.errors import NameTaken
from steelyard.store.index import Place
from steelyard.store.names import check_name, name_from
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.records import (
    FileEntry,
    Manifest,
    Model,
    PublisherHash,
    Scan,
    Source,
    State,
    Trust,
)
from steelyard.store.states import IN_STORE
from steelyard.store.store import Store

if TYPE_CHECKING:
    from steelyard.formats.model_facts import ModelFacts

Judge = Callable[[Path, Reporter], "ModelFacts"]
"""Says what a model file or folder is, or raises `MalformedInput`; `runtime.inspection.scan_in_worker`."""

TITLE_CHARS = 200


def scan_in_worker(path: Path, report: Reporter) -> ModelFacts:
    """The judge everything from outside gets: our own readers, in a process of their own."""
    from steelyard.runtime.inspection import scan_in_worker as scan  # noqa: PLC0415  # brings the workers

    return scan(path, report)


@dataclass(frozen=True)
class ArrivedFile:
    """A file in quarantine, hashed on its way in.

    Attributes:
        path: inside the model.
        location: where it lies.
        declared: `sha256:<hex>` or `git:<hex>` that its publisher declares, or None.
        publisher_hash: what came of holding the bytes against it.
    """

    path: str
    location: Path
    reading: Reading
    declared: str | None = None
    publisher_hash: PublisherHash = PublisherHash.NONE_GIVEN

    @property
    def entry(self) -> FileEntry:
        """Its line in the manifest."""
        return FileEntry(
            self.path, self.reading.size_bytes, self.reading.sha256, self.publisher_hash
        )


@dataclass(frozen=True)
class Arrival:
    """What came in and is to be judged.

    Attributes:
        folder: the quarantine folder, locked.
        files: every file of the model.
        format: `gguf` or `safetensors`, by the files' names.
        main: path of the first weights file.
        name: wish for a name; `name_given` when a person chose it.
        signed_by: name of the trusted key whose signature over these very digests was checked, or None.
    """

    folder: QuarantineFolder
    files: tuple[ArrivedFile, ...]
    format: str
    main: str
    source: Source
    name: str
    name_given: bool = False
    publisher: str = ""
    signed_by: str | None = None


def overall(files: tuple[ArrivedFile, ...]) -> PublisherHash:
    """The model's first trust fact, from its files': one that differs decides, all must match to match."""
    kinds = {file.publisher_hash for file in files}
    if PublisherHash.DIFFERS in kinds:
        return PublisherHash.DIFFERS
    if kinds == {PublisherHash.MATCHES}:
        return PublisherHash.MATCHES
    return PublisherHash.NONE_GIVEN


def take_in(
    store: Store,
    arrival: Arrival,
    report: Reporter,
    *,
    judge: Judge | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
) -> Model:
    """Judge what arrived and admit it, or hold it and say why.

    Returns:
        The model, `admitted` or `verified`.

    Raises:
        DigestMismatch, RefusedBefore: the bytes are not the publisher's.
        MalformedInput: the scan's own error, its facts extended by where the bytes are now.
        ScanFoundProblems: the scan found what policy does not let in.
        NameTaken, DiskFull: see `Store.admit`.
        Cancelled: nothing is recorded; the caller removes the folder.
    """
    report("admitting", 0, None, unit="items", detail=arrival.name)
    publisher_hash = overall(arrival.files)
    if publisher_hash is PublisherHash.DIFFERS:
        raise hold_mismatch(store, arrival)
    _check_not_refused_before(store, arrival, publisher_hash)
    if (known := _known(store, arrival, publisher_hash, required)) is not None:
        return known
    _clear_strays(arrival)
    facts = _judged(store, arrival, publisher_hash, report=report, judge=judge or scan_in_worker)
    _check_untouched(arrival)
    manifest = _manifest(arrival, facts)
    trust = Trust(
        publisher_hash=publisher_hash,
        signed_by=arrival.signed_by,
        scan=Scan.FINDINGS if facts.findings else Scan.CLEAN,
        approved_by=approved_by_policy(required),
        findings=tuple(plain(finding, 1000) for finding in facts.findings),
    )
    state = decide_admission(trust, required)
    as_json = facts.as_json()
    if state not in IN_STORE:
        # Policy approves what it lets in, not what it turns away.
        trust = replace(trust, approved_by=None)
        raise _hold_findings(store, arrival, manifest, trust=trust, state=state, facts=as_json)
    return store.admit(
        manifest,
        {file.path: file.location for file in arrival.files},
        trust,
        state,
        _waiting_for(trust, required),
        facts=as_json,
        name_given=arrival.name_given,
    )


def recognise(store: Store, arrival: Arrival, required: frozenset[str]) -> Model | None:
    """The model, if the store has it whole and scanned, with what this arrival adds to its facts; else None.

    Nothing of the files is needed but their digests: whoever knows those beforehand need not fetch them.
    """
    return _known(store, arrival, overall(arrival.files), required)


def hold_mismatch(store: Store, arrival: Arrival) -> DigestMismatch:
    """Keep bytes that differ from what was declared in quarantine; return the error to raise."""
    wrong = next(f for f in arrival.files if f.publisher_hash is PublisherHash.DIFFERS)
    actual = wrong.reading.sha256
    reason = f"{wrong.path} does not match its publisher's digest."
    trust = Trust(publisher_hash=PublisherHash.DIFFERS)
    declared.keep(arrival.folder.path, {f.path: f.declared for f in arrival.files if f.declared})
    model = store.hold(_bare(arrival), arrival.folder, trust, State.QUARANTINED, reason)
    kept = store.entry(model.digest).place is Place.QUARANTINE
    return DigestMismatch(
        f"{wrong.path} does not match the digest its publisher declared (declared {wrong.declared}, "
        f"received {actual}). "
        + (
            "It was moved to quarantine; nothing was installed."
            if kept
            else f"The same bytes are in the store as {model.name}; that model was not changed."
        ),
        next_step="Download it again, or ask the sender for a new copy and the right digest.",
        path=wrong.path,
        expected=wrong.declared,
        actual=actual,
        model=model.name,
        digest=model.digest,
    )


def plain(text: str, limit: int = TITLE_CHARS) -> str:
    """Text from outside on one line: no control characters, no lone surrogates, at most `limit` long."""
    text = re.sub(r"\s+", " ", text.encode("utf-8", "replace").decode())
    return "".join(c for c in text if c.isprintable()).strip()[:limit]


def check_name_is_free(store: Store, name: str, size_bytes: int) -> None:
    """Refuse a taken name before forty gigabytes are copied, unless it may be the same model again.

    Raises:
        InvalidName: no platform-safe name.
        NameTaken: another model in the store has it.
    """
    entry = store.index.by_name(check_name(name))
    if entry is None or entry.place is not Place.STORE:
        return
    if entry.model.manifest.size_bytes != size_bytes:
        raise NameTaken(
            f"The name {name} is taken by another model. Nothing was taken in.",
            next_step="Choose another name, or remove that model first.",
            name=name,
            digest=entry.model.digest,
        )


def _bare(arrival: Arrival) -> Manifest:
    """A manifest from what is known without opening anything."""
    return Manifest(
        name=name_from(arrival.name),
        title=plain(arrival.name),
        publisher=plain(arrival.publisher),
        format=arrival.format,
        quantization="",
        architecture="",
        parameters=None,
        context_length=None,
        tokenizer_digest=None,
        template_digest=None,
        files=tuple(file.entry for file in sorted(arrival.files, key=lambda file: file.path)),
        source=arrival.source,
    )


def _manifest(arrival: Arrival, facts: ModelFacts) -> Manifest:
    files = {file.path: file.location for file in arrival.files}
    card = license_evidence.card_of(files)
    header = facts.header_license if facts.format == "gguf" else None
    bases = dict.fromkeys((*facts.base_models, *card.base_models))
    return replace(
        _bare(arrival),
        title=plain(facts.title) or plain(arrival.name),
        publisher=plain(facts.publisher) or plain(arrival.publisher),
        format=facts.format,
        quantization=plain(facts.quantization),
        architecture=plain(facts.architecture),
        parameters=facts.parameters,
        context_length=facts.context_length,
        tokenizer_digest=facts.tokenizer_digest,
        template_digest=facts.template_digest,
        license=license_evidence.gather(files, card, header),
        base_models=tuple(plain(name) for name in bases if plain(name)),
    )


def _check_not_refused_before(
    store: Store, arrival: Arrival, publisher_hash: PublisherHash
) -> None:
    entry = store.index.by_digest(_bare(arrival).digest)
    if entry is None or entry.place is not Place.QUARANTINE:
        return
    differed = entry.model.trust.publisher_hash is PublisherHash.DIFFERS
    if differed and publisher_hash is not PublisherHash.MATCHES:
        raise RefusedBefore(
            f"These bytes are in quarantine as {entry.model.name}: they differ from what their "
            "publisher declared. Nothing was taken in.",
            next_step="Give the right digest with --sha256, or remove the quarantined model first.",
            model=entry.model.name,
            digest=entry.model.digest,
        )


def _known(
    store: Store, arrival: Arrival, publisher_hash: PublisherHash, required: frozenset[str]
) -> Model | None:
    """The model, if it is in the store, whole and scanned; with what this arrival adds to its facts."""
    bare = _bare(arrival)
    entry = store.index.by_digest(bare.digest)
    if entry is None or entry.model.trust.scan is not Scan.CLEAN:
        return None
    if not store.check_unchanged(entry.model):
        return None
    old = entry.model.trust
    said_now = publisher_hash is not PublisherHash.NONE_GIVEN
    trust = replace(
        old,
        publisher_hash=publisher_hash if said_now else old.publisher_hash,
        signed_by=arrival.signed_by or old.signed_by,
        approved_by=old.approved_by or approved_by_policy(required),
    )
    manifest = replace(entry.model.manifest, files=bare.files)
    state = decide_admission(trust, required)
    return store.admit(manifest, {}, trust, state, _waiting_for(trust, required))


def _clear_strays(arrival: Arrival) -> None:
    """Remove what lies in the folder and is no file of the model: it is neither judged nor kept."""
    known = {file.location for file in arrival.files}
    with disk_errors(arrival.folder.files):
        for path in arrival.folder.files.rglob("*"):
            if path not in known and (path.is_symlink() or not path.is_dir()):
                discard_file(path)


def _judged(
    store: Store,
    arrival: Arrival,
    publisher_hash: PublisherHash,
    *,
    report: Reporter,
    judge: Judge,
) -> ModelFacts:
    folder = arrival.folder.files
    main = next(file.location for file in arrival.files if file.path == arrival.main)
    try:
        # Every file is judged, also parts, cards and license texts that no engine opens.
        alone = arrival.format == "gguf" and len(arrival.files) == 1
        return judge(main if alone else folder, report)
    except Cancelled:
        raise
    except SteelyardError as error:
        # A worker that died or hung has not judged; the bytes wait, and are never admitted for it.
        malformed = isinstance(error, MalformedInput | CheckFailed)
        state = State.REJECTED if malformed else State.QUARANTINED
        trust = Trust(
            publisher_hash=publisher_hash,
            signed_by=arrival.signed_by,
            scan=Scan.FINDINGS if malformed else Scan.NOT_RUN,
            findings=(plain(error.message, 1000),) if malformed else (),
        )
        reason = plain(error.message, 1000)
        model = store.hold(_bare(arrival), arrival.folder, trust, state, reason)
        facts: dict[str, Json] = {**error.facts, "model": model.name, "digest": model.digest}
        raise type(error)(
            f"{error.message} It was moved to quarantine; nothing was installed.",
            next_step=error.next_step or "Ask the sender for a new copy, or remove it.",
            **facts,
        ) from error


def _check_untouched(arrival: Arrival) -> None:
    """The bytes that were judged, and will be admitted, are those that were hashed."""
    for file in arrival.files:
        if file.reading.signature is None or signature(file.location) != file.reading.signature:
            raise SourceChanged(
                f"{file.path} changed in quarantine while it was judged. Nothing was taken in.",
                next_step="Find out which program writes there, then try again.",
                path=file.path,
            )


def _hold_findings(
    store: Store,
    arrival: Arrival,
    manifest: Manifest,
    *,
    trust: Trust,
    state: State,
    facts: dict[str, Json],
) -> ScanFoundProblems:
    reason = " ".join(trust.findings) or "It was not scanned."
    model = store.hold(manifest, arrival.folder, trust, state, reason, facts=facts)
    return ScanFoundProblems(
        f"The scan found what is not let in: {reason} It was moved to quarantine; nothing was "
        "installed.",
        next_step="Ask the publisher for a copy without it, or whoever manages this machine.",
        findings=list(trust.findings),
        model=model.name,
        digest=model.digest,
    )


def _waiting_for(trust: Trust, required: frozenset[str]) -> str:
    missing = missing_facts(trust, required)
    return f"Waits for: {', '.join(missing)}." if missing else ""
