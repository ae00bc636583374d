"""The list of sources as a setting holds it: records with a name, a kind and a place, each checked when it is
read. An access token is never part of it; a record may only name the environment variable that has one.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import SplitResult, urlsplit

from steelyard.base.errors import Json

KINDS = ("hub", "mirror", "folder", "bundles")
"""What can be configured; `embedded` sources come with the program."""

RESERVED = ("starter", "families", "hub")
"""Names of the embedded sources and of the one that `sources.endpoint` is."""

MOST_SOURCES = 50
NAME_CHARS = 64
LOCATION_CHARS = 2048

_FIELDS = ("name", "kind", "location", "ca_file", "proxy", "token_variable")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def parse_sources(value: Json) -> Json:
    """Check a list of records and bring it to its one form: empty fields left out, addresses without a
    slash at their end.

    Raises:
        ValueError: naming the record and what would do.
    """
    if not isinstance(value, list) or len(value) > MOST_SOURCES:
        raise ValueError(f"it is a list of at most {MOST_SOURCES} sources, as JSON")
    records = [_record(item) for item in value]
    names = [str(record["name"]).casefold() for record in records]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two sources are called {name!r}")
    return [*records]


def _record(item: Json) -> dict[str, Json]:
    if not isinstance(item, dict) or not {"name", "kind", "location"} <= item.keys():
        raise ValueError("each source has a name, a kind and a location")
    if odd := set(item) - set(_FIELDS):
        raise ValueError(f"a source has no field {sorted(odd)[0]!r}")
    texts = {key: item[key] for key in _FIELDS if item.get(key) not in (None, "")}
    fields = {key: text for key, text in texts.items() if isinstance(text, str)}
    if len(fields) != len(texts) or not {"name", "kind", "location"} <= fields.keys():
        raise ValueError("every field of a source is a text, and none of the first three is empty")
    _check_name(fields["name"])
    kind = fields["kind"]
    if kind not in KINDS:
        raise ValueError(f"the kind of {fields['name']} is one of {', '.join(KINDS)}")
    fields["location"] = _location(fields["name"], kind, fields["location"])
    if "proxy" in fields:
        parts = _address(fields["proxy"])
        if parts is None or parts.path not in ("", "/"):
            raise ValueError(
                f"the proxy of {fields['name']} is http://host:port, without a user name"
            )
        fields["proxy"] = fields["proxy"].rstrip("/")
    if "ca_file" in fields and not is_absolute(fields["ca_file"]):
        raise ValueError(f"ca_file of {fields['name']} is the full path of a file")
    if not _VARIABLE.fullmatch(fields.get("token_variable", "x")):
        raise ValueError(
            f"token_variable of {fields['name']} is the name of a variable, not a token"
        )
    remote = kind == "hub" or (kind == "mirror" and "://" in fields["location"])
    if not remote and fields.keys() & {"ca_file", "proxy", "token_variable"}:
        raise ValueError(f"{fields['name']} is a folder and needs no certificate, proxy or token")
    return {key: fields[key] for key in _FIELDS if key in fields}


def _check_name(name: str) -> None:
    plain = all(unicodedata.category(char)[0] in "LNP" or char == " " for char in name)
    if not plain or name != name.strip() or len(name) > NAME_CHARS:
        raise ValueError(
            f"a source's name has letters, digits and signs, at most {NAME_CHARS}; {name[:80]!r} has not"
        )
    if name.casefold() in RESERVED:
        raise ValueError(f"{name} is the name of a source that is always there")


def _location(name: str, kind: str, text: str) -> str:
    if len(text) > LOCATION_CHARS or not text.isprintable():
        raise ValueError(
            f"the location of {name} is one line of at most {LOCATION_CHARS} characters"
        )
    if kind == "hub" or (kind == "mirror" and "://" in text):
        if _address(text) is None:
            raise ValueError(
                f"the location of {name} is an http or https address without a user name, ? or #"
            )
        return text.rstrip("/")
    if not is_absolute(text):
        raise ValueError(f"the location of {name} is the full path of a folder")
    return text


def is_absolute(text: str) -> bool:
    """Whether a text is a full path on one of the platforms: a policy file is written for many machines."""
    return PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()


def _address(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    fine = parts.scheme in ("http", "https") and bool(parts.hostname) and plain and port_is_valid
    return parts if fine else None
