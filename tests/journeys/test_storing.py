"""The store by command: how it stands, what may go, what stays, where it lies, and models from elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from formats.gguf_builder import tiny_llama
from intake import other_programs
from journeys.conftest import Program


def test_from_another_programs_folder_to_a_bill_of_materials(
    program: Program, tmp_path: Path
) -> None:
    manifest = other_programs.ollama(
        tmp_path / "ollama", "mini", "1b", {"model": tiny_llama(), "license": b"be good"}
    )
    listing = program("model", "find", "--json", OLLAMA_MODELS=str(tmp_path / "ollama")).result
    (found,) = [m for m in listing["models"] if m["path"] == str(manifest)]
    assert (found["title"], found["origin"], found["known"]) == ("mini:1b", "ollama", None)
    taken = program("model", "adopt", manifest, "--link", "--json").result
    assert taken["model"]["state"] == "admitted"
    assert taken["model"]["trust"]["publisher_hash"] == "none-given"
    words = program("model", "find", tmp_path / "ollama").stdout
    assert taken["model"]["name"] in words
    out = tmp_path / "bom.json"
    made = program("model", "bom", taken["model"]["name"], "--out", out, "--json").result
    assert out.read_text("utf-8") == made["document"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made["document"]) is None


def test_a_store_on_another_disk_goes_away_and_comes_back(program: Program, tmp_path: Path) -> None:
    place = tmp_path / "disk" / "models"
    assert not program("store", "create", place, "--json").result["shared"]
    here = {"STEELYARD_STORE_LOCATION": str(place)}
    before = program("model", "list", "--json", **here).result
    assert before["models"]
    place.rename(place.with_name("unplugged"))
    away = program("model", "list", "--json", **here).result
    assert away["away"]
    assert away["models"] == before["models"]
    assert "The store is away" in program("store", "show", **here).stdout
    refused = program("model", "verify", "--all", "--json", **here)
    assert (refused.code, refused.error["code"]) == (6, "store-away")
    assert not place.exists()
    place.with_name("unplugged").rename(place)
    assert program("model", "verify", "--all", **here).code == 0


def test_a_deleted_index_costs_no_model(program: Program) -> None:
    before = program("model", "list", "--json").result["models"]
    for path in (program.home / "data" / "store").glob("index.sqlite*"):
        path.unlink()
    assert program("model", "list", "--json").result["models"] == before
    assert program("store", "collect", "--apply").stdout.startswith("Freed 0 B")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent to a process on POSIX only")
def test_a_loaded_model_is_not_removed_under_its_engine(program: Program) -> None:
    with subprocess.Popen(
        program.command("chat", "starter"),
        env=program.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as chat:
        assert chat.stdin is not None
        assert chat.stdout is not None
        chat.stdin.write("hello\n")
        chat.stdin.flush()
        assert chat.stdout.read(1)  # it answers, so it has the model
        refused = program("model", "remove", "starter", "--json")
        assert (refused.code, refused.error["code"]) == (6, "model-in-use")
        chat.send_signal(signal.SIGKILL)
        chat.communicate()
    assert program("model", "remove", "starter").code == 0


def test_a_scrub_finds_what_a_disk_did_and_says_so_with_its_exit_code(program: Program) -> None:
    assert program("model", "pin", "starter").stdout == "starter is pinned.\n"
    weights = next((program.home / "data" / "store" / "models" / "starter").rglob("*.gguf"))
    weights.chmod(0o600)
    with weights.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\xff")
    found = program("store", "scrub", "--older-than-days", "0")
    assert found.code == 1
    assert "damaged   starter" in found.stdout
