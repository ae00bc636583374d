"""Collection takes what nothing refers to, spares what it cannot explain, and never races those at work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.store.collection import Rubbish, survey, sweep
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import CLEAN, everything, manifest, put

ONE = {"a.gguf": b"weights" * 99, "README.md": b"one"}
HERE = Path(__file__).resolve().parent
CONTENT = "sha256:" + "ab" * 32


def collect(store: Store) -> Rubbish:
    with store.lock():
        found = survey(store)
        sweep(store, found)
    return found


def stray(store: Store, data: bytes = b"nobody's") -> Path:
    """A blob no record knows."""
    path = store.blobs.path(CONTENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_what_a_model_consists_of_is_no_rubbish(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    with Store(home) as store:  # opening clears the emptied staging folder
        before = everything(home)
        found = collect(store)
        assert (found.blobs, found.folders, found.temporaries) == ((), (), ())
        assert found.size_bytes == 0
        assert everything(home) == before


def test_stray_blobs_views_folders_and_temporaries_go(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        blob = stray(store)
        (store.views / "nobody").mkdir()
        os.link(blob, store.views / "nobody" / "m.gguf")
        temporary = blob.with_name(f".{'c' * 32}.copy")
        temporary.write_bytes(b"1234")
        dead = store.new_quarantine()
        dead.file("w.gguf").write_bytes(b"half")
        dead.release()
        busy = store.new_quarantine()
        resumable = store.new_quarantine("pull-1")
        (resumable.path / "expected.json").write_text("{}")
        resumable.release()
        with store.lock():
            planned = survey(store)
        assert blob.exists()
        assert planned.size_bytes == len(b"nobody's") + 4 + len(b"half")
        assert collect(store) == planned
        assert not any(p.exists() for p in (blob, temporary, dead.path, store.views / "nobody"))
        assert busy.path.is_dir()
        assert resumable.path.is_dir()
        assert "1 downloads that can go on" in " ".join(planned.kept)
        assert store.verify(one).ok


def test_what_is_held_in_quarantine_and_what_is_pinned_is_named_and_kept(home: Home) -> None:
    with Store(home) as store:
        folder = store.new_quarantine()
        folder.file("bad.gguf").write_bytes(b"bad")
        held = store.hold(manifest({"bad.gguf": b"bad"}), folder, CLEAN, State.REJECTED, "bad")
        store.set_pin(put(store, ONE, "one"), "for the audit")
        found = collect(store)
        assert (store.view(held) / "bad.gguf").exists()
        assert found.kept == ("one is pinned: for the audit.",)


def test_what_is_older_than_the_index_is_never_rubbish(home: Home) -> None:
    with Store(home) as store:
        put(store, ONE, "one")
    for path in home.store.glob("index.sqlite*"):
        path.unlink()
    shutil.rmtree(home.store / "manifests")
    with Store(home) as store:
        before = everything(home)
        found = collect(store)
        assert (found.blobs, found.folders) == ((), ())
        assert everything(home) == before
        assert "one: older than the index" in found.unexplained[0]
        assert "2 blobs that are older" in found.unexplained[1]


def test_a_link_in_place_of_a_view_is_removed_and_not_followed(home: Home, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep")
    with Store(home) as store:
        put(store, ONE, "one")
        (store.views / "planted").symlink_to(mine)
        (store.blobs.root / "zz").symlink_to(mine)
        collect(store)
        assert not (store.views / "planted").is_symlink()
        assert (mine / "letter.txt").read_text() == "keep"


WRITER = """
import sys
from pathlib import Path
from steelyard.base.paths import Home
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import CLEAN, manifest
from store.test_collecting import collect

root, mine = Path(sys.argv[1]), sys.argv[2]
store = Store(Home(root / "data", root / "config"))
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    if mine == "collect":
        collect(store)
        continue
    files = {"w.gguf": f"weights {number}".encode() * 100, "README.md": mine.encode()}
    folder = store.new_quarantine()  # locked while this name stands: nobody's rubbish
    staged = {path: folder.file(path) for path in files}
    for path, data in files.items():
        staged[path].write_bytes(data)
    model = store.admit(manifest(files, f"{mine}-{number}"), staged, CLEAN, State.ADMITTED)
    folder.discard()
    lease = store.lease(model)
    assert store.verify_before_load(model).digest == model.digest
    assert store.main_file(model).read_bytes() == files["w.gguf"]
    lease.release()
    if number % 3 == 0:
        store.remove(model)
print("done", flush=True)
"""


def test_two_that_take_in_and_one_that_collects_do_not_hurt_one_another(home: Home) -> None:
    environment = {"PYTHONPATH": f"{HERE.parents[1] / 'desktop'}:{HERE.parent}", "PATH": "/usr/bin"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home.data.parent), mine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for mine in ("one", "two", "collect")
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert (worker.returncode, out) == (0, "done\n")
    with Store(home) as store:
        live = [m for m in store.models() if m.state is State.ADMITTED]
        assert len(live) == 20
        assert all(store.verify(m).ok for m in live)


@pytest.mark.parametrize("name", ["x" * 64, "AB" * 32, "note.txt"])
def test_a_file_that_is_no_blob_is_left_where_it_is(home: Home, name: str) -> None:
    with Store(home) as store:
        shard = store.blobs.root / "ab"
        shard.mkdir(parents=True)
        (shard / name).write_text("somebody's")
        collect(store)
        assert (shard / name).exists()
