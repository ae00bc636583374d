"""The main job on the command line, as scripts and people run it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
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
    assert len([sample for sample in shown["samples"] if sample["row"] != "token-ids"]) == total


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


def test_an_unset_variable_is_no_path(program: Program) -> None:
    for command in (("model", "import"), ("fit",), ("license", "identify")):
        answer = program(*command, "", "--json")
        assert (answer.code, answer.error["code"]) == (2, "usage")


def test_a_home_that_is_a_file_is_said_plainly(program: Program) -> None:
    program.home.touch()
    answer = program("model", "list", "--json")
    assert (answer.code, answer.error["code"]) == (6, "folder-not-usable")
    assert "Traceback" not in answer.stderr


def test_a_piped_table_has_one_line_a_row_and_survives_a_closed_pipe(program: Program) -> None:
    listed = program("model", "list").stdout.splitlines()
    assert len(listed) == 1 + len(program("model", "list", "--json").result["models"])
    assert all(line == line.rstrip() for line in listed)
    process = subprocess.Popen(
        program.command("license", "explain", "apache-2.0"),
        env=program.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 0)
    process.stderr.close()


def test_text_that_is_not_utf8_is_refused_not_a_bug(program: Program) -> None:
    asked = os.fsdecode(b"no\xff")
    for command in (("model", "show", asked), ("model", "import", asked), ("fit", asked)):
        answer = program(*command, "--json")
        assert answer.code in (4, 5), answer.stderr
        assert answer.error["message"]


def test_a_flipped_byte_in_the_store_is_found_and_never_loaded(
    program: Program, tmp_path: Path
) -> None:
    from steelyard.base.paths import resource

    mine = tmp_path / "mine.gguf"
    data = bytearray(resource("starter", "starter-Q8_0.gguf").read_bytes())
    data[-1] ^= 1
    mine.write_bytes(data)
    taken = program("model", "import", mine, "--json").result
    digest = taken["files"][0]["sha256"].removeprefix("sha256:")
    blob = program.home / "data" / "store" / "blobs" / "sha256" / digest[:2] / digest
    before = blob.stat()
    blob.chmod(0o600)
    data[len(data) // 2] ^= 1
    with blob.open("r+b") as stream:
        stream.write(data)
    os.utime(blob, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert program("complete", "mine", "--prompt", "x", "--json").code == 1
    for arguments in (("mine",), ("--all",)):
        verified = program("model", "verify", *arguments, "--json")
        assert (verified.code, verified.result["mismatched"]) == (1, ["mine/mine.gguf"])
    assert program("complete", "mine", "--prompt", "x", "--json").code == 3


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("moment", ["load", "prefill", "decode"])
def test_a_worker_killed_at_any_moment_is_a_typed_failure(program: Program, moment: str) -> None:
    program("model", "list", "--json")
    prompt = "x " * 450 if moment == "prefill" else "one two three"
    process = subprocess.Popen(
        program.command(
            "complete", "starter", "--raw", "--prompt", prompt, "--max-tokens", "100000",
            "--temperature", "5", "--seed", "1", *(() if moment == "decode" else ("--json",)),
        ),
        env=program.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    worker = _worker_of(process)
    if moment == "prefill":
        _wait_for_maps(worker, "starter-Q8_0.gguf")
    if moment == "decode":
        assert process.stdout is not None
        assert process.stdout.read(1)
    with contextlib.suppress(psutil.NoSuchProcess):
        worker.kill()
    out, err = process.communicate(timeout=60)
    # A quick machine may have answered before the signal came.
    assert process.returncode in ((6,) if moment == "load" else (0, 6)), (out, err)
    if process.returncode == 6 and moment != "decode":
        assert json.loads(out)["error"]["code"] == "worker-died"
    assert b"Traceback" not in err
    assert program("complete", "starter", "--prompt", "hi", "--max-tokens", "2", "--json").code == 0
    assert program("audit", "verify", "--json").result["ok"]


def _worker_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        if children := parent.children():
            return children[0]
    raise AssertionError("it ended without a worker")


def _wait_for_maps(worker: psutil.Process, name: str) -> None:
    """Until the worker has mapped the weights, or has ended."""
    with contextlib.suppress(psutil.Error):
        while not any(name in opened.path for opened in worker.memory_maps()):
            pass
