"""Pulling a model from a hub-compatible endpoint, verified while it streams.

What is expected (path, size, digest at one commit) is written down before the first byte; it alone names and
judges files. A broken pull, also one whose process was killed, goes on where it stopped; bytes that the
store has are not fetched again; bytes that do not match stay in quarantine and are never admitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial as bind
from pathlib import Path

from steelyard.base.errors import Cancelled
from steelyard.base.progress import Reporter
from steelyard.connections.access import Access
from steelyard.connections.errors import MalformedAnswer
from steelyard.connections.hub import HubSession, Timeouts
from steelyard.connections.repository import Listing
from steelyard.connections.retries import Patience, Sleep, cancellable_sleep, with_attempts
from steelyard.connections.transport import Gate, GatedTransport
from steelyard.intake.admission import DEFAULT_REQUIRED
from steelyard.intake.arrival import (
    Arrival,
    ArrivedFile,
    Judge,
    check_name_is_free,
    hold_mismatch,
    take_in,
)
from steelyard.intake.choosing import Choice, choose
from steelyard.intake.download import Download, Fetched, Validators
from steelyard.intake.errors import RefusedBefore
from steelyard.intake.expected import Expected, ExpectedFile, read_expected
from steelyard.intake.records import PullSpec, Taken
from steelyard.intake.reference import Reference, parse
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_full
from steelyard.store.errors import UnsafePath
from steelyard.store.names import check_name, check_path, check_paths, name_from
from steelyard.store.quarantine import RESUMABLE, QuarantineFolder
from steelyard.store.records import PublisherHash, Source
from steelyard.store.store import Store

ASKED_BY = "model.pull"
SPARE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class PullLimits:
    """How patient a pull is; tests set these."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    patience: Patience = field(default_factory=Patience)


def pull(
    store: Store,
    spec: PullSpec,
    gate: Gate,
    report: Reporter | None = None,
    *,
    judge: Judge | None = None,
    required: frozenset[str] = DEFAULT_REQUIRED,
    limits: PullLimits | None = None,
    sleep: Sleep | None = None,
) -> Taken:
    """Fetch a model, judge it like an import, and admit it.

    Args:
        gate: asked for every connection (`policy.network.NetworkGate`).
        judge: what says whether the bytes are a model; a worker process by default.
        required: trust facts policy requires to admit a model.
        sleep: waits between attempts; by default one that cancelling ends.

    Raises:
        MalformedReference, ChooseFile, InvalidName, NameTaken: the request.
        RefusedByPolicy: the gate said no; nothing was sent.
        RepositoryNotFound, FileNotInRepository, PartMissing, OnlyPickles: nothing to fetch.
        RemoteFailure (Gated, RateLimited, HubFailed, HostUnreachable, CertificateRefused, Stalled,
            RedirectRefused, MalformedAnswer, WrongLength, UnexpectedEncoding): the other side; what arrived
            is kept for the next try.
        DigestMismatch, RefusedBefore, ScanFoundProblems, MalformedInput: the bytes; they are in quarantine.
        DiskFull, DiskFailed, QuarantineBusy: the disk, or another pull of the same.
        Cancelled: what arrived is kept for the next try.
    """
    report = report or Reporter()
    limits = limits or PullLimits()
    sleep = sleep or cancellable_sleep(report.cancel)
    reference = parse(spec)
    if spec.name is not None:
        check_name(spec.name)  # before anything is asked
    access = Access(reference.endpoint, spec.ca_file, spec.proxy)
    transport = GatedTransport(gate, access, asked_by=ASKED_BY, token=spec.token)
    with HubSession(reference.endpoint, transport, limits.timeouts, store.clock) as session:
        report("asking", 0, None, unit="items", detail=reference.repository)
        ask = bind(session.listing, reference.repository, reference.revision)
        listing = with_attempts(ask, limits.patience, sleep)
        choice, expected = _expect(reference, listing)
        if spec.name is not None:
            check_name_is_free(store, spec.name, expected.size_bytes)
        folder = _open_folder(store, expected)
        try:
            validators = Validators(folder.path / "validators.json")
            download = Download(
                session,
                expected,
                validators,
                report,
                patience=limits.patience,
                sleep=sleep,
            )
            return _Pull(store, spec, choice, expected, folder, download).run(
                report, judge, required
            )
        except Cancelled as error:
            raise Cancelled(
                "Cancelled. What arrived is kept.",
                next_step="Pull it again to go on where it stopped.",
            ) from error
        finally:
            _leave(store, folder)


@dataclass(frozen=True)
class _Pull:
    store: Store
    spec: PullSpec
    choice: Choice
    expected: Expected
    folder: QuarantineFolder
    download: Download

    def run(self, report: Reporter, judge: Judge | None, required: frozenset[str]) -> Taken:
        self._check_room()
        files: list[ArrivedFile] = []
        fetched_bytes = reused_bytes = 0
        for file in self.expected.files:
            if (there := self._from_store(file)) is not None:
                files.append(there)
                self.download.skip(file.size_bytes)
                reused_bytes += file.size_bytes
                continue
            location = self.folder.file(file.path)
            fetched = self.download.fetch(file, location)
            arrived = _arrived(file, location, fetched)
            fetched_bytes += fetched.bytes_fetched
            reused_bytes += fetched.bytes_kept
            if not fetched.matches:
                raise self._hold_apart(arrived)
            files.append(arrived)
        arrival = self._arrival(self.folder, files)
        try:
            model = take_in(self.store, arrival, report, judge=judge, required=required)
        except RefusedBefore:
            self._is_done_with()
            raise
        self._is_done_with()
        return Taken(model, fetched_bytes, reused_bytes)

    def _is_done_with(self) -> None:
        """There is nothing left to go on with: the folder may be removed."""
        (self.folder.path / RESUMABLE).unlink(missing_ok=True)

    def _check_room(self) -> None:
        here = sum(
            location.stat().st_size
            for file in self.expected.files
            if (location := self.folder.file(file.path)).is_file()
        )
        needed_bytes = self.expected.size_bytes - here + SPARE_BYTES
        if self.store.free_bytes() < needed_bytes:
            raise disk_full(self.store.home.store, needed_bytes)

    def _from_store(self, file: ExpectedFile) -> ArrivedFile | None:
        """A file whose content the store has already, as right as the day it came."""
        location = self.folder.file(file.path)
        if file.sha256 is None or not self.store.lend(file.sha256, location):
            return None
        reading = Reading(file.sha256, file.size_bytes, signature(location))
        if reading.signature is None or reading.signature.size_bytes != file.size_bytes:
            return None
        return ArrivedFile(file.path, location, reading, file.declared, PublisherHash.MATCHES)

    def _hold_apart(self, wrong: ArrivedFile) -> Exception:
        """Only the file that differs is held; the others stay for the next try."""
        apart = self.store.new_quarantine()
        location = apart.file(wrong.path)
        wrong.location.replace(location)
        moved = ArrivedFile(
            wrong.path, location, wrong.reading, wrong.declared, wrong.publisher_hash
        )
        return hold_mismatch(self.store, self._arrival(apart, [moved]))

    def _arrival(self, folder: QuarantineFolder, files: list[ArrivedFile]) -> Arrival:
        repository = self.expected.repository
        owner, name = repository.split("/", maxsplit=1)
        return Arrival(
            folder=folder,
            files=tuple(files),
            format=self.choice.format,
            main=self.choice.weights[0],
            source=Source(
                "hub",
                endpoint=self.expected.endpoint,
                repository=repository,
                commit=self.expected.commit,
            ),
            name=self.spec.name or name_from(self.choice.stem or name),
            name_given=self.spec.name is not None,
            publisher=owner,
        )


def _expect(reference: Reference, listing: Listing) -> tuple[Choice, Expected]:
    """Choose the model's files in a listing and write down what each must be."""
    by_path = {}
    for file in listing.files:
        try:
            by_path[check_path(file.path)] = file
        except UnsafePath:
            continue  # never named, so never written; a model that needs it will be found incomplete
    choice = choose({path: file.size_bytes for path, file in by_path.items()}, reference.file)
    check_paths(choice.paths)
    files = []
    for path in choice.paths:
        file = by_path[path]
        if file.size_bytes is None:
            raise MalformedAnswer(
                f"{reference.endpoint} does not say how large {path} is. Nothing was fetched.",
                next_step="Use another source.",
                what="a file's size",
            )
        files.append(ExpectedFile(path, file.size_bytes, file.sha256, file.git_blob))
    return choice, Expected(reference.endpoint, reference.repository, listing.commit, tuple(files))


def _arrived(file: ExpectedFile, location: Path, fetched: Fetched) -> ArrivedFile:
    outcome = PublisherHash.NONE_GIVEN
    if file.declared is not None:
        outcome = PublisherHash.MATCHES if fetched.matches else PublisherHash.DIFFERS
    return ArrivedFile(file.path, location, fetched.reading, file.declared, outcome)


def _open_folder(store: Store, expected: Expected) -> QuarantineFolder:
    folder = store.new_quarantine(expected.identifier)
    try:
        expected.write(folder.path)
        _adopt(store, expected, folder)
    except BaseException:
        folder.release()
        raise
    return folder


def _adopt(store: Store, expected: Expected, folder: QuarantineFolder) -> None:
    """Take over what a broken pull of the same repository at another commit left of the same content."""
    wanted = {file.declared: file for file in expected.files if file.declared}
    for path in sorted(store.home.quarantine.glob("pull-*")):
        old = read_expected(path) if path != folder.path else None
        if old is None or old.repository != expected.repository:
            continue
        abandoned = QuarantineFolder(path)
        with store.lock():
            if not abandoned.try_lock():
                continue
        for file in old.files:
            same = wanted.get(file.declared or "")
            if same is None or same.size_bytes != file.size_bytes:
                continue
            source, target = abandoned.file(file.path), folder.file(same.path)
            if source.is_file() and not target.exists():
                source.replace(target)
        left = any(item.is_file() for item in abandoned.files.rglob("*"))
        abandoned.release() if left else abandoned.discard()


def _leave(store: Store, folder: QuarantineFolder) -> None:
    """Keep a folder whose download can go on or whose bytes are held; remove one that is done with."""
    recorded = folder.identifier in store.index.quarantine_folders()
    if recorded or (folder.path / RESUMABLE).exists():
        folder.release()
    else:
        folder.discard()
