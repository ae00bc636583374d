"""Pulling from a hub in a process of its own: verified, refused when a bit is off, and nobody else is asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from formats.gguf_builder import small_gguf
from journeys.conftest import Program
from simulators.hub import Hub

CONNECTIONS = """
import json, sys
from steelyard.service import Steelyard, requests as ask
with Steelyard.open() as desk:
    desk.run(ask.PullModel("maker/tiny", file="tiny.gguf", endpoint=sys.argv[1]))
    print(json.dumps([c.host for c in desk.run(ask.ListConnections()).connections]))
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add("maker/tiny", {"tiny.gguf": small_gguf()})
        yield hub


def pull(program: Program, hub: Hub) -> tuple[int, dict[str, object]]:
    answer = program(
        "model", "pull", "maker/tiny", "--file", "tiny.gguf", "--endpoint", hub.endpoint, "--json"
    )
    return answer.code, answer.document


def test_a_pulled_model_matches_what_was_published(program: Program, hub: Hub) -> None:
    code, document = pull(program, hub)
    assert code == 0, document
    listed = program("model", "list", "--json").result["models"]
    trust = next(m["trust"] for m in listed if "tiny" in m["name"])
    assert trust["publisher_hash"] == "matches"


def test_a_flipped_bit_is_refused_quarantined_and_said(program: Program, hub: Hub) -> None:
    hub.fail("flip", path="tiny.gguf")
    code, document = pull(program, hub)
    assert code == 1, document
    listed = program("model", "list", "--json").result["models"]
    held = next(m for m in listed if "tiny" in m["name"])
    assert held["state"] == "quarantined"
    assert held["trust"]["publisher_hash"] == "differs"


def test_nobody_but_the_endpoint_is_asked(program: Program, hub: Hub) -> None:
    """Without the library's own cache, where it would keep what it fetched from elsewhere."""
    done = subprocess.run(
        [sys.executable, "-c", CONNECTIONS, hub.endpoint],
        env=program.environment(HF_HOME=str(program.home / "hf")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    hosts = set(json.loads(done.stdout))
    assert hosts == {hub.endpoint.removeprefix("http://")}


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_pull_is_killed_then_paused_and_gone_on_with_by_its_id(
    program: Program, hub: Hub
) -> None:
    hub.fail("stall", path="tiny.gguf", after=1000, times=2)
    arguments = ("model", "pull", "maker/tiny", "--file", "tiny.gguf", "--endpoint", hub.endpoint)
    for ending, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 8)):
        hub.stalling.clear()
        with subprocess.Popen(
            program.command(*arguments, "--limit", "100MB/s", "--connections", "2", "--json"),
            env=program.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert hub.stalling.wait(60)
            process.send_signal(ending)
            assert process.wait(60) == code
        (row,) = program("transfer", "list", "--json").result["transfers"]
        assert (row["kind"], row["state"], row["title"]) == ("pull", "paused", "maker/tiny")
        assert ("program ended" in row["reason"]) == (ending == signal.SIGKILL)
    resumed = program("transfer", "resume", row["id"], "--json").result
    assert resumed["model"]["state"] == "admitted"
