"""Every entry the program writes is of the published form."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import jsonschema
import pytest

from service.test_operations import SAMPLES
from steelyard.audit.entry import VERSION
from steelyard.base.errors import SteelyardError
from steelyard.base.paths import Home, resource
from steelyard.service import Steelyard
from steelyard.service.operation import registry

SCHEMA = json.loads(resource("audit", "entry.schema.json").read_text("utf-8"))


def test_the_schema_is_one_and_of_the_version_that_is_written() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["v"]["const"] == VERSION


def test_every_operation_writes_entries_of_the_published_form(home: Home, tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    quick = [name for name, op in registry().items() if op.mutates and name != "program.qualify"]
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as desk:
        for name in quick:
            with contextlib.suppress(SteelyardError):
                desk.run(SAMPLES[name])
        lines = [entry.line for entry in desk.installation.log.entries()]
    documents = [json.loads(line) for line in lines]
    assert {d["event"] for d in documents} >= set(quick)
    for document in documents:
        validator.validate(document)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("seq", 0),
        ("time", "yesterday"),
        ("outcome", "well"),
        ("event", "Model Import"),
        ("policy", "none"),
        ("extra", 1),
    ],
)
def test_another_form_is_refused(field: str, value: object) -> None:
    good = {
        "v": 1,
        "seq": 1,
        "time": "2026-11-25T18:00:00.000Z",
        "actor": "a@b",
        "event": "model.import",
        "outcome": "done",
        "object": {},
        "facts": {},
        "call": "0" * 16,
        "policy": "",
        "previous": "",
    }
    jsonschema.validate(good, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, field: value}, SCHEMA)
