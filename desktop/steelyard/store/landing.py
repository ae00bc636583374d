"""How judged files become a model: blobs, view, record, in that order, under the data folder's lock."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from steelyard.base.errors import Json
from steelyard.store import removal, verification, views
from steelyard.store.blobs import Blobs, discard_file, discard_tree, link, make_folder
from steelyard.store.contents import Signature, signature
from steelyard.store.errors import NameTaken, StagedChanged
from steelyard.store.index import Entry, Index, Place
from steelyard.store.names import check_name, fold, with_suffix
from steelyard.store.records import Manifest, Model, PublisherHash, Scan, State, Trust


class Landing:
    """One admission or one record of held files. Make it and use it while holding the lock."""

    def __init__(self, index: Index, blobs: Blobs, view_root: Path, now: str) -> None:
        self.now = now
        self._index = index
        self._blobs = blobs
        self._views = view_root

    def admit(
        self, model: Model, staged: Mapping[str, Path], facts: dict[str, Json], *, name_given: bool
    ) -> Model:
        """See `Store.admit`."""
        existing = self._index.by_digest(model.digest)
        if existing is not None and existing.place is Place.STORE:
            model = _merged(existing, model)
            facts = facts or dict(existing.facts or {})
            if verification.is_untouched(self._index, existing.model, self._view(model)):
                entry = replace(existing, model=model, whole_state=None, facts=facts)
                self._index.update(entry)
                return model
        else:
            name = self._free_name(model.manifest, given=name_given)
            model = replace(model, manifest=replace(model.manifest, name=name))
        contents = self._check_staged(model.manifest, staged)
        number = self._index.announce(model.name, contents)
        try:
            self._place(model, contents, staged, facts=facts, number=number)
        except BaseException:
            self._take_back(model.name, tuple(contents), number)
            raise
        return model

    def _take_back(self, name: str, contents: tuple[str, ...], number: int) -> None:
        """Remove what was placed, if it is certain that no record of it can come back."""
        try:
            open_step = self._index.renew_intent(number)
        except sqlite3.OperationalError:
            return  # whoever can write to the index next sees whether there is a record, and settles it
        if open_step is not None:
            removal.settle(self._index, self._blobs, self._views, name, contents)
            self._index.close_intent(open_step)

    def name_for_held(self, manifest: Manifest, state: State) -> str:
        """The wish, or where another model has it, a name that says what this one is."""
        name = check_name(manifest.name)
        holder = self._index.by_name(name)
        if holder is None or holder.model.digest == manifest.digest:
            return name
        return self._set_aside(name, state, manifest.digest)

    def _view(self, model: Model) -> Path:
        return self._views / model.name

    def _free_name(self, manifest: Manifest, *, given: bool) -> str:
        wish = check_name(manifest.name)
        for number in itertools.count(2):
            name = wish if number == 2 else with_suffix(wish, str(number - 1))
            holder = self._index.by_name(name)
            in_store = holder is not None and holder.place is Place.STORE
            # A folder nobody recorded is somebody's: it is neither used nor removed. Only one that holds
            # exactly these files is this model's own, from before an index was lost.
            if not in_store and (
                not os.path.lexists(self._views / name)
                or views.resembles(self._views / name, manifest)
            ):
                return name
            if given:
                raise NameTaken(
                    f"The name {name} is taken by another model. Nothing was taken in.",
                    next_step="Choose another name, or remove that model first.",
                    name=name,
                    digest=holder.model.digest if holder is not None else None,
                )
        raise AssertionError("counting does not end")

    def _set_aside(self, name: str, state: State, digest: str) -> str:
        short = digest.removeprefix("sha256:")[:8]
        base = f"{state}-{short}"
        names = self._index.names()
        candidates = itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2)))
        return next(
            full for full in (with_suffix(name, c) for c in candidates) if fold(full) not in names
        )

    def _check_staged(
        self, manifest: Manifest, staged: Mapping[str, Path]
    ) -> dict[str, Path | None]:
        """Content to the staged file that brings it, or None where the store's own blob is right."""
        contents: dict[str, Path | None] = {}
        for entry in manifest.files:
            if verification.blob_is_untouched(self._index, self._blobs, entry.sha256):
                contents[entry.sha256] = None
                continue
            path = staged.get(entry.path)
            there = None if path is None else signature(path)
            if there is not None and there.size_bytes == entry.size_bytes:
                contents[entry.sha256] = path
            elif contents.get(entry.sha256) is None:
                raise StagedChanged(
                    f"{entry.path} is not there, or is not what was judged. Nothing was taken in.",
                    next_step="Try again.",
                    path=entry.path,
                )
        return contents

    def _place(
        self,
        model: Model,
        contents: Mapping[str, Path | None],
        staged: Mapping[str, Path],
        *,
        facts: dict[str, Json],
        number: int,
    ) -> None:
        recorded = {sha256: self._index.blob_signature(sha256) for sha256 in contents}
        for sha256, path in contents.items():
            if path is not None:
                self._blobs.land(path, sha256)
        for path in staged.values():
            # What is in the store already goes now: if it is a link to a blob, that changes its signature.
            discard_file(path)
        paths = {sha256: self._blobs.path(sha256) for sha256 in contents}
        folder = self._view(model)
        make_folder(folder)
        for extra in views.extras(folder, model.manifest):
            discard_tree(folder.joinpath(*extra.split("/")))
        views.make(folder, model.manifest, paths)
        replaced = [s for s, path in contents.items() if path is not None and recorded[s]]
        mended = [mend for sha256 in replaced for mend in self._mend(sha256, model.digest)]
        with self._index.change():
            self._displace(model)
            before = self._index.by_digest(model.digest)
            pin = None if before is None else before.pin
            self._index.write(Entry(model, Place.STORE, facts=facts, pin=pin))
            for sha256, path in paths.items():
                now = _present(path)
                if (old := recorded[sha256]) is not None:
                    self._index.carry_over(sha256, old, now.as_text())
                self._index.set_blob(sha256, now.size_bytes, now.as_text())
            files = {
                entry.path: (entry.sha256, _present(views.file_in(folder, entry)).as_text())
                for entry in model.manifest.files
            }
            self._index.set_files(model.digest, files)
            for owner, name, sha256, target in mended:
                self._index.set_file(owner, name, sha256, _present(target).as_text())
            self._index.close_intent(number)

    def _mend(self, sha256: str, digest: str) -> list[tuple[str, str, str, Path]]:
        """Another model had this content damaged: give its view the new, right blob."""
        mended = []
        for owner in self._index.owners(sha256):
            entry = self._index.by_digest(owner)
            if entry is None or owner == digest:
                continue
            for file in entry.model.manifest.files:
                target = views.file_in(self._view(entry.model), file)
                if file.sha256 == sha256 and target.parent.is_dir():
                    link(self._blobs.path(sha256), target)
                    mended.append((owner, file.path, sha256, target))
        return mended

    def _displace(self, model: Model) -> None:
        """A record without files in the store gives its name to the model that comes in."""
        holder = self._index.by_name(model.name)
        if holder is None or holder.model.digest == model.digest:
            return
        name = self._set_aside(model.name, holder.model.state, holder.model.digest)
        manifest = replace(holder.model.manifest, name=name)
        self._index.update(replace(holder, model=replace(holder.model, manifest=manifest)))


def _present(path: Path) -> Signature:
    there = signature(path)
    if there is None:
        raise StagedChanged(
            f"{path.name} disappeared while it was taken in. Nothing was taken in.",
            next_step="Try again.",
            path=str(path),
        )
    return there


def _merged(existing: Entry, new: Model) -> Model:
    old = existing.model
    state = existing.whole_state or old.state
    if state is not State.ADMITTED:
        state = new.state
    stronger = {entry.path: entry for entry in old.manifest.files}
    files = tuple(
        entry if entry.publisher_hash is PublisherHash.MATCHES else stronger[entry.path]
        for entry in new.manifest.files
    )
    manifest = replace(new.manifest, name=old.name, source=old.manifest.source, files=files)
    verified_at = old.last_verified_at if existing.whole_state is None else new.last_verified_at
    return Model(
        manifest=manifest,
        state=state,
        trust=_stronger(old.trust, new.trust),
        added_at=old.added_at,
        last_verified_at=verified_at,
        reason="" if state is State.ADMITTED else new.reason,
    )


def _stronger(old: Trust, new: Trust) -> Trust:
    hashes = (new.publisher_hash, old.publisher_hash)
    a_person = old.approved_by not in (None, "policy")
    scanned = new if new.scan is not Scan.NOT_RUN else old
    return Trust(
        publisher_hash=PublisherHash.MATCHES if PublisherHash.MATCHES in hashes else hashes[0],
        signed_by=new.signed_by or old.signed_by,
        scan=scanned.scan,
        approved_by=old.approved_by if a_person else new.approved_by or old.approved_by,
        findings=scanned.findings,
    )
