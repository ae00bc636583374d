"""Rates as people write them: `5MB/s`, `800 KiB/s`, `1000000`."""

from __future__ import annotations

import re

import typer

_RATE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?) ?([kmg]i?)?b?(?:/s|ps)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def bytes_per_s(text: str) -> int:
    """A rate in bytes per second; 0: none.

    Raises:
        typer.BadParameter: it is none.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter("it is a rate such as 5MB/s or 800KiB/s; 0 is no limit")
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()])
