"""Evaluation runs as documents that travel with a model, and back.

A document that arrives is a sender's claim: every field is checked for its type, range and length, and the run
it makes says where it came from for as long as it is kept.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import cast

from steelyard.base.clock import parse_utc
from steelyard.base.errors import Json
from steelyard.evals.errors import MalformedRun
from steelyard.evals.records import Row, RowVerdict, RunRecord, Sample

FORMAT = 1
MOST_ROWS = 1_000
MOST_SAMPLES = 100_000
TEXT_CHARS = 4 * 1024 * 1024
"""Of one prompt or answer; a context of a million tokens fits."""

_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{8}")
_ENDED = ("done", "cancelled", "failed")


def to_document(record: RunRecord, samples: tuple[Sample, ...]) -> Json:
    """A finished run with everything in it."""
    return {
        "format": FORMAT,
        "run": cast("Json", dataclasses.asdict(record)),
        "samples": [cast("Json", dataclasses.asdict(sample)) for sample in samples],
    }


def from_document(value: Json, *, origin: str) -> tuple[RunRecord, tuple[Sample, ...]]:
    """The run of a document, marked with where it came from.

    Args:
        origin: the sender, in words of this installation.

    Raises:
        MalformedRun: a field is missing, of the wrong kind or out of range; naming it.
    """
    document = _Fields(value, "document")
    if document.count("format") != FORMAT:
        raise MalformedRun(
            "The evaluation run was written in a form that is not known here.",
            next_step="Use the newer version of Steelyard.",
            field="format",
        )
    samples = tuple(_sample(each) for each in document.inner_list("samples", MOST_SAMPLES))
    run = document.inner("run")
    record = RunRecord(
        run_id=run.matching("run_id", _RUN_ID),
        suite=run.text("suite", 200),
        suite_title=run.text("suite_title", 200),
        suite_version=run.text("suite_version", 200),
        suite_digest=run.text("suite_digest", 200),
        model_name=run.text("model_name", 200),
        model_digest=run.text("model_digest", 200),
        quantization=run.text("quantization", 200),
        engine=run.mapping("engine"),
        template_digest=run.text_or_none("template_digest", 200),
        seed=run.integer("seed"),
        machine=run.mapping("machine"),
        started_at=run.time("started_at"),
        finished_at=run.time("finished_at") if run.value("finished_at") is not None else None,
        status=run.one_of("status", _ENDED),
        verdict=RowVerdict(run.one_of("verdict", tuple(RowVerdict))),
        rows=tuple(_row(each) for each in run.inner_list("rows", MOST_ROWS)),
        samples=len(samples),
        note=run.text("note", 2000),
        origin=origin,
    )
    return record, samples


def _row(fields: _Fields) -> Row:
    passed, total = fields.count("passed"), fields.count("total")
    if passed > total:
        raise fields.wrong("passed")
    return Row(
        name=fields.text("name", 200),
        title=fields.text("title", 200),
        verdict=RowVerdict(fields.one_of("verdict", tuple(RowVerdict))),
        passed=passed,
        total=total,
        low=fields.share_or_none("low"),
        high=fields.share_or_none("high"),
        needed=fields.share_or_none("needed"),
        mechanical=fields.flag("mechanical"),
        note=fields.text("note", 2000),
        values=fields.mapping("values"),
    )


def _sample(fields: _Fields) -> Sample:
    return Sample(
        row=fields.text("row", 200),
        item_id=fields.text("item_id", 200),
        prompt=fields.text("prompt", TEXT_CHARS),
        answer=fields.text("answer", TEXT_CHARS),
        passed=fields.flag("passed"),
        reason=fields.text("reason", 4000),
        completion_tokens=fields.count("completion_tokens"),
        elapsed_s=fields.number("elapsed_s"),
        finish_reason=fields.text("finish_reason", 50),
    )


class _Fields:
    """One JSON object and where it stands, so that an error can name the field."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise MalformedRun(f"The evaluation run's {where} is not an object.", field=where)
        self._values: Mapping[str, Json] = value
        self._where = where

    def wrong(self, key: str) -> MalformedRun:
        name = f"{self._where}.{key}"
        return MalformedRun(
            f"The evaluation run's {name} is missing, of the wrong kind or out of range.",
            next_step="Ask the sender for the run again.",
            field=name,
        )

    def value(self, key: str) -> Json:
        if key not in self._values:
            raise self.wrong(key)
        return self._values[key]

    def text(self, key: str, limit: int) -> str:
        value = self.value(key)
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(key)
        return value

    def text_or_none(self, key: str, limit: int) -> str | None:
        return None if self.value(key) is None else self.text(key, limit)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        text = self.text(key, 100)
        if not pattern.fullmatch(text):
            raise self.wrong(key)
        return text

    def one_of(self, key: str, choices: tuple[str, ...]) -> str:
        text = self.text(key, 100)
        if text not in choices:
            raise self.wrong(key)
        return text

    def time(self, key: str) -> str:
        text = self.text(key, 40)
        try:
            parse_utc(text)
        except ValueError:
            raise self.wrong(key) from None
        return text

    def flag(self, key: str) -> bool:
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key)
        return value

    def integer(self, key: str) -> int:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**64:
            raise self.wrong(key)
        return value

    def count(self, key: str) -> int:
        value = self.integer(key)
        if value < 0:
            raise self.wrong(key)
        return value

    def number(self, key: str) -> float:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
            raise self.wrong(key)
        return float(value)

    def share_or_none(self, key: str) -> float | None:
        if self.value(key) is None:
            return None
        share = self.number(key)
        if share > 1:
            raise self.wrong(key)
        return share

    def mapping(self, key: str) -> dict[str, Json]:
        value = self.value(key)
        if not isinstance(value, dict):
            raise self.wrong(key)
        return value

    def inner(self, key: str) -> _Fields:
        return _Fields(self.value(key), key)

    def inner_list(self, key: str, limit: int) -> tuple[_Fields, ...]:
        value = self.value(key)
        if not isinstance(value, list) or len(value) > limit:
            raise self.wrong(key)
        return tuple(_Fields(each, f"{key}[{number}]") for number, each in enumerate(value))
