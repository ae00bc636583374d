"""Every check there is, in the order that fails soonest: style, types, walls, tests, and the wheel in an
environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import Environment, built_engine
from steps import ROOT, SetupFailed, run, say


def run_all(
    venv: Environment, wheelhouse: Path | None, accelerator: str, pytest_arguments: list[str]
) -> int:
    """Run all checks; returns 0 when all pass.

    Raises:
        SetupFailed: one of them did not; says which.
    """
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    sources = ["desktop", "tests", "installers", "resources"]
    for words, command in (
        ("style: ruff", [venv.program("ruff"), "check", *sources]),
        ("format: ruff", [venv.program("ruff"), "format", "--check", *sources]),
        ("types: mypy --strict", [venv.program("mypy")]),
        ("walls: import-linter", [venv.program("lint-imports")]),
    ):
        say(words)
        run(command, failing=f"{words} found something", environment=environment)
    say("wheel: build, and run it in a fresh environment")
    _smoke_test(venv, wheelhouse, accelerator)
    say("tests: pytest")
    # The runner's own output goes to stdout: its closing lines are what people look for.
    workers = str(os.cpu_count() or 1)
    result = subprocess.run(
        [str(venv.python), "-m", "pytest", "-n", workers, "--dist", "worksteal", *pytest_arguments],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if result.returncode:
        raise SetupFailed(f"pytest: some tests did not pass (exit code {result.returncode})")
    say("all checks passed")
    return 0


def _smoke_test(venv: Environment, wheelhouse: Path | None, accelerator: str) -> None:
    with tempfile.TemporaryDirectory(prefix="steelyard-wheel-") as name:
        folder = Path(name)
        run(
            [venv.python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
            failing="The wheel could not be built",
        )
        wheel = next(folder.glob("steelyard-*.whl"))
        fresh = Environment(folder / "venv")
        run([venv.python, "-m", "venv", fresh.folder], failing="No environment could be made")
        engine = built_engine(accelerator, wheelhouse)
        source = ["--no-index", "--find-links", str(wheelhouse.absolute())] if wheelhouse else []
        run(
            [fresh.python, "-m", "pip", "install", "-q", *source, *filter(None, [engine]), wheel],
            failing="The wheel could not be installed",
            environment={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        _first_use(fresh, folder)


def _first_use(fresh: Environment, folder: Path) -> None:
    """What a newcomer does first, with the installed wheel and nothing of the checkout."""
    home = folder / "home"
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("STEELYARD_", "PYTHON"))
    }
    environment["STEELYARD_HOME"] = str(home)
    asked = "What is 7 + 5? Answer with the number only."
    for arguments in (
        ["version"],
        ["model", "list"],
        ["complete", "starter", "--prompt", asked, "--temperature", "0"],
        ["audit", "verify"],
    ):
        shown = subprocess.run(
            [str(fresh.program("steelyard")), *arguments, "--json"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode or not json.loads(shown.stdout)["ok"]:
            sys.stderr.write(shown.stdout + shown.stderr)
            raise SetupFailed(f"The installed wheel failed at: steelyard {' '.join(arguments)}")
        if (
            arguments[0] == "complete"
            and json.loads(shown.stdout)["result"]["text"].strip() != "12"
        ):
            raise SetupFailed(f"The installed wheel answered wrongly: {shown.stdout}")
    shutil.rmtree(home)
