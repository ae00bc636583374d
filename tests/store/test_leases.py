"""Pinned or in use, a model is not taken away; a dead process holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from steelyard.base.paths import Home
from steelyard.store.errors import ModelInUse, ModelIsPinned, ModelRetired
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import put

HERE = Path(__file__).resolve().parent
ONE = {"a.gguf": b"weights" * 99, "README.md": b"one"}

HOLDER = """
import sys
from pathlib import Path
from steelyard.base.paths import Home
from steelyard.store.store import Store

root = Path(sys.argv[1])
store = Store(Home(root / "data", root / "config"))
lease = store.lease(store.get("one"))
print("held", flush=True)
sys.stdin.readline()
"""


def holder(home: Home) -> subprocess.Popen[str]:
    """A process that holds a lease of the model `one` until it is told, or killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.data.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(HERE.parents[1] / "desktop"), "PATH": "/usr/bin"},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_model_another_process_reads_is_not_removed(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        process = holder(home)
        with pytest.raises(ModelInUse):
            store.remove(one)
        assert store.verify(one).ok
        assert store.remove(one, dry_run=True).freed_bytes == one.manifest.size_bytes
        process.communicate("done\n", timeout=30)
        store.remove(one)
        assert store.get("one").state is State.RETIRED


def test_the_lease_of_a_killed_process_is_void(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        process = holder(home)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        store.remove(one)
        assert store.get("one").state is State.RETIRED


def test_several_may_read_at_once_and_the_last_one_frees_it(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        first, second = store.lease(one), store.lease(one)
        first.release()
        first.release()
        with pytest.raises(ModelInUse):
            store.remove(one)
        with second:
            pass
        store.remove(one)


def test_what_is_being_removed_or_was_cannot_be_leased(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        with store.leases.alone(one.digest) as alone:
            assert alone
            with pytest.raises(ModelInUse):
                store.lease(one)
        store.remove(one)
        with pytest.raises(ModelRetired):
            store.lease(one)


def test_a_pinned_model_stays_and_says_why(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        store.set_pin(one, "release 4")
        with pytest.raises(ModelIsPinned) as refusal:
            store.remove(one)
        assert refusal.value.facts["reason"] == "release 4"
        assert store.remove(one, dry_run=True).dry_run
        put(store, ONE, "one")
        assert store.entry("one").pin == "release 4"
        store.set_pin(one, None)
        store.remove(one)
        with pytest.raises(ModelRetired):
            store.set_pin(one, "too late")


def test_a_pin_outlives_damage_and_repair(home: Home) -> None:
    with Store(home) as store:
        one = put(store, ONE, "one")
        store.set_pin(one, "")
        (store.view(one) / "README.md").unlink()
        assert not store.verify(one).ok
        put(store, ONE, "one")
        assert store.entry("one").pin == ""
        with pytest.raises(ModelIsPinned):
            store.remove(one)
