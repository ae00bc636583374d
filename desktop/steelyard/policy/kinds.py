"""What an option is, and the kinds of values options take: each checks a value and brings it to its one form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from steelyard.base.errors import Json
from steelyard.policy.errors import InvalidSetting
from steelyard.policy.sources import parse_sources


class Kind(StrEnum):
    """What values an option takes."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    URL = "url"
    SET = "set"
    HOSTS = "hosts"
    SOURCES = "sources"
    LIST = "list"


@dataclass(frozen=True)
class Option:
    """One setting.

    Attributes:
        key: `room.name`; also a key of the managed file and, with `STEELYARD_` before it, upper case
            and underscores for dots, the environment variable.
        kind: what values it takes; `choices` lists them for `choice` and `set`.
        bounds: lowest and highest value of a number.
        section: the settings page's category.
        title, help: for people, in English; faces translate them.
    """

    key: str
    kind: Kind
    default: Json
    section: str
    title: str
    help: str
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] = (0, 2**31 - 1)

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "STEELYARD_" + self.key.upper().replace(".", "_").replace("-", "_")

    def parse(self, value: Json) -> Json:
        """Check a value and bring it to its one form.

        Raises:
            InvalidSetting: naming the key, the value and what would do.
        """
        try:
            return _PARSERS[self.kind](self, value)
        except ValueError as error:
            if self.kind is Kind.SOURCES:
                # What is wrong may be a password in an address: it goes into no message and no log.
                raise InvalidSetting(
                    f"{self.key} cannot be this: {error}.", key=self.key
                ) from error
            raise InvalidSetting(
                f"{self.key} cannot be {value!r}: {error}.", key=self.key, value=value
            ) from error

    def parse_text(self, text: str) -> Json:
        """A value written in an environment variable or on the command line; lists split at commas
        or stand as JSON, the way `policy show` prints them.
        """
        if self.kind is Kind.SOURCES:
            return self.parse(_as_json_list(text))
        if self.kind in (Kind.SET, Kind.HOSTS, Kind.LIST):
            if (listed := _as_json_list(text)) is not None:
                return self.parse(listed)
            return self.parse([part.strip() for part in text.split(",") if part.strip()])
        if self.kind is Kind.SWITCH:
            return self.parse(_WORDS.get(text.strip().lower(), text))
        if self.kind is Kind.NUMBER:
            try:
                return self.parse(int(text))
            except ValueError:
                return self.parse(text)
        return self.parse(text)


def _as_json_list(text: str) -> list[Json] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None  # an IPv6 address begins like a list
    return value if isinstance(value, list) else None


_WORDS: dict[str, Json] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def _switch(_: Option, value: Json) -> Json:
    if not isinstance(value, bool):
        raise ValueError("it is either true or false")
    return value


def _choice(option: Option, value: Json) -> Json:
    if value not in option.choices:
        raise ValueError(f"it is one of {', '.join(option.choices)}")
    return value


def _number(option: Option, value: Json) -> Json:
    low, high = option.bounds
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"it is a whole number from {low} to {high}")
    return value


def _text(_: Option, value: Json) -> Json:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("it is one line of text")
    return value


def _url(_: Option, value: Json) -> Json:
    if not isinstance(value, str):
        raise ValueError("it is an http or https address")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("it is an http or https address without a user name")
    return value.rstrip("/")


def _set(option: Option, value: Json) -> Json:
    if not isinstance(value, list) or any(item not in option.choices for item in value):
        raise ValueError(f"it is a list with any of {', '.join(option.choices)}")
    return [choice for choice in option.choices if choice in value]


def _hosts(_: Option, value: Json) -> Json:
    if not isinstance(value, list):
        raise ValueError("it is a list of host names")
    hosts: list[Json] = []
    for item in value:
        bare = item.removeprefix("*.") if isinstance(item, str) else ""
        if not bare or any(not (c.isalnum() or c in ".-:[]") for c in bare):
            raise ValueError("it is a list of host names, such as hub.example or *.hub.example")
        hosts.append(str(item).lower())
    return hosts


def _sources(_: Option, value: Json) -> Json:
    return parse_sources(value)


def _list(_: Option, value: Json) -> Json:
    if not isinstance(value, list):
        raise ValueError("it is a list of names")
    for item in value:
        if not isinstance(item, str) or not item.strip() or not item.isprintable():
            raise ValueError("it is a list of names, each on one line and not empty")
    return list(dict.fromkeys(str(item).strip() for item in value))


_PARSERS = {
    Kind.SWITCH: _switch,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.URL: _url,
    Kind.SET: _set,
    Kind.HOSTS: _hosts,
    Kind.SOURCES: _sources,
    Kind.LIST: _list,
}
