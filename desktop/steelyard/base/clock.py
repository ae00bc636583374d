"""Time in UTC, written the one way the log and every record write it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives an aware datetime in UTC. Rooms that record time take one, so that tests can set it."""


def utc_now() -> datetime:
    """The system clock, in UTC."""
    return datetime.now(UTC)


def iso_utc(moment: datetime) -> str:
    """`2026-11-23T18:04:05.123Z`: RFC 3339, always three decimals, always `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """The inverse of `iso_utc`.

    Raises:
        ValueError: the text is not an RFC 3339 time with an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment.astimezone(UTC)
