"""A pull whose process is killed goes on in another process, without fetching anything twice (THREATS 46)."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formats.gguf_builder import Tensor, build_gguf
from intake.conftest import Pull
from simulators.hub import PIECE_BYTES, Hub
from steelyard.base.paths import Home
from steelyard.connections.errors import HostUnreachable
from steelyard.connections.retries import Patience
from steelyard.intake.pull import PullLimits
from steelyard.store.errors import QuarantineBusy
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import everything

TESTS = Path(__file__).resolve().parents[1]
REPOSITORY = "maker/tiny"
GGUF = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (1024, 1024))])
FILES = {"tiny.gguf": GGUF, "README.md": b"# card"}

PULLER = """
import os, signal, sys
from pathlib import Path
from intake.judging import OpenGate, Unthinned, judge_here
from steelyard.base.paths import Home
from steelyard.intake.pull import pull
from steelyard.intake.records import PullSpec
from steelyard.store.store import Store

root, endpoint, ending = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def killed(path, report):
    os.kill(os.getpid(), signal.SIGKILL)

def listen(progress):
    if progress.stage == "fetching":
        print(progress.done, flush=True)

with Store(Home(root / "data", root / "config")) as store:
    spec = PullSpec("maker/tiny", endpoint=endpoint)
    judge = killed if ending == "killed" else judge_here
    taken = pull(store, spec, OpenGate(), Unthinned(listen), judge=judge)
    print("taken", taken.bytes_fetched, taken.bytes_reused, flush=True)
"""


@contextmanager
def puller(home: Home, hub: Hub, ending: str = "whole") -> Iterator[subprocess.Popen[str]]:
    """A process that pulls; it is dead when the block ends."""
    arguments = [str(home.data.parent), hub.endpoint, ending]
    with subprocess.Popen(
        [sys.executable, "-c", PULLER, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{TESTS.parent / 'desktop'}:{TESTS}", "PATH": os.environ["PATH"]},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(home: Home, hub: Hub) -> str:
    """Pull to the end in another process; its last line."""
    with puller(home, hub) as process:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    return out.splitlines()[-1]


def test_killed_in_the_middle_the_next_process_fetches_only_the_rest(home: Home, hub: Hub) -> None:
    hub.add(REPOSITORY, FILES)
    sent = len(GGUF) // PIECE_BYTES // 2 * PIECE_BYTES
    hub.fail("stall", path="tiny.gguf", after=sent, times=1)
    with puller(home, hub) as first:
        assert first.stdout is not None
        assert any(int(line) >= sent for line in first.stdout)
        first.kill()
        assert first.wait() == -signal.SIGKILL
    (partial,) = home.quarantine.rglob("tiny.gguf")
    kept = partial.stat().st_size
    assert kept > sent - io.DEFAULT_BUFFER_SIZE  # what was in the process's own buffer went with it
    # The card came over another connection meanwhile, whole.
    card = len(FILES["README.md"])
    assert finished(home, hub) == f"taken {len(GGUF) - kept} {kept + card}"
    resumed = [r for r in hub.downloads() if r.path.endswith("tiny.gguf") and r.start == kept]
    assert [r.status for r in resumed] == [206]
    assert resumed[0].headers["if-range"] == f'"{hashlib.sha256(GGUF).hexdigest()}"'
    with Store(home) as store:
        (model,) = store.models()
        assert model.state is State.ADMITTED
        assert store.main_file(model).read_bytes() == GGUF
        assert store.verify(model).ok
        assert list(home.quarantine.iterdir()) == []


def test_killed_at_random_again_and_again_nothing_wrong_is_admitted(home: Home, hub: Hub) -> None:
    hub.add(REPOSITORY, FILES)
    generator = random.Random(46)
    for _ in range(4):
        hub.stalling.clear()
        after = generator.randrange(PIECE_BYTES, len(GGUF) // 4)
        hub.fail("stall", path="tiny.gguf", after=after, times=1)
        with puller(home, hub) as victim:
            assert hub.stalling.wait(60)
            victim.kill()
        with Store(home) as store:
            assert store.models() == ()
    assert finished(home, hub).startswith("taken")
    with Store(home) as store:
        assert store.main_file(store.get("tiny")).read_bytes() == GGUF


def test_killed_while_it_is_judged_the_download_is_not_fetched_again(
    home: Home, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, FILES)
    with puller(home, hub, "killed") as victim:
        victim.communicate(timeout=60)
        assert victim.returncode == -signal.SIGKILL
    count = len(hub.downloads())
    taken = do_pull(REPOSITORY)
    assert (taken.bytes_fetched, taken.model.state) == (0, State.ADMITTED)
    assert len(hub.downloads()) == count


def test_two_pulls_of_the_same_at_once_do_not_mix(
    store: Store, home: Home, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, FILES)
    hub.fail("stall", path="tiny.gguf", after=PIECE_BYTES, times=1)
    with puller(home, hub) as other:
        assert hub.stalling.wait(60)
        with pytest.raises(QuarantineBusy):
            do_pull(REPOSITORY)
        hub.released.set()
        out, _ = other.communicate(timeout=60)
    assert out.splitlines()[-1].startswith("taken")
    assert [model.state for model in store.models()] == [State.ADMITTED]


def test_a_pull_of_another_file_leaves_a_broken_one_alone(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, {"tiny-Q4_0.gguf": GGUF, "tiny-Q8_0.gguf": GGUF[:-1] + b"\1"})
    hub.fail("break", path="tiny-Q4_0.gguf", after=len(GGUF) // 2, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, file="Q4_0", limits=PullLimits(patience=Patience(attempts=1)))
    before = everything(store.home)
    do_pull(REPOSITORY, file="Q8_0")
    assert before.items() <= everything(store.home).items()
    assert do_pull(REPOSITORY, file="Q4_0").bytes_reused == len(GGUF) // 2
