"""The sources in force, in the order they are asked: what comes with the program, what policy and the user list, the
model hub."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.errors import Json
from steelyard.catalog.embedded import EMBEDDED
from steelyard.catalog.errors import SourceUnknown
from steelyard.policy.settings import Settings

HUB = "hub"
"""Name of the source that `sources.endpoint` is."""

LIST = "sources.list"


@dataclass(frozen=True)
class ConfiguredSource:
    """A source as it is configured.

    Attributes:
        kind: `embedded`, `hub`, `mirror`, `folder` or `bundles`.
        location: base address, or a folder.
        managed: policy put it there.
        ca_file, proxy, token_variable: see `AddSource`.
    """

    name: str
    kind: str
    location: str
    managed: bool = False
    ca_file: Path | None = None
    proxy: str | None = None
    token_variable: str = ""

    @property
    def is_remote(self) -> bool:
        """It is asked over the network."""
        return self.kind == "hub" or (self.kind == "mirror" and "://" in self.location)

    @property
    def folder(self) -> Path:
        """Where it lies, for a source that is not remote."""
        return Path(self.location)


def configured(settings: Settings) -> tuple[ConfiguredSource, ...]:
    """Every source by the settings in force."""
    endpoint = settings.get("sources.endpoint")
    imposed = {_name(item) for item in _items(settings.imposed(LIST))}
    listed = [_source(item, _name(item) in imposed) for item in _items(settings.get(LIST).value)]
    hub = ConfiguredSource(HUB, "hub", str(endpoint.value), endpoint.origin.startswith("managed"))
    embedded = [ConfiguredSource(name, "embedded", place) for name, place in EMBEDDED.items()]
    return (*embedded, *listed, hub)


def find_source(sources: Iterable[ConfiguredSource], name: str) -> ConfiguredSource:
    """The source of this name; case does not matter.

    Raises:
        SourceUnknown: there is none.
    """
    by_name = {source.name.casefold(): source for source in sources}
    if (found := by_name.get(name.casefold())) is not None:
        return found
    near = difflib.get_close_matches(name, [source.name for source in by_name.values()], n=3)
    raise SourceUnknown(
        f"There is no source {name[:80]!r}.",
        next_step=f"Did you mean {' or '.join(near)}?"
        if near
        else "See steelyard catalog sources.",
        source=name[:80],
        near=list(near),
    )


def folder_is_there(source: ConfiguredSource) -> bool:
    """Whether a folder can be listed now; a stick that was pulled out cannot."""
    return os.access(source.folder, os.R_OK | os.X_OK) and source.folder.is_dir()


def _items(value: Json) -> list[dict[str, str]]:
    """Checked when the settings were read; see `policy.sources`."""
    listed = value if isinstance(value, list) else []
    return [{k: str(v) for k, v in item.items()} for item in listed if isinstance(item, dict)]


def _name(item: dict[str, str]) -> str:
    return item["name"].casefold()


def _source(item: dict[str, str], managed: bool) -> ConfiguredSource:
    ca_file = item.get("ca_file")
    return ConfiguredSource(
        item["name"],
        item["kind"],
        item["location"],
        managed,
        Path(ca_file) if ca_file else None,
        item.get("proxy"),
        item.get("token_variable", ""),
    )
