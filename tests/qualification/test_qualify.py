"""`steelyard qualify`: every journey run for real, and the network watched while they run."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.conftest import Program
from steelyard.base.canonical import canonical_digest
from steelyard.qualification.journeys import STEPS, Place, run_steps
from steelyard.qualification.records import Row, Step, Verdict


def test_the_journeys_pass_and_not_one_packet_leaves(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    out = tmp_path / "report.json"
    answer = program("qualify", "--network", "--out", out, "--json")
    result = answer.document["result"]
    rows = {row["name"]: row for row in result["rows"]}
    assert {step.name for step in STEPS} <= rows.keys()
    failed = [row for row in result["rows"] if row["verdict"] == "FAIL"]
    assert failed == []
    if result["observation"] == "packets":
        assert answer.code == 0
        assert result["packets"] == []
        assert rows["packets"]["verdict"] == "PASS"
    else:
        assert answer.code == 1
        assert rows["packets"]["verdict"] == "NOT RUN"
    written = json.loads(out.read_text("utf-8"))
    digest = written["digest"]
    assert digest == canonical_digest({**written, "digest": "", "path": None})
    entries = program("audit", "list", "--json").result["entries"]
    assert any(e["facts"].get("digest") == digest for e in entries)


def test_a_step_that_ends_otherwise_fails_and_says_what_was_seen(tmp_path: Path) -> None:
    rows: list[Row] = []
    steps = (
        Step("wrong-code", "", ("license", "explain", "no-such-license")),
        Step("wrong-words", "", ("--version",), expects="not the name of this program"),
        Step("not-a-window", "", ("--version",), stop_after_s=0.0),
    )
    run_steps(Place.make(tmp_path), rows.append, steps)
    assert [row.verdict for row in rows] == [Verdict.FAIL, Verdict.FAIL, Verdict.PASS]
    assert "exit code 4" in rows[0].observed
    assert "no-such-license" in rows[0].observed


def test_the_report_on_paper_has_every_row(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    answer = Program(tmp_path / "home")("qualify", "--installation-only", "--out", out)
    assert answer.code == 0, answer.stdout + answer.stderr
    text = out.read_text("utf-8")
    assert "Engines run without a network" in text
    assert "Checked by" in text
