"""The value of every option, and where it came from.

A locked managed value beats everything. Otherwise: flag over environment over the user's file over an
unlocked managed value over the default. A managed file that cannot be trusted is never ignored: it
puts the program in safe mode (offline, admitted models only) and says so.

A list of sources adds up instead: what policy lists stays, and unless policy locks the list the user's come after.
"""

from __future__ import annotations

import os
import sys
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from steelyard.base import durable
from steelyard.base.canonical import canonical_digest, strict_loads
from steelyard.base.errors import Json, MalformedInput, SteelyardError
from steelyard.base.paths import Home
from steelyard.policy.errors import LockedSetting, MalformedSettings
from steelyard.policy.guarded import require_guarded
from steelyard.policy.kinds import Kind
from steelyard.policy.options import BY_KEY, OPTIONS, option

MANAGED_MAX_BYTES = 1024 * 1024
SAFE_MODE: Mapping[str, Json] = {
    "network.offline": True,
    "load.admitted-only": True,
    "sources.allow-unsigned-mirror": False,
    "trust.keys": "managed-only",
}

# Names other programs gave to the same wish; ours win where both are set.
_FOREIGN_VARIABLES = {"HF_HUB_OFFLINE": "network.offline", "HF_ENDPOINT": "sources.endpoint"}


def managed_trust_folder(policy_file: Path | None = None) -> Path:
    """Where the administrator puts the keys that are believed: `trust.d` beside the managed policy."""
    return (policy_file or managed_path()).parent / "trust.d"


def managed_path() -> Path:
    """Where this platform keeps the managed policy file. No environment variable moves it."""
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Steelyard/policies.json")
    if sys.platform == "win32":
        return Path(r"C:\ProgramData\Steelyard\policies.json")
    return Path("/etc/steelyard/policies.json")


@dataclass(frozen=True)
class Value:
    """One option's value in force.

    Attributes:
        origin: `default`, `settings`, `environment`, `flag`, `managed` or `safe-mode`, followed by
            `: NAME` of the file, variable or flag where there is one.
    """

    key: str
    value: Json
    locked: bool
    origin: str


class Settings:
    """All values, read once and changed only through `change`."""

    def __init__(
        self,
        file: Path,
        values: dict[str, Value],
        problems: tuple[str, ...],
        *,
        safe_mode: bool,
        imposed: Mapping[str, Json] | None = None,
    ) -> None:
        self._file = file
        self._values = values
        self._imposed = dict(imposed or {})
        self._guard = threading.Lock()
        self.problems = problems
        self.safe_mode = safe_mode

    @classmethod
    def load(
        cls,
        home: Home,
        *,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Json] | None = None,
        managed: Path | None = None,
        guarded: bool = True,
    ) -> Settings:
        """Read every layer.

        Args:
            home: whose `settings.toml`; a missing file is an empty one.
            environment: defaults to the process's.
            flags: values given on the command line, by key.
            managed: the managed file; the platform's place when None.
            guarded: the managed file must be the administrator's; False to try out one that is not in its
                place yet.

        Raises:
            MalformedSettings: the user's own file is not valid; it is left as it is.
            InvalidSetting: an environment variable or flag has a value it cannot have.
        """
        environment = os.environ if environment is None else environment
        managed = managed or managed_path()
        values = {o.key: Value(o.key, o.default, False, "default") for o in OPTIONS}
        imposed, problems = _read_managed(managed, guarded=guarded)
        for key, (value, _) in imposed.items():
            values[key] = Value(key, value, False, f"managed: {managed}")
        for key, value in _read_user(home.settings).items():
            values[key] = Value(key, value, False, "settings")
        for key, (value, name) in _read_environment(environment).items():
            values[key] = Value(key, value, False, f"environment: {name}")
        for key, value in (flags or {}).items():
            values[key] = Value(key, option(key).parse(value), False, "flag")
        for key, (value, locked) in imposed.items():
            if locked:
                values[key] = Value(key, value, True, f"managed: {managed}")
            elif BY_KEY[key].kind is Kind.SOURCES:
                values[key] = replace(values[key], value=_added_up(value, values[key].value))
        if problems:
            for key, value in SAFE_MODE.items():
                values[key] = Value(key, value, True, "safe-mode")
        return cls(
            home.settings,
            values,
            tuple(problems),
            safe_mode=bool(problems),
            imposed={key: value for key, (value, _) in imposed.items()},
        )

    def get(self, key: str) -> Value:
        """The value with its origin.

        Raises:
            UnknownSetting: no option has this key.
        """
        return self._values[option(key).key]

    def switch(self, key: str) -> bool:
        """The value of an on/off option."""
        return bool(self.get(key).value)

    def number(self, key: str) -> int:
        """The value of a number option."""
        value = self.get(key).value
        assert isinstance(value, int)
        return value

    def text(self, key: str) -> str:
        """The value of a text, choice or address option."""
        return str(self.get(key).value)

    def items(self, key: str) -> tuple[str, ...]:
        """The value of a list option."""
        value = self.get(key).value
        assert isinstance(value, list)
        return tuple(str(item) for item in value)

    def imposed(self, key: str) -> Json:
        """What the managed policy says of an option, locked or not; None where it is silent."""
        return self._imposed.get(option(key).key)

    def all(self) -> tuple[Value, ...]:
        """Every value, in the order of the option list."""
        return tuple(self._values[o.key] for o in OPTIONS)

    def digest(self) -> str:
        """`sha256:` over keys and values in force; entries of the log name it."""
        return canonical_digest({key: value.value for key, value in self._values.items()})

    def change(self, key: str, value: Json) -> Value:
        """Write one value into the user's file and use it from now on.

        Raises:
            UnknownSetting, InvalidSetting: there is no such option, or it cannot have this value.
            LockedSetting: policy fixed it.
            MalformedSettings: the file has become unreadable; it is left as it is.
        """
        known = option(key)
        parsed = known.parse(value)
        with self._guard:
            current = self._values[key]
            if current.locked:
                raise LockedSetting(
                    f"{key} is fixed by {current.origin}.",
                    next_step="Ask whoever manages this machine.",
                    key=key,
                    origin=current.origin,
                )
            kept = _read_user(self._file)
            if known.kind is Kind.SOURCES:
                imposed = self._imposed.get(key)
                parsed = _without(imposed, parsed)
                kept[key] = parsed
                parsed = _added_up(imposed, parsed)
            else:
                kept[key] = parsed
            _write_user(self._file, kept)
            self._values[key] = Value(key, parsed, False, "settings")
            return self._values[key]


def _named(records: Json) -> dict[str, Json]:
    """A list of sources by name; names differ by more than case."""
    listed = records if isinstance(records, list) else []
    return {str(item["name"]).casefold(): item for item in listed if isinstance(item, dict)}


def _without(imposed: Json, own: Json) -> Json:
    """The user's sources: those of which policy lists none by the same name."""
    return [item for name, item in _named(own).items() if name not in _named(imposed)]


def _added_up(imposed: Json, own: Json) -> Json:
    """Policy's sources, then the user's. Where policy alone set the value, it is not listed twice."""
    return [*_named(imposed).values(), *_named(_without(imposed, own)).values()]


def _read_user(file: Path) -> dict[str, Json]:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MalformedSettings(
            f"The settings file cannot be read: {error}.",
            next_step=f"Correct or remove {file}.",
            path=str(file),
        ) from error
    values: dict[str, Json] = {}
    for section, entries in document.items():
        for name, value in entries.items() if isinstance(entries, dict) else [("", entries)]:
            key = f"{section}.{name}" if name else section
            if key not in BY_KEY:
                raise MalformedSettings(
                    f"The settings file has an unknown key {key!r}.",
                    next_step=f"Correct or remove it in {file}.",
                    path=str(file),
                    key=key,
                )
            values[key] = BY_KEY[key].parse(value)
    return values


def _write_user(file: Path, values: Mapping[str, Json]) -> None:
    import tomli_w  # noqa: PLC0415  # only when a setting is written

    document: dict[str, dict[str, Json]] = {}
    for key in sorted(values):
        section, _, name = key.partition(".")
        document.setdefault(section, {})[name] = values[key]
    durable.write_bytes(file, tomli_w.dumps(document).encode("utf-8"))


def _read_environment(environment: Mapping[str, str]) -> dict[str, tuple[Json, str]]:
    values: dict[str, tuple[Json, str]] = {}
    for name, key in _FOREIGN_VARIABLES.items():
        if text := environment.get(name):
            values[key] = (BY_KEY[key].parse_text(text), name)
    for known in OPTIONS:
        if text := environment.get(known.variable):
            values[known.key] = (known.parse_text(text), known.variable)
    return values


def _read_managed(file: Path, *, guarded: bool) -> tuple[dict[str, tuple[Json, bool]], list[str]]:
    """The managed values with their locks, and what is wrong with the file."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"The managed policy {file} cannot be read: {error.strerror}."]
    try:
        if guarded:
            require_guarded(file, what=f"The managed policy {file}")
        if status.st_size > MANAGED_MAX_BYTES:
            raise MalformedInput(f"The managed policy {file} is larger than 1 MiB.")
        document = strict_loads(file.read_bytes(), what=f"The managed policy {file}")
        return _parse_managed(document, file), []
    except SteelyardError as error:
        return {}, [error.message]
    except OSError as error:
        return {}, [f"The managed policy {file} cannot be read: {error.strerror}."]


def _parse_managed(document: Json, file: Path) -> dict[str, tuple[Json, bool]]:
    if not isinstance(document, dict):
        raise MalformedInput(f"The managed policy {file} is not a JSON object.")
    values: dict[str, tuple[Json, bool]] = {}
    for key, entry in document.items():
        if key not in BY_KEY:
            raise MalformedInput(f"The managed policy {file} has an unknown key {key!r}.")
        if not isinstance(entry, dict) or set(entry) - {"Value", "Locked"} or "Value" not in entry:
            raise MalformedInput(
                f'The managed policy {file}: {key} is not written {{"Value": …, "Locked": …}}.'
            )
        locked = entry.get("Locked", True)
        if not isinstance(locked, bool):
            raise MalformedInput(
                f"The managed policy {file}: Locked of {key} is not true or false."
            )
        values[key] = (BY_KEY[key].parse(entry["Value"]), locked)
    return values
