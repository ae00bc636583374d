"""The store: verified models on disk, each named by its digest, none usable unless its bytes are right.

Bytes enter only through `admit`, in the order private file, hash, fsync, rename, fsync of the folder, record;
a process killed at any point leaves either no model or the whole one. Several processes may work in one store
at once: every step that changes it holds the data folder's lock, hashing and reading do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.base.progress import Reporter
from steelyard.store import copies, lookup, opening, quarantine, removal, verification
from steelyard.store.blobs import link, make_folder
from steelyard.store.contents import signature
from steelyard.store.errors import Damaged, IllegalTransition
from steelyard.store.index import Entry, Place
from steelyard.store.landing import Landing
from steelyard.store.names import check_paths
from steelyard.store.quarantine import QuarantineFolder
from steelyard.store.records import Manifest, Model, Removal, State, Trust, Verification
from steelyard.store.shelf import Shelf
from steelyard.store.states import IN_STORE, JUDGED_ANEW, check_transition
from steelyard.store.verification import WHEN_CHANGED, Reverify

LOADABLE = frozenset({State.ADMITTED})

Objects = Callable[[Manifest], str]
"""Says why policy keeps a model from being admitted; empty: it does not."""


class Store(Shelf):
    """One store, opened. Close it, or use it as a context manager."""

    def __init__(
        self, home: Home, clock: Clock = utc_now, objects: Objects = lambda _manifest: ""
    ) -> None:
        """Open the store of a prepared home, and clear away what a killed process left unfinished.

        Args:
            objects: asked for every model that would be admitted, whoever brings it.

        Raises:
            MalformedInput: the index is damaged or was written by a newer Steelyard.
            OutOfResources: another process held the data folder for too long.
        """
        super().__init__(home, clock)
        self._objects = objects
        try:
            if self.writable:
                make_folder(home.quarantine)
                self._recover()
            if not self.away:
                opening.Seen(home).remember(self.index)
        except BaseException:
            self.index.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---------------------------------------------------------------- bytes coming in

    def new_quarantine(self, identifier: str | None = None) -> QuarantineFolder:
        """A private, locked folder for bytes that arrive; with an identifier, the same one again.

        Raises:
            QuarantineBusy: somebody works in it.
        """
        with self.lock():
            return QuarantineFolder.acquire(self.home.quarantine, identifier)

    def lend(self, sha256: str, target: Path) -> bool:
        """Give content the store has a second name, for judging it with files that arrive; False: not there.

        Raises:
            DiskFull, DiskFailed: the disk.
        """
        with self.lock():
            if not self.has_blob(sha256):
                return False
            known = str(self.index.blob_signature(sha256))
            link(self.blobs.path(sha256), target)
            now = signature(self.blobs.path(sha256))
            if now is not None:
                self.index.carry_over(sha256, known, now.as_text())
            return True

    def admit(
        self,
        manifest: Manifest,
        staged: Mapping[str, Path],
        trust: Trust,
        state: State,
        reason: str = "",
        *,
        facts: Mapping[str, Json] | None = None,
        name_given: bool = False,
    ) -> Model:
        """Take judged files into the store as `verified` or `admitted`.

        Args:
            manifest: `name` is a wish: a number is added when another model has it.
            staged: hashed and fsynced files by their path in the manifest, on the store's file system;
                they are moved. A path whose content is in the store already may be left out.
            facts: what the scan read.
            name_given: a person chose the name, so it is taken as it is or refused.

        Returns:
            The model; `verified` instead of `admitted` where policy objects, with the reason. For a digest that
            is in the store already it is that one, with the stronger of the
            old and new trust facts, and with damaged files replaced by the staged ones.

        Raises:
            NameTaken: only with `name_given`.
            UnsafePath: a path in the manifest could leave the view.
            StagedChanged: a staged file is missing or has another size than the manifest says.
            IllegalTransition: `state` is neither `verified` nor `admitted`.
            DiskFull, DiskFailed: the disk; nothing was taken in.
        """
        if state not in IN_STORE:
            raise IllegalTransition(f"Files enter the store as verified or admitted, not {state}.")
        check_paths(entry.path for entry in manifest.files)
        if state is State.ADMITTED and (objection := self._objects(manifest)):
            state, reason = State.VERIFIED, objection
        with self.lock():
            self._finish_steps()
            landing = Landing(self.index, self.blobs, self.views, iso_utc(self.clock()))
            replaced = self.index.by_digest(manifest.digest)
            model = landing.admit(
                Model(manifest, state, trust, landing.now, landing.now, reason),
                staged,
                dict(facts or {}),
                name_given=name_given,
            )
            self.leases.prepare(model.digest)
            if replaced is not None and replaced.quarantine is not None:
                quarantine.discard_unrecorded(self.home.quarantine / replaced.quarantine)
        return model

    def hold(
        self,
        manifest: Manifest,
        folder: QuarantineFolder,
        trust: Trust,
        state: State,
        reason: str,
        *,
        facts: Mapping[str, Json] | None = None,
    ) -> Model:
        """Record files that stay in quarantine, as `quarantined` or `rejected`, so that people see them.

        A model of the same digest that is whole in the store is not touched: the folder is removed and that
        model returned.

        Raises:
            IllegalTransition: `state` is neither `quarantined` nor `rejected`.
            UnsafePath: a path in the manifest could leave the folder.
        """
        if state not in (State.QUARANTINED, State.REJECTED):
            raise IllegalTransition(f"Files are held as quarantined or rejected, not {state}.")
        check_paths(entry.path for entry in manifest.files)
        with self.lock():
            existing = self.index.by_digest(manifest.digest)
            if existing is not None and existing.place is Place.STORE:
                folder.discard()
                return existing.model
            if folder.is_resumable:
                # A download keeps its folder's name for the next try; what is held needs one of its own.
                held = QuarantineFolder.acquire(self.home.quarantine)
                folder.hand_over(held)
                folder = held
            landing = Landing(self.index, self.blobs, self.views, iso_utc(self.clock()))
            name = landing.name_for_held(manifest, state)
            model = Model(
                replace(manifest, name=name), state, trust, landing.now, landing.now, reason
            )
            with self.index.change():
                self.index.write(
                    Entry(
                        model,
                        Place.QUARANTINE,
                        folder.identifier,
                        facts=dict(facts or {}),
                        pin=None if existing is None else existing.pin,
                    )
                )
            folder.release()
            if existing is not None and existing.quarantine not in (None, folder.identifier):
                quarantine.discard_unrecorded(self.home.quarantine / str(existing.quarantine))
        return model

    # ---------------------------------------------------------------- states and facts

    def set_state(self, model: Model, state: State, reason: str = "") -> Model:
        """Change a model's state.

        Raises:
            IllegalTransition: the state may not follow, needs files in the store that are not there, or policy
                objects to its being admitted.
            ModelNotFound: the model is not in the index any more.
        """
        with self.lock():
            entry = self.entry(model.digest)
            old = entry.model.state
            if state is State.ADMITTED and (objection := self._objects(entry.model.manifest)):
                raise IllegalTransition(
                    f"{entry.model.name} cannot be admitted. {objection}",
                    next_step="Ask whoever manages this machine.",
                    **{"from": old.value, "to": state.value},
                )
            check_transition(old, state)
            whole = entry.place is Place.STORE and entry.whole_state is None
            judged_anew = old in JUDGED_ANEW and state is not old
            if state is State.RETIRED or judged_anew or (state in IN_STORE and not whole):
                raise IllegalTransition(
                    f"{entry.model.name} is {old} and is not made {state} by a word alone.",
                    next_step="Remove it, or import it again so that its files are judged anew.",
                    **{"from": old.value, "to": state.value},
                )
            changed = replace(entry.model, state=state, reason=reason)
            self.index.update(replace(entry, model=changed))
            return changed

    def set_trust(self, model: Model, trust: Trust) -> Model:
        """Replace a model's trust facts.

        Raises:
            ModelNotFound: the model is not in the index any more.
        """
        with self.lock():
            entry = self.entry(model.digest)
            changed = replace(entry.model, trust=trust)
            self.index.update(replace(entry, model=changed))
            return changed

    def set_pin(self, model: Model, reason: str | None) -> None:
        """Keep a model from being removed, and say why; None lets it go again.

        Raises:
            ModelNotFound: the model is not in the index any more.
            ModelRetired: its files were removed already.
        """
        with self.lock():
            entry = self.entry(model.digest)
            if entry.place is Place.NOWHERE:
                raise lookup.retired(entry.model)
            self.index.update(replace(entry, pin=reason))

    # ---------------------------------------------------------------- verifying

    def verify(self, model: Model, report: Reporter | None = None) -> Verification:
        """Hash a model's files again and compare them with its manifest.

        A model in the store whose files differ becomes `quarantined`, with the reason, so that nothing loads
        it; when a later verification finds it whole, it gets its state back.

        An account that may only read gets the same answer, and no state is changed by it.

        Raises:
            ModelRetired: its files were removed.
            StoreAway: the store's folders are gone altogether; no state is changed.
            Cancelled: nothing is changed.
        """
        entry = self.entry(model.digest)
        self._check_there(with_files=entry.place is Place.STORE)
        folder = self.view(entry.model)
        if entry.place is Place.QUARANTINE:
            return verification.compare(entry.model.manifest, folder, None, report).outcome
        comparison = verification.compare(entry.model.manifest, folder, self.blobs, report)
        # Files that cannot be found because their disk went away meanwhile are not damaged.
        self._check_there(with_files=True)
        if self.writable:
            with self.lock():
                verification.record(self.index, entry.model, comparison, iso_utc(self.clock()))
        return comparison.outcome

    def verify_before_load(
        self,
        model: Model,
        report: Reporter | None = None,
        *,
        states: frozenset[State] = LOADABLE,
        reverify: Reverify = WHEN_CHANGED,
    ) -> Model:
        """Make sure that what an engine is about to open is what was admitted.

        Files are hashed again if their signature is not the one recorded when they were last verified; so a
        file swapped in between does not get through (THREATS 50). Ask `check_unchanged` once more when the
        engine has opened the files, and hold a `lease` meanwhile.

        Args:
            states: those that policy lets be loaded.
            reverify: when to hash again files that nobody touched.

        Raises:
            NotAdmitted: the model is in another state.
            Damaged: its files differ; it is quarantined now.
            ModelRetired, StoreAway, Cancelled: see `verify`.
        """
        self._check_there()
        current = self.get(model.digest)
        if current.state is State.RETIRED:
            raise lookup.retired(current)
        if current.state not in states:
            raise lookup.not_admitted(current)
        due = reverify.is_due(current.last_verified_at, self.clock())
        if not due and self.check_unchanged(current):
            return current
        outcome = self.verify(current, report)
        if not outcome.ok:
            raise Damaged(
                f"The files of {current.name} are not what was admitted. It was not loaded.",
                next_step="Import or pull it again to repair it, or remove it.",
                model=current.name,
                mismatched=list(outcome.mismatched),
                missing=list(outcome.missing),
                extra=list(outcome.extra),
            )
        return self.get(model.digest)

    # ---------------------------------------------------------------- removing

    def remove(self, model: Model, dry_run: bool = False) -> Removal:
        """Take a model's files away; its record stays as `retired`, so that runs and log still name it.

        Content that other models share stays. With `dry_run` nothing changes.

        Raises:
            ModelRetired: its files were removed already.
            ModelIsPinned: somebody keeps it, and said why.
            ModelInUse: an engine has it loaded, or it is being read out.
            DiskFailed: a file is in use (Windows); the rest is removed when the store is next opened.
        """
        with self.lock():
            entry = self.entry(model.digest)
            if entry.place is Place.NOWHERE:
                raise lookup.retired(entry.model)
            planned = removal.plan(self.index, entry, dry_run)
            if dry_run:
                return planned
            if entry.pin is not None:
                raise lookup.pinned(entry)
            with self.leases.alone(model.digest) as alone:
                if not alone:
                    raise lookup.in_use(entry.model)
                removal.carry_out(self.index, self.blobs, self.views, self.home.quarantine, entry)
        return planned

    def _recover(self) -> None:
        """Finish or undo what a killed process left, and bring index and second copies together."""
        lost = bool(self.copies.digests() - self.index.digests())
        behind = self.index.copies_are_due()
        intents = bool(self.index.intents())
        left = quarantine.candidates(self.home.quarantine, self.index.quarantine_folders())
        if not (lost or behind or intents or left):
            return
        with self.lock():
            # Records first: what a lost index forgot must not be taken for rubbish.
            copies.restore(self.index, self.copies, self.views, self.home.quarantine)
            self._finish_steps()
            quarantine.sweep(self.home.quarantine, self.index.quarantine_folders())
            for entry in self.index.all():
                if entry.place is Place.STORE:
                    self.leases.prepare(entry.model.digest)
            self.index.write_copies()

    def _finish_steps(self) -> None:
        """Finish or undo steps that were announced and not closed. Hold the lock: nobody works on them now."""
        for number, name, blobs in self.index.intents():
            removal.settle(self.index, self.blobs, self.views, name, blobs)
            self.index.close_intent(number)
