"""The catalog by command: what is known before any network, a hub asked and searched offline, a site mirror carried
from one installation to another, and a poisoned one refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.gguf_builder import small_gguf
from journeys.conftest import Program
from simulators.hub import Hub

GGUF = small_gguf()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add("maker/tiny-GGUF", {"tiny-Q4_K_M.gguf": GGUF, "tiny-Q8_0.gguf": GGUF + b"\0" * 32})
        hub.describe("maker/tiny-GGUF", downloads=5, cardData={"license": "mit"})
        yield hub


def test_well_known_models_are_found_before_any_network(program: Program) -> None:
    page = program("--offline", "catalog", "search", "qwen3", "8b", "--json")
    assert page.code == 2, "words are one argument"
    result = program(
        "--offline", "catalog", "search", "qwen3 8b", "--format", "gguf", "--json"
    ).result
    assert result["rows"][0]["reference"] == "Qwen/Qwen3-8B"
    assert {facet["value"] for facet in result["facets"]["format"]} == {"gguf", "safetensors"}
    shown = program("--offline", "catalog", "show", "Qwen/Qwen3-8B")
    assert "verify at download" in shown.stdout
    assert "about 4.66 GiB" in shown.stdout
    unknown = program("catalog", "show", "Qwen/Qwen3-88B", "--json")
    assert (unknown.code, unknown.error["code"]) == (4, "entry-unknown")
    assert program("catalog", "search", "--order", "beauty").code == 2


def test_a_hub_is_asked_searched_offline_and_pulled_from(program: Program, hub: Hub) -> None:
    added = program("catalog", "add", "company", "hub", hub.endpoint, "--json").result
    assert added["source"]["reachable"]
    refreshed = program("catalog", "refresh", "--source", "company", "--json").result
    assert refreshed["added"] == 1
    program("catalog", "refresh", "--reference", "maker/tiny-GGUF", "--json")
    found = program(
        "--offline", "catalog", "search", "tiny", "--source", "company", "--json"
    ).result
    assert [row["source"] for row in found["rows"]] == ["company"]
    detail = program("--offline", "catalog", "show", "maker/tiny-GGUF", "--json").result
    variant = next(v for v in detail["variants"] if v["quantization"] == "Q4_K_M")
    assert variant["size_bytes"] == len(GGUF)
    # No source is named: the catalog knows who has it.
    taken = program("model", "pull", variant["reference"], "--json").result
    assert taken["files"][0]["sha256"] == variant["publisher_hash"]
    here = program("--offline", "catalog", "search", "--local", "--json").result
    assert "maker/tiny-GGUF" in [row["reference"] for row in here["rows"]]
    refused = program("--offline", "catalog", "refresh", "--source", "company", "--json")
    assert (refused.code, refused.error["code"]) == (3, "offline")
    dropped = program("catalog", "drop", "company", "--forget", "--json").result
    assert dropped["forgotten_entries"] == 1


def test_a_mirror_is_carried_to_another_installation_and_a_poisoned_one_is_refused(
    tmp_path: Path,
) -> None:
    site, room = Program(tmp_path / "site"), Program(tmp_path / "room")
    model, mirror, key = tmp_path / "m-Q4_K_M.gguf", tmp_path / "mirror", tmp_path / "site.pub.pem"
    model.write_bytes(GGUF)
    site("model", "import", model, "--name", "little")
    site("key", "create", "site", "--purpose", "catalog")
    told = site("key", "export", "site", "--out", key, "--json").result["fingerprint"]
    done = site("catalog", "publish", mirror, "--key", "site", "--json").result
    assert (done["models"], done["signed_by"]) == (1, "site")

    room("catalog", "add", "mirror", "mirror", mirror)
    refused = room("--offline", "catalog", "refresh", "--source", "mirror", "--json")
    assert (refused.code, refused.error["code"]) == (1, "signer-unknown")
    trust = ("key", "trust", key, "--as", "site", "--for", "catalog", "--fingerprint", told)
    trusted = room(*trust)
    assert trusted.code == 0, trusted.stdout + trusted.stderr
    room("--offline", "catalog", "refresh", "--source", "mirror")
    found = room("--offline", "catalog", "search", "--source", "mirror", "--json").result["rows"]
    blob = next(path for path in (mirror / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(GGUF[:-1] + b"\x7f")
    poisoned = room("--offline", "model", "pull", found[0]["reference"], "--json")
    assert (poisoned.code, poisoned.error["code"]) == (1, "digest-mismatch")
    blob.write_bytes(GGUF)
    taken = room("--offline", "model", "pull", found[0]["reference"], "--name", "fine", "--json")
    assert taken.code == 0, taken.stdout
    assert taken.result["model"]["trust"]["signed_by"] == "site"
    log = room("audit", "verify", "--json")
    assert log.code == 0
