"""Nobody writes an entry twice, we neither: the entries' file is only ever opened to read or to append."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import steelyard
from steelyard.audit import files

WATCHED = """
import os, sys
from pathlib import Path

written = []
entries = str(Path(sys.argv[1]) / "data" / "audit" / "entries.jsonl")

def watch(name, arguments):
    if name == "open" and str(arguments[0]) == entries:
        flags = arguments[2]
        if flags & (os.O_WRONLY | os.O_RDWR):
            written.append(bool(flags & os.O_APPEND) and not flags & os.O_TRUNC)
    if name in ("os.truncate", "os.rename", "os.remove") and entries in map(str, arguments):
        written.append(False)

sys.addaudithook(watch)

from steelyard.base.paths import Home
from steelyard.service import Steelyard, requests as ask

root = Path(sys.argv[1])
home = Home(root / "data", root / "config")
for _ in range(2):
    with Steelyard.open(home, environment={}, managed=root / "none.json") as desk:
        for number in range(2):
            desk.run(ask.ChangeSetting("engine.threads", number))
        desk.run(ask.VerifyAudit())
        desk.run(ask.MakeCheckpoint())
        desk.run(ask.ProveEntry(1, root / f"proof-{_}"))
        desk.run(ask.ExportAudit(root / f"package-{_}"))
assert len(written) >= 20, written
assert all(written), written
"""


def test_the_program_opens_its_entries_to_append_only(tmp_path: Path) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("STEELYARD_")},
        "PYTHONPATH": str(Path(steelyard.__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_one_place_appends_and_one_sets_a_torn_end_aside() -> None:
    """`set_aside_torn` is the only code that shortens the file, and only after the last line end."""
    writers = {
        f"{file.name}: {line.strip()}"
        for file in Path(files.__file__).parent.glob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if ("entries.open(" in line or "entries_file.open(" in line) and '"rb"' not in line
    }
    assert writers == {
        'log.py: with self.files.entries.open("ab"):',
        'log.py: with self.files.entries.open("ab", buffering=0) as stream:',
        'files.py: with self.entries.open("r+b") as stream:',
    }
    assert "set_aside_torn" in Path(files.__file__).read_text("utf-8").split('"r+b"')[0]
