"""Runs one operation many times, each time on a disk that strikes at another call, and checks what is left.

    LD_PRELOAD=faults.so python tests/torture/torment.py import --how kill --report report.jsonl

Everything is imported once; every case is a forked child in a home of its own. A second child opens that
home on a sound disk, holds it against what must be true after anything, does the operation again, and checks
that it succeeded. One JSON line a case; a case without `problems` is as it must be. The method is SQLite's.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formats.gguf_builder import Tensor, build_gguf, tiny_llama
from simulators.faults.build import KILL, SHORT, TEAR, Faults
from steelyard.audit.entry import Event, Outcome
from steelyard.audit.log import AuditLog
from steelyard.base.digests import digest_of
from steelyard.base.errors import SteelyardError
from steelyard.base.paths import Home
from steelyard.base.progress import Reporter
from steelyard.formats.model_facts import ModelFacts, scan
from steelyard.intake import arrival, importer, pull
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.store.quarantine import RESUMABLE
from steelyard.store.records import Model, State
from steelyard.store.store import Store

assert importer is not None  # imported here, so that no child has to
assert pull is not None

HOWS = {
    "kill": (KILL, False),
    "tear": (TEAR, False),
    "short": (SHORT, False),
    "ENOSPC": (errno.ENOSPC, False),
    "EIO": (errno.EIO, False),
    "EROFS": (errno.EROFS, False),
    "full": (errno.ENOSPC, True),
    "gone": (errno.EIO, True),
}
"""What can happen at the chosen call; `full` and `gone` go on for all that follow."""
SHARED_FILE = b"---\nlicense: apache-2.0\n---\n# both have it\n"
REPOSITORY = "maker/wanted"
HAS_MODEL, NO_MODEL = "whole", "absent"


def seeded_gguf(name: str, kibibytes: int) -> bytes:
    """A GGUF file whose weights are random, so that no two places in it are alike."""
    width = 256 * kibibytes // 16
    data = random.Random(name).randbytes(width * 16 * 4)
    metadata = {"general.architecture": "llama", "general.name": name}
    return build_gguf(metadata, [Tensor("x.weight", (16, width), data=data)])


OTHER = {"other.gguf": tiny_llama(general__name="other"), "README.md": SHARED_FILE}
WANTED = {"wanted.gguf": seeded_gguf("wanted", 300), "README.md": SHARED_FILE}


@dataclass
class Ground:
    """Where one case takes place.

    Attributes:
        sources: folders to import from.
        endpoint: a hub's address.
        only: the kind of call that counts; empty: all.
    """

    home: Home
    sources: Path
    endpoint: str
    only: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def desk(self) -> Iterator[Steelyard]:
        """The installation, opened."""
        nowhere = self.home.data.parent / "no-policy.json"
        with Steelyard.open(self.home, environment={}, managed=nowhere) as desk:
            yield desk


@dataclass(frozen=True)
class Case:
    """An operation under torture.

    Attributes:
        prepare: what must be there before it.
        act: does it, or finds it done; raises where it cannot.
        check: what must hold on a sound disk after a try that may have failed; returns what there is.
        final: what `check` says when it succeeded; empty where that cannot be known before.
        resumable: a try that failed may leave a download that goes on later.
        begins_damaged: what it mends is not whole before it succeeded.
    """

    act: Callable[[Ground, Steelyard], None]
    check: Callable[[Ground, Steelyard], str]
    final: str
    prepare: Callable[[Ground, Steelyard], None] = lambda _ground, _desk: None
    resumable: bool = False
    begins_damaged: bool = False


# ---------------------------------------------------------------- the operations


def _import_wanted(ground: Ground, desk: Steelyard) -> None:
    desk.run(ask.ImportModel(ground.sources / "wanted"))


def _pull_wanted(ground: Ground, desk: Steelyard) -> None:
    taken = desk.run(ask.PullModel(REPOSITORY, endpoint=ground.endpoint))
    ground.notes["fetched"] = taken.bytes_fetched


def _append(_: Ground, desk: Steelyard) -> None:
    desk.installation.log.append(Event("torture.noted", Outcome.NOTED, {}, {"text": "x" * 300}))


def _remove_wanted(_: Ground, desk: Steelyard) -> None:
    if desk.installation.store.get("wanted").state is not State.RETIRED:
        desk.run(ask.RemoveModel("wanted"))


def _approve_wanted(_: Ground, desk: Steelyard) -> None:
    desk.run(ask.ApproveModel("wanted", "for the record"))


def _set_theme(_: Ground, desk: Steelyard) -> None:
    desk.run(ask.ChangeSetting("window.theme", "dark"))


def _damage_both(ground: Ground, desk: Steelyard) -> None:
    """One bit of the file that two models share goes bad."""
    _import_wanted(ground, desk)
    blob = desk.installation.store.blob_path(digest_of(SHARED_FILE))
    blob.chmod(0o600)
    blob.write_bytes(SHARED_FILE[:-1] + b"\xff")


def _wanted(_: Ground, desk: Steelyard) -> str:
    """The model is there with exactly its bytes, or not at all."""
    store = desk.installation.store
    found = [m for m in store.models() if m.name == "wanted" and m.state is not State.RETIRED]
    if not found:
        return NO_MODEL
    assert found[0].state is State.ADMITTED, found[0]
    assert _bytes_of(store, found[0]) == WANTED, "WRONG BYTES"
    return HAS_MODEL


def _approved(ground: Ground, desk: Steelyard) -> str:
    assert _wanted(ground, desk) == HAS_MODEL
    return str(desk.installation.store.get("wanted").trust.approved_by)


def _theme(_: Ground, desk: Steelyard) -> str:
    return desk.installation.settings.text("window.theme")


def _entries(_: Ground, desk: Steelyard) -> str:
    noted = [e for e in desk.installation.log.entries() if e.event.event == "torture.noted"]
    assert all(e.event.facts == {"text": "x" * 300} for e in noted)
    return "noted" if noted else "not noted"


CASES = {
    "import": Case(_import_wanted, _wanted, HAS_MODEL),
    "pull": Case(_pull_wanted, _wanted, HAS_MODEL, resumable=True),
    "append": Case(_append, _entries, "noted"),
    "remove": Case(_remove_wanted, _wanted, NO_MODEL, _import_wanted),
    "approve": Case(_approve_wanted, _approved, "", _import_wanted),
    "policy": Case(_set_theme, _theme, "dark"),
    "repair": Case(_import_wanted, _wanted, HAS_MODEL, _damage_both, begins_damaged=True),
}


# ---------------------------------------------------------------- what must hold after anything


def _bytes_of(store: Store, model: Model) -> dict[str, bytes]:
    view = store.view(model)
    return {path.name: path.read_bytes() for path in view.iterdir()}


def check_home(ground: Ground, desk: Steelyard, case: Case) -> None:
    """The store and its neighbours are whole; nothing unfinished is left; the log is one history."""
    home, store = ground.home, desk.installation.store
    live = {m.name: m for m in store.models() if m.state is not State.RETIRED}
    assert "other" in live, "a model that was good is gone"
    for name, model in live.items():
        assert store.verify(model).ok, f"{name} is damaged"
        assert store.get(name).state is State.ADMITTED, store.get(name)
    assert _bytes_of(store, live["other"]) == OTHER, "WRONG BYTES"
    assert {path.name for path in store.views.iterdir()} == set(live), "a view without a model"
    owned = {f.sha256.removeprefix("sha256:") for m in live.values() for f in m.manifest.files}
    blobs = {path.name for path in store.blobs.root.rglob("*") if path.is_file()}
    assert blobs == owned, f"stray blobs {blobs - owned}, missing {owned - blobs}"
    left = [path for path in home.quarantine.iterdir() if not (path / RESUMABLE).exists()]
    left = left if case.resumable else list(home.quarantine.iterdir())
    assert not left, f"rubbish in quarantine: {[p.name for p in left]}"
    assert store.index.intents() == (), "an unfinished step"


def check_log(log: AuditLog, *, mended: bool) -> None:
    """The log verifies; before anyone has written to it again its last line may be torn."""
    report = log.verify()
    torn = report.problem is not None and report.problem.kind == "torn"
    assert report.ok or (torn and not mended), report


# ---------------------------------------------------------------- children


def judge_here(path: Path, report: Reporter) -> ModelFacts:
    """The real readers in this process: a worker takes as long to start as ten cases."""
    report.cancel.check()
    return scan(path)


def attempt(ground: Ground, case: Case, faults: Faults, at: int, how: str) -> dict[str, Any]:
    """The first child: on the failing disk. It may not come back."""
    kind, sticky = HOWS[how]
    faults.arm(ground.home.data.parent, at, kind, only=ground.only, sticky=sticky)
    ended = "done"
    try:
        with ground.desk() as desk:
            case.act(ground, desk)
    except SteelyardError as error:
        ended = f"error:{error.code}"
    seen, struck = faults.seen, faults.struck
    faults.heal()
    assert ended == "done" or struck, "it failed although no call did"
    return {"ended": ended, "seen": seen, "struck": struck, **ground.notes}


def attempt_and_go_on(
    ground: Ground, case: Case, faults: Faults, at: int, how: str
) -> dict[str, Any]:
    """The same in a process that stays open: it must be usable as soon as the disk is."""
    kind, sticky = HOWS[how]
    ended = "done"
    with ground.desk() as desk:
        assert desk.installation.store is not None
        faults.arm(ground.home.data.parent, at, kind, only=ground.only, sticky=sticky)
        try:
            case.act(ground, desk)
        except SteelyardError as error:
            ended = f"error:{error.code}"
        seen, struck = faults.seen, faults.struck
        faults.heal()
        outcome = {"ended": ended, "seen": seen, "struck": struck, **ground.notes}
        if not case.begins_damaged:
            case.check(ground, desk)
        case.act(ground, desk)
        final = case.check(ground, desk)
        assert final == case.final or not case.final, final
        desk.installation.log.append(Event("torture.mended", Outcome.NOTED))
        check_log(desk.installation.log, mended=True)
    return outcome


def look_after(ground: Ground, case: Case) -> dict[str, Any]:
    """The second child: on a sound disk."""
    check_log(AuditLog(ground.home.audit), mended=False)
    with ground.desk() as desk:
        found = "damaged" if case.begins_damaged else case.check(ground, desk)
        if not case.begins_damaged:
            check_home(ground, desk, case)
    with ground.desk() as desk:
        case.act(ground, desk)
        final = case.check(ground, desk)
        assert final == case.final or not case.final, final
        check_home(ground, desk, case)
        left = list(ground.home.quarantine.iterdir())
        assert not left, f"rubbish in quarantine: {left}"
        desk.installation.log.append(Event("torture.mended", Outcome.NOTED))
        check_log(desk.installation.log, mended=True)
    return {"found": found, **ground.notes}


def in_child(work: Callable[[], dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Run in a fork; what it returned, `killed`, or the problem it ended with."""
    answer, said = folder / "answer.json", folder / "stderr"
    answer.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
        try:
            outcome = work()
        except BaseException:  # noqa: BLE001  # whatever it was, the parent reports it
            outcome = {"problem": traceback.format_exc()}
        answer.write_text(json.dumps(outcome))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        if name != "SIGKILL":
            return {"problem": f"ended by {name}: {said.read_text()}"}
        return {"ended": "killed", "struck": said.read_text().removeprefix("struck: ").strip()}
    outcome = json.loads(answer.read_text())
    assert isinstance(outcome, dict)
    return outcome


# ---------------------------------------------------------------- the loop

_HUB = """
import sys
from simulators.hub import Hub
from torture.torment import REPOSITORY, WANTED
with Hub() as hub:
    hub.add(REPOSITORY, WANTED)
    print(hub.endpoint, flush=True)
    for _ in sys.stdin:
        print(sum(request.sent_bytes for request in hub.downloads()), flush=True)
        hub.forget_requests()
"""


class HubProcess:
    """A hub in a process of its own, without the failing disk, which says how much it has sent."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HUB],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.endpoint = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def sent_bytes(self) -> int:
        """Of files, since the last time this was asked."""
        assert self._process.stdin is not None
        self._process.stdin.write("sent\n")
        self._process.stdin.flush()
        return int(self._line())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Torment:
    """One operation, a folder to work in, and the homes its cases begin with."""

    def __init__(self, name: str, root: Path, *, only: str = "", worker: bool = False) -> None:
        self.only = only
        self.case = CASES[name]
        self.root = root
        self.faults = Faults()
        self.hub = HubProcess() if name == "pull" else None
        if not worker:
            arrival.scan_in_worker = judge_here
        sources = root / "sources"
        for folder, files in (("other", OTHER), ("wanted", WANTED)):
            (sources / folder).mkdir(parents=True, exist_ok=True)
            for file, data in files.items():
                (sources / folder / file).write_bytes(data)
        made = in_child(self._make_template, root)
        assert "problem" not in made, made["problem"]
        # What is imported and read on the way is there for every child then.
        _copy_home(root / "template", root / "warm")
        attempt(self.ground(root / "warm"), self.case, self.faults, 0, "kill")
        look_after(self.ground(root / "warm"), self.case)

    def close(self) -> None:
        """End what was started."""
        if self.hub is not None:
            self.hub.close()

    def ground(self, folder: Path) -> Ground:
        """The home in a folder."""
        endpoint = self.hub.endpoint if self.hub else ""
        return Ground(
            Home(folder / "data", folder / "config"), self.root / "sources", endpoint, self.only
        )

    def _make_template(self) -> dict[str, Any]:
        ground = self.ground(self.root / "template")
        with ground.desk() as desk:
            for starter in desk.installation.store.models():
                desk.run(ask.RemoveModel(starter.name))
            desk.run(ask.ImportModel(ground.sources / "other"))
            self.case.prepare(ground, desk)
        return {}

    def count(self, *, stay_open: bool = False) -> int:
        """How many calls change files when nothing goes wrong."""
        outcome = self.one(0, "kill", stay_open=stay_open)
        assert not outcome["problems"], outcome
        return int(outcome["seen"])

    def one(self, at: int, how: str, *, stay_open: bool = False) -> dict[str, Any]:
        """One case: strike at call `at` (0: never), look after, and say what came of it."""
        folder = self.root / "case"
        shutil.rmtree(folder, ignore_errors=True)
        _copy_home(self.root / "template", folder)
        if self.hub:
            self.hub.sent_bytes()
        started_s = time.monotonic()
        work = attempt_and_go_on if stay_open else attempt
        first = in_child(
            lambda: work(self.ground(folder), self.case, self.faults, at, how), self.root
        )
        second = in_child(lambda: look_after(self.ground(folder), self.case), self.root)
        outcome = {
            "at": at,
            "how": how,
            **{key: first.get(key) for key in ("ended", "seen", "struck")},
            "found": second.get("found"),
            "problems": [p["problem"] for p in (first, second) if "problem" in p],
            "elapsed_s": round(time.monotonic() - started_s, 3),
        }
        if self.hub:
            size_bytes = sum(len(data) for data in WANTED.values())
            outcome["refetched_bytes"] = self.hub.sent_bytes() - size_bytes
        return outcome


def _copy_home(source: Path, target: Path) -> None:
    """A copy in which names of one file are names of one file again."""
    copies: dict[int, Path] = {}
    for path in [source, *sorted(source.rglob("*"))]:
        there = target / path.relative_to(source)
        status = path.stat()
        if path.is_dir():
            there.mkdir(mode=0o700)
        elif status.st_ino in copies:
            os.link(copies[status.st_ino], there)
        else:
            shutil.copy2(path, there)
            copies[status.st_ino] = there


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operation", choices=CASES)
    parser.add_argument(
        "--how", default="kill", help="one of, or several with commas: " + ", ".join(HOWS)
    )
    parser.add_argument("--only", default="", help="count only this kind of call")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--most", type=int, default=0, help="a sample of this many; 0: every call")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stay-open", action="store_true")
    parser.add_argument("--worker", action="store_true", help="judge in a real worker process")
    asked = parser.parse_args()
    torment = Torment(asked.operation, asked.root, only=asked.only, worker=asked.worker)
    try:
        calls = torment.count(stay_open=asked.stay_open)
        hows = asked.how.split(",")
        places = [(at, hows[at % len(hows)]) for at in range(1, calls + 1)]
        if asked.most and asked.most < len(places):
            places = sorted(random.Random(asked.seed).sample(places, asked.most))
        for at, how in places:
            outcome = torment.one(at, how, stay_open=asked.stay_open)
            sys.stdout.write(
                json.dumps({"operation": asked.operation, "calls": calls, **outcome}) + "\n"
            )
            sys.stdout.flush()
    finally:
        torment.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
