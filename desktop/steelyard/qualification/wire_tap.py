"""A network whose only way out leads to us: a namespace with one TUN device and a default route through it.

Whatever a process in it sends to an address outside of this machine comes out of the device's file and is
counted instead of sent. Linux only, by ioctls (netdevice(7), if_tun.h, route.h); works for root, and for a
user where user namespaces are allowed.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import select
import socket
import struct
import sys
import threading
from collections import Counter
from pathlib import Path

from steelyard.qualification.records import Packet
from steelyard.runtime.confinement import enter_empty_network

DEVICE = b"watch0"
OWN_ADDRESS = "192.0.2.2"
TRIAL = ("198.51.100.7", 9)
"""RFC 5737 documentation addresses: nothing real has them, and the trial packet is known by its own."""

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFFLAGS, _SIOCADDRT = 0x8916, 0x891C, 0x8914, 0x890B
_IFF_UP, _IFF_RUNNING, _RTF_UP = 0x1, 0x40, 0x1
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


class NotPossible(Exception):
    """This system does not let the network be observed; the text says what it refused."""


class _Route(ctypes.Structure):
    """`struct rtentry` (route.h)."""

    _fields_ = [  # ctypes wants a plain list
        ("pad1", ctypes.c_ulong),
        ("dst", ctypes.c_ubyte * 16),
        ("gateway", ctypes.c_ubyte * 16),
        ("genmask", ctypes.c_ubyte * 16),
        ("flags", ctypes.c_ushort),
        ("pad2", ctypes.c_short),
        ("pad3", ctypes.c_ulong),
        ("pad4", ctypes.c_void_p),
        ("metric", ctypes.c_short),
        ("dev", ctypes.c_char_p),
        ("mtu", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("irtt", ctypes.c_ushort),
    ]


def enter_namespace() -> None:
    """Leave every network this process could reach, for one that has nothing yet. Call it before threads.

    Raises:
        NotPossible: the kernel refuses, or this is not Linux.
    """
    if not sys.platform.startswith("linux"):
        raise NotPossible("only Linux lets a program have a network of its own")
    libc = ctypes.CDLL(None, use_errno=True)
    if not enter_empty_network(libc):
        raise NotPossible(f"unshare was refused ({os.strerror(ctypes.get_errno())})")


class WireTap:
    """The device, and what came out of it. Use it as a context manager, inside the namespace."""

    def __init__(self) -> None:
        """Make the device, give it an address, and lead everything to it.

        Raises:
            NotPossible: with what the system refused.
        """
        import fcntl  # noqa: PLC0415  # exists on POSIX only

        self._seen: Counter[tuple[str, str, int]] = Counter()
        self._end_read, self._end_write = os.pipe()
        try:
            self._device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            request = struct.pack("16sH22x", DEVICE, _IFF_TUN | _IFF_NO_PI)
            fcntl.ioctl(self._device, _TUNSETIFF, request)
            # The kernel itself would ask for IPv6 neighbours; without it, IPv6 is refused at once.
            with contextlib.suppress(OSError):
                Path(f"/proc/sys/net/ipv6/conf/{DEVICE.decode()}/disable_ipv6").write_text("1")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
                for name in (b"lo", DEVICE):
                    up = struct.pack("16sH22x", name, _IFF_UP | _IFF_RUNNING)
                    fcntl.ioctl(control, _SIOCSIFFLAGS, up)
                for call, address in (
                    (_SIOCSIFADDR, OWN_ADDRESS),
                    (_SIOCSIFNETMASK, "255.255.255.0"),
                ):
                    fcntl.ioctl(control, call, struct.pack("16s16s8x", DEVICE, _address(address)))
                route = _Route(flags=_RTF_UP, dev=DEVICE)
                for field in ("dst", "genmask"):
                    ctypes.memmove(getattr(route, field), _address("0.0.0.0"), 16)  # noqa: S104  # every address
                fcntl.ioctl(control, _SIOCADDRT, bytes(route))
        except OSError as error:
            raise NotPossible(f"a network device was refused ({error.strerror})") from error
        self._reader = threading.Thread(target=self._read, name="wire-tap", daemon=True)

    def __enter__(self) -> WireTap:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._end_write, b".")
        self._reader.join()
        for descriptor in (self._device, self._end_read, self._end_write):
            os.close(descriptor)

    def send_trial(self) -> None:
        """Send one packet on purpose."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"trial", TRIAL)

    def caught(self) -> tuple[tuple[Packet, ...], bool]:
        """Everything that came out so far but for the trial, and whether the trial did."""
        trial = ("udp", *TRIAL)
        packets = tuple(
            Packet(*kind, count) for kind, count in sorted(self._seen.items()) if kind != trial
        )
        return packets, trial in self._seen

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._device, self._end_read], [], [])
            if self._device in ready:
                self._seen[_kind(os.read(self._device, 65536))] += 1
            elif self._end_read in ready:
                return


def _address(text: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))


def _kind(packet: bytes) -> tuple[str, str, int]:
    """Protocol, destination and port of an IP packet (RFC 791, RFC 8200)."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        length, number = (packet[0] & 15) * 4, packet[9]
        destination = str(ipaddress.IPv4Address(packet[16:20]))
    elif version == 6 and len(packet) >= 40:
        length, number = 40, packet[6]
        destination = str(ipaddress.IPv6Address(packet[24:40]))
    else:
        return "unknown", "", 0
    has_port = number in (6, 17) and len(packet) >= length + 4
    port = int.from_bytes(packet[length + 2 : length + 4]) if has_port else 0
    return _PROTOCOLS.get(number, str(number)), destination, port
