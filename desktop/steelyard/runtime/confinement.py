"""What a worker gives up before it touches a byte from outside: the network, privileges, core dumps.

Linux only, by system calls through ctypes, in a process that has one thread. The level reached is
tested and reported, never assumed: `namespace` (a network namespace without interfaces), `seccomp` (the
kernel refuses to make sockets other than local ones), or `none`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

from steelyard.runtime.socket_filter import install_socket_filter

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

OOM_SCORE_ADJUSTMENT = 800
"""Out of -1000..1000 (proc(5)): when memory runs out, the kernel ends the worker and not the window."""

_UNREACHABLE = (
    (socket.AF_INET, ("192.0.2.1", 9)),
    (socket.AF_INET6, ("2001:db8::1", 9)),
)
"""Documentation addresses (RFC 5737, RFC 3849). Connecting a datagram socket sends nothing."""


def confine(*, parent: int | None, address_space_bytes: int | None) -> str:
    """Give up everything a worker does not need. Call it first, before any thread starts.

    Args:
        parent: process id of the supervisor. The worker ends when the thread that started it ends; if that
            happened already, it ends here.
        address_space_bytes: limit of virtual memory (RLIMIT_AS), or None.

    Returns:
        `namespace`, `seccomp` or `none`.
    """
    _limit_resources(address_space_bytes)
    if not sys.platform.startswith("linux"):
        return "none"
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(OSError):  # a container may not let go of it; nothing depends on it
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJUSTMENT), encoding="ascii")
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    level = _leave_network(libc)
    # After the namespace: the kernel forgets this setting when credentials change.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(0)
    return level


def _limit_resources(address_space_bytes: int | None) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS has the constant and refuses to set it.
    if address_space_bytes is not None and sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))


def _leave_network(libc: ctypes.CDLL) -> str:
    before = _network_namespace()
    if enter_empty_network(libc) and _network_namespace() != before and not network_reachable():
        return "namespace"
    if install_socket_filter(libc) and not network_reachable():
        return "seccomp"
    return "none"


def _network_namespace() -> int | None:
    try:
        return Path("/proc/self/ns/net").stat().st_ino
    except OSError:
        return None


def enter_empty_network(libc: ctypes.CDLL) -> bool:
    """Enter an empty network namespace; alone where privileges allow, else with a user namespace.

    Alone first: root in a user namespace of its own could no longer read other users' files.
    """
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    # Without a map the process would see itself as "nobody"; files stay readable either way.
    with contextlib.suppress(OSError):
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def network_reachable() -> bool:
    """True if a socket can be pointed at an address outside this machine."""
    for family, address in _UNREACHABLE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect(address)
        except OSError:
            continue
        return True
    return False
