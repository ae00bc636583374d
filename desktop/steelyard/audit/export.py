"""The log for others: as JSON Lines, as a table for spreadsheets, or as a package an auditor checks alone.

A package is a folder: the entries (all of them, or chosen ones with a proof each), the checkpoint they are under,
the log's key, and `verify.py`, which needs nothing of ours. Everything is written under a checkpoint made for it.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from steelyard.audit.checkpoints import Checkpoint, Checkpoints
from steelyard.audit.entry import Entry, read_line
from steelyard.audit.errors import ExportRefused
from steelyard.audit.evidence import evidence_of_entries
from steelyard.base import durable
from steelyard.base.clock import iso_utc, utc_now
from steelyard.base.paths import resource
from steelyard.base.progress import Reporter


class Form(StrEnum):
    """What is written."""

    JSON_LINES = "jsonl"
    CSV = "csv"
    PACKAGE = "package"


@dataclass(frozen=True)
class Exported:
    """What was written, and the checkpoint it is under."""

    path: Path
    entries: int
    checkpoint: Checkpoint


Chosen = Callable[[Entry], bool]

COLUMNS = (
    "seq",
    "time",
    "actor",
    "event",
    "outcome",
    "object",
    "digest",
    "facts",
    "call",
    "policy",
    "previous",
    "leaf",
)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def export_log(
    checkpoints: Checkpoints,
    out: Path,
    form: Form,
    *,
    chosen: Chosen | None = None,
    report: Reporter | None = None,
) -> Exported:
    """Write the log, or the entries that are chosen, to a new file (a new folder for a package).

    Raises:
        ExportRefused: `out` is there already, or its folder is not.
        NothingToSign, LogDamaged, KeyNotUsable: as `Checkpoints.make`.
        Cancelled: the reporter's token was cancelled; nothing was written.
        OSError: the disk refused.
    """
    if out.exists() or not out.parent.is_dir():
        why = "is there already" if out.exists() else "has no folder to be in"
        raise ExportRefused(
            f"{out} {why}. Nothing was written.",
            next_step="Name a new file in a folder that is there.",
            path=str(out),
        )
    report = report or Reporter()
    checkpoint = checkpoints.make()
    if form is Form.PACKAGE:
        return _package(checkpoints, checkpoint, out, chosen, report)
    count = 0
    with durable.replacing(out) as stream:
        if form is Form.CSV:
            # The mark tells spreadsheets that this is UTF-8.
            stream.write(b"\xef\xbb\xbf" + _row(COLUMNS))
        for line, entry in _entries(checkpoints, checkpoint, chosen, report):
            stream.write(line + b"\n" if form is Form.JSON_LINES else _row(_cells(entry)))
            count += 1
    return Exported(out, count, checkpoint)


def _entries(
    checkpoints: Checkpoints, checkpoint: Checkpoint, chosen: Chosen | None, report: Reporter
) -> Iterator[tuple[bytes, Entry]]:
    for number, line in enumerate(checkpoints.log.lines(), start=1):
        if number > checkpoint.size:
            return
        report("exporting", number, checkpoint.size, "items")
        entry = read_line(line)
        if chosen is None or chosen(entry):
            yield line, entry


def _package(
    checkpoints: Checkpoints,
    checkpoint: Checkpoint,
    out: Path,
    chosen: Chosen | None,
    report: Reporter,
) -> Exported:
    out.mkdir(mode=0o755)
    try:
        count = 0
        if chosen is None:
            with durable.replacing(out / "entries.jsonl", mode=0o644) as stream:
                for line, _ in _entries(checkpoints, checkpoint, None, report):
                    stream.write(line + b"\n")
                    count += 1
        else:
            found = _entries(checkpoints, checkpoint, chosen, report)
            seqs = [entry.seq for _, entry in found]
            count = len(seqs)
            evidence = evidence_of_entries(checkpoints, seqs, checkpoint=checkpoint)
            durable.write_bytes(out / "evidence.json", evidence, mode=0o644)
        key = checkpoints.note_key()
        files = {
            "checkpoint": checkpoint.document,
            "log-key.txt": f"{key.text()}\n".encode(),
            "verify.py": resource("audit", "verify.py").read_bytes(),
            "README.txt": _readme(checkpoint, key.text(), count).encode(),
        }
        for name, data in files.items():
            durable.write_bytes(out / name, data, mode=0o644)
    except BaseException:
        for file in out.iterdir():
            file.unlink()
        out.rmdir()
        raise
    return Exported(out, count, checkpoint)


def _readme(checkpoint: Checkpoint, key: str, count: int) -> str:
    return f"""Evidence from the audit log {checkpoint.origin}
Written {iso_utc(utc_now())}: {count} of {checkpoint.size} entries.

To check it, on any machine with Python and its package cryptography:

    python3 verify.py --key '{key}'

Compare that key with the one the log's keeper tells you in person or by telephone. An older checkpoint of the
log, kept by someone else, is compared with --against FILE. verify.py is short; read it before you run it.
"""


def _cells(entry: Entry) -> tuple[str, ...]:
    event = entry.event
    return (
        str(entry.seq),
        entry.time,
        event.actor,
        event.event,
        event.outcome.value,
        str(event.subject.get("name", "")),
        str(event.subject.get("digest", "")),
        json.dumps(event.facts, ensure_ascii=False, sort_keys=True),
        event.call,
        event.policy,
        entry.previous,
        entry.leaf,
    )


def _row(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(safe_cell, cells))
    return text.getvalue().encode("utf-8")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, a second cell or a second line (THREATS 76).

    Control and direction characters are written out; what would begin a formula gets an apostrophe before it.
    """
    plain = "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c
        for c in text
    )
    return f"'{plain}" if plain.lstrip().startswith(_STARTS_A_FORMULA) else plain
