"""Neither the command line nor the window loads an engine at start, and starting is quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import steelyard
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service.requests import ChangeSetting, ListModels

HEAVY = ("torch", "transformers", "llama_cpp", "scipy")

LOADED = """
import sys
{code}
print(",".join(name for name in {names!r} if name in sys.modules))
"""


def modules_after(code: str, home: Path, names: tuple[str, ...] = HEAVY) -> str:
    environment = {
        "PYTHONPATH": str(Path(steelyard.__file__).parents[1]),
        "STEELYARD_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(code=code, names=names)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@pytest.mark.parametrize(
    "code",
    [
        "from steelyard.cli.main import run; assert run(['model', 'list']) == 0",
        "from steelyard.cli.main import run; assert run(['machine']) == 0",
        "from steelyard.cli.main import run; assert run(['eval', 'suites']) == 0",
    ],
    ids=["model list", "machine", "eval suites"],
)
def test_the_command_line_loads_no_engine(code: str, tmp_path: Path) -> None:
    assert (
        modules_after(
            f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    {code}",
            tmp_path,
        )
        == ""
    )


WINDOW = """
from PySide6.QtCore import QTimer
import steelyard.gui.app as program

class Watched(program.Session):
    # Ends the window once the library has been shown and everything it asked for has been answered.
    def show(self):
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(20)
        super().show()

    def look(self):
        if self.window.here == "library" and not self.runner._live:
            self.window.close()

program.Session = Watched
sys.argv = ["steelyard"]
from steelyard.__main__ import main
assert main() == 0
"""


def test_the_window_loads_no_engine_nor_what_only_some_pages_need(tmp_path: Path) -> None:
    with Steelyard.open(Home.locate({"STEELYARD_HOME": str(tmp_path)})) as desk:
        desk.run(ChangeSetting("window.first-run-done", True))
        desk.run(ListModels())  # takes in the starter: the first start alone judges files
    names = (*HEAVY, "numpy", "pydantic", "jinja2", "huggingface_hub", "typer", "rich")
    assert modules_after(WINDOW, tmp_path, names) == ""


def test_the_version_loads_neither_typer_nor_rich(tmp_path: Path) -> None:
    code = "sys.argv = ['steelyard', '--version']\nfrom steelyard.__main__ import main\nmain()"
    names = ("typer", "rich", "pydantic", "PySide6", "steelyard.service")
    assert "," not in modules_after(code, tmp_path, names)
    assert not any(n in modules_after(code, tmp_path, names) for n in names)
