"""Two processes at work on one store: whatever the order, each ends in a result or a typed refusal, and all is whole.

Each test starts both at the same moment, several times over; the homes are made without the starter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulators.hub import Hub
from steelyard.audit.log import AuditLog
from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.store.quarantine import RESUMABLE
from steelyard.store.records import State
from torture.torment import OTHER, REPOSITORY, WANTED, check_log, judge_here

TESTS = Path(__file__).resolve().parents[1]
ROUNDS = 3

WORKER = """
import json, sys
from pathlib import Path
from steelyard.base.errors import SteelyardError
from steelyard.base.paths import Home
from steelyard.intake import arrival
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from torture.torment import REPOSITORY, judge_here

arrival.scan_in_worker = judge_here
root, endpoint = Path(sys.argv[1]), sys.argv[2]
REQUESTS = {
    "import": ask.ImportModel(root / "sources" / "wanted"),
    "verify": ask.VerifyModels(),
    "remove": ask.RemoveModel("other"),
    "load": ask.LoadModel("other"),
    "pull": ask.PullModel(REPOSITORY, endpoint=endpoint),
}
home = Home(root / "home" / "data", root / "home" / "config")
with Steelyard.open(home, environment={}, managed=root / "none.json") as desk:
    desk.run(ask.ListModels())
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            desk.run(REQUESTS[line.strip()])
            print(json.dumps("done"), flush=True)
        except SteelyardError as error:
            print(json.dumps(error.code), flush=True)
"""


class Pair:
    """Two processes with one home open."""

    def __init__(self, root: Path, endpoint: str = "") -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{TESTS.parent / 'desktop'}{os.pathsep}{TESTS}",
        }
        self._both = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(root), endpoint],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for _ in range(2)
        ]
        for process in self._both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def at_once(self, first: str, second: str) -> list[Json]:
        """Ask both; what became of each: `done` or a code."""
        for process, what in zip(self._both, (first, second), strict=True):
            assert process.stdin is not None
            process.stdin.write(f"{what}\n")
            process.stdin.flush()
        answers: list[Json] = []
        for process in self._both:
            assert process.stdout is not None
            answers.append(json.loads(process.stdout.readline()))
        return answers

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._both:
            process.communicate(timeout=60)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the model `other`, and the sources of both."""
    for folder, files in (("other", OTHER), ("wanted", WANTED)):
        (tmp_path / "sources" / folder).mkdir(parents=True)
        for name, data in files.items():
            (tmp_path / "sources" / folder / name).write_bytes(data)
    monkeypatch.setattr("steelyard.intake.arrival.scan_in_worker", judge_here)
    with desk_of(tmp_path) as desk:
        for starter in desk.installation.store.models():
            desk.run(ask.RemoveModel(starter.name))
        desk.run(ask.ImportModel(tmp_path / "sources" / "other"))
    return tmp_path


def desk_of(root: Path) -> Steelyard:
    home = Home(root / "home" / "data", root / "home" / "config")
    return Steelyard.open(home, environment={}, managed=root / "none.json")


def live(root: Path) -> dict[str, Any]:
    """Every model that is there, by name; each is whole, and nothing unfinished lies about."""
    with desk_of(root) as desk:
        store = desk.installation.store
        models = {
            m.name: m
            for m in store.models()
            if m.state is not State.RETIRED and not m.name.startswith("starter")
        }
        for name, model in models.items():
            assert store.verify(model).ok, name
            assert store.get(name).state is State.ADMITTED
        assert store.index.intents() == ()
        quarantine = desk.installation.home.quarantine
        assert [p for p in quarantine.iterdir() if not (p / RESUMABLE).exists()] == []
        check_log(AuditLog(desk.installation.home.audit), mended=True)
        return models


def test_48_two_imports_of_the_same_make_one_model(root: Path) -> None:
    with Pair(root) as pair:
        for _ in range(ROUNDS):
            assert pair.at_once("import", "import") == ["done", "done"]
            assert sorted(live(root)) == ["other", "wanted"]
            with desk_of(root) as desk:
                desk.run(ask.RemoveModel("wanted"))


def test_48_an_import_beside_a_verification_harms_neither(root: Path) -> None:
    with Pair(root) as pair:
        for _ in range(ROUNDS):
            assert pair.at_once("import", "verify") == ["done", "done"]
            assert sorted(live(root)) == ["other", "wanted"]
            with desk_of(root) as desk:
                desk.run(ask.RemoveModel("wanted"))


def test_54_a_removal_beside_a_load_leaves_the_model_whole_or_gone(root: Path) -> None:
    for _ in range(2):
        with Pair(root) as pair:
            _, removed = pair.at_once("load", "remove")
        assert sorted(live(root)) == ([] if removed == "done" else ["other"])
        with desk_of(root) as desk:
            desk.run(ask.ImportModel(root / "sources" / "other"))


def test_48_two_pulls_of_the_same_make_one_model(root: Path) -> None:
    with Hub() as hub:
        hub.add(REPOSITORY, WANTED)
        with Pair(root, hub.endpoint) as pair:
            for _ in range(ROUNDS):
                answers = pair.at_once("pull", "pull")
                assert "done" in answers
                assert set(answers) <= {"done", "quarantine-busy"}
                assert sorted(live(root)) == ["other", "wanted"]
                with desk_of(root) as desk:
                    desk.run(ask.RemoveModel("wanted"))
