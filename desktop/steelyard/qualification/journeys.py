"""What a person does first with this program, as commands and what they must end with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import steelyard
from steelyard.base.errors import ExitCode
from steelyard.base.paths import resource
from steelyard.qualification.records import Row, Step, Verdict

STEP_LIMIT_S = 300.0

STEPS: tuple[Step, ...] = (
    Step("version", "The program starts", ("version", "--json"), expects='"engines"'),
    Step("machine", "This machine is probed", ("machine", "--json"), expects='"memory"'),
    Step("first-list", "The starter model is there", ("model", "list", "--json"), expects="starter"),
    Step(
        "import",
        "A model is taken in from a file",
        ("model", "import", "{model}", "--name", "trial", "--json"),
        expects='"admitted"',
    ),
    Step(
        "import-wrong-digest",
        "Bytes that are not what was declared are refused",
        ("model", "import", "{model}", "--sha256", "0" * 64, "--name", "wrong", "--json"),
        exit_code=int(ExitCode.ANSWER_IS_NO),
    ),
    Step(
        "import-damaged",
        "A damaged file is refused",
        ("model", "import", "{damaged}", "--json"),
        exit_code=int(ExitCode.MALFORMED_INPUT),
    ),
    Step("verify", "Every byte is verified again", ("model", "verify", "--all", "--json")),
    Step("license", "The license is read", ("license", "show", "trial", "--json"), expects="apache"),
    Step("fit", "Memory is asked of the engine", ("fit", "trial", "--json"), expects='"engine"'),
    Step(
        "complete",
        "A prompt is answered",
        (
            "complete", "trial", "--prompt", "What is 7 + 5? Answer with the number only.",
            "--temperature", "0", "--json",
        ),
        expects='"text": "12',
    ),
    Step(
        "offline",
        "No download begins while offline",
        ("--offline", "model", "pull", "owner/name", "--file", "x.gguf", "--json"),
        exit_code=int(ExitCode.REFUSED_BY_POLICY),
    ),
    Step(
        "evaluate",
        "The starter check passes",
        ("eval", "run", "starter-check", "starter", "--json"),
        expects='"run_id"',
    ),
    Step("log", "The log of all this is whole", ("audit", "verify", "--json"), expects='"ok": true'),
    Step("window", "The window opens and closes", (), stop_after_s=4.0),
)  # fmt: skip
"""In this order, in one home."""


@dataclass(frozen=True)
class Place:
    """Where a run happens: a home of its own and the files it works on."""

    home: Path
    model: Path
    damaged: Path

    @classmethod
    def make(cls, folder: Path) -> Place:
        """Prepare an empty folder."""
        model = folder / "trial-Q4_K_M.gguf"
        shutil.copyfile(resource("starter", "starter-Q4_K_M.gguf"), model)
        damaged = folder / "damaged.gguf"
        damaged.write_bytes(model.read_bytes()[:20_000])
        return cls(folder / "home", model, damaged)

    def arguments(self, step: Step) -> list[str]:
        """A step's command line."""
        names = {"{home}": self.home, "{model}": self.model, "{damaged}": self.damaged}
        return [str(names.get(each, each)) for each in step.arguments]


def environment(home: Path, source: Mapping[str, str] | None = None) -> dict[str, str]:
    """A newcomer's: nothing that sets this program or its libraries up in a special way."""
    source = os.environ if source is None else source
    kept = {
        key: value
        for key, value in source.items()
        if not key.startswith(("STEELYARD_", "HF_", "PYTHON", "LD_"))
    }
    root = Path(steelyard.__file__).resolve().parent.parent
    if root.name not in ("site-packages", "dist-packages"):
        kept["PYTHONPATH"] = str(root)
    return {**kept, "STEELYARD_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}


def command() -> list[str]:
    """How `steelyard` is started here."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-m", "steelyard"]


def run_steps(place: Place, on_row: Callable[[Row], None], steps: tuple[Step, ...] = STEPS) -> None:
    """Run the steps one after the other; a failed one does not stop those after it."""
    for step in steps:
        on_row(_window(place, step) if step.stop_after_s else _step(place, step))


def _step(place: Place, step: Step) -> Row:
    began_s = time.monotonic()
    expected = f"exit code {step.exit_code}" + (f", says {step.expects}" if step.expects else "")
    try:
        done = subprocess.run(
            [*command(), *place.arguments(step)],
            env=environment(place.home),
            cwd=place.model.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=STEP_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        observed, passed = f"not done after {STEP_LIMIT_S:.0f} s", False
    else:
        said = step.expects in done.stdout
        passed = done.returncode == step.exit_code and said
        observed = f"exit code {done.returncode}"
        if not passed:
            observed += f": {(done.stderr or done.stdout).strip()[-500:]}"
    verdict = Verdict.PASS if passed else Verdict.FAIL
    return Row(step.name, step.title, expected, observed, verdict, time.monotonic() - began_s)


def _window(place: Place, step: Step) -> Row:
    began_s = time.monotonic()
    with subprocess.Popen(
        command(),
        env=environment(place.home),
        cwd=place.model.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as window:
        try:
            _, said = window.communicate(timeout=step.stop_after_s)
            lived = False
        except subprocess.TimeoutExpired:
            lived = True
            window.send_signal(signal.SIGTERM)
            try:
                _, said = window.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                window.kill()
                _, said = window.communicate()
    observed = "it was open" if lived else f"it ended: {said.decode(errors='replace')[-500:]}"
    verdict = Verdict.PASS if lived else Verdict.FAIL
    return Row(
        step.name,
        step.title,
        f"open for {step.stop_after_s:.0f} s",
        observed,
        verdict,
        time.monotonic() - began_s,
    )
