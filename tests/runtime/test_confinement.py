"""What a worker has given up: the network, credentials, privileges, a life beyond its parent's."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steelyard.runtime.errors import WorkerOutOfMemory
from steelyard.runtime.launch import worker_environment
from steelyard.runtime.supervisor import Worker

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="confinement is Linux only; elsewhere it says none"
)

Probe = Callable[..., Worker]
UNREACHED = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EPERM}


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of a server on this machine, which anything unconfined can reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def reach(worker: Worker, port: int) -> dict[str, object]:
    answer = worker.call("connect", {"host": "127.0.0.1", "port": port}, timeout_s=30)
    assert isinstance(answer, dict)
    return dict(answer)


def test_a_worker_reaches_no_network_and_says_by_what(probe: Probe, listener: int) -> None:
    worker = probe()
    if worker.confinement == "none":
        pytest.skip("this kernel allows neither network namespaces nor seccomp")
    found = reach(worker, listener)
    assert found["inet"] in UNREACHED
    assert found["unix"] is True


def test_without_namespaces_the_kernel_refuses_sockets(probe: Probe, listener: int) -> None:
    worker = probe("--without-namespace")
    if worker.confinement == "none":
        pytest.skip("this kernel has no seccomp filters for this architecture")
    assert worker.confinement == "seccomp"
    found = reach(worker, listener)
    assert (found["inet"], found["inet6"]) == (errno.EPERM, errno.EPERM)
    assert found["unix"] is True


def test_the_same_connection_succeeds_outside_a_worker(listener: int) -> None:
    with socket.create_connection(("127.0.0.1", listener), timeout=5):
        pass


def test_a_worker_of_an_ordinary_user_is_confined_too(probe: Probe, listener: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("every other test here runs as an ordinary user already")
    worker = probe("--as-nobody")
    assert worker.confinement in {"namespace", "seccomp"}
    assert reach(worker, listener)["inet"] in UNREACHED


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def test_a_worker_can_gain_no_privileges_and_dumps_no_core(probe: Probe) -> None:
    worker = probe()
    assert status_of(worker.pid)["NoNewPrivs"] == "1"
    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if "core file" in line] == [
        ["0", "0"]
    ]


def test_the_kernel_would_end_a_worker_before_the_window(probe: Probe) -> None:
    score = int(Path(f"/proc/{probe().pid}/oom_score_adj").read_text())
    assert score > int(Path("/proc/self/oom_score_adj").read_text())


def test_a_worker_has_a_session_of_its_own(probe: Probe) -> None:
    worker = probe()
    assert os.getsid(worker.pid) == worker.pid != os.getsid(0)


def test_a_worker_keeps_all_its_processors(probe: Probe) -> None:
    assert os.sched_getaffinity(probe().pid) == os.sched_getaffinity(0)


def test_credentials_and_proxies_of_the_shell_stay_outside(
    monkeypatch: pytest.MonkeyPatch, probe: Probe
) -> None:
    secrets = {
        "HF_TOKEN": "hf_x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "HTTPS_PROXY": "http://user:x@proxy",
        "https_proxy": "http://user:x@proxy",
        "LD_PRELOAD": "",
        "PYTHONPATH": "/tmp/evil",
        "PYTHONSTARTUP": "/tmp/evil.py",
        "STEELYARD_HOME": "/tmp/home",
        "SSH_AUTH_SOCK": "/tmp/agent",
        "HF_ENDPOINT": "http://evil",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    raw = Path(f"/proc/{probe().pid}/environ").read_bytes().decode()
    seen = dict(entry.partition("=")[::2] for entry in raw.split("\0") if entry)
    assert not set(secrets) - {"PYTHONPATH"} & set(seen)
    assert seen.get("PYTHONPATH") != "/tmp/evil"
    assert seen["HF_HUB_OFFLINE"] == "1"


def test_the_environment_is_an_allow_list() -> None:
    seen = worker_environment({"PATH": "/bin", "LC_ALL": "C", "ANYTHING_ELSE": "x"})
    assert seen["PATH"] == "/bin"
    assert seen["LC_ALL"] == "C"
    assert "ANYTHING_ELSE" not in seen


def test_what_libraries_print_does_not_garble_frames(probe: Probe) -> None:
    worker = probe()
    assert worker.call("chatter", {}, timeout_s=30) == "done"
    assert worker.call("ping", {"a": 1}, timeout_s=30) == {"a": 1}


def test_a_folder_one_stands_in_is_not_imported_from(
    start: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the current folder')")
    (tmp_path / "steelyard").mkdir()
    (tmp_path / "steelyard" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    assert start().call("ping", {}, timeout_s=30) == {}


PARENT = """
import os, signal, sys, threading
from steelyard.runtime.supervisor import Worker
workers = []
# From a thread that ends: the worker must outlive that, and not its process.
thread = threading.Thread(target=lambda: workers.append(Worker.start("inspect")))
thread.start(); thread.join()
assert workers[0].call("ping", {"a": 1}, timeout_s=30) == {"a": 1}
if "stopped" in sys.argv:
    os.kill(workers[0].pid, signal.SIGSTOP)
print(workers[0].pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["working", "stopped"])
def test_a_worker_ends_with_its_parent_however_that_ends(state: str) -> None:
    root = Path(__file__).resolve().parents[2] / "desktop"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    descriptor = os.pidfd_open(int(parent.stdout.readline()))
    try:
        parent.send_signal(signal.SIGKILL)
        parent.wait(30)
        ended, _, _ = select.select([descriptor], [], [], 30)
        assert ended
    finally:
        os.close(descriptor)
        parent.stdout.close()
        parent.stdin.close()


def test_an_address_space_limit_becomes_a_typed_error(probe: Probe) -> None:
    worker = probe("--address-space-bytes", str(512 * 1024**2))
    with pytest.raises(WorkerOutOfMemory):
        worker.call("allocate", {"size_bytes": 1024**3}, timeout_s=30)
    assert worker.call("allocate", {"size_bytes": 1024}, timeout_s=30) == 1024


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """A control group of 64 MiB, version 2 or 1, where this user may make one."""
    name = f"steelyard-test-{os.getpid()}"
    for root, limit, swap_limit, swap in (
        (Path("/sys/fs/cgroup"), "memory.max", "memory.swap.max", 0),
        (
            Path("/sys/fs/cgroup/memory"),
            "memory.limit_in_bytes",
            "memory.memsw.limit_in_bytes",
            64 * 1024**2,
        ),
    ):
        if not (root / "cgroup.procs").exists():
            continue  # not a control group hierarchy at all
        group = root / name
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / limit).exists():
            (group / limit).write_text(str(64 * 1024**2))
            if (group / swap_limit).exists():
                (group / swap_limit).write_text(str(swap))
            yield group
            group.rmdir()
            return
        group.rmdir()
    pytest.skip("this user may not make a memory control group")


def test_a_kill_by_the_kernel_for_want_of_memory_is_out_of_memory(
    probe: Probe, memory_group: Path
) -> None:
    worker = probe()
    (memory_group / "cgroup.procs").write_text(str(worker.pid))
    with pytest.raises(WorkerOutOfMemory) as caught:
        worker.call("allocate", {"size_bytes": 512 * 1024**2}, timeout_s=60)
    assert caught.value.facts["exit_status"] == -signal.SIGKILL
