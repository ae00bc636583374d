"""The opened rooms of one installation: settings, log, store, runs, engines. Opened on first use, closed
together."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.log import AuditLog
from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.evals.runs import RunStore
from steelyard.policy.errors import InvalidSetting
from steelyard.policy.models import objections
from steelyard.policy.network import NetworkGate
from steelyard.policy.settings import Settings, managed_trust_folder
from steelyard.privacy.keeping import Keeper
from steelyard.service.candidates import candidate_of
from steelyard.service.engines import EnginePool
from steelyard.signing.own_keys import OwnKeys
from steelyard.signing.trust import TrustList, UserTrust
from steelyard.store.records import Manifest
from steelyard.store.store import Store

if TYPE_CHECKING:
    from steelyard.bundles.ledger import Ledger
    from steelyard.catalog.index import CatalogIndex
    from steelyard.catalog.search import LocalModels, Search


@dataclass(frozen=True)
class Catalog:
    """The index of what can be had, and the search over it."""

    index: CatalogIndex
    search: Search

    def close(self) -> None:
        """Close the index."""
        self.index.close()


class Installation:
    """What operations work on. Rooms that a call does not need are never opened."""

    def __init__(
        self,
        home: Home,
        *,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Json] | None = None,
        managed: Path | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._home = home
        self.clock = clock
        self._managed_trust = managed_trust_folder(managed)
        self._opening = threading.RLock()
        self._stores: list[Store] = []
        home.prepare()
        self.settings = Settings.load(home, environment=environment, flags=flags, managed=managed)
        self.gate = NetworkGate(self.settings, clock)
        self.log = AuditLog(home.audit, clock)
        self.engines = EnginePool()
        self.own_keys = OwnKeys(home.keys)
        self.user_trust = UserTrust(home.trust)
        second = self.settings.text("audit.checkpoint-folder")
        self.checkpoints = Checkpoints(
            self.log, self.own_keys, clock, copies=Path(second).expanduser() if second else None
        )
        self.log.after_append = self.checkpoints.after_append
        self.known_local: tuple[tuple[int, ...], LocalModels] | None = None

    def trust(self) -> TrustList:
        """Who is believed here, read anew: a key revoked a moment ago does not count any more."""
        return TrustList.load(
            managed=self._managed_trust,
            user=self.home.trust,
            own=self.home.keys,
            choice=self.settings.text("trust.keys"),
        )

    @property
    def home(self) -> Home:
        """The folders, with the store where the settings now say it lies."""
        location = self.settings.text("store.location")
        return replace(self._home, location=Path(location).expanduser() if location else None)

    @property
    def store(self) -> Store:
        """The verified models; the starter is put there the first time.

        A store that went away, came back or is set to lie elsewhere is opened anew.

        Raises:
            InvalidSetting: `store.location` is no absolute path.
        """
        with self._opening:
            opened = self._stores[-1] if self._stores else None
            if opened is None or opened.home != self.home or not opened.is_current:
                self._stores.append(self._open_store())
            return self._stores[-1]

    def _open_store(self) -> Store:
        from steelyard.intake.starter import ensure_starter  # noqa: PLC0415  # only when models are needed

        home = self.home
        if home.location is not None and not home.location.is_absolute():
            raise InvalidSetting(
                f"store.location is {str(home.location)!r}, which is no absolute path.",
                next_step="Give the whole path, from the root of its disk.",
                key="store.location",
                value=str(home.location),
            )
        store = Store(home, self.clock, self._objection)
        if store.writable:
            ensure_starter(store)
        return store

    def _objection(self, manifest: Manifest) -> str:
        found = objections(self.settings, candidate_of(manifest))
        if not found:
            return ""
        said = "; ".join(f"{each.reason} ({each.key})" for each in found)
        return f"Policy does not let it in: {said}."

    @property
    def runs(self) -> RunStore:
        """Evaluation runs and their samples."""
        with self._opening:
            return self._runs

    @cached_property
    def _runs(self) -> RunStore:
        return RunStore(self._home.runs, self.clock, self._evaluation_keeper)

    def _evaluation_keeper(self) -> Keeper:
        settings = self.settings
        return Keeper.of(
            settings.text("retention.evaluation"), settings.items("privacy.site-patterns")
        )

    @property
    def bundles(self) -> Ledger:
        """The bundles made and taken in here."""
        with self._opening:
            return self._bundles

    @cached_property
    def _bundles(self) -> Ledger:
        from steelyard.bundles.ledger import Ledger as Opened  # noqa: PLC0415  # only for bundles

        return Opened(self._home.bundles)

    @property
    def catalog(self) -> Catalog:
        """What can be had; what the program itself knows is learned the first time."""
        with self._opening:
            return self._catalog

    @cached_property
    def _catalog(self) -> Catalog:
        from steelyard.catalog.embedded import learn_embedded  # noqa: PLC0415  # only when it is searched
        from steelyard.catalog.index import CatalogIndex  # noqa: PLC0415  # as above
        from steelyard.catalog.search import Search  # noqa: PLC0415  # as above

        index = CatalogIndex(self._home.catalog)
        try:
            learn_embedded(index, iso_utc(self.clock()))
        except BaseException:
            index.close()
            raise
        return Catalog(index, Search(index))

    def close(self) -> None:
        """End every engine, sign the log as it is, close the databases. Harmless when called twice."""
        self.engines.close()
        self.checkpoints.close()
        with self._opening:
            # Calls that began before a store went away may still hold it; all are closed at the end.
            for store in self._stores:
                store.close()
            self._stores.clear()
            for name in ("_runs", "_bundles", "_catalog"):
                room = self.__dict__.pop(name, None)
                if room is not None:
                    room.close()
