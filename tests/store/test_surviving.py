"""Killed at any step, or worked in by two processes at once, the store stays right (THREATS 46, 48)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from steelyard.base.paths import Home
from steelyard.store.quarantine import RESUMABLE
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import everything, put

HERE = Path(__file__).resolve().parent
FILES = {"config.json": b"{}", "sub/w.safetensors": b"weights" * 500}
SHARED = {"config.json": b"{}", "README.md": b"shares config.json"}

KILLER = """
import json, os, signal, sys
from pathlib import Path
from steelyard.base.paths import Home
from steelyard.store.store import Store
from store.model_samples import put
from steelyard.base.digests import digest_of
from store import test_surviving as cases

def damage(store, content):
    blob = store.blob_path(digest_of(content))
    blob.chmod(0o600)
    blob.write_bytes(b"[]")

root, action = Path(sys.argv[1]), sys.argv[2]
CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "open"}

def child(number):
    home = Home(root / str(number) / "data", root / str(number) / "config")
    home.prepare()
    store = Store(home)
    put(store, cases.SHARED, "other")
    if action == "remove":
        put(store, cases.FILES, "tiny")
    if action == "repair":
        damage(store, cases.SHARED["config.json"])
    left = number

    def count(event, arguments):
        nonlocal left
        if event in CHANGES and str(home.data) in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    if action == "remove":
        store.remove(store.get("tiny"))
    else:
        put(store, cases.FILES, "tiny")
    os._exit(0)

number, endings = 0, []
while True:
    number += 1
    pid = os.fork()
    if pid == 0:
        child(number)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        break
print(json.dumps(number - 1))
"""


def kill_at_every_step(root: Path, action: str) -> int:
    """Homes 1..n under `root`, each left by a process killed at its n-th change of a file."""
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(root), action],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{HERE.parents[1] / 'desktop'}:{HERE.parent}", "PATH": "/usr/bin"},
        timeout=120,
    )
    return int(json.loads(done.stdout))


def stray_blobs(home: Home, store: Store) -> set[str]:
    owned = {
        entry.sha256.removeprefix("sha256:")
        for model in store.models()
        if model.state is not State.RETIRED
        for entry in model.manifest.files
    }
    return {path.name for path in (home.store / "blobs").rglob("*") if path.is_file()} - owned


def check_left_behind(home: Home) -> bool:
    """Open the home again; nothing half done may be there. True if the model is."""
    with Store(home) as store:
        other = store.get("other")
        assert store.verify(other).ok
        live = {model.name for model in store.models() if model.state is State.ADMITTED}
        assert {path.name for path in (home.store / "models").iterdir()} == live
        for name in live:
            assert store.verify_before_load(store.get(name)).state is State.ADMITTED
        assert stray_blobs(home, store) == set()
        assert list(home.quarantine.iterdir()) == []
        assert store.index.intents() == ()
        assert not store.index.copies_are_due()
        records = {entry.model.digest: entry for entry in store.index.all()}
        assert {d: store.copies.read(d) for d in store.copies.digests()} == records
        return "tiny" in live


def test_killed_at_any_change_of_an_admission_there_is_no_model_or_a_whole_one(
    tmp_path: Path,
) -> None:
    steps = kill_at_every_step(tmp_path, "admit")
    assert steps >= 10
    outcomes = [
        check_left_behind(Home(tmp_path / str(n) / "data", tmp_path / str(n) / "config"))
        for n in range(1, steps + 1)
    ]
    assert outcomes[0] is False
    home = Home(tmp_path / str(steps // 2) / "data", tmp_path / str(steps // 2) / "config")
    assert put(Store(home), FILES, "tiny").name == "tiny"


def test_killed_at_any_change_of_a_removal_it_is_finished_or_never_began(tmp_path: Path) -> None:
    steps = kill_at_every_step(tmp_path, "remove")
    assert steps >= 5
    for n in range(1, steps + 1):
        check_left_behind(Home(tmp_path / str(n) / "data", tmp_path / str(n) / "config"))


def test_killed_at_any_change_of_a_repair_no_other_model_is_the_worse_for_it(
    tmp_path: Path,
) -> None:
    """Content that two models share is replaced by right bytes while the second is taken in."""
    steps = kill_at_every_step(tmp_path, "repair")
    assert steps >= 10
    for n in range(1, steps + 1):
        home = Home(tmp_path / str(n) / "data", tmp_path / str(n) / "config")
        with Store(home) as store:
            put(store, FILES, "tiny")
            for name in ("other", "tiny"):
                outcome = store.verify(store.get(name))
                assert outcome.ok, (n, name, outcome)
            assert stray_blobs(home, store) == set()


WRITER = """
import sys
from pathlib import Path
from steelyard.base.paths import Home
from steelyard.store.store import Store
from store.model_samples import put

root, mine = Path(sys.argv[1]), sys.argv[2]
store = Store(Home(root / "data", root / "config"))
print("ready", flush=True)
sys.stdin.readline()
for number in range(12):
    shared = {"config.json": b"{}", "w.safetensors": f"weights {number}".encode() * 100}
    model = put(store, {**shared, "README.md": mine.encode()}, "same-name")
    assert store.verify_before_load(model).digest == model.digest
    put(store, shared, "both-have-it")
    if number % 3 == 0:
        store.remove(model)
print("done", flush=True)
"""


def test_two_processes_write_one_store_at_once(home: Home) -> None:
    environment = {"PYTHONPATH": f"{HERE.parents[1] / 'desktop'}:{HERE.parent}", "PATH": "/usr/bin"}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home.data.parent), mine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for mine in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        out, _ = writer.communicate(timeout=120)
        assert (writer.returncode, out) == (0, "done\n")
    with Store(home) as store:
        models = store.models()
        assert sum(model.state is State.RETIRED for model in models) == 8
        live = [model for model in models if model.state is State.ADMITTED]
        assert len(live) == 2 * 8 + 12
        for model in live:
            outcome = store.verify(model)
            assert outcome.ok, outcome
        assert stray_blobs(home, store) == set()


def test_what_a_dead_import_left_is_removed_and_what_is_at_work_is_not(home: Home) -> None:
    working = Store(home)
    busy = working.new_quarantine()
    busy.file("w.gguf").write_bytes(b"arriving")
    dead = working.new_quarantine()
    dead.file("w.gguf").write_bytes(b"half")
    dead.release()
    broken = working.new_quarantine("pull-1")
    (broken.path / RESUMABLE).write_text("{}")
    broken.release()
    Store(home).close()
    assert busy.file("w.gguf").read_bytes() == b"arriving"
    assert broken.path.is_dir()
    assert not dead.path.exists()
    busy.release()
    Store(home).close()
    assert not busy.path.exists()


def test_a_link_planted_in_quarantine_is_not_followed(home: Home, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep")
    (home.quarantine / "planted").symlink_to(mine)
    dead = Store(home).new_quarantine()
    (dead.files / "inside").symlink_to(mine)
    dead.release()
    Store(home).close()
    assert (mine / "letter.txt").read_text() == "keep"
    assert not dead.path.exists()


def test_opening_an_idle_store_changes_nothing(home: Home) -> None:
    with Store(home) as store:
        put(store, FILES, "tiny")
    Store(home).close()  # clears the emptied staging folder
    before = everything(home)
    Store(home).close()
    assert everything(home) == before
