"""Pulls in processes that are killed in the middle of an answer, and what must be true of what they leave."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from formats.gguf_builder import Tensor, build_gguf
from simulators.hub import Hub
from steelyard.base.paths import Home
from steelyard.intake.expected import read_expected
from steelyard.intake.progress import present_bytes
from steelyard.store.records import State
from steelyard.store.store import Store

TESTS = Path(__file__).resolve().parents[1]
REPOSITORY = "maker/tiny"
GGUF = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (1024, 1024))])
BIG = GGUF[:-4_000_000] + random.Random(46).randbytes(4_000_000)
SEGMENT = 256 * 1024
MOST_REFETCHED_BYTES = 1024 * 1024

FORKER = """
import os, sys
from pathlib import Path
from intake.judging import OpenGate, judge_here
from steelyard.base.paths import Home
from steelyard.intake.download import Manner
from steelyard.intake.pull import PullLimits, pull
from steelyard.intake.records import PullSpec
from steelyard.store.store import Store
import huggingface_hub.hf_api

def run(root, endpoint, connections, segment_bytes):
    limits = PullLimits(manner=Manner(int(connections), 0, int(segment_bytes)))
    with Store(Home(Path(root) / "data", Path(root) / "config")) as store:
        spec = PullSpec("maker/tiny", endpoint=endpoint)
        pull(store, spec, OpenGate(), judge=judge_here, limits=limits)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            run(*line.split())
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Victims:
    """Pulls in processes of their own, forked from one that has imported everything."""

    def __init__(self) -> None:
        self._forker = subprocess.Popen(
            [sys.executable, "-c", FORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": f"{TESTS.parent / 'desktop'}:{TESTS}", "PATH": os.environ["PATH"]},
        )
        self._begun = threading.Event()
        self._pid = 0

    def close(self) -> None:
        """End the process they come from."""
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        self._forker.stdin.close()
        self._forker.wait(60)
        self._forker.stdout.close()

    def pull(self, home: Home, hub: Hub, connections: int) -> int:
        """Run one pull to its end; the status it ended with, as `waitpid` gives it."""
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        self._begun.clear()
        self._forker.stdin.write(f"{home.data.parent} {hub.endpoint} {connections} {SEGMENT}\n")
        self._forker.stdin.flush()
        self._pid = int(self._forker.stdout.readline())
        self._begun.set()
        return int(self._forker.stdout.readline())

    def kill(self) -> None:
        """Kill the pull that runs; called by the hub in the middle of an answer."""
        assert self._begun.wait(60)
        os.kill(self._pid, signal.SIGKILL)


def there(home: Home) -> int:
    """Bytes of the model that are in quarantine now."""
    found = 0
    for folder in home.quarantine.iterdir():
        expected = read_expected(folder)
        found += present_bytes(folder, expected) if expected else 0
    return found


def check_admitted(home: Home) -> bool:
    """True if the model is in the store, and then it is right to the last byte."""
    with Store(home) as store:
        if not store.models():
            return False
        (model,) = store.models()
        assert model.state is State.ADMITTED
        assert store.main_file(model).read_bytes() == BIG
        assert list(home.quarantine.iterdir()) == []
    return True


def torment(home: Home, hub: Hub, kills: int, seed: int) -> list[int]:
    """Kill pulls at random bytes, over and over until so many were killed; bytes fetched twice after each."""
    victims = Victims()
    try:
        return _torment(home, hub, victims, kills, random.Random(seed))
    finally:
        victims.close()


def _torment(
    home: Home, hub: Hub, victims: Victims, kills: int, chance: random.Random
) -> list[int]:
    refetched: list[int] = []
    while len(refetched) < kills:
        connections = chance.choice((1, 4))
        before = there(home)
        hub.forget_requests()
        hub.cut.clear()
        after = chance.randrange(0, 600_000)
        hub.fail(
            "kill",
            path="tiny.gguf",
            times=1,
            skip=chance.randrange(connections),
            after=after,
            kill=victims.kill,
        )
        status = victims.pull(home, hub, connections)
        hub.faults.clear()
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            assert not check_admitted(home)
            sent = sum(request.sent_bytes for request in hub.downloads())
            refetched.append(before + sent - there(home))
            continue
        # It was done before it could be killed: begin with nothing again.
        assert status == 0
        assert check_admitted(home)
        shutil.rmtree(home.data)
        home.prepare()
    hub.cut.clear()
    assert victims.pull(home, hub, 4) == 0
    assert check_admitted(home)
    return refetched
