"""Pulling a model from a hub-compatible endpoint, verified while it streams.

What is expected (path, size, digest at one commit) is written down before the first byte; it alone names and
judges files. A broken pull, also one whose process was killed, goes on where it stopped; bytes that the
store has are not fetched again; bytes that do not match stay in quarantine and are never admitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial as bind

from steelyard.base.clock import iso_utc
from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.connections.cancelling import breaking_when_cancelled
from steelyard.connections.errors import MalformedAnswer
from steelyard.connections.hub import Timeouts
from steelyard.connections.repository import Listing, RemoteRepository
from steelyard.connections.retries import Patience, Sleep, cancellable_sleep, with_attempts
from steelyard.connections.transport import Gate
from steelyard.intake import source as sources
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
from steelyard.intake.download import Download, Manner, Wanted
from steelyard.intake.errors import RefusedBefore
from steelyard.intake.expected import Expected, ExpectedFile
from steelyard.intake.pull_folder import is_done_with, leave, open_folder, prepared_record
from steelyard.intake.records import PullSpec, Taken
from steelyard.intake.reference import Reference, parse
from steelyard.intake.room import Room
from steelyard.intake.source import OpenSource
from steelyard.intake.transfer_record import TransferRecord
from steelyard.intake.underway import Fetched
from steelyard.store.contents import Reading, signature
from steelyard.store.disk import disk_errors
from steelyard.store.errors import UnsafePath
from steelyard.store.names import check_name, check_path, check_paths, name_from
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.records import PublisherHash, Source
from steelyard.store.store import Store


@dataclass(frozen=True)
class PullLimits:
    """How a pull goes about it, and how patient it is."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    patience: Patience = field(default_factory=Patience)
    manner: Manner = field(default_factory=Manner)


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
    open_source: OpenSource | None = None,
) -> Taken:
    """Fetch a model, judge it like an import, and admit it.

    Args:
        gate: asked for every connection (`policy.network.NetworkGate`).
        judge: what says whether the bytes are a model; a worker process by default.
        required: trust facts policy requires to admit a model.
        sleep: waits between attempts; by default one that cancelling ends.
        open_source: opens where it comes from; by default the hub at the reference's endpoint.

    Raises:
        MalformedReference, ChooseFile, InvalidName, NameTaken: the request.
        RefusedByPolicy: the gate said no; nothing was sent.
        RepositoryNotFound, FileNotInRepository, PartMissing, OnlyPickles: nothing to fetch.
        RemoteFailure (Gated, RateLimited, HubFailed, HostUnreachable, CertificateRefused, Stalled,
            RedirectRefused, MalformedAnswer, RangeRefused, WrongLength, UnexpectedEncoding): the other side;
            what arrived is kept for the next try.
        DigestMismatch, RefusedBefore, ScanFoundProblems, MalformedInput: the bytes; they are in quarantine.
        DiskFull, DiskFailed, QuarantineBusy: the disk, or another pull of the same.
        Cancelled: what arrived is kept for the next try.
    """
    report = report or Reporter()
    limits = limits or PullLimits()
    reference = parse(spec)
    if spec.name is not None:
        check_name(spec.name)  # before anything is asked
    opened = open_source or sources.hub(spec, gate, limits.timeouts, store.clock)
    with opened(reference) as source:
        report("asking", 0, None, unit="items", detail=reference.repository)
        listing = _ask(source, reference, report, limits, sleep)
        choice, expected = _expect(source.endpoint, reference, listing)
        if spec.name is not None:
            check_name_is_free(store, spec.name, expected.size_bytes)
        folder = open_folder(store, expected)
        with _recorded(store, _record(spec, reference, choice, expected), folder) as found:
            work = _Pull(store, spec, choice, expected, folder, report, found)
            work.bring(source, limits, sleep)
            return work.take_in(judge, required)


def _ask(
    source: RemoteRepository,
    reference: Reference,
    report: Reporter,
    limits: PullLimits,
    sleep: Sleep | None,
) -> Listing:
    ask = bind(source.listing, reference.repository, reference.revision)
    with breaking_when_cancelled(source, report.cancel):
        return with_attempts(ask, limits.patience, sleep or cancellable_sleep(report.cancel))


@contextmanager
def _recorded(
    store: Store, record: TransferRecord, folder: QuarantineFolder
) -> Iterator[dict[str, str]]:
    """Keep the folder's record of the transfer true: under way inside, and afterwards why it stands.

    Yields:
        Digests of judged files by path; what is put there stands in the record.
    """
    found: dict[str, str] = {}

    def write(error: SteelyardError | None) -> None:
        now = iso_utc(store.clock())
        state = record if error is None else record.stopped(error, now)
        paused = isinstance(error, Cancelled)
        replace(state, found=found, paused=paused, updated_at=now).write(folder.path)

    try:
        with disk_errors(folder.path):
            write(None)
        yield found
    except Cancelled as error:
        paused = Cancelled(
            "Cancelled. What arrived is kept.",
            next_step="Pull it again, or resume it, to go on where it stopped.",
        )
        with suppress(OSError):  # as below
            write(paused)
        raise paused from error
    except SteelyardError as error:
        # A full disk has no room for its reason either, and a folder whose bytes are held is gone.
        with suppress(OSError):
            write(error)
        raise
    finally:
        leave(store, folder)


@dataclass
class _Pull:
    """One pull whose folder is open."""

    store: Store
    spec: PullSpec
    choice: Choice
    expected: Expected
    folder: QuarantineFolder
    report: Reporter
    found: dict[str, str]
    files: dict[str, ArrivedFile] = field(default_factory=dict)
    fetched_bytes: int = 0
    reused_bytes: int = 0

    def bring(self, source: RemoteRepository, limits: PullLimits, sleep: Sleep | None) -> None:
        """Have every file in the folder: from the store, from an earlier try, or from the source."""
        wanted = []
        for file in self.expected.files:
            location = self.folder.file(file.path)
            if (there := self._from_store(file)) is None:
                wanted.append(Wanted(file, location, prepared_record(self.folder, file.path)))
                continue
            self._has(there)
            self.reused_bytes += file.size_bytes
        with Room.reserve(self.store, self.folder, self.expected, self.report.cancel) as room:
            download = Download(
                source,
                self.expected,
                wanted,
                limits.manner,
                self.report,
                patience=limits.patience,
                sleep=sleep,
                on_written=room.arrived,
            )
            fetched = download.run()
        for one in fetched:
            self._fetched(one)

    def take_in(self, judge: Judge | None, required: frozenset[str]) -> Taken:
        """Judge and admit what is there.

        Raises:
            see `arrival.take_in`.
        """
        files = [self.files[file.path] for file in self.expected.files]
        try:
            model = take_in(
                self.store,
                self._arrival(self.folder, files),
                self.report,
                judge=judge,
                required=required,
            )
        except RefusedBefore:
            is_done_with(self.folder)
            raise
        is_done_with(self.folder)
        return Taken(model, self.fetched_bytes, self.reused_bytes)

    def _fetched(self, fetched: Fetched) -> None:
        arrived = _arrived(fetched)
        self.fetched_bytes += fetched.bytes_fetched
        self.reused_bytes += fetched.bytes_kept
        if not fetched.matches:
            raise self._hold_apart(arrived)
        self._has(arrived)

    def _has(self, file: ArrivedFile) -> None:
        self.files[file.path] = file
        self.found[file.path] = file.declared or file.reading.sha256

    def _from_store(self, file: ExpectedFile) -> ArrivedFile | None:
        """A file whose content the store has already, as right as the day it came."""
        location = self.folder.file(file.path)
        if file.sha256 is None or not self.store.lend(file.sha256, location):
            there = signature(location)
            if there is not None and location.lstat().st_nlink > 1:
                # The store lent it to an earlier try and found it damaged since: its bytes are not ours to mend.
                location.unlink()
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
        moved = replace(wrong, location=location)
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
                self.spec.source_kind,
                endpoint=self.expected.endpoint,
                repository=repository,
                commit=self.expected.commit,
            ),
            name=self.spec.name or name_from(self.choice.stem or name),
            name_given=self.spec.name is not None,
            publisher=owner,
            signed_by=self.spec.signed_by,
        )


def _record(
    spec: PullSpec, reference: Reference, choice: Choice, expected: Expected
) -> TransferRecord:
    asked = {
        "reference": spec.reference,
        "file": spec.file,
        "revision": spec.revision,
        "endpoint": spec.endpoint,
        "name": spec.name,
    }
    fields = {name: text for name, text in asked.items() if text}
    return TransferRecord(
        kind="pull",
        title=reference.repository,
        request=dict(spec.request) or {"operation": "model.pull", **fields},
        pinned={
            "reference": reference.repository,
            "revision": expected.commit,
            "endpoint": expected.endpoint,
            **({"file": choice.weights[0]} if choice.format == "gguf" else {}),
        },
    )


def _expect(endpoint: str, reference: Reference, listing: Listing) -> tuple[Choice, Expected]:
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
                f"{endpoint} does not say how large {path} is. Nothing was fetched.",
                next_step="Use another source.",
                what="a file's size",
            )
        files.append(ExpectedFile(path, file.size_bytes, file.sha256, file.git_blob))
    return choice, Expected(endpoint, reference.repository, listing.commit, tuple(files))


def _arrived(fetched: Fetched) -> ArrivedFile:
    file, outcome = fetched.expected, PublisherHash.NONE_GIVEN
    if file.declared is not None:
        outcome = PublisherHash.MATCHES if fetched.matches else PublisherHash.DIFFERS
    return ArrivedFile(file.path, fetched.location, fetched.reading, file.declared, outcome)
