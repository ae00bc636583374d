"""One entry: what happened, to what, by whom, when, with which outcome.

An entry is one line of RFC 8785 canonical JSON. The line without its end is the Merkle leaf's content.
`v` is the version of this form, so that later forms (salted commitments for redaction) can stand in
the same log and the same tree.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import cast

from steelyard.audit.merkle import leaf_hash
from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.errors import Json, MalformedInput

VERSION = 1
MAX_ENTRY_BYTES = 64 * 1024
MAX_TEXT_CHARS = 2048
_SAFE_INTEGER = 2**53 - 1

# What a secret looks like where one could slip into an error's words (THREATS 71).
_SECRETS = (
    re.compile(r"(?<=://)[^/@\s]+@"),
    re.compile(r"\bhf_[A-Za-z0-9]{8,}"),
    re.compile(r"(?i)(?<=\bbearer )\S+"),
    re.compile(r"(?i)(?:(?<=token=)|(?<=token: )|(?<=password=)|(?<=password: ))[^\s\"',;&]+"),
)


class Outcome(StrEnum):
    """How an entry's event stands. A `begun` is always followed by one of the others, unless the
    process died in between."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOTED = "noted"


@dataclass(frozen=True)
class Event:
    """What a writer of the log says; the log adds number, time and hash.

    Attributes:
        event: `noun.verb`, an operation's name.
        outcome: how it stands.
        subject: the model, run or file concerned: `{"name", "digest"}` or what there is.
        facts: typed facts; never prompts, answers, tokens or keys.
        call: ties the entries of one call together.
        policy: digest of the settings in force.
        actor: account and host.
    """

    event: str
    outcome: Outcome
    subject: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    call: str = ""
    policy: str = ""
    actor: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry as it stands in the log.

    Attributes:
        seq: its number, from 1.
        time: RFC 3339 UTC.
        previous: `sha256:` leaf hash of entry `seq - 1`; empty for the first.
        leaf: `sha256:` leaf hash of this entry's line.
    """

    seq: int
    time: str
    event: Event
    previous: str
    leaf: str
    line: bytes = field(repr=False, default=b"")


@cache
def current_actor() -> str:
    """`account@host` of this process, from the operating system; a number where it has no name."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return f"{account}@{socket.gethostname() or 'localhost'}"


def clean(value: Json) -> Json:
    """A value as the log may hold it: no secrets, no lone surrogates, no endless text, JSON-safe numbers."""
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode("utf-8")
        for pattern in _SECRETS:
            text = pattern.sub("[removed]", text)
        if len(text) > MAX_TEXT_CHARS:
            text = f"{text[:MAX_TEXT_CHARS]}… ({len(text) - MAX_TEXT_CHARS} more characters)"
        return text
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124  # NaN
    if isinstance(value, list):
        return [clean(item) for item in value]
    return {cast("str", clean(str(key))): clean(item) for key, item in value.items()}


def make_entry(seq: int, time: str, event: Event, previous: str) -> Entry:
    """The entry with its canonical line.

    An entry beyond `MAX_ENTRY_BYTES` keeps everything but its facts, and says so.
    """
    subject = cast("dict[str, Json]", clean(event.subject))
    facts = cast("dict[str, Json]", clean(event.facts))
    actor = cast("str", clean(event.actor))
    record: dict[str, Json] = {
        "v": VERSION,
        "seq": seq,
        "time": time,
        "actor": actor,
        "event": event.event,
        "outcome": event.outcome.value,
        "object": subject,
        "facts": facts,
        "call": event.call,
        "policy": event.policy,
        "previous": previous,
    }
    line = canonical_bytes(record)
    if len(line) > MAX_ENTRY_BYTES:
        facts = {"left_out": f"{len(line)} bytes of facts were too many for one entry"}
        record["facts"] = facts
        line = canonical_bytes(record)
    leaf = f"sha256:{leaf_hash(line).hex()}"
    written = Event(event.event, event.outcome, subject, facts, event.call, event.policy, actor)
    return Entry(seq, time, written, previous, leaf, line)


_TEXTS = ("time", "actor", "event", "outcome", "call", "policy", "previous")


def read_line(line: bytes) -> Entry:
    """Parse one line; the inverse of `make_entry`.

    Raises:
        MalformedInput: not canonical JSON, or not the form of an entry.
    """
    record = strict_loads(line, what="The entry")
    if not isinstance(record, dict) or canonical_bytes(record) != line:
        raise MalformedInput("The entry is not canonical JSON.")
    subject, facts, seq = record.get("object"), record.get("facts"), record.get("seq")
    if (
        record.get("v") != VERSION
        or not isinstance(seq, int)
        or not isinstance(subject, dict)
        or not isinstance(facts, dict)
        or any(not isinstance(record.get(name), str) for name in _TEXTS)
        or len(record) != len(_TEXTS) + 4
        or record["outcome"] not in set(Outcome)
    ):
        raise MalformedInput("The entry does not have the fields of an entry.")
    event = Event(
        str(record["event"]),
        Outcome(str(record["outcome"])),
        subject,
        facts,
        str(record["call"]),
        str(record["policy"]),
        str(record["actor"]),
    )
    leaf = f"sha256:{leaf_hash(line).hex()}"
    return Entry(seq, str(record["time"]), event, str(record["previous"]), leaf, line)
