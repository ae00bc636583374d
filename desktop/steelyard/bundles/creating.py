"""Making a bundle: every byte read once from the store, checked against its manifest on the way, hashed as a
whole and in blocks, written, and signed at the end.

A byte that is not what the store's manifest says ends it: a bundle never spreads damage under a signature.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from steelyard import __version__
from steelyard.base.clock import iso_utc
from steelyard.base.digests import digest_of
from steelyard.base.progress import Reporter
from steelyard.bundles import layout
from steelyard.bundles.blocks import BlockHasher, count, needs_list
from steelyard.bundles.errors import BundlesBusy, NotBundled
from steelyard.bundles.ledger import Ledger, Made
from steelyard.bundles.manifest import (
    BundleManifest,
    CarriedFile,
    CarriedModel,
    Sender,
    without_places,
)
from steelyard.bundles.pump import pump
from steelyard.bundles.sinks import Sink, open_sink
from steelyard.signing import model_signing
from steelyard.signing.own_keys import OwnKey
from steelyard.store.contents import open_regular
from steelyard.store.errors import Damaged
from steelyard.store.index import Place
from steelyard.store.records import FileEntry, Model
from steelyard.store.states import IN_STORE
from steelyard.store.store import Store


@dataclass(frozen=True)
class Attachment:
    """A small file that goes along. Its path says what it is; see `layout`."""

    path: str
    data: bytes


@dataclass(frozen=True)
class BundleSpec:
    """What to make.

    Attributes:
        out: a folder to make, or a name that ends in `.steelyard`.
        split_bytes: largest part of a container; 0: one file.
    """

    models: tuple[Model, ...]
    out: Path
    split_bytes: int = 0
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Created:
    """What was made. `digest` is that of `bundle.json`; `parts` the container's files, none for a folder."""

    manifest: BundleManifest
    digest: str
    parts: tuple[str, ...]
    size_bytes: int


def create(
    store: Store,
    ledger: Ledger,
    spec: BundleSpec,
    keys: Sequence[OwnKey],
    report: Reporter | None = None,
) -> Created:
    """Make a bundle.

    Args:
        keys: opened to sign bundles; the first one's owner is the sender. None: it is not signed.

    Raises:
        NotBundled, BundleExists: it cannot be made like this.
        Damaged: a file in the store is not what was admitted.
        DiskFull, DiskFailed, FileTooLargeForDisk: the target's disk; nothing remains there.
        BundlesBusy: this installation makes another one now.
        Cancelled: nothing remains.
    """
    report = report or Reporter()
    _check(store, spec)
    with _alone(store), _leased(store, spec):
        sink = open_sink(spec.out, spec.split_bytes, _total(spec), _largest(spec))
        try:
            return _Making(store, ledger, spec, tuple(keys), report, sink).run()
        except BaseException:
            sink.discard()
            raise


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One at a time, so that what lies under a `.partial` name is known to be left by a process that died."""
    lock = FileLock(store.home.data / "bundles.lock", timeout=0, mode=0o600)
    try:
        with lock:
            yield
    except Timeout as error:
        raise BundlesBusy(
            "Another process of this installation makes a bundle now.",
            next_step="Wait until it is done, then try again.",
        ) from error


@contextmanager
def _leased(store: Store, spec: BundleSpec) -> Iterator[None]:
    """Nobody takes the models away while they are read."""
    with ExitStack() as leases:
        for model in spec.models:
            leases.enter_context(store.lease(model))
        yield


def _check(store: Store, spec: BundleSpec) -> None:
    if not spec.models:
        raise NotBundled("A bundle holds at least one model.", next_step="Name one.")
    digests = {model.digest for model in spec.models}
    if len(digests) != len(spec.models):
        raise NotBundled("A model is named twice.", next_step="Name each once.")
    for model in spec.models:
        if store.entry(model.digest).place is not Place.STORE or model.state not in IN_STORE:
            raise NotBundled(
                f"{model.name} is {model.state} and is not given away.",
                next_step="Only admitted and verified models go into a bundle.",
                model=model.name,
                state=model.state.value,
            )
    paths = [layout.model_path(m.name, f.path) for m in spec.models for f in m.manifest.files]
    paths += [attachment.path for attachment in spec.attachments]
    for attachment in spec.attachments:
        layout.check_member(attachment.path, len(attachment.data))
    if sum(len(attachment.data) for attachment in spec.attachments) > layout.EVIDENCE_TOTAL_BYTES:
        raise NotBundled(
            f"The evidence has more than {layout.EVIDENCE_TOTAL_BYTES:,} bytes.",
            next_step="Make a bundle without evaluation runs, or several bundles.",
        )
    for model in spec.models:
        for file in model.manifest.files:
            layout.check_member(layout.model_path(model.name, file.path), file.size_bytes)
    layout.check_together(paths)
    blocked = sum(needs_list(f.size_bytes) for m in spec.models for f in m.manifest.files)
    if len(paths) + blocked + 1 > layout.MOST_FILES:
        raise NotBundled(
            f"That would be more than {layout.MOST_FILES:,} files.",
            next_step="Make several bundles.",
        )


def _largest(spec: BundleSpec) -> int:
    return max(f.size_bytes for m in spec.models for f in m.manifest.files)


def _total(spec: BundleSpec) -> int:
    """About as much as will be written."""
    sizes = [f.size_bytes for m in spec.models for f in m.manifest.files]
    sizes += [len(attachment.data) for attachment in spec.attachments]
    return sum(sizes) + sum(1024 + 32 * count(size) for size in sizes) + 65_536


@dataclass
class _Making:
    store: Store
    ledger: Ledger
    spec: BundleSpec
    keys: tuple[OwnKey, ...]
    report: Reporter
    sink: Sink
    files: list[CarriedFile] = field(default_factory=list)
    lists: dict[str, bytes] = field(default_factory=dict)
    done_bytes: int = 0

    def run(self) -> Created:
        total_bytes = sum(model.manifest.size_bytes for model in self.spec.models)
        for model in self.spec.models:
            for entry in sorted(model.manifest.files, key=lambda entry: entry.path):
                self._copy(model, entry, total_bytes)
        for path, data in sorted(self.lists.items()):
            self._add(path, data)
        for attachment in sorted(self.spec.attachments, key=lambda each: each.path):
            self._add(attachment.path, attachment.data)
        return self._close()

    def _copy(self, model: Model, entry: FileEntry, total_bytes: int) -> None:
        path = layout.model_path(model.name, entry.path)

        def on_bytes(number: int) -> None:
            self.done_bytes += number
            self.report("copying", self.done_bytes, total_bytes, detail=path)

        on_bytes(0)
        whole, blocks = hashlib.sha256(), BlockHasher()
        blocked = needs_list(entry.size_bytes)
        consumers = [whole.update, blocks.update] if blocked else [whole.update]
        location = self.store.view(model).joinpath(*entry.path.split("/"))
        self.sink.begin(path, entry.size_bytes)
        try:
            descriptor = open_regular(location)
        except OSError as error:
            raise _damaged(model, entry.path) from error
        with os.fdopen(descriptor, "rb", buffering=0) as stream:

            def read(offset: int, buffer: memoryview) -> int:
                return stream.readinto(buffer) or 0  # from its beginning to its end

            done = pump(read, entry.size_bytes, consumers, on_bytes, write=self.sink.write)
            longer = bool(stream.read(1))
        if done != entry.size_bytes or longer or f"sha256:{whole.hexdigest()}" != entry.sha256:
            raise _damaged(model, entry.path)
        self.sink.end()
        kind = layout.kind_of(path)
        self.files.append(CarriedFile(path, entry.size_bytes, entry.sha256, kind))
        if blocked:
            self.lists[layout.blocks_path(entry.sha256)] = blocks.finish()

    def _add(self, path: str, data: bytes) -> None:
        self._write(path, data)
        self.files.append(CarriedFile(path, len(data), digest_of(data), layout.kind_of(path)))

    def _write(self, path: str, data: bytes) -> None:
        self.sink.begin(path, len(data))
        self.sink.write(data)
        self.sink.end()

    def _close(self) -> Created:
        """Number, manifest, signatures, and its place: from here on it takes no time."""
        self.report("signing", 0, None, unit="items")
        now = iso_utc(self.store.clock())
        sender = Sender("", "")
        if self.keys:
            sender = Sender(self.keys[0].record.name, self.keys[0].key.fingerprint)
        serial = self.ledger.next_serial(sender.fingerprint, self.spec.out.name, now)
        manifest = BundleManifest(
            serial=serial,
            sender=sender,
            created_at=now,
            program=f"steelyard {__version__}",
            models=tuple(
                CarriedModel(without_places(model.manifest), model.state.value, model.trust)
                for model in self.spec.models
            ),
            files=tuple(self.files),
        )
        data = manifest.to_bytes()
        layout.check_member(layout.MANIFEST, len(data))
        self._write(layout.MANIFEST, data)
        digests = {file.path: file.sha256 for file in self.files}
        digests[layout.MANIFEST] = digest_of(data)
        statement = model_signing.statement_for(
            digests, self.spec.out.name, ignored=[layout.SIGNATURES] if self.keys else []
        )
        for key in self.keys:
            signature = model_signing.sign(statement, key)
            layout.check_member(self._signature_path(key), len(signature))
            self._write(self._signature_path(key), signature)
        self.ledger.record_made(
            Made(
                sender.fingerprint,
                serial,
                digest_of(data),
                self.spec.out.name,
                {model.name: model.digest for model in self.spec.models},
                now,
            )
        )
        parts = self.sink.commit()
        return Created(manifest, digest_of(data), parts, manifest.size_bytes + len(data))

    @staticmethod
    def _signature_path(key: OwnKey) -> str:
        return f"{layout.SIGNATURES}/{key.key.key_id}.json"


def _damaged(model: Model, path: str) -> Damaged:
    return Damaged(
        f"{path} of {model.name} is not what was admitted. No bundle was made.",
        next_step=f"See steelyard model verify {model.name}, and import or pull it again to repair it.",
        model=model.name,
        mismatched=[path],
        missing=[],
        extra=[],
    )
