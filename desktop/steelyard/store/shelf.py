"""What can be asked of a store without changing it; `Store` adds what changes it.

Everything here works for an account that may only read, and what needs no bytes also while the store's disk or
share is away, from what was last known.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.base.clock import Clock, utc_now
from steelyard.base.errors import Json
from steelyard.base.lock import data_lock
from steelyard.base.paths import Home
from steelyard.store import lookup, opening, quarantine, verification
from steelyard.store.blobs import Blobs
from steelyard.store.copies import Copies
from steelyard.store.disk import disk_errors
from steelyard.store.errors import ModelInUse
from steelyard.store.index import Entry, Index, Place
from steelyard.store.leases import Lease, Leases
from steelyard.store.records import Model


class Shelf:
    """One store, opened. Close it, or use it as a context manager.

    Attributes:
        away: its disk or share is not there.
        shared: several users work with it.
        writable: this account may change it.
    """

    def __init__(self, home: Home, clock: Clock = utc_now) -> None:
        self.home = home
        self.clock = clock
        self._opened = opening.open_store(home)
        self.away = self._opened.away
        self.shared = self._opened.shared
        self.writable = self._opened.writable
        self.index: Index = self._opened.index
        self.blobs = Blobs(home.store / "blobs" / "sha256")
        self.copies = Copies(home.store / "manifests")
        self.leases = Leases(home.store / "leases")
        self.views = home.store / "models"

    def close(self) -> None:
        """Close the index."""
        if not self.away and opening.is_there(self.home, self._opened):
            opening.Seen(self.home).remember(self.index)
        self.index.close()

    @property
    def is_current(self) -> bool:
        """False when the store went away since it was opened, or came back: open it anew then."""
        return opening.is_there(self.home, self._opened)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock, for a short, definite step that changes it; failures of the disk get words.

        Raises:
            StoreAway, StoreReadOnly: it cannot be changed.
            DiskFull, DiskFailed: an operating-system error inside.
        """
        self._check_there()
        if not self.writable:
            raise opening.read_only(self.home)
        folder, mode = self.home.location or self.home.data, 0o664 if self.shared else 0o600
        with data_lock(folder, mode=mode):
            with disk_errors(self.home.store):
                yield
            # It may go away before it is closed.
            opening.Seen(self.home).remember(self.index)

    def _check_there(self, *, with_files: bool = False) -> None:
        parts = (self.blobs.root, self.views) if with_files else ()
        if self.away or not self.is_current or not all(part.is_dir() for part in parts):
            raise opening.away(self.home)

    # ---------------------------------------------------------------- records

    def models(self) -> tuple[Model, ...]:
        """Every model by name: quarantined, rejected and retired ones included.

        Raises:
            StoreAway: the store is away, and this user never saw what is in it.
        """
        if not self._opened.known:
            raise opening.away(self.home)
        return tuple(entry.model for entry in self.index.all())

    def get(self, name_or_digest: str) -> Model:
        """The model of this name (case does not matter), this digest, or the one whose digest begins so.

        Raises:
            ModelNotFound: there is none, or more than one digest begins so.
            StoreAway: see `models`.
        """
        return self.entry(name_or_digest).model

    def entry(self, name_or_digest: str) -> Entry:
        """Like `get`, with where its files are.

        Raises:
            ModelNotFound, StoreAway: see `get`.
        """
        if not self._opened.known:
            raise opening.away(self.home)
        return lookup.find(self.index, name_or_digest)

    def facts(self, model: Model) -> dict[str, Json]:
        """What the scan read from the model's files (`ModelFacts.as_json()`); empty if it was not scanned."""
        return dict(self.entry(model.digest).facts or {})

    # ---------------------------------------------------------------- files

    def has_blob(self, sha256: str) -> bool:
        """True if this content is in the store and was not changed since it was last known to be right."""
        return verification.blob_is_untouched(self.index, self.blobs, sha256)

    def blob_path(self, sha256: str) -> Path:
        """Where content lies, or would lie."""
        return self.blobs.path(sha256)

    def view(self, model: Model) -> Path:
        """The folder with the model's files under their own names; in quarantine for what was not admitted.

        Raises:
            ModelRetired: its files were removed.
            NotFound: its quarantine folder is gone.
        """
        entry = self.entry(model.digest)
        if entry.place is Place.STORE:
            return self.views / entry.model.name
        if entry.quarantine is not None:
            return self.quarantine_folder(entry.quarantine) / "files"
        raise lookup.retired(entry.model)

    def main_file(self, model: Model) -> Path:
        """What an engine opens: the GGUF file (its first part when split), or the safetensors folder.

        Raises:
            NotAdmitted: its files are in quarantine.
            ModelRetired: its files were removed.
        """
        entry = self.entry(model.digest)
        if entry.place is Place.QUARANTINE:
            raise lookup.not_admitted(entry.model)
        folder = self.view(entry.model)
        if model.manifest.format != "gguf":
            return folder
        weights = sorted(f.path for f in model.manifest.files if f.path.lower().endswith(".gguf"))
        return folder.joinpath(*weights[0].split("/")) if weights else folder

    def quarantine_folder(self, identifier: str) -> Path:
        """The path of an existing quarantine folder.

        Raises:
            NotFound: there is none by this name.
        """
        return quarantine.find(self.home.quarantine, identifier)

    def free_bytes(self) -> int:
        """What the store's disk has left; 0 while it is away."""
        return 0 if self.away else shutil.disk_usage(self.home.store).free

    def lease(self, model: Model) -> Lease:
        """Keep the model's files from being taken away until the lease is released or this process ends.

        Whoever reads a model for long holds one: an engine, a bundle that is being written.

        Raises:
            StoreAway: the store is away.
            ModelRetired: its files were removed.
            ModelInUse: it is being removed just now.
        """
        self._check_there()
        lease = self.leases.take(model.digest)
        if lease is None:
            raise ModelInUse(
                f"{model.name} is being removed by another process.",
                next_step="See steelyard model list.",
                model=model.name,
                digest=model.digest,
            )
        entry = self.index.by_digest(model.digest)
        if entry is None or entry.place is Place.NOWHERE:
            lease.release()
            raise lookup.retired(model)
        return lease

    def check_unchanged(self, model: Model) -> bool:
        """True if no file of the model was touched since it was last verified: `stat` only, no reading."""
        entry = self.entry(model.digest)
        return entry.place is Place.STORE and verification.is_untouched(
            self.index, entry.model, self.view(entry.model)
        )
