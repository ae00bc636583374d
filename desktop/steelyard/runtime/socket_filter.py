"""A seccomp filter under which `socket()` answers EPERM for every family but local (AF_UNIX) sockets.

The fallback where network namespaces are not allowed (containers, some hardened desktops). The
program is classic BPF over `struct seccomp_data` (linux/seccomp.h); x86-64 and 64-bit ARM are known.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
from dataclasses import dataclass

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

# Classic BPF instructions (linux/bpf_common.h): load a word, jump if equal / greater-or-equal, return.
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM

# Offsets in struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6] (little-endian).
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16


@dataclass(frozen=True)
class _Numbers:
    """An architecture's AUDIT_ARCH value and the system calls that matter."""

    architecture: int
    socket: int
    io_uring_setup: int
    first_foreign: int | None = None


_NUMBERS = {
    # x32 calls carry bit 30; they could reach socket() under another number.
    "x86_64": _Numbers(0xC000003E, socket=41, io_uring_setup=425, first_foreign=0x40000000),
    "aarch64": _Numbers(0xC00000B7, socket=198, io_uring_setup=425),
}


class _Program(ctypes.Structure):
    """struct sock_fprog (linux/filter.h)."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def install_socket_filter(libc: ctypes.CDLL) -> bool:
    """Install the filter for this thread and all it will start. Needs `no_new_privs`.

    Returns:
        False where the architecture is not known or the kernel refuses.
    """
    numbers = _NUMBERS.get(platform.machine())
    if numbers is None:
        return False
    code = _assemble(numbers)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    outcome = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return bool(outcome == 0)


def _assemble(numbers: _Numbers) -> bytes:
    """The program. Each jump gives how many instructions to skip when true and when false."""
    foreign = numbers.first_foreign if numbers.first_foreign is not None else 0xFFFFFFFF
    lines = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_EQUAL, 0, 7, numbers.architecture),  # another architecture: refuse
        (_LOAD, 0, 0, _AT_NUMBER),
        (_JUMP_AT_LEAST, 5, 0, foreign),
        # io_uring can make sockets without calling socket().
        (_JUMP_EQUAL, 4, 0, numbers.io_uring_setup),
        (_JUMP_EQUAL, 0, 2, numbers.socket),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, int(socket.AF_UNIX)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
