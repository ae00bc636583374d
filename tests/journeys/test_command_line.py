"""The main job on the command line, as scripts and people run it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from journeys.conftest import Program

ASKED = "What is 7 + 5? Answer with the number only."


def test_the_version_comes_at_once(program: Program) -> None:
    answer = program("--version")
    assert (answer.code, answer.stdout[:10]) == (0, "steelyard ")
    assert not program.home.exists()


def test_a_newcomer_finds_the_starter_and_it_answers(program: Program) -> None:
    models = program("model", "list", "--json").result["models"]
    starter = next(m for m in models if m["name"] == "starter")
    assert starter["state"] == "admitted"
    assert starter["trust"]["publisher_hash"] == "matches"
    assert starter["trust"]["scan"] == "clean"
    assert starter["license_id"] == "apache-2.0"

    answered = program("complete", "starter", "--prompt", ASKED, "--temperature", "0", "--json")
    assert answered.result["text"].strip() == "12"
    assert answered.result["model_digest"] == starter["digest"]

    license_answers = program("license", "show", "starter", "--json").result
    assert license_answers["answers"]["commercial_use"]["state"] == "yes"
    assert license_answers["answers"]["commercial_use"]["passage"]

    fit = program("fit", "starter", "--json").result
    assert fit["fits"]
    assert fit["source"] == "engine"

    events = {
        (e["event"], e["outcome"]) for e in program("audit", "list", "--json").result["entries"]
    }
    assert ("model.complete", "done") in events
    assert program("audit", "verify", "--json").result["ok"]


def test_a_changed_byte_of_the_log_is_named(program: Program) -> None:
    for _ in range(3):
        program("model", "verify", "starter", "--json")
    log = program.home / "data" / "audit" / "entries.jsonl"
    lines = log.read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"outcome":"begun"', b'"outcome":"noted"')
    log.write_bytes(b"\n".join(lines))
    answer = program("audit", "verify", "--json")
    assert answer.code == 1
    assert not answer.result["ok"]
    assert answer.result["problem"]["seq"] == 3


def test_the_last_entry_changed_is_named_too(program: Program) -> None:
    program("model", "verify", "starter", "--json")
    log = program.home / "data" / "audit" / "entries.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"seq":2', b'"seq":3'))
    answer = program("audit", "verify", "--json")
    assert answer.code == 1
    assert answer.result["problem"]["seq"] == 2


def test_the_starter_check_passes(program: Program) -> None:
    result = program("eval", "run", "starter-check", "starter", "--json").result
    rows = [row for row in result["metrics"] if row["name"] != "token-ids"]
    passed, total = sum(r["passed"] for r in rows), sum(r["total"] for r in rows)
    assert passed / total >= 0.9
    shown = program("eval", "show", result["run_id"], "--json").result
    assert len(shown["samples"]) == total


def test_the_gate_has_every_row_and_its_mechanical_ones_pass(program: Program) -> None:
    rows = {r["name"]: r for r in program("eval", "gate", "starter", "--json").result["rows"]}
    for name in ("load-and-digest", "template-sanity", "json-schema", "determinism", "throughput"):
        assert rows[name]["verdict"] == "PASS", rows[name]
        assert rows[name]["mechanical"]
    for name in ("instruction-following", "cite-context", "refusal", "over-refusal", "looping"):
        assert rows[name]["verdict"] in ("PASS", "WARN", "FAIL", "NOT RUN")
    listed = program("model", "list", "--json").result["models"]
    assert next(m for m in listed if m["name"] == "starter")["gate"] is not None


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("model", "show", "nothing"), 4, "model-not-found"),
        (("license", "explain", "no-such-license"), 4, None),
        (("license", "identify", "/no/such/file"), 4, "not-found"),
        (("model", "import", "/no/such/file"), 4, None),
        (("fit", "/no/such/file"), 4, "not-found"),
        (("policy", "set", "network.offlin", "true"), 4, "unknown-setting"),
        (("policy", "set", "network.offline", "perhaps"), 2, "invalid-setting"),
        (("model", "show"), 2, "usage"),
        (("frobnicate",), 2, "usage"),
        (("model", "verify", "starter", "--all"), 2, "usage"),
        (("complete", "starter", "--prompt", "x", "--temperature", "warm"), 2, "usage"),
        (("eval", "show", "no-such-run"), 4, None),
        (("--offline", "model", "pull", "owner/name"), 3, "offline"),
    ],
)
def test_what_goes_wrong_has_its_code_and_one_document(
    program: Program, arguments: tuple[str, ...], code: int, error: str | None
) -> None:
    answer = program(*arguments, "--json")
    assert answer.code == code, (answer.stdout, answer.stderr)
    assert answer.error["message"]
    if error:
        assert answer.error["code"] == error
    assert "Traceback" not in answer.stderr


def test_people_get_a_sentence_and_the_next_step_on_stderr(program: Program) -> None:
    answer = program("model", "show", "nothing")
    assert answer.code == 4
    assert answer.stdout == ""
    assert "nothing" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_hostile_file_is_refused_quarantined_and_said(program: Program, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + b"\xff" * 64)
    answer = program("model", "import", hostile, "--json")
    assert answer.code == 5
    assert hostile.exists()
    states = {m["name"]: m["state"] for m in program("model", "list", "--json").result["models"]}
    assert "admitted" not in [state for name, state in states.items() if "hostile" in name]


def test_a_wrong_digest_is_an_answer_of_no(program: Program) -> None:
    from steelyard.base.paths import resource

    answer = program(
        "model", "import", resource("starter", "starter-Q8_0.gguf"), "--sha256", "0" * 64, "--json"
    )
    assert answer.code == 1
    assert answer.error["facts"]


def test_reference_model_continues_the_story(program: Program, shared_folder: Path) -> None:
    taken = program(
        "model", "import", shared_folder / "models/stories260K-F32.gguf", "--json"
    ).result
    assert taken["model"]["state"] == "admitted"
    answer = program(
        "complete", taken["model"]["name"], "--prompt", "Once upon a time", "--raw",
        "--temperature", "0", "--max-tokens", "24", "--json",
    )  # fmt: skip
    assert answer.result["text"].startswith(", there was a little girl named Lily")


def test_everything_is_found_again_by_the_next_process(program: Program) -> None:
    program("policy", "set", "window.theme", "dark", "--json")
    shown = program("policy", "show", "--json").result["values"]
    theme = next(v for v in shown if v["key"] == "window.theme")
    assert (theme["value"], theme["origin"]) == ("dark", "settings")


def test_an_interrupted_answer_is_cancelled_and_recorded(program: Program) -> None:
    process = subprocess.Popen(
        program.command(
            "complete",
            "starter",
            "--raw",
            "--prompt",
            "one two three",
            "--max-tokens",
            "100000",
            "--temperature",
            "2",
            "--seed",
            "1",
        ),
        env=program.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    entries = program("audit", "list", "--json").result["entries"]
    # A model may reach the end of its context before the signal does.
    assert (process.returncode, entries[0]["outcome"]) in ((8, "cancelled"), (0, "done")), stderr


def test_two_processes_work_beside_each_other(program: Program) -> None:
    runs = [
        subprocess.Popen(
            program.command("model", "verify", "--all", "--json"),
            env=program.environment(),
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in runs:
        out, _ = process.communicate(timeout=60)
        assert json.loads(out)["ok"]
    assert program("audit", "verify", "--json").result["ok"]
