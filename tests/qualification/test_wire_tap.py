"""The observed network catches what leaves it; a program that phones home does not pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import steelyard

ROOT = str(Path(steelyard.__file__).resolve().parents[1])

SENDER = """
import json, socket, subprocess, sys
from steelyard.qualification.wire_tap import NotPossible, WireTap, enter_namespace
try:
    enter_namespace()
    tap = WireTap()
except NotPossible as error:
    print(json.dumps({"refused": str(error)}))
    sys.exit()
with tap:
    tap.send_trial()
    subprocess.run([sys.executable, "-c", sys.argv[1]], check=False)
    packets, trial = tap.caught()
print(json.dumps({"packets": [[p.protocol, p.destination, p.port] for p in packets], "trial": trial}))
"""


def observe(code: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", SENDER, code],
        env={"PYTHONPATH": ROOT, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    if "refused" in found:
        pytest.skip(f"this system does not let a network be observed: {found['refused']}")
    return found


def test_only_the_trial_packet_leaves_a_quiet_program() -> None:
    assert observe("pass") == {"packets": [], "trial": True}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('203.0.113.5', 443))",
         ["tcp", "203.0.113.5", 443]),
        ("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.6', 53))",
         ["udp", "203.0.113.6", 53]),
    ],
    ids=["connection", "name lookup"],
)  # fmt: skip
def test_what_a_program_sends_is_caught_with_its_destination(code: str, kind: list[object]) -> None:
    found = observe(code)
    assert kind in found["packets"]  # type: ignore[operator]  # a list
    assert found["trial"]


def test_this_machine_itself_may_be_spoken_to() -> None:
    """A server on loopback is no one outside."""
    code = (
        "import socket; a = socket.socket(); a.bind(('127.0.0.1', 0)); a.listen();"
        "b = socket.socket(); b.connect(a.getsockname())"
    )
    assert observe(code)["packets"] == []
