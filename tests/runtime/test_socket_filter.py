"""The seccomp program, run by a small machine of our own for every architecture it knows."""

from __future__ import annotations

import errno
import socket
import struct

import pytest

from steelyard.runtime import socket_filter

X86_64, AARCH64, I386, ARM = 0xC000003E, 0xC00000B7, 0x40000003, 0x40000028
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# System call numbers of the kernel's own tables (arch/x86/entry/syscalls, asm-generic/unistd.h).
SOCKET = {X86_64: 41, AARCH64: 198}
OTHERS = {X86_64: (0, 1, 9, 42, 53, 202), AARCH64: (63, 64, 98, 199, 203, 222)}
IO_URING_SETUP = 425
MACHINES = {X86_64: "x86_64", AARCH64: "aarch64"}


def judge(code: bytes, architecture: int, number: int, first_argument: int = 0) -> int:
    """Run classic BPF over `struct seccomp_data`; only the instructions that the program uses."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, first_argument, 0, 0, 0, 0, 0)
    lines = list(struct.iter_unpack("=HBBI", code))
    at, loaded = 0, 0
    while True:
        what, when_true, when_false, value = lines[at]
        at += 1
        if what == 0x06:
            return int(value)
        if what == 0x20:
            (loaded,) = struct.unpack_from("<I", data, value)
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value}[what]
            at += when_true if holds else when_false


@pytest.mark.parametrize("architecture", MACHINES)
def test_only_local_sockets_can_be_made(architecture: int) -> None:
    code = socket_filter._assemble(socket_filter._NUMBERS[MACHINES[architecture]])
    call = SOCKET[architecture]
    assert judge(code, architecture, call, socket.AF_UNIX) == ALLOW
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 0, 40):
        assert judge(code, architecture, call, family) == REFUSE
    for other in OTHERS[architecture]:
        assert judge(code, architecture, other) == ALLOW


@pytest.mark.parametrize("architecture", MACHINES)
def test_there_is_no_way_around(architecture: int) -> None:
    code = socket_filter._assemble(socket_filter._NUMBERS[MACHINES[architecture]])
    assert judge(code, architecture, IO_URING_SETUP) == REFUSE
    for foreign in {X86_64, AARCH64, I386, ARM} - {architecture}:
        assert judge(code, foreign, OTHERS[architecture][0]) == REFUSE


def test_the_second_call_table_of_x86_is_closed() -> None:
    code = socket_filter._assemble(socket_filter._NUMBERS["x86_64"])
    for number in (0x40000000, 0x40000000 + SOCKET[X86_64], 0x7FFFFFFF, 0xFFFFFFFF):
        assert judge(code, X86_64, number, socket.AF_UNIX) == REFUSE
