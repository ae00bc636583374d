"""Taking a bundle in: checked before a byte is copied, verified while it is copied, judged like every import.

A model comes in whole or not at all. What is interrupted (a stick removed, a process killed, a full disk) or
damaged stays in quarantine and is gone on with by the next import of the same bundle, also from another copy of it.
The bundle's number is used up only when every model in it came to an end, good or bad.

About the four trust facts: the signature is checked here; the scan is run here; approval is given here or not at
all. Whether the bytes match what their publisher declared was seen by the sender, who was on the network side. As
the bytes are the same, by digest, and a trusted key vouches for it, that fact is carried over where the bundle is
signed; from an unsigned bundle it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from steelyard.base.canonical import canonical_bytes
from steelyard.base.clock import iso_utc
from steelyard.base.durable import write_bytes
from steelyard.base.errors import Cancelled, Json, MalformedInput, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.bundles import evidence, layout, manifest
from steelyard.bundles.checking import Opened
from steelyard.bundles.copies import Copies
from steelyard.bundles.errors import MalformedBundle, OldSerial
from steelyard.bundles.fetching import Fetched, fetch
from steelyard.bundles.ledger import Ledger
from steelyard.bundles.manifest import CarriedFile, CarriedModel
from steelyard.bundles.sources import Source
from steelyard.bundles.verifying import Finding
from steelyard.intake.admission import DEFAULT_REQUIRED
from steelyard.intake.arrival import Arrival, ArrivedFile, Judge, plain, recognise, take_in
from steelyard.intake.choosing import Choice, choose
from steelyard.intake.errors import RefusedBefore, ScanFoundProblems
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors, disk_full
from steelyard.store.quarantine import RESUMABLE, QuarantineFolder
from steelyard.store.records import FileEntry, Model, PublisherHash, State
from steelyard.store.store import Store

SPARE_BYTES = 16 * 1024 * 1024
DAMAGED = "damaged"


@dataclass(frozen=True)
class TakenModel:
    """What became of one model.

    Attributes:
        model: as the store has it now; None while it is damaged.
        outcome: `admitted`, `verified`, `rejected`, `quarantined`, or `damaged`: not taken in, can be gone on with.
    """

    carried: CarriedModel
    model: Model | None
    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Imported:
    """What came in.

    Attributes:
        findings: what is damaged, and what was refused.
        complete: every model came to an end, so that the number is used up and a receipt can be given.
        carried: evidence about the models that are in the store now, by path; held against the signature.
        evidence: folders in which what the bundle says of its models is kept.
    """

    models: tuple[TakenModel, ...]
    findings: tuple[Finding, ...]
    complete: bool
    bytes_copied: int
    bytes_reused: int
    bytes_repaired: int
    accepted_old: bool
    carried: Mapping[str, bytes] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


def import_bundle(
    store: Store,
    ledger: Ledger,
    opened: Opened,
    report: Reporter | None = None,
    *,
    second: Source | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
    judge: Judge | None = None,
    accept_old_serial: bool = False,
    settle: Callable[[Imported], None] | None = None,
) -> Imported:
    """Take in every model of an opened bundle.

    Args:
        settle: called once every model came to an end and before the bundle's number is used up, so that what
            must not be lost (runs, the receipt) is made again if the process dies in between.
        second: another copy of the same bundle, to mend damaged blocks from.
        required: trust facts policy requires to admit a model.
        judge: what says whether the bytes are a model; a worker process by default.

    Raises:
        FileMissingInBundle, FileExtraInBundle, FileDiffers, MalformedBundle: the bundle; nothing was copied.
        SecondDiffers: the second copy.
        OldSerial: this or a later bundle of the same sender was taken in before.
        BundleUnreadable: it cannot be read any more; what arrived is kept for the next try.
        StoreAway, StoreReadOnly: the store cannot be changed now.
        DiskFull, DiskFailed, QuarantineBusy: the store's disk, or another import of the same.
        Cancelled: what arrived is kept for the next try.
    """
    opened.require_whole()
    with store.lock():
        pass  # a store that is away or may only be read is said before anything is done
    sender = opened.manifest.sender.fingerprint if opened.believed else ""
    accepted_old = False
    if sender:
        accepted_old = _check_serial(ledger, opened, accept=accept_old_serial)
    copies = Copies(opened, second)
    taking = _Taking(store, copies, report or Reporter(), required, judge)
    choices = [taking.choice(model) for model in opened.manifest.models]
    taking.check_room()
    small = {
        file.path: copies.small(file)
        for file in opened.manifest.files
        if layout.is_evidence(file.kind)
    }
    taken = []
    kept = []
    for model, choice in zip(opened.manifest.models, choices, strict=True):
        kept.append(str(evidence.keep(store.home, opened, model, small)))
        taken.append(taking.take(model, choice))
    imported = Imported(
        models=tuple(taken),
        findings=tuple(taking.findings),
        complete=all(each.outcome != DAMAGED for each in taken),
        bytes_copied=taking.copied,
        bytes_reused=taking.reused,
        bytes_repaired=taking.repaired,
        accepted_old=accepted_old,
        carried=_about(taken, small),
        evidence=tuple(kept),
    )
    if imported.complete:
        if settle is not None:
            settle(imported)
        if sender:
            ledger.record_taken(
                sender,
                opened.manifest.serial,
                opened.digest,
                iso_utc(store.clock()),
                accepted_old=accepted_old,
            )
    return imported


def _check_serial(ledger: Ledger, opened: Opened, *, accept: bool) -> bool:
    """True if the number is old and a person accepts that."""
    try:
        ledger.check_serial(
            opened.manifest.sender.fingerprint, opened.manifest.serial, opened.digest
        )
    except OldSerial:
        if not accept:
            raise
        return True
    return False


def _about(taken: list[TakenModel], small: Mapping[str, bytes]) -> dict[str, bytes]:
    """The evidence about models that came in."""
    came_in = (State.ADMITTED.value, State.VERIFIED.value)
    names = [each.carried.manifest.name for each in taken if each.outcome in came_in]
    return {
        path: data
        for path, data in small.items()
        if any(layout.belongs_to(path, name) for name in names)
    }


@dataclass
class _Taking:
    store: Store
    copies: Copies
    report: Reporter
    required: frozenset[str]
    judge: Judge | None
    findings: list[Finding] = field(default_factory=list)
    done: int = 0
    copied: int = 0
    reused: int = 0
    repaired: int = 0

    @property
    def opened(self) -> Opened:
        return self.copies.opened

    @property
    def total_bytes(self) -> int:
        return sum(model.manifest.size_bytes for model in self.opened.manifest.models)

    def choice(self, model: CarriedModel) -> Choice:
        """Which of the files are weights; a model that brings others than an import takes is refused.

        Raises:
            MalformedBundle.
        """
        sizes: dict[str, int | None] = {e.path: e.size_bytes for e in model.manifest.files}
        try:
            found = choose(sizes)
        except SteelyardError as error:
            raise _no_model(model, error.message.rstrip(".")) from error
        extra = sorted(set(sizes) - set(found.paths))
        if extra or found.format != model.manifest.format:
            raise _no_model(model, f"it brings {', '.join(extra[:5]) or 'another format'} as well")
        return found

    def check_room(self) -> None:
        """Raise if what is still to be copied does not fit.

        Raises:
            DiskFull.
        """
        needed_bytes = SPARE_BYTES + self.opened.manifest.evidence_bytes
        for model in self.opened.manifest.models:
            folder = self.store.home.quarantine / self._identifier(model) / "files"
            for entry in model.manifest.files:
                if not self.store.has_blob(entry.sha256):
                    there = signature(folder.joinpath(*entry.path.split("/")))
                    needed_bytes += entry.size_bytes - (there.size_bytes if there else 0)
        if self.store.free_bytes() < needed_bytes:
            raise disk_full(self.store.home.store, needed_bytes)

    def take(self, model: CarriedModel, choice: Choice) -> TakenModel:
        """Bring one model in, or say why not."""
        folder = self.store.new_quarantine(self._identifier(model))
        try:
            with disk_errors(self.store.home.store):
                self._announce(folder, model)
            arrival = self._arrival(folder, model, choice)
            if (known := recognise(self.store, arrival, self.required)) is not None:
                self.reused += model.manifest.size_bytes
                self._progressed("copying", model.manifest.size_bytes, model.manifest.name)
                _is_done_with(folder)
                return TakenModel(model, known, known.state.value, known.reason)
            files = self._bring(folder, model)
            if files is None:
                return TakenModel(model, None, DAMAGED, "Some of its bytes are damaged.")
            return self._admit(model, replace(arrival, files=files))
        except Cancelled as error:
            raise Cancelled(
                "Cancelled. What arrived is kept.",
                next_step="Import the bundle again to go on where it stopped.",
            ) from error
        finally:
            _leave(self.store, folder)

    def _admit(self, model: CarriedModel, arrival: Arrival) -> TakenModel:
        try:
            admitted = take_in(
                self.store, arrival, self.report, judge=self.judge, required=self.required
            )
        except (RefusedBefore, ScanFoundProblems, MalformedInput) as error:
            # Judged and found bad: it is held in quarantine, and the others go on.
            _is_done_with(arrival.folder)
            held = self.store.index.by_digest(model.manifest.digest)
            state = held.model.state if held is not None else State.REJECTED
            self.findings.append(Finding("refused", model.prefix, error.message))
            return TakenModel(model, held.model if held else None, state.value, error.message)
        _is_done_with(arrival.folder)
        return TakenModel(model, admitted, admitted.state.value, admitted.reason)

    def _bring(
        self, folder: QuarantineFolder, model: CarriedModel
    ) -> tuple[ArrivedFile, ...] | None:
        """Every file of a model in its quarantine folder; None if one is damaged beyond what can be mended."""
        files = []
        whole = True
        for entry in model.manifest.files:
            location = folder.file(entry.path)
            if self.store.lend(entry.sha256, location):
                reading = Reading(entry.sha256, entry.size_bytes, signature(location))
                self.reused += entry.size_bytes
                self._progressed("copying", entry.size_bytes, entry.path)
            else:
                fetched = self._fetch(model, entry, folder)
                if fetched.reading is None:
                    whole = False
                    continue
                reading = fetched.reading
            files.append(self._arrived(entry, folder, reading))
        return tuple(files) if whole else None

    def _progressed(self, stage: str, count: int, detail: str) -> None:
        self.done += count
        self.report(stage, self.done, self.total_bytes, detail=detail)

    def _fetch(self, model: CarriedModel, entry: FileEntry, folder: QuarantineFolder) -> Fetched:
        path = layout.model_path(model.manifest.name, entry.path)

        def progressed(stage: str, count: int) -> None:
            self._progressed(stage, count, path)

        progressed("copying", 0)
        file = CarriedFile(path, entry.size_bytes, entry.sha256, layout.kind_of(path))
        fetched = fetch(self.copies, file, folder.file(entry.path), progressed)
        self.copied += fetched.bytes_copied
        self.reused += fetched.bytes_kept
        self.repaired += fetched.bytes_repaired
        if fetched.reading is None:
            self.findings.append(
                Finding("mismatch", path, "It is not what was signed.", fetched.damaged_ranges)
            )
        return fetched

    def _arrival(self, folder: QuarantineFolder, model: CarriedModel, choice: Choice) -> Arrival:
        """What is going to arrive, by its manifest; the files are not there yet."""
        nothing = None
        files = tuple(
            self._arrived(entry, folder, Reading(entry.sha256, entry.size_bytes, nothing))
            for entry in model.manifest.files
        )
        return Arrival(
            folder=folder,
            files=files,
            format=choice.format,
            main=choice.weights[0],
            source=manifest.origin(model, plain(self.opened.sender), self.opened.manifest.serial),
            name=model.manifest.name,
            publisher=model.manifest.publisher,
            signed_by=self.opened.sender or None,
        )

    def _arrived(self, entry: FileEntry, folder: QuarantineFolder, reading: Reading) -> ArrivedFile:
        matches = bool(self.opened.believed) and entry.publisher_hash is PublisherHash.MATCHES
        return ArrivedFile(
            entry.path,
            folder.file(entry.path),
            reading,
            entry.sha256 if matches else None,
            PublisherHash.MATCHES if matches else PublisherHash.NONE_GIVEN,
        )

    def _identifier(self, model: CarriedModel) -> str:
        """The same bundle's same model finds its broken predecessor again, from whichever copy."""
        both = f"{self.opened.digest} {model.manifest.digest}".encode()
        return f"bundle-{hashlib.sha256(both).hexdigest()[:24]}"

    def _announce(self, folder: QuarantineFolder, model: CarriedModel) -> None:
        """Write down what is on its way, so that it is kept, listed and gone on with."""
        bundle = self.opened.manifest
        source = self.opened.source.path
        files: list[Json] = [
            {"path": e.path, "size_bytes": e.size_bytes, "sha256": e.sha256}
            for e in model.manifest.files
        ]
        record: dict[str, Json] = {
            "format": 1,
            "kind": "bundle-in",
            "title": f"{model.manifest.name} from {self.opened.sender or 'unsigned'} #{bundle.serial}",
            "serial": bundle.serial,
            "sender": self.opened.sender,
            "model": model.manifest.name,
            "digest": model.manifest.digest,
            "total_bytes": model.manifest.size_bytes,
            "files": files,
            "request": {"operation": "bundle.import", "path": str(source.absolute())},
        }
        write_bytes(folder.path / RESUMABLE, canonical_bytes(record))


def _no_model(model: CarriedModel, why: str) -> MalformedBundle:
    return MalformedBundle(
        f"{model.manifest.name} in the bundle is not a model as imports take it: {why}. "
        "Nothing was taken in.",
        next_step="Ask the sender for a new bundle.",
        path=model.prefix,
    )


def _is_done_with(folder: QuarantineFolder) -> None:
    with disk_errors(folder.path):
        (folder.path / RESUMABLE).unlink(missing_ok=True)


def _leave(store: Store, folder: QuarantineFolder) -> None:
    """Keep a folder that can be gone on with or whose bytes are held; remove one that is done with."""
    recorded = folder.identifier in store.index.quarantine_folders()
    if recorded or (folder.path / RESUMABLE).exists():
        folder.release()
    else:
        folder.discard()
