"""Runs that travel: the same on the other side, marked with who says so, and never instead of one's own."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from scripted_engine import DIGEST, database

from steelyard.evals.carrying import from_document, to_document
from steelyard.evals.errors import MalformedRun
from steelyard.evals.records import Row, RowVerdict, RunRecord, Sample
from steelyard.evals.runs import RunStore

RUN_ID = "20261123T180405123Z-1f2e3d4c"
ROW = Row("greet", "Greets", RowVerdict.WARN, 1, 2, 0.1, 0.9, 0.5, values={"elapsed_s": 0.5})
SAMPLES = (
    Sample("greet", "greet-1", "Hi?", "Hi.", True, "", 2, 0.5, "stop"),
    Sample("greet", "greet-2", "Hi?", "", False, "said nothing", 0, 0.0),
)
RECORD = RunRecord(
    run_id=RUN_ID,
    suite="fast-gate",
    suite_title="Fast gate",
    suite_version="1",
    suite_digest="sha256:" + "0" * 64,
    model_name="pretend",
    model_digest=DIGEST,
    quantization="Q8_0",
    engine={"name": "scripted", "version": "1", "build": "b"},
    template_digest=None,
    seed=7,
    machine={"cpu": "one"},
    started_at="2026-11-23T18:04:05.123Z",
    finished_at="2026-11-23T18:05:05.123Z",
    status="done",
    verdict=RowVerdict.WARN,
    rows=(ROW,),
    samples=2,
)


def document() -> Any:
    return json.loads(json.dumps(to_document(RECORD, SAMPLES)))


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    return RunStore(database(tmp_path))


def test_a_run_arrives_as_it_left_and_says_where_from(runs: RunStore) -> None:
    record, samples = from_document(document(), origin="desk, bundle 3")
    assert runs.bring_in(record, samples)
    stored = runs.get(RUN_ID)
    assert stored.origin == "desk, bundle 3"
    assert (stored.rows, stored.samples, stored.status) == ((ROW,), 2, "done")
    assert runs.samples(RUN_ID) == SAMPLES


def test_a_run_that_is_here_is_never_replaced(runs: RunStore) -> None:
    record, samples = from_document(document(), origin="first")
    other, _ = from_document(document(), origin="second")
    assert runs.bring_in(record, samples)
    assert not runs.bring_in(other, samples)
    assert runs.get(RUN_ID).origin == "first"
    assert len(runs.samples(RUN_ID)) == 2


def test_an_origin_in_the_document_does_not_count() -> None:
    value = document()
    value["run"]["origin"] = "this machine"
    assert from_document(value, origin="desk")[0].origin == "desk"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("format",), 2),
        (("run",), []),
        (("run", "run_id"), "../../etc"),
        (("run", "status"), "running"),
        (("run", "verdict"), "GOOD"),
        (("run", "seed"), True),
        (("run", "seed"), 10**30),
        (("run", "engine"), "llama"),
        (("run", "started_at"), "yesterday"),
        (("run", "finished_at"), 3),
        (("run", "model_name"), "x" * 201),
        (("run", "note"), None),
        (("run", "rows"), {}),
        (("run", "rows", 0, "passed"), 3),
        (("run", "rows", 0, "passed"), -1),
        (("run", "rows", 0, "low"), 1.5),
        (("run", "rows", 0, "mechanical"), 1),
        (("samples",), [1]),
        (("samples", 0, "passed"), "yes"),
        (("samples", 0, "elapsed_s"), -1.0),
        (("samples", 0, "elapsed_s"), True),
    ],
)
def test_a_claim_out_of_form_is_refused_by_name(where: tuple[str | int, ...], value: Any) -> None:
    changed = copy.deepcopy(document())
    place = changed
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    with pytest.raises(MalformedRun) as caught:
        from_document(changed, origin="desk")
    assert caught.value.facts["field"]


@pytest.mark.parametrize("part", ["run", "samples"])
def test_every_field_is_needed(part: str) -> None:
    whole = document()
    fields = whole["run"] if part == "run" else whole["samples"][0]
    for name in [n for n in fields if n not in ("origin", "samples")]:
        changed = copy.deepcopy(whole)
        del (changed["run"] if part == "run" else changed["samples"][0])[name]
        with pytest.raises(MalformedRun):
            from_document(changed, origin="desk")
