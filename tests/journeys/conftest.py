"""The program as its users start it: a process of its own, a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import steelyard

PACKAGE_ROOT = str(Path(steelyard.__file__).resolve().parents[1])


@dataclass
class Answer:
    """What a finished command left."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        assert self.stdout.count("\n") == 1, self.stdout
        parsed = json.loads(self.stdout)
        assert isinstance(parsed, dict)
        return parsed

    @property
    def result(self) -> dict[str, Any]:
        """The result of a command that did what was asked."""
        assert self.document["ok"], self.document
        found = self.document["result"]
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The error of one that did not."""
        assert not self.document["ok"]
        found = self.document["error"]
        assert isinstance(found, dict)
        return found


@dataclass
class Program:
    """Runs `steelyard` in one home."""

    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("STEELYARD_", "HF_"))}
        return {**kept, "STEELYARD_HOME": str(self.home), "PYTHONPATH": PACKAGE_ROOT, **more}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "steelyard", *(str(a) for a in arguments)]

    def __call__(self, *arguments: str | Path, stdin: str = "", **environment: str) -> Answer:
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment(**environment),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "steelyard-home")
