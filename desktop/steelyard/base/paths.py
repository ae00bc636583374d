"""Where things lie on disk. Every other room asks here; none builds these paths itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from steelyard.base.errors import FolderNotUsable, NotFound

APP = "steelyard"


@dataclass(frozen=True)
class Home:
    """The folders that belong to one installation's user: data and configuration.

    Attributes:
        location: where the models lie when that is not the user's own data folder: a store that several
            users share, or another disk. Nothing is ever made there unasked.
    """

    data: Path
    config: Path
    location: Path | None = None

    @classmethod
    def locate(cls, environment: Mapping[str, str] | None = None) -> Home:
        """`STEELYARD_HOME` puts both under one folder; else the platform's usual places."""
        environment = os.environ if environment is None else environment
        if root := environment.get("STEELYARD_HOME"):
            base = Path(root).expanduser().absolute()
            return cls(base / "data", base / "config")
        from platformdirs import PlatformDirs  # noqa: PLC0415  # only when it is needed

        dirs = PlatformDirs(APP, appauthor=False, roaming=False)
        return cls(Path(dirs.user_data_dir), Path(dirs.user_config_dir))

    @property
    def store(self) -> Path:
        """Blobs, views and the index of verified models."""
        return self.location or self.data / "store"

    @property
    def quarantine(self) -> Path:
        """Bytes not judged yet, or judged and refused."""
        # Beside the blobs, so that what was judged is moved there, not copied.
        return (self.location or self.data) / "quarantine"

    @property
    def audit(self) -> Path:
        """The tamper-evident log."""
        return self.data / "audit"

    @property
    def runs(self) -> Path:
        """SQLite file with evaluation runs, samples and kept chats."""
        return self.data / "runs.sqlite"

    @property
    def catalog(self) -> Path:
        """SQLite file with what was learned from sources; it can always be learned again."""
        return self.data / "catalog.sqlite"

    @property
    def bundles(self) -> Path:
        """SQLite file with the bundles made and taken in here, by sender and serial."""
        return self.data / "bundles.sqlite"

    @property
    def evidence(self) -> Path:
        """What bundles said of their models, kept by model and bundle."""
        return self.data / "evidence"

    @property
    def settings(self) -> Path:
        """The user's settings, TOML."""
        return self.config / "settings.toml"

    @property
    def witness(self) -> Path:
        """What this account, as a witness, has seen of other logs; made with the first one."""
        return self.data / "witness"

    @property
    def keys(self) -> Path:
        """This user's own signing keys; made with the first key."""
        return self.config / "keys"

    @property
    def trust(self) -> Path:
        """The keys this user believes; made with the first one."""
        return self.config / "trust"

    def prepare(self) -> None:
        """Create the user's own folders, private (mode 0700 where the platform has modes).

        The store's own folder is not among them: whoever opens it knows whether it is new or away.

        Raises:
            FolderNotUsable: they cannot be created.
        """
        for folder in (self.data, self.config, self.data / "quarantine", self.audit):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                reason = error.strerror or str(error)
                raise FolderNotUsable(
                    f"The folder {folder} cannot be made ({reason}). Nothing was done.",
                    next_step="Set STEELYARD_HOME to a folder you may write to.",
                    path=str(folder),
                    reason=reason,
                ) from error


@cache
def _resources_root() -> Path:
    package = Path(__file__).resolve().parent.parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent.parent / "resources"


def resource(*parts: str) -> Path:
    """The path of a shipped data file or folder, in a checkout or an installed wheel.

    Raises:
        NotFound: it is not there, so the installation is not complete.
    """
    path = _resources_root().joinpath(*parts)
    if not path.exists():
        raise NotFound(
            f"The shipped resource {'/'.join(parts)} is missing from this installation.",
            next_step="Install Steelyard again.",
            resource="/".join(parts),
        )
    return path
